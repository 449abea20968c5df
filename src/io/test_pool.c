#include "io/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/test_table.h"

/* A gate that jobs stop at until it is opened. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool open;
	int inside; /* jobs at the gate */
};

struct log {
	struct gate *gate; /* NULL: run through */
	atomic_int running[8], most[8]; /* by key */
	atomic_int done, dropped;
	atomic_int order[64]; /* of the nth of key 1 */
	atomic_int n_order;
};

struct job {
	struct pool_job job;
	struct log *log;
	int nth;
};

static void
pass(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->inside++;
	pthread_cond_broadcast(&g->change);
	while (!g->open)
		pthread_cond_wait(&g->change, &g->lock);
	g->inside--;
	pthread_mutex_unlock(&g->lock);
}

static void
wait_inside(struct gate *g, int n)
{
	pthread_mutex_lock(&g->lock);
	while (g->inside < n)
		pthread_cond_wait(&g->change, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void
open_gate(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->change);
	pthread_mutex_unlock(&g->lock);
}

/* The job frees itself: the pool must not look at it afterwards. */
static void
run(struct pool_job *p)
{
	struct job *j = (struct job *)p;
	struct log *l = j->log;
	int now = atomic_fetch_add(&l->running[p->key], 1) + 1;

	if (now > atomic_load(&l->most[p->key]))
		atomic_store(&l->most[p->key], now);
	if (p->key == 1)
		atomic_store(
		    &l->order[atomic_fetch_add(&l->n_order, 1)], j->nth);
	if (l->gate != NULL)
		pass(l->gate);
	atomic_fetch_sub(&l->running[p->key], 1);
	atomic_fetch_add(&l->done, 1);
	free(j);
}

static void
drop(struct pool_job *p)
{
	struct job *j = (struct job *)p;

	atomic_fetch_add(&j->log->dropped, 1);
	free(j);
}

static void
submit(struct pool *pool, struct log *log, uint64_t key, int nth)
{
	struct job *j = calloc(1, sizeof *j);

	assert_non_null(j);
	j->job.run = run;
	j->job.drop = drop;
	j->job.key = key;
	j->job.limit = key == 4 ? 3 : 1;
	j->log = log;
	j->nth = nth;
	assert_int_equal(pool_submit(pool, &j->job), ERR_OK);
}

static void
wait_done(struct log *l, int n)
{
	while (atomic_load(&l->done) < n)
		sched_yield();
}

static void
test_keys(void **state)
{
	struct log log = { .gate = NULL };
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(8, 0, &pool), ERR_OK);
	for (int i = 0; i < 60; i++) {
		submit(pool, &log, 1, i);
		submit(pool, &log, 2, i);
		submit(pool, &log, 0, i);
	}
	wait_done(&log, 180);
	pool_free(pool);
	assert_int_equal(atomic_load(&log.most[1]), 1);
	assert_int_equal(atomic_load(&log.most[2]), 1);
	for (int i = 0; i < 60; i++)
		assert_int_equal(atomic_load(&log.order[i]), i);
	assert_int_equal(atomic_load(&log.dropped), 0);
}

/* Jobs that wait for their key hold no thread: two threads serve a third key
 * while twenty jobs of the first wait. */
static void
test_waiting_holds_no_thread(void **state)
{
	struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct log slow = { .gate = &gate }, quick = { .gate = NULL };
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(2, 128 * 1024, &pool), ERR_OK);
	for (int i = 0; i < 20; i++)
		submit(pool, &slow, 1, i);
	wait_inside(&gate, 1);
	for (int i = 0; i < 20; i++)
		submit(pool, &quick, 3, i);
	wait_done(&quick, 20);
	assert_int_equal(atomic_load(&slow.done), 0);
	open_gate(&gate);
	wait_done(&slow, 20);
	pool_free(pool);
}

/* Key 4 is of the kind of which three may run at a time. */
static void
test_limit(void **state)
{
	struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct log log = { .gate = &gate }, quick = { .gate = NULL };
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(4, 0, &pool), ERR_OK);
	for (int i = 0; i < 20; i++)
		submit(pool, &log, 4, i);
	wait_inside(&gate, 3);
	submit(pool, &quick, 3, 0); /* for whom a thread is left */
	wait_done(&quick, 1);
	assert_int_equal(atomic_load(&log.running[4]), 3);
	open_gate(&gate);
	wait_done(&log, 20);
	assert_int_equal(atomic_load(&log.most[4]), 3);
	pool_free(pool);
}

static void
test_bounded(void **state)
{
	struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct log log = { .gate = &gate };
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(3, 0, &pool), ERR_OK);
	for (int i = 0; i < 30; i++)
		submit(pool, &log, 0, i);
	wait_inside(&gate, 3);
	assert_int_equal(atomic_load(&log.running[0]), 3);
	open_gate(&gate);
	wait_done(&log, 30);
	assert_int_equal(atomic_load(&log.most[0]), 3);
	pool_free(pool);
}

/* The end: what runs is waited for, what waits is dropped, ready or behind its
 * key. */
static void *
open_later(void *arg)
{
	open_gate(arg);
	return NULL;
}

static void
test_shutdown(void **state)
{
	struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	struct log log = { .gate = &gate };
	struct pool *pool;
	pthread_t opener;

	(void)state;
	assert_int_equal(pool_new(2, 0, &pool), ERR_OK);
	for (int i = 0; i < 10; i++) {
		submit(pool, &log, 1, i);
		submit(pool, &log, 2, i);
		submit(pool, &log, 4, i);
		submit(pool, &log, 0, i);
	}
	wait_inside(&gate, 2);
	assert_int_equal(pthread_create(&opener, NULL, open_later, &gate), 0);
	pool_free(pool);
	pthread_join(opener, NULL);
	assert_true(atomic_load(&log.done) >= 2);
	assert_int_equal(
	    atomic_load(&log.done) + atomic_load(&log.dropped), 40);
}

static void
test_empty(void **state)
{
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(4, 0, &pool), ERR_OK);
	pool_free(pool);
	pool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_waiting_holds_no_thread),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
