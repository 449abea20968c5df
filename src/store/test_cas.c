/* How it stands with the CAs, told from what the certs role has written. */
#include "store/cas.h"

#include <inttypes.h>

#include "base/limits.h"
#include "store/certificates.h"
#include "store/test_store.h"
#include "store/work.h"

enum { DAY_S = 86400, LEASE_S = 120, NEVER = -1 };

#define ONE SPAN_INIT("https://one.example/directory")
#define TWO SPAN_INIT("https://two.example/directory")

static const struct span one = ONE, two = TWO, none = SPAN_INIT("");

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

/* ---- what happens ---- */

struct world {
	struct fixture *f;
	int64_t worker;
};

static void
want(struct world *w, const char *domain)
{
	struct fixture *f = w->f;

	assert_err(f,
	    certificate_want(f->s, fixture_domain(f, domain),
		arena_printf(&f->a, "mta-sts.%s", domain), true, test_now,
		&f->e),
	    ERR_OK);
}

/* The only one that is due. */
static struct certificate_order *
claim_due(struct world *w, int64_t at)
{
	struct fixture *f = w->f;
	struct certificate_order *list;
	size_t n;

	assert_err(f,
	    certificate_claim(f->s, w->worker, after(at), after(at + LEASE_S),
		9, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	return list;
}

static struct certificate_order *
claim(struct world *w, const char *domain)
{
	want(w, domain);
	return claim_due(w, 0);
}

static void
finish(struct world *w, const struct certificate_order *o,
    const struct certificate_outcome *out, int64_t at)
{
	bool held;

	assert_err(w->f,
	    certificate_finish(
		w->f->s, w->worker, o, out, after(at), &held, &w->f->e),
	    ERR_OK);
	assert_true(held);
}

static struct certificate_outcome
issued(struct span ca, int64_t lasts_s)
{
	return (struct certificate_outcome){
		.order = SPAN(""),
		.chain = SPAN("chain"),
		.key_name = SPAN("key"),
		.not_before = test_now,
		.not_after = after(lasts_s),
		.issuer = ca,
		.renew_at = after(lasts_s * 2 / 3),
		.due_at = after(DAY_S),
		.problem = SPAN(""),
	};
}

static void
issue(struct world *w, const char *domain, struct span ca, int64_t lasts_s)
{
	const struct certificate_outcome out = issued(ca, lasts_s);

	finish(w, claim(w, domain), &out, 0);
}

static struct certificate_outcome
refused(const struct certificate_refusal *all, size_t n, int64_t due)
{
	return (struct certificate_outcome){
		.order = SPAN("{}"),
		.ca = n > 0 ? all[n - 1].ca : none,
		.chain = SPAN(""),
		.key_name = SPAN("key"),
		.issuer = SPAN(""),
		.due_at = after(due),
		.problem = SPAN("No."),
		.refusals = all,
		.n_refusals = n,
	};
}

static void
refuse(struct world *w, const char *domain, struct span ca, const char *why,
    int64_t at)
{
	struct certificate_order *o = claim(w, domain);
	const struct certificate_refusal all[] = { { ca,
	    arena_printf(&w->f->a, "%.*s: no %s today.", (int)o->host.n,
		o->host.p, why) } };
	const struct certificate_outcome out = refused(all, 1, at + 500);

	finish(w, o, &out, at);
}

static void
put_off(struct world *w, const char *domain, struct span ca, bool is_at_ca,
    int64_t due)
{
	struct certificate_order *o = claim(w, domain);
	bool held;

	o->order = SPAN("{}");
	o->key_name = SPAN("key");
	o->ca = ca;
	o->is_at_ca = is_at_ca;
	assert_err(w->f,
	    certificate_put_off(
		w->f->s, w->worker, o, after(due), &held, &w->f->e),
	    ERR_OK);
	assert_true(held);
}

/* Claimed at that moment, and refused. */
static void
refuse_again(struct world *w, const struct certificate_refusal *all, size_t n,
    int64_t at)
{
	const struct certificate_outcome out = refused(all, n, at + 500);
	struct certificate_order *o = claim_due(w, at);

	finish(w, o, &out, at);
}

static int
setup(void **state)
{
	static struct world w;
	int rc = fixture_setup((void **)&w.f);

	w.worker = fixture_worker(w.f);
	*state = &w;
	return rc;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	return fixture_teardown((void **)&w->f);
}

/* ---- what is seen ---- */

struct want {
	struct span directory;
	int64_t waiting, under_way, failing;
	int64_t next; /* s behind test_now; NEVER */
	int64_t certificates[CA_ENDS];
	size_t reasons;
};

static struct ca_state *
look(struct world *w, int64_t at, size_t want_n)
{
	struct ca_state *all;
	size_t n;

	assert_err(w->f,
	    cas_look(w->f->s, after(at), &w->f->a, &all, &n, &w->f->e), ERR_OK);
	assert_int_equal(n, want_n);
	return all;
}

static void
want_states(struct world *w, const char *label, int64_t at,
    const struct want *want, size_t n)
{
	struct ca_state *all = look(w, at, n);
	struct tally t = { .label = label };

	for (size_t i = 0; i < n; i++) {
		int64_t next = all[i].next.s;

		want_span(&t, "directory", all[i].directory, want[i].directory);
		want_int(&t, "waiting", all[i].waiting, want[i].waiting);
		want_int(&t, "under way", all[i].under_way, want[i].under_way);
		want_int(&t, "failing", all[i].failing, want[i].failing);
		want_int(&t, "next", next == 0 ? NEVER : next - test_now.s,
		    want[i].next);
		for (size_t k = 0; k < CA_ENDS; k++)
			want_int(&t, ca_end_names[k], all[i].certificates[k],
			    want[i].certificates[k]);
		want_size(&t, "reasons", all[i].n_reasons, want[i].reasons);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_nothing(void **state)
{
	look(*state, 0, 0);
}

/* From wanted to served, seen at each step. */
static void
test_one_order(void **state)
{
	static const struct want wanted[] = { { .waiting = 1 } };
	static const struct want waits[] = { { .waiting = 1, .next = 90 } };
	static const struct want claimed[] = { { .under_way = 1, .next = 91 } };
	static const struct want given_back[] = { { .waiting = 1,
	    .next = 93 } };
	static const struct want at_one[] = { { ONE, .under_way = 1,
	    .next = 95 } };
	static const struct want served[] = {
		{ .next = 60 * DAY_S },
		{ ONE, .next = NEVER, .certificates = { [CA_END_LATER] = 1 } },
	};
	static const struct want renewal_is_due[] = {
		{ .waiting = 1, .next = 60 * DAY_S },
		{ ONE, .next = NEVER,
		    .certificates = { [CA_END_30_DAYS] = 1 } },
	};
	struct world *w = *state;
	struct fixture *f = w->f;
	const struct certificate_outcome out = issued(one, 90 * DAY_S);
	struct certificate_order *o;
	bool held;

	want(w, "a.example");
	want_states(w, "wanted", 40, wanted, 1);
	put_off(w, "a.example", none, false, 90);
	want_states(w, "it waits", 50, waits, 1);
	(void)claim_due(w, 90);
	want_states(w, "somebody is at it", 91, claimed, 1);
	assert_err(f, work_leave(f->s, w->worker, &f->e), ERR_OK);
	want_states(w, "and gives it back", 93, given_back, 1);
	w->worker = fixture_worker(f);
	o = claim_due(w, 94);
	o->order = SPAN("{}");
	o->ca = one;
	o->is_at_ca = true;
	assert_err(f,
	    certificate_save_order(
		f->s, w->worker, o, after(200), &held, &f->e),
	    ERR_OK);
	want_states(w, "the CA has it", 95, at_one, 1);
	finish(w, o, &out, 100);
	want_states(w, "it is served", 100, served, 2);
	want_states(w, "29 days are left", 61 * DAY_S, renewal_is_due, 2);
}

/* What waits knows where it goes, what is there knows where it is. */
static void
test_each_ca(void **state)
{
	static const struct want all[] = {
		{ ONE, .waiting = 2, .next = 100 },
		{ TWO, .under_way = 1, .waiting = 1, .next = 300 },
	};
	struct world *w = *state;

	put_off(w, "a.example", one, false, 200);
	put_off(w, "b.example", one, false, 100);
	put_off(w, "c.example", two, true, 300);
	put_off(w, "d.example", two, false, 400);
	want_states(w, "four", 50, all, 2);
}

/* ---- failing ---- */

static void
want_reason(const struct ca_reason *got, const char *text, int64_t orders,
    int64_t at, const char *domain)
{
	struct tally t = { .label = text };

	want_span(&t, "text", got->text, span_str(text));
	want_int(&t, "orders", got->orders, orders);
	want_int(&t, "last", got->last_at.s - test_now.s, at);
	want_span(&t, "domain", got->domain, span_str(domain));
	assert_int_equal(t.failed, 0);
}

/* An order that two CAs refuse; what one said stands while the other is asked,
 * what was ours does not, and nothing stands for ever. */
static void
test_refusals(void **state)
{
	static const struct certificate_refusal both[] = {
		{ ONE, SPAN_INIT("One is down.") },
		{ TWO, SPAN_INIT("Two is full.") },
	};
	static const struct want at_both[] = {
		{ ONE, .failing = 1, .next = NEVER, .reasons = 1 },
		{ TWO, .failing = 1, .next = 500, .reasons = 1 },
	};
	static const struct want ours_too[] = {
		{ .failing = 1, .next = 1000, .reasons = 1 },
		{ ONE, .failing = 1, .next = NEVER, .reasons = 1 },
		{ TWO, .failing = 1, .next = NEVER, .reasons = 1 },
	};
	static const struct want one_alone[] = {
		{ ONE, .failing = 1, .next = 8 * DAY_S + 500, .reasons = 1 },
	};
	struct world *w = *state;
	const struct certificate_outcome out = issued(one, 90 * DAY_S);
	struct certificate_order *o = claim(w, "a.example");
	struct certificate_outcome fails = refused(both, 2, 500);
	bool held;

	finish(w, o, &fails, 0);
	want_states(w, "both", 0, at_both, 2);
	refuse_again(w, NULL, 0, 500);
	want_states(w, "ours", 500, ours_too, 3);
	refuse_again(w, both, 1, 8 * DAY_S);
	want_states(w, "one is still asked", 8 * DAY_S, one_alone, 1);

	/* A CA that has it now has not issued yet. */
	o = claim_due(w, 9 * DAY_S);
	o->ca = one;
	o->is_at_ca = true;
	assert_err(w->f,
	    certificate_save_order(w->f->s, w->worker, o,
		after(9 * DAY_S + LEASE_S), &held, &w->f->e),
	    ERR_OK);
	assert_true(held);
	assert_int_equal(look(w, 9 * DAY_S, 1)->failing, 1);
	assert_int_equal(look(w, 9 * DAY_S, 1)->under_way, 0);
	finish(w, o, &out, 9 * DAY_S);
	assert_int_equal(look(w, 9 * DAY_S, 2)[1].failing, 0);
	assert_int_equal(look(w, 9 * DAY_S, 2)[1].n_reasons, 0);
}

/* One that is not wanted any more takes its refusals with it. */
static void
test_dropped(void **state)
{
	struct world *w = *state;
	struct fixture *f = w->f;
	struct certificate_order *o;
	bool held;

	refuse(w, "a.example", one, "luck", 1);
	look(w, 1, 1);
	assert_err(f,
	    certificate_want(
		f->s, 1, SPAN("mta-sts.a.example"), false, after(2), &f->e),
	    ERR_OK);
	o = claim_due(w, 2);
	assert_err(
	    f, certificate_drop(f->s, w->worker, o, &held, &f->e), ERR_OK);
	assert_true(held);
	look(w, 2, 0);
}

/* The same but for the name is the same. */
static void
test_reasons(void **state)
{
	struct world *w = *state;
	const struct ca_state *ca;

	refuse(w, "a.example", one, "luck", 1);
	refuse(w, "b.example", one, "luck", 2);
	refuse(w, "c.example", one, "time", 3);
	refuse(w, "d.example", two, "luck", 4);
	ca = look(w, 4, 2);
	assert_int_equal(ca[0].failing, 3);
	assert_int_equal(ca[0].n_reasons, 2);
	want_reason(&ca[0].reasons[0], "mta-sts.DOMAIN: no luck today.", 2, 2,
	    "a.example");
	want_reason(&ca[0].reasons[1], "mta-sts.DOMAIN: no time today.", 1, 3,
	    "c.example");
	assert_int_equal(ca[1].n_reasons, 1);
	want_reason(&ca[1].reasons[0], "mta-sts.DOMAIN: no luck today.", 1, 4,
	    "d.example");
	fixture_exec(w->f, "DELETE FROM domain");
	want_reason(&look(w, 4, 2)[1].reasons[0],
	    "mta-sts.DOMAIN: no luck today.", 1, 4, "");
}

/* ---- certificates ---- */

static void
test_ends(void **state)
{
	static const struct {
		int64_t left_s;
		enum ca_end want;
	} rows[] = {
		{ -1, CA_END_PAST },
		{ 0, CA_END_PAST },
		{ 1, CA_END_7_DAYS },
		{ 7 * DAY_S - 1, CA_END_7_DAYS },
		{ 7 * DAY_S, CA_END_14_DAYS },
		{ 14 * DAY_S - 1, CA_END_14_DAYS },
		{ 14 * DAY_S, CA_END_30_DAYS },
		{ 30 * DAY_S - 1, CA_END_30_DAYS },
		{ 30 * DAY_S, CA_END_LATER },
	};
	struct world *w = *state;
	struct tally t = { 0 };

	issue(w, "a.example", one, 100 * DAY_S);
	issue(w, "b.example", two, 500 * DAY_S);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct ca_state *ca =
		    look(w, 100 * DAY_S - rows[i].left_s, 3);

		t.label = arena_printf(
		    &w->f->a, "%" PRId64 " s are left", rows[i].left_s)
			      .p;
		for (size_t k = 0; k < CA_ENDS; k++) {
			want_int(&t, ca_end_names[k], ca[1].certificates[k],
			    k == rows[i].want);
			want_int(&t, ca_end_names[k], ca[2].certificates[k],
			    k == CA_END_LATER);
		}
	}
	assert_int_equal(t.failed, 0);
}

/* ---- ceilings ---- */

/* So many orders and certificates at once. */
#define NUMBERS                                                                \
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"      \
	" WHERE i < 1500) "

static const struct sql_statement fill_certificates = {
	"INSERT INTO certificate (host, domain, wanted, chain, due_at,"
	" order_state, order_ca, issuer, not_after) " NUMBERS
	"SELECT 'mta-sts.' || i || '.example', i, 1, CAST('' AS {BLOB}), 1,"
	" 'waiting', 'ca ' || i, 'issuer ' || i, 1 FROM n"
};
static const struct sql_statement fill_refusals = {
	"INSERT INTO certificate_refusal (host, ca, at, reason) " NUMBERS
	"SELECT 'mta-sts.' || i || '.example', 'one', i, CASE"
	" WHEN i <= 500 THEN 'old' WHEN i % 20 < 10 THEN 'often'"
	" ELSE 'kind ' || (i % 20) END FROM n"
};

static void
change(struct world *w, const struct sql_statement *st)
{
	struct fixture *f = w->f;

	assert_err(
	    f, sql_change(store_sql(f->s), st, NULL, 0, NULL, &f->e), ERR_OK);
}

/* The last thousand are compared, and eight reasons told. */
static void
test_many_refusals(void **state)
{
	struct world *w = *state;
	const struct ca_state *ca;

	change(w, &fill_certificates);
	fixture_exec(w->f, "UPDATE certificate SET order_ca = 'one',"
			   " issuer = ''");
	change(w, &fill_refusals);
	ca = look(w, 0, 1);
	assert_int_equal(ca->failing, 1500);
	assert_int_equal(ca->n_reasons, LIMIT_CA_REASONS);
	assert_true(span_eq(ca->reasons[0].text, SPAN("often")));
	assert_int_equal(ca->reasons[0].orders, 500);
	assert_int_equal(ca->reasons[0].last_at.s, 1500);
	for (size_t i = 1; i < LIMIT_CA_REASONS; i++)
		assert_int_equal(ca->reasons[i].orders, 50);
}

static void
test_many_directories(void **state)
{
	struct world *w = *state;
	const struct ca_state *ca;

	change(w, &fill_certificates);
	ca = look(w, 0, LIMIT_CAS);
	for (size_t i = 0; i + 1 < LIMIT_CAS; i++)
		assert_true(span_cmp(ca[i].directory, ca[i + 1].directory) < 0);
}

static void
test_no_memory(void **state)
{
	struct world *w = *state;
	struct ca_state *all;
	struct arena a;
	size_t size = 0, n;
	enum err err = ERR_MEMORY;

	refuse(w, "a.example", one, "luck", 1);
	issue(w, "b.example", two, 90 * DAY_S);
	for (; err == ERR_MEMORY; size += 500) {
		arena_init(&a, size);
		err = cas_look(w->f->s, after(1), &a, &all, &n, &w->f->e);
		arena_release(&a);
	}
	assert_err(w->f, err, ERR_OK);
	assert_true(size > 500);
}

#define OF(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_nothing),
		OF(test_one_order),
		OF(test_each_ca),
		OF(test_refusals),
		OF(test_dropped),
		OF(test_reasons),
		OF(test_ends),
		OF(test_many_refusals),
		OF(test_many_directories),
		OF(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
