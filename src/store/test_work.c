#include <pthread.h>

#include "store/domains.h"
#include "store/test_store.h"
#include "store/work.h"

enum { LEASE_S = 120 };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static void
add(struct fixture *f, size_t n)
{
	struct span *names = arena_array(&f->a, n, sizeof *names);
	struct domains_added added;

	assert_non_null(names);
	for (size_t i = 0; i < n; i++)
		names[i] = arena_printf(&f->a, "d%04zu.example", i);
	assert_err(
	    f, domains_add(f->s, names, n, test_now, &added, &f->e), ERR_OK);
	assert_int_equal(added.added, n);
}

/* At `at` seconds, with a lease of LEASE_S. */
static struct work_claim *
claim(struct fixture *f, int64_t worker, int64_t at, size_t max, size_t want)
{
	struct work_claim *list;
	size_t n;

	assert_err(f,
	    work_claim(f->s, worker, after(at), after(at + LEASE_S), max, &f->a,
		&list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

static bool
finish(struct fixture *f, int64_t worker, const struct work_claim *c,
    int64_t at, int64_t due)
{
	const struct schedule schedule = { .due = { after(due), after(due + 1),
					       after(due + 2) },
		.failures = { 0, 2, UINT8_MAX } };
	bool held;

	assert_err(f,
	    work_finish(f->s, worker, c, &schedule, after(at), &held, &f->e),
	    ERR_OK);
	return held;
}

static void
test_round(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_claim *c;
	struct domain d;
	bool found;

	claim(f, w, 0, 10, 0);
	add(f, 1);
	claim(f, w, -1, 10, 0); /* not yet */
	c = claim(f, w, 5, 10, 1);
	assert_true(span_eq(c->name, SPAN("d0000.example")));
	assert_int_equal(c->wanted_at.s, test_now.s);
	assert_int_equal(c->schedule.due[LOOK_POLICY].s, test_now.s);
	assert_int_equal(c->schedule.failures[LOOK_POLICY], 0);
	assert_true(c->is_first);
	claim(f, w, 6, 10, 0);
	assert_true(finish(f, w, c, 7, 900));
	assert_false(finish(f, w, c, 8, 901)); /* once only */
	assert_err(
	    f, domains_get(f->s, c->name, &f->a, &d, &found, &f->e), ERR_OK);
	assert_true(found && d.has_been_checked);
	assert_int_equal(d.checked_at.s, after(7).s);
	claim(f, w, 899, 10, 0);
	c = claim(f, w, 900, 10, 1);
	assert_false(c->is_first);
	for (enum look k = 0; k < LOOKS; k++)
		assert_int_equal(c->schedule.due[k].s, after(900 + k).s);
	assert_int_equal(c->schedule.failures[LOOK_RECORDS], 0);
	assert_int_equal(c->schedule.failures[LOOK_AUTHORITY], 2);
	assert_int_equal(c->schedule.failures[LOOK_POLICY], UINT8_MAX);
}

static void
test_longest_wait_first(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_claim *c;

	add(f, 3);
	c = claim(f, w, 0, 3, 3);
	for (int i = 0; i < 3; i++)
		assert_true(finish(f, w, &c[i], 1, 100 - 10 * i));
	for (int i = 2; i >= 0; i--)
		assert_int_equal(claim(f, w, 200, 1, 1)->domain, c[i].domain);
}

/* A dead worker's lease runs out; if it was only slow, it is told. */
static void
test_taken_over(void **state)
{
	struct fixture *f = *state;
	int64_t slow = fixture_worker(f), other = fixture_worker(f);
	struct work_claim *c, *taken;
	size_t held;

	add(f, 2);
	c = claim(f, slow, 0, 2, 2);
	claim(f, other, LEASE_S - 1, 2, 0);
	assert_err(f,
	    work_extend(f->s, slow, c, 1, after(3 * LEASE_S), &held, &f->e),
	    ERR_OK);
	assert_int_equal(held, 1);
	taken = claim(f, other, LEASE_S, 2, 1);
	assert_int_equal(taken->domain, c[1].domain);
	assert_int_equal(taken->wanted_at.s, test_now.s);
	assert_err(f,
	    work_extend(f->s, slow, c, 2, after(4 * LEASE_S), &held, &f->e),
	    ERR_OK);
	assert_int_equal(held, 1);
	assert_false(finish(f, slow, &c[1], LEASE_S + 1, 900));
	assert_true(finish(f, other, taken, LEASE_S + 1, 900));
	assert_true(finish(f, slow, &c[0], LEASE_S + 1, 900));
}

/* The same worker's older claim is not its newer one. */
static void
test_claims_have_numbers(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_claim *old, *new;

	add(f, 1);
	old = claim(f, w, 0, 1, 1);
	new = claim(f, w, LEASE_S, 1, 1);
	assert_false(finish(f, w, old, LEASE_S, 900));
	assert_true(finish(f, w, new, LEASE_S, 900));
}

static void
test_leave(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), other = fixture_worker(f);
	bool found;

	add(f, 2);
	claim(f, w, 0, 2, 2);
	assert_err(f, work_heartbeat(f->s, w, after(1), &found, &f->e), ERR_OK);
	assert_true(found);
	assert_err(f, work_leave(f->s, w, &f->e), ERR_OK);
	assert_err(f, work_heartbeat(f->s, w, after(1), &found, &f->e), ERR_OK);
	assert_false(found);
	claim(f, other, 1, 2, 2);
}

static const struct sql_statement count_workers = {
	"SELECT COUNT(*) FROM worker"
};

/* Who was killed leaves a row; the next one to come removes it, in time. */
static void
test_dead_workers(void **state)
{
	enum { WEEK = 7 * 24 * 3600 };
	struct fixture *f = *state;
	int64_t dead = fixture_worker(f), alive = fixture_worker(f), w;
	bool found;

	assert_err(
	    f, work_heartbeat(f->s, alive, after(10), &found, &f->e), ERR_OK);
	assert_err(f,
	    work_join(f->s, SPAN("x"), SPAN("monitor"), after(WEEK), &w, &f->e),
	    ERR_OK);
	assert_int_equal(fixture_count(f, &count_workers), 3);
	assert_err(f,
	    work_join(
		f->s, SPAN("x"), SPAN("monitor"), after(WEEK + 5), &w, &f->e),
	    ERR_OK);
	assert_int_equal(fixture_count(f, &count_workers), 3);
	assert_err(f,
	    work_heartbeat(f->s, dead, after(WEEK + 6), &found, &f->e), ERR_OK);
	assert_false(found);
	assert_err(f,
	    work_heartbeat(f->s, alive, after(WEEK + 6), &found, &f->e),
	    ERR_OK);
	assert_true(found);
}

static const struct sql_statement count_hurried = {
	"SELECT COUNT(*) FROM work WHERE woken_at IS NOT NULL"
};

/* What was planned too far ahead is due; what is under way or paused is not. */
static void
test_hurry(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), near_by = fixture_domain(f, "a.example");

	fixture_domain(f, "far.example");
	fixture_domain(f, "paused.example");
	fixture_domain(f, "claimed.example");
	fixture_exec(f, "UPDATE work SET due_at = due_at + 100000");
	fixture_exec(f, "UPDATE work SET due_at = NULL WHERE domain = (SELECT"
			" id FROM domain WHERE name = 'paused.example')");
	fixture_exec(f, "UPDATE work SET claimed_by = 9 WHERE domain = (SELECT"
			" id FROM domain WHERE name = 'claimed.example')");
	fixture_exec(f,
	    arena_printf(&f->a,
		"UPDATE work SET due_at = due_at - 99000 WHERE domain = %lld",
		(long long)near_by)
		.p);
	assert_err(f, work_hurry(f->s, after(5), after(1000), &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count_hurried), 1);
	assert_true(span_eq(claim(f, w, 5, 10, 1)->name, SPAN("far.example")));
}

static void
test_paused_meanwhile(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_claim *c;
	bool found;

	add(f, 1);
	c = claim(f, w, 0, 1, 1);
	assert_err(f,
	    domains_set_paused(f->s, c->name, true, after(1), &found, &f->e),
	    ERR_OK);
	assert_false(finish(f, w, c, 2, 900));
	claim(f, w, 10 * LEASE_S, 1, 0);
	assert_err(f,
	    domains_set_paused(f->s, c->name, false, after(5), &found, &f->e),
	    ERR_OK);
	claim(f, w, 4, 1, 0);
	claim(f, w, 5, 1, 1);
}

static void
test_overdue(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_overdue o;
	struct work_claim *c;

	add(f, 3);
	c = claim(f, w, 0, 1, 1);
	assert_err(f, work_overdue(f->s, test_now, &o, &f->e), ERR_OK);
	assert_int_equal(o.domains, 0);
	/* two that nobody took, and one that is not finished */
	assert_err(f, work_overdue(f->s, after(60), &o, &f->e), ERR_OK);
	assert_int_equal(o.domains, 3);
	assert_int_equal(o.since.s, test_now.s);
	assert_true(finish(f, w, c, 61, 900));
	assert_err(f, work_overdue(f->s, after(60), &o, &f->e), ERR_OK);
	assert_int_equal(o.domains, 2);
	/* what is claimed again and again counts from when it was wanted */
	claim(f, w, 500, 2, 2);
	assert_err(f, work_overdue(f->s, after(60), &o, &f->e), ERR_OK);
	assert_int_equal(o.domains, 2);
}

/* A claim whose list does not fit is no claim. */
static void
test_claim_without_memory(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct work_claim *list;
	struct arena small;
	char mem[4000];
	size_t n;

	add(f, 30);
	arena_init_fixed(&small, mem, sizeof mem);
	assert_err(f,
	    work_claim(f->s, w, after(0), after(LEASE_S), 30, &small, &list, &n,
		&f->e),
	    ERR_MEMORY);
	claim(f, w, 0, 30, 30);
}

enum { WORKERS = 4, DOMAINS = 600 };

struct crew {
	const char *url;
	pthread_t thread;
	int64_t worker;
	int64_t got[DOMAINS];
	size_t n;
	bool failed;
};

static void *
run_crew(void *arg)
{
	struct crew *c = arg;
	struct work_claim *list;
	struct store *s;
	struct arena a;
	size_t n = 1;

	if (store_open(c->url, STORE_USE, test_now, &s, NULL) != ERR_OK) {
		c->failed = true;
		return NULL;
	}
	while (n > 0 && !c->failed) {
		arena_init(&a, 1024 * 1024);
		c->failed = work_claim(s, c->worker, after(0), after(LEASE_S),
				7, &a, &list, &n, NULL) != ERR_OK;
		for (size_t i = 0; i < n && c->n < DOMAINS; i++)
			c->got[c->n++] = list[i].domain;
		arena_release(&a);
	}
	store_free(s);
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Every domain is taken by exactly one. */
static void
test_disjoint(void **state)
{
	struct fixture *f = *state;
	struct crew *crew = test_calloc(WORKERS, sizeof *crew);
	int64_t all[WORKERS * DOMAINS];
	size_t n = 0;

	add(f, DOMAINS);
	for (size_t i = 0; i < WORKERS; i++) {
		crew[i].url = f->url;
		crew[i].worker = fixture_worker(f);
	}
	for (size_t i = 0; i < WORKERS; i++)
		assert_int_equal(
		    pthread_create(&crew[i].thread, NULL, run_crew, &crew[i]),
		    0);
	for (size_t i = 0; i < WORKERS; i++) {
		pthread_join(crew[i].thread, NULL);
		assert_false(crew[i].failed);
		memcpy(all + n, crew[i].got, crew[i].n * sizeof *all);
		n += crew[i].n;
	}
	test_free(crew);
	assert_int_equal(n, DOMAINS);
	qsort(all, n, sizeof *all, compare);
	for (size_t i = 1; i < n; i++)
		assert_true(all[i - 1] < all[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_round),
		RUN(test_longest_wait_first),
		RUN(test_taken_over),
		RUN(test_claims_have_numbers),
		RUN(test_leave),
		RUN(test_dead_workers),
		RUN(test_hurry),
		RUN(test_paused_meanwhile),
		RUN(test_overdue),
		RUN(test_claim_without_memory),
		RUN(test_disjoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
