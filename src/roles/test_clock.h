/* test_clock.h - for tests only: the machine's clock, which a test puts
 * forward.
 *
 * Threads may read it while it is set. */
#ifndef ROLES_TEST_CLOCK_H
#define ROLES_TEST_CLOCK_H

#include <stdatomic.h>

#include "base/clock.h"

struct test_clock {
	struct clock clock; /* first: the functions cast */
	atomic_llong ahead_s; /* of the machine's wall clock */
	atomic_llong idle_ms; /* by which monotonic time was put forward */
};

static inline struct wall_time
test_clock_wall(const struct clock *c)
{
	struct test_clock *t = (struct test_clock *)(uintptr_t)c;

	return (struct wall_time){ clock_wall(&clock_system).s +
				   atomic_load(&t->ahead_s) };
}

static inline struct mono_time
test_clock_mono(const struct clock *c)
{
	struct test_clock *t = (struct test_clock *)(uintptr_t)c;

	return mono_after_ms(
	    clock_mono(&clock_system), atomic_load(&t->idle_ms));
}

/* *t is all zero. */
static inline void
test_clock_start(struct test_clock *t)
{
	t->clock = (struct clock){ test_clock_wall, test_clock_mono };
}

#endif
