#include "io/org.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 name, want;
} cases[] = {
	{ "below com", SPAN_INIT("a.b.example.com"), SPAN_INIT("example.com") },
	{ "itself", SPAN_INIT("example.com"), SPAN_INIT("example.com") },
	{ "two labels of suffix", SPAN_INIT("mx.example.co.uk"),
	  SPAN_INIT("example.co.uk") },
	{ "a public suffix", SPAN_INIT("co.uk"), SPAN_INIT("") },
	{ "a private suffix", SPAN_INIT("a.github.io"),
	  SPAN_INIT("a.github.io") },
	{ "a private suffix itself", SPAN_INIT("github.io"), SPAN_INIT("") },
	{ "a top label that the list does not have",
	  SPAN_INIT("mx.lab.example"), SPAN_INIT("lab.example") },
	{ "no name of a host", SPAN_INIT("_a._b.example.com"),
	  SPAN_INIT("_a._b.example.com") },
	{ "empty", SPAN_INIT(""), SPAN_INIT("") },
};
/* clang-format on */

static void
test_registrable(void **state)
{
	struct tally t = { .failed = 0 };
	struct org_list *l;

	(void)state;
	assert_int_equal(org_list_new(&l), ERR_OK);
	for (size_t i = 0; i < ROWS(cases); i++) {
		t.label = cases[i].label;
		want_span(&t, "registrable", org_registrable(l, cases[i].name),
		    cases[i].want);
	}
	org_list_free(l);
	assert_int_equal(t.failed, 0);
}

/* Every name once: the domain, a CNAME's target, an MX host, the patterns. */
static void
test_facts(void **state)
{
	struct span target = SPAN("id.publisher.net");
	struct mx_host mx = { .host = SPAN("mx.example.com"),
		.a.name = SPAN("") };
	struct fetch fetch = { .result = TALK_OK,
		.status = 200,
		.body = SPAN("version: STSv1\nmode: enforce\n"
			     "mx: mx.example.com\nmx: *.provider.co.uk\n"
			     "max_age: 86400\n") };
	struct evidence ev = { .domain = SPAN("example.com"),
		.sts_txt = { .chain = &target, .n_chain = 1 },
		.mx_hosts = &mx,
		.n_mx_hosts = 1,
		.fetches = &fetch,
		.n_fetches = 1 };
	struct arena a;

	(void)state;
	arena_init(&a, 64 * 1024);
	assert_int_equal(org_facts(&ev, &a), ERR_OK);
	assert_int_equal(ev.n_orgs, 4);
	assert_true(span_eq(
	    evidence_org(&ev, SPAN("mx.example.com")), SPAN("example.com")));
	assert_true(span_eq(evidence_org(&ev, SPAN("id.publisher.net")),
	    SPAN("publisher.net")));
	assert_true(span_eq(
	    evidence_org(&ev, SPAN("provider.co.uk")), SPAN("provider.co.uk")));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registrable),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
