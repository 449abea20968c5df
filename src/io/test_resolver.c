/* The resolver's thread, asking a name server on loopback. */
#include "io/resolver.h"

#include <stdlib.h>

#include "base/test_table.h"
#include "io/test_dns.h"

static const struct test_rr zone[] = {
	{ "", DNS_NS, "ns.example" },
	{ "a.example", DNS_A, "192.0.2.1" },
	{ "a.example", DNS_A, "192.0.2.2" },
	{ "mx.example", DNS_MX, "10 a.example" },
	{ "txt.example", DNS_TXT, "v=STSv1; id=1;" },
	{ "alias.example", DNS_CNAME, "a.example" },
	{ "dangling.example", DNS_CNAME, "nowhere.example" },
	{ "broken.example", TEST_DNS_SERVFAIL, "" },
	{ "silent.example", TEST_DNS_SILENT, "" },
	{ "name.test", DNS_A, "192.0.2.3" },
	{ NULL, 0, NULL },
};

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 name;
	uint16_t	 type;
	enum dns_result	 want;
	size_t		 want_records, want_chain;
} cases[] = {
	{ "addresses", SPAN_INIT("a.example"), DNS_A, DNS_OK, 2, 0 },
	{ "mail", SPAN_INIT("mx.example"), DNS_MX, DNS_OK, 1, 0 },
	{ "text", SPAN_INIT("txt.example"), DNS_TXT, DNS_OK, 1, 0 },
	{ "no such type", SPAN_INIT("a.example"), DNS_AAAA, DNS_NODATA, 0, 0 },
	{ "no such name", SPAN_INIT("b.example"), DNS_A, DNS_NXDOMAIN, 0, 0 },
	{ "alias", SPAN_INIT("alias.example"), DNS_A, DNS_OK, 2, 1 },
	{ "dangling", SPAN_INIT("dangling.example"), DNS_A, DNS_NXDOMAIN, 0, 1 },
	{ "alias itself", SPAN_INIT("alias.example"), DNS_CNAME, DNS_OK, 0, 1 },
	{ "failure", SPAN_INIT("broken.example"), DNS_A, DNS_SERVFAIL, 0, 0 },
	{ "a zone that libunbound would answer by itself",
	  SPAN_INIT("name.test"), DNS_A, DNS_OK, 1, 0 },
	{ "a label of 64",
	  SPAN_INIT("0123456789012345678901234567890123456789012345678901234567"
	      "890123.example"), DNS_A, DNS_NXDOMAIN, 0, 0 },
	{ "NUL in the name", SPAN_INIT("a\0.example"), DNS_A,
	  DNS_NXDOMAIN, 0, 0 },
};
/* clang-format on */

enum { FOREVER_MS = 60 * 1000 };

