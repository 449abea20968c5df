#include "store/domains.h"
#include "store/hosts.h"
#include "store/test_store.h"
#include "store/work.h"

enum { HOUR = 3600, LEASE_S = 120 };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static const struct span host = SPAN_INIT("mx.example");

/* A domain that was looked at, and is due in an hour, as is its host. */
static int64_t
quiet_domain(struct fixture *f, int64_t worker)
{
	const struct schedule schedule = { .due = { after(HOUR), after(HOUR),
					       after(HOUR) } };
	const struct host_look look = { .at = test_now, .due = after(HOUR) };
	int64_t id = fixture_domain(f, "a.example");
	struct work_claim *c;
	struct host_claim *h;
	bool held;
	size_t n;

	assert_err(f, hosts_use(f->s, id, &host, 1, test_now, &f->e), ERR_OK);
	assert_err(f,
	    work_claim(f->s, worker, test_now, after(LEASE_S), 9, &f->a, &c, &n,
		&f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_err(f,
	    work_finish(f->s, worker, c, &schedule, test_now, &held, &f->e),
	    ERR_OK);
	assert_err(f,
	    hosts_claim(f->s, worker, test_now, after(LEASE_S), 9, &f->a, &h,
		&n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_err(
	    f, hosts_finish(f->s, worker, h, &look, &held, &f->e), ERR_OK);
	return id;
}

static void
want_progress(struct fixture *f, int64_t id, int64_t at, bool waits,
    bool is_under_way, size_t hosts)
{
	struct work_progress p;

	assert_err(f, work_progress(f->s, id, after(at), &p, &f->e), ERR_OK);
	assert_int_equal(p.waits, waits);
	assert_int_equal(p.is_under_way, is_under_way);
	assert_int_equal(p.hosts_left, hosts);
}

static bool
ask(struct fixture *f, struct span name, int64_t at)
{
	bool found;

	assert_err(f, work_ask(f->s, name, after(at), &found, &f->e), ERR_OK);
	return found;
}

static void
test_ask(void **state)
{
	struct fixture *f = *state;
	int64_t worker = fixture_worker(f), id = quiet_domain(f, worker);
	struct host_claim *h;
	struct work_claim *c;
	size_t n;

	want_progress(f, id, 60, false, false, 0);
	assert_true(ask(f, SPAN("a.example"), 60));
	want_progress(f, id, 60, true, false, 1);
	assert_err(f,
	    work_claim(f->s, worker, after(60), after(60 + LEASE_S), 9, &f->a,
		&c, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_true(c->woken);
	for (enum look k = 0; k < LOOKS; k++)
		assert_int_equal(c->schedule.due[k].s, after(60).s);
	want_progress(f, id, 61, false, true, 1);
	assert_err(f,
	    hosts_claim(f->s, worker, after(61), after(61 + LEASE_S), 9, &f->a,
		&h, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	want_progress(f, id, 62, false, true, 1);
	/* the worker is dead */
	want_progress(f, id, 61 + LEASE_S, true, false, 1);
}

/* It is due again when the look that is under way ends. */
static void
test_ask_meanwhile(void **state)
{
	const struct schedule schedule = { .due = { after(HOUR), after(HOUR),
					       after(HOUR) } };
	struct fixture *f = *state;
	int64_t worker = fixture_worker(f), id = fixture_domain(f, "a.example");
	struct work_claim *c;
	bool held;
	size_t n;

	assert_err(f,
	    work_claim(f->s, worker, test_now, after(LEASE_S), 9, &f->a, &c, &n,
		&f->e),
	    ERR_OK);
	assert_true(ask(f, SPAN("a.example"), 5));
	want_progress(f, id, 5, false, true, 0);
	assert_err(f,
	    work_finish(f->s, worker, c, &schedule, after(9), &held, &f->e),
	    ERR_OK);
	assert_true(held);
	want_progress(f, id, 9, true, false, 0);
}

static void
test_not_there(void **state)
{
	struct fixture *f = *state;
	bool found;

	quiet_domain(f, fixture_worker(f));
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("a.example"), true, test_now, &found, &f->e),
	    ERR_OK);
	assert_false(ask(f, SPAN("a.example"), 60));
	assert_false(ask(f, SPAN("b.example"), 60));
	assert_false(ask(f, SPAN("\xff"), 60));
	want_progress(f, 999, 60, false, false, 0);
}

static void
test_workers(void **state)
{
	struct fixture *f = *state;
	struct worker_row *list;
	int64_t worker;
	size_t n;

	fixture_worker(f);
	assert_err(f,
	    work_join(
		f->s, SPAN("h/2"), SPAN("certs"), after(10), &worker, &f->e),
	    ERR_OK);
	assert_err(
	    f, work_workers(f->s, test_now, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
	assert_true(span_eq(list[0].role, SPAN("certs")));
	assert_true(span_eq(list[0].name, SPAN("h/2")));
	assert_int_equal(list[0].started_at.s, after(10).s);
	assert_true(span_eq(list[1].role, SPAN("monitor")));
	assert_err(
	    f, work_workers(f->s, after(1), &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_ask),
		RUN(test_ask_meanwhile),
		RUN(test_not_there),
		RUN(test_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
