#include "store/certificates.h"

#include "store/publications.h"
#include "store/served.h"
#include "store/test_store.h"
#include "store/work.h"

enum { LEASE_S = 120 };

#define HOST SPAN("mta-sts.a.example")

static const struct certificate_outcome issued = {
	.order = SPAN_INIT(""),
	.chain = SPAN_INIT("\x30\x82\0leaf"),
	.key_name = SPAN_INIT("certificate/1"),
	.not_before = { 1000 },
	.not_after = { 9000 },
	.issuer = SPAN_INIT("https://ca.example/directory"),
	.random = 77,
	.renew_at = { 6000 },
	.problem = SPAN_INIT(""),
};

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static void
want_text(struct span got, struct span want)
{
	struct tally t = { .label = "text" };

	want_span(&t, "text", got, want);
	assert_int_equal(t.failed, 0);
}

static void
want(struct fixture *f, int64_t domain, bool wanted, int64_t at)
{
	assert_err(f,
	    certificate_want(f->s, domain, HOST, wanted, after(at), &f->e),
	    ERR_OK);
}

static struct certificate_order *
claim(struct fixture *f, int64_t worker, int64_t at, size_t want_n)
{
	struct certificate_order *list;
	size_t n;

	assert_err(f,
	    certificate_claim(f->s, worker, after(at), after(at + LEASE_S), 10,
		&f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want_n);
	return list;
}

static bool
finish(struct fixture *f, int64_t worker, const struct certificate_order *o,
    struct certificate_outcome out, int64_t at, int64_t due)
{
	bool held;

	out.due_at = after(due);
	assert_err(f,
	    certificate_finish(f->s, worker, o, &out, after(at), &held, &f->e),
	    ERR_OK);
	return held;
}

static bool
find(struct fixture *f, uint64_t have, struct certificate *out)
{
	bool found;

	assert_err(f,
	    certificate_find(f->s, HOST, have, &f->a, out, &found, &f->e),
	    ERR_OK);
	return found;
}

static struct published
published(struct fixture *f)
{
	struct published p = { 0 };
	bool found;

	assert_err(f,
	    publication_get(f->s, SPAN("a.example"), &f->a, &p, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	return p;
}

/* What is due is not looked at; what is woken is told apart. */
static const struct sql_statement woken_domains = {
	"SELECT COUNT(*) FROM work WHERE woken_at IS NOT NULL"
};
static const struct sql_statement woken_publications = {
	"SELECT COUNT(*) FROM publication WHERE woken_at IS NOT NULL"
};

static void
want_woken(struct fixture *f, int64_t domains, int64_t publications)
{
	assert_int_equal(fixture_count(f, &woken_domains), domains);
	assert_int_equal(fixture_count(f, &woken_publications), publications);
	fixture_exec(f, "UPDATE work SET woken_at = NULL");
	fixture_exec(f, "UPDATE publication SET woken_at = NULL");
}

static int64_t
publish(struct fixture *f)
{
	const struct publish_order order = { .mode = STS_MODE_TESTING,
		.max_age = 86400,
		.override_by = SPAN("") };
	int64_t domain = fixture_domain(f, "a.example");
	enum publication_asked asked;

	assert_err(f,
	    publication_ask(f->s, SPAN("a.example"), &order,
		SPAN("abcdefghijklmnop"), test_now, &asked, &f->e),
	    ERR_OK);
	assert_int_equal(asked, PUBLICATION_NEW);
	return domain;
}

static void
test_first_one(void **state)
{
	struct fixture *f = *state;
	int64_t domain = publish(f), w = fixture_worker(f);
	struct certificate_order *o;
	struct certificate c;
	struct published p;
	uint64_t number;
	bool held;

	claim(f, w, 0, 0);
	want(f, domain, true, 5);
	want(f, domain, true, 6); /* no news */
	claim(f, w, 4, 0);
	o = claim(f, w, 5, 1);
	assert_int_equal(o->domain, domain);
	want_text(o->host, HOST);
	assert_true(o->wanted);
	want_text(o->order, SPAN(""));
	assert_int_equal(o->now.number, 0);
	assert_false(find(f, 0, &c));
	assert_false(published(f).certificate.exists);

	/* a crash between two steps: the order is there */
	o->order = SPAN("order 1");
	o->key_name = SPAN("certificate/1");
	assert_err(f,
	    certificate_save_order(f->s, w, o, after(300), &held, &f->e),
	    ERR_OK);
	assert_true(held);
	claim(f, w, 299, 0);
	o = claim(f, w, 300, 1);
	want_text(o->order, SPAN("order 1"));
	want_text(o->key_name, SPAN("certificate/1"));
	want_woken(f, 0, 0);

	assert_true(finish(f, w, o, issued, 310, 5000));
	want_woken(f, 1, 1);
	assert_true(find(f, 0, &c));
	want_text(c.chain, issued.chain);
	want_text(c.key_name, issued.key_name);
	want_text(c.host, HOST);
	assert_err(f, served_last(f->s, &number, &f->e), ERR_OK);
	assert_int_equal(c.number, number);
	assert_true(find(f, number, &c));
	want_text(c.chain, SPAN(""));
	p = published(f);
	assert_true(p.certificate.exists);
	assert_int_equal(p.certificate.not_after.s, 9000);
	want_text(p.certificate.issuer, issued.issuer);
	assert_int_equal(p.certificate.failing_since.s, 0);

	claim(f, w, 4999, 0);
	o = claim(f, w, 5000, 1);
	want_text(o->order, SPAN(""));
	want_text(o->key_name, SPAN(""));
	assert_int_equal(o->now.number, number);
	want_text(o->now.chain, issued.chain);
	want_text(o->now.key_name, issued.key_name);
	assert_int_equal(o->not_before.s, 1000);
	assert_int_equal(o->not_after.s, 9000);
	want_text(o->issuer, issued.issuer);
	assert_int_equal(o->random, 77);
	assert_int_equal(o->renew_at.s, 6000);
	assert_int_equal(o->failing_since.s, 0);
}

/* A failure changes nothing of what is served, and is told once. */
static void
test_failing(void **state)
{
	struct certificate_outcome fails = { .order = SPAN("order 2"),
		.chain = SPAN(""),
		.key_name = SPAN("certificate/2"),
		.issuer = SPAN(""),
		.problem = SPAN("rateLimited: come back later") };
	struct fixture *f = *state;
	int64_t domain = publish(f), w = fixture_worker(f);
	struct certificate_order *o;
	struct certificate before, now;
	struct published p;

	want(f, domain, true, 0);
	o = claim(f, w, 0, 1);
	assert_true(finish(f, w, o, issued, 1, 10));
	want_woken(f, 1, 1);
	assert_true(find(f, 0, &before));

	o = claim(f, w, 10, 1);
	assert_true(finish(f, w, o, fails, 11, 20));
	want_woken(f, 1, 0);
	p = published(f);
	assert_int_equal(p.certificate.failing_since.s, test_now.s + 11);
	assert_int_equal(p.certificate.next_try.s, test_now.s + 20);
	want_text(p.certificate.problem, fails.problem);
	assert_true(p.certificate.exists);

	fails.problem = SPAN("rateLimited: later still");
	o = claim(f, w, 20, 1);
	assert_int_equal(o->failing_since.s, test_now.s + 11);
	want_text(o->order, SPAN("order 2"));
	want_text(o->key_name, SPAN("certificate/2"));
	assert_int_equal(o->random, 77);
	assert_true(finish(f, w, o, fails, 21, 30));
	want_woken(f, 0, 0);
	assert_int_equal(
	    published(f).certificate.failing_since.s, test_now.s + 11);
	assert_true(find(f, 0, &now));
	assert_int_equal(now.number, before.number);
	want_text(now.chain, before.chain);
	want_text(now.key_name, before.key_name);

	fails.problem = SPAN("");
	o = claim(f, w, 30, 1);
	assert_true(finish(f, w, o, fails, 31, 40));
	want_woken(f, 1, 0);
	p = published(f);
	assert_int_equal(p.certificate.failing_since.s, 0);
	want_text(p.certificate.problem, SPAN(""));
}

static void
test_changes(void **state)
{
	struct certificate_outcome next = issued;
	struct fixture *f = *state;
	int64_t domain = publish(f), w = fixture_worker(f);
	struct certificate_order *o;
	struct certificate *list;
	uint64_t first;
	size_t n;

	for (int i = 0; i < 3; i++)
		assert_err(f,
		    certificate_want(f->s, domain,
			arena_printf(&f->a, "mta-sts.%c.example", 'c' - i),
			true, test_now, &f->e),
		    ERR_OK);
	o = claim(f, w, 0, 3);
	assert_err(f, served_last(f->s, &first, &f->e), ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_true(finish(f, w, &o[i], next, 1, 10));
	assert_err(f,
	    certificate_changes(f->s, first, 2, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		want_text(list[i].host, o[i].host);
		assert_int_equal(list[i].number, first + 1 + i);
	}
	assert_err(f,
	    certificate_changes(
		f->s, list[1].number, 9, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	want_text(list[0].host, o[2].host);
}

/* Not wanted any more: whoever has it loses it, and it is due to be dropped; if
 * it is wanted again, it stays. */
static void
test_unwanted(void **state)
{
	static const struct challenge challenge = { SPAN_INIT(
							"mta-sts.a.example"),
		SPAN_INIT("token"), SPAN_INIT("text") };
	struct fixture *f = *state;
	int64_t domain = publish(f), w = fixture_worker(f);
	struct certificate_order *o;
	struct certificate c;
	struct span text;
	bool held, found;

	want(f, domain, false, 0); /* there is none */
	want(f, domain, true, 0);
	o = claim(f, w, 0, 1);
	assert_true(finish(f, w, o, issued, 1, 10));
	o = claim(f, w, 10, 1);
	want(f, domain, false, 11);
	assert_err(f,
	    certificate_save_order(f->s, w, o, after(300), &held, &f->e),
	    ERR_OK);
	assert_false(held);
	assert_false(finish(f, w, o, issued, 12, 500));
	assert_true(find(f, 0, &c)); /* until it is dropped */

	o = claim(f, w, 12, 1);
	assert_false(o->wanted);
	want(f, domain, true, 13);
	assert_err(f, certificate_drop(f->s, w, o, &held, &f->e), ERR_OK);
	assert_false(held);
	assert_true(find(f, 0, &c));
	o = claim(f, w, 13, 1);
	assert_true(o->wanted);
	assert_err(f, certificate_drop(f->s, w, o, &held, &f->e), ERR_OK);
	assert_false(held);

	want(f, domain, false, 14);
	assert_err(
	    f, challenge_put(f->s, &challenge, 1, test_now, &f->e), ERR_OK);
	o = claim(f, w, 14, 1);
	assert_err(f, certificate_drop(f->s, w, o, &held, &f->e), ERR_OK);
	assert_true(held);
	assert_false(find(f, 0, &c));
	assert_err(f,
	    challenge_find(f->s, challenge.host, challenge.token, &f->a, &text,
		&found, &f->e),
	    ERR_OK);
	assert_false(found);
	claim(f, w, 100000, 0);
}

/* Of two who come one after the other, only one has it. */
static void
test_taken_over(void **state)
{
	struct fixture *f = *state;
	int64_t domain = publish(f);
	int64_t slow = fixture_worker(f), other = fixture_worker(f);
	struct certificate_order *o, *taken;
	bool held;

	want(f, domain, true, 0);
	o = claim(f, slow, 0, 1);
	taken = claim(f, other, LEASE_S, 1);
	assert_err(f,
	    certificate_save_order(f->s, slow, o, after(300), &held, &f->e),
	    ERR_OK);
	assert_false(held);
	assert_false(finish(f, slow, o, issued, LEASE_S, 500));
	assert_err(f, certificate_drop(f->s, slow, o, &held, &f->e), ERR_OK);
	assert_false(held);
	assert_err(f, work_leave(f->s, other, &f->e), ERR_OK);
	assert_false(finish(f, other, taken, issued, LEASE_S, 500));
	taken = claim(f, slow, LEASE_S, 1);
	assert_true(finish(f, slow, taken, issued, LEASE_S, 500));
}

/* Strangers ask for hosts that are no text. */
static void
test_strangers(void **state)
{
	struct fixture *f = *state;
	struct certificate c;
	bool found;

	assert_err(f,
	    certificate_find(f->s, SPAN("\xff\0"), 0, &f->a, &c, &found, &f->e),
	    ERR_OK);
	assert_false(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_first_one),
		RUN(test_failing),
		RUN(test_changes),
		RUN(test_unwanted),
		RUN(test_taken_over),
		RUN(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