static struct resolver *
start(struct test_dns *d, int64_t timeout_ms)
{
	const char *server = d->address;
	struct resolver_options o = { .clock = &clock_system,
		.servers = &server,
		.n_servers = 1,
		.timeout_ms = timeout_ms };
	struct resolver *r;
	struct error e = { .text = "" };

	*d = (struct test_dns){ .zone = zone };
	assert_true(test_dns_start(d));
	if (resolver_new(&o, &r, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return r;
}

static struct mono_time
in_ms(int64_t ms)
{
	return mono_after_ms(clock_mono(&clock_system), ms);
}

static void
test_answers(void **state)
{
	struct resolver_query queries[ROWS(cases)];
	struct dns_answer got[ROWS(cases)];
	struct test_dns d;
	struct resolver *r = start(&d, FOREVER_MS);
	struct tally t = { .failed = 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ROWS(cases); i++)
		queries[i] =
		    (struct resolver_query){ cases[i].name, cases[i].type };
	assert_int_equal(resolver_lookup(r, queries, ROWS(cases),
			     in_ms(FOREVER_MS), &a, got),
	    ERR_OK);
	for (size_t i = 0; i < ROWS(cases); i++) {
		t.label = cases[i].label;
		want_int(&t, "result", got[i].result, cases[i].want);
		if (cases[i].type != DNS_CNAME)
			want_size(&t, "records",
			    got[i].n_addr + got[i].n_mx + got[i].n_txt,
			    cases[i].want_records);
		want_size(&t, "chain", got[i].n_chain, cases[i].want_chain);
		want_int(&t, "secure", got[i].secure, 0);
		assert_non_null(got[i].why.p);
		/* RFC 7672 2.1.1: SERVFAIL is no answer; that a name or a type
		 * does not exist is one. */
		want_int(&t, "known", dns_is_known(&got[i]),
		    cases[i].want != DNS_SERVFAIL);
	}
	/* RFC 7672 2.1.1: nothing here validates, so nothing is secure. */
	assert_false(resolver_validates(r));
	resolver_free(r);
	test_dns_stop(&d);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* RFC 7672 2.1.1: nor is silence an answer. */
static void
test_silence(void **state)
{
	struct resolver_query query = { SPAN("silent.example"), DNS_A };
	struct dns_answer got;
	struct test_dns d;
	struct resolver *r = start(&d, 100);
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(
	    resolver_lookup(r, &query, 1, in_ms(FOREVER_MS), &a, &got), ERR_OK);
	assert_int_equal(got.result, DNS_TIMEOUT);
	assert_int_equal(got.n_addr, 0);
	assert_false(dns_is_known(&got));
	assert_non_null(got.why.p);
	resolver_free(r);
	test_dns_stop(&d);
	arena_release(&a);
}

/* The resolver recurses for us. However quick it was for one name, it is not
 * asked for the next again and again, and given up before it is done. */
static void
test_patience(void **state)
{
	struct resolver_query quick = { SPAN("a.example"), DNS_A };
	struct resolver_query slow = { SPAN("silent.example"), DNS_A };
	struct dns_answer got;
	struct test_dns d;
	struct resolver *r = start(&d, 500);
	struct arena a;
	int before;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(
	    resolver_lookup(r, &quick, 1, in_ms(FOREVER_MS), &a, &got), ERR_OK);
	assert_int_equal(got.result, DNS_OK);
	before = atomic_load(&d.questions);
	assert_int_equal(
	    resolver_lookup(r, &slow, 1, in_ms(FOREVER_MS), &a, &got), ERR_OK);
	assert_int_equal(got.result, DNS_TIMEOUT);
	assert_int_equal(atomic_load(&d.questions) - before, 1);
	resolver_free(r);
	test_dns_stop(&d);
	arena_release(&a);
}

/* The deadline comes before the time-out: the answer is a time-out, and what
 * is still out is cancelled safely when the resolver goes. */
static void
test_deadline(void **state)
{
	struct resolver_query queries[] = {
		{ SPAN_INIT("silent.example"), DNS_A },
		{ SPAN_INIT("a.example"), DNS_A },
	};
	struct dns_answer got[2];
	struct test_dns d;
	struct resolver *r = start(&d, FOREVER_MS);
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	(void)resolver_validates(r);
	assert_int_equal(
	    resolver_lookup(r, queries, 2, in_ms(2000), &a, got), ERR_OK);
	assert_int_equal(got[0].result, DNS_TIMEOUT);
	assert_int_equal(got[1].result, DNS_OK);
	resolver_free(r);
	test_dns_stop(&d);
	arena_release(&a);
}

/* More questions than libunbound has at a time, dropped in every state. */
static void
test_drop(void **state)
{
	enum { N = 600 };
	struct question **q = calloc(N, sizeof *q);
	struct inbox inbox;
	struct test_dns d;
	struct resolver *r = start(&d, FOREVER_MS);
	struct letter *l;
	char name[32];

	(void)state;
	assert_non_null(q);
	assert_int_equal(inbox_init(&inbox), ERR_OK);
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof name, "n%d.%s.example", i,
		    i % 3 == 0 ? "silent" : "b");
		q[i] = resolver_ask(r, span_str(name), DNS_A, &inbox, &q[i]);
		assert_non_null(q[i]);
	}
	for (int i = 0; i < N / 4; i++) {
		struct question **at;

		l = inbox_take(&inbox, &clock_system, in_ms(FOREVER_MS));
		assert_non_null(l);
		at = l->tag;
		assert_ptr_equal(question_of(l), *at);
		question_drop(*at);
		*at = NULL;
	}
	for (int i = 0; i < N; i++)
		if (q[i] != NULL)
			question_drop(q[i]);
	assert_null(inbox.first);
	inbox_release(&inbox);
	resolver_free(r);
	test_dns_stop(&d);
	free(q);
}

static void
test_bad_options(void **state)
{
	const char *nonsense = "not an address", *local = "127.0.0.1@9";
	struct resolver_options o = { .clock = &clock_system,
		.servers = &nonsense,
		.n_servers = 1,
		.timeout_ms = 100 };
	struct resolver *r;
	struct error e = { .text = "" };

	(void)state;
	assert_int_equal(resolver_new(&o, &r, &e), ERR_USAGE);
	assert_non_null(strstr(e.text, nonsense));
	o.servers = &local;
	o.trust_anchor = "/dev/null/no such file";
	assert_int_not_equal(resolver_new(&o, &r, &e), ERR_OK);
	assert_non_null(strstr(e.text, o.trust_anchor));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
