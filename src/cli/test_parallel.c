#include "cli/parallel.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { JOBS = 500, WINDOW = 8, THREADS = 6 };

struct run {
	atomic_size_t made, dropped;
	size_t taken; /* by one thread only */
	size_t ahead; /* most results that were made and not taken */
	size_t stop_at; /* the job whose result is refused */
	size_t fail_at; /* the job that has none */
};

static void *
make(void *arg, size_t i)
{
	struct run *r = arg;
	size_t *result = malloc(sizeof *result);

	if (i == r->fail_at) {
		free(result);
		return NULL;
	}
	if (i % 7 == 0)
		sched_yield();
	atomic_fetch_add(&r->made, 1);
	*result = i;
	return result;
}

static enum err
take(void *arg, size_t i, void *result)
{
	struct run *r = arg;
	size_t got = *(size_t *)result, made = atomic_load(&r->made);

	free(result);
	assert_int_equal(got, i);
	assert_int_equal(r->taken, i);
	if (made - r->taken > r->ahead)
		r->ahead = made - r->taken;
	r->taken++;
	return i == r->stop_at ? ERR_CANT_CREATE : ERR_OK;
}

static void
drop(void *result)
{
	free(result);
}

static enum err
run(struct run *r, size_t n)
{
	const struct parallel p = {
		.n = n,
		.threads = THREADS,
		.window = WINDOW,
		.make = make,
		.take = take,
		.drop = drop,
		.arg = r,
	};

	return parallel_run(&p);
}

static void
test_order(void **state)
{
	struct run r = { .stop_at = SIZE_MAX, .fail_at = SIZE_MAX };

	(void)state;
	assert_int_equal(run(&r, JOBS), ERR_OK);
	assert_int_equal(r.taken, JOBS);
	assert_true(r.ahead <= WINDOW + 1);
}

static void
test_few(void **state)
{
	struct run r = { .stop_at = SIZE_MAX, .fail_at = SIZE_MAX };

	(void)state;
	assert_int_equal(run(&r, 0), ERR_OK);
	assert_int_equal(run(&r, 1), ERR_OK);
	assert_int_equal(r.taken, 1);
}

static void
test_stop(void **state)
{
	struct run r = { .stop_at = 100, .fail_at = SIZE_MAX };

	(void)state;
	assert_int_equal(run(&r, JOBS), ERR_CANT_CREATE);
	assert_int_equal(r.taken, 101);
	assert_true(atomic_load(&r.made) < JOBS);
}

static void
test_fail(void **state)
{
	struct run r = { .stop_at = SIZE_MAX, .fail_at = 42 };

	(void)state;
	assert_int_equal(run(&r, JOBS), ERR_MEMORY);
	assert_int_equal(r.taken, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
