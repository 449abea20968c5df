/* When to look, over simulated days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/schedule.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* A plain congruential sequence: the same on every machine. */
static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 4;
}

/* Let time pass from one due moment to the next, everything ending alike. */
static void
run(struct schedule *s, enum look_outcome outcome, int64_t days,
    unsigned counts[LOOKS])
{
	uint32_t random = 1;
	struct wall_time now;

	while ((now = schedule_next(s)).s < days * DAY)
		for (enum look k = 0; k < LOOKS; k++)
			if (schedule_due(s, now) & 1U << k) {
				schedule_looked(&cadence_default, s, k, outcome,
				    now, next_random(&random));
				counts[k]++;
			}
}

static void
test_cadence_is_kept(void **state)
{
	unsigned counts[LOOKS] = { 0 };
	struct schedule s;

	(void)state;
	schedule_begin(
	    &cadence_default, &s, (struct wall_time){ 0 }, 12345, false);
	run(&s, LOOK_STEADY, 30, counts);
	for (enum look k = 0; k < LOOKS; k++) {
		unsigned want = 30U * DAY / cadence_default.every_s[k];

		assert_in_range(counts[k], want * 98 / 100, want * 102 / 100);
	}
}

static void
test_failures_back_off(void **state)
{
	unsigned counts[LOOKS] = { 0 };
	struct schedule s;

	(void)state;
	schedule_begin(&cadence_default, &s, (struct wall_time){ 0 }, 0, true);
	run(&s, LOOK_FAILED, 1, counts);
	/* 2, 4, 8, 16, 32 minutes, then hourly. */
	for (enum look k = 0; k < LOOKS; k++)
		assert_in_range(counts[k], 26, 32);
}

static void
test_a_change_wakes_all(void **state)
{
	struct wall_time now = { 1000 };
	struct schedule s;

	(void)state;
	schedule_begin(&cadence_default, &s, now, 0, true);
	for (enum look k = 0; k < LOOKS; k++)
		schedule_looked(&cadence_default, &s, k, LOOK_STEADY, now, 7);
	assert_int_equal(schedule_due(&s, now), 0);
	schedule_looked(&cadence_default, &s, LOOK_DNS, LOOK_CHANGED, now, 7);
	assert_int_equal(schedule_due(&s, now),
	    1U << LOOK_NS | 1U << LOOK_POLICY | 1U << LOOK_MX);
	assert_true(s.due[LOOK_DNS].s <= now.s + 3 * MINUTE);
}

static void
test_a_suspicion_is_confirmed_soon(void **state)
{
	struct wall_time now = { 1000 };
	struct schedule s;

	(void)state;
	schedule_begin(&cadence_default, &s, now, 0, true);
	schedule_looked(&cadence_default, &s, LOOK_MX, LOOK_SUSPECT, now, 0);
	assert_in_range(s.due[LOOK_MX].s - now.s, 1 * MINUTE, 3 * MINUTE);
}

/* 10,000 domains added at once: no quarter of an hour gets more than its
 * share. */
static void
test_a_portfolio_is_spread(void **state)
{
	enum { DOMAINS = 10000, SLOTS = 15 };
	unsigned slots[SLOTS] = { 0 };
	uint32_t random = 42;

	(void)state;
	for (int i = 0; i < DOMAINS; i++) {
		struct schedule s;

		schedule_begin(&cadence_default, &s, (struct wall_time){ 0 },
		    next_random(&random), false);
		if (s.due[LOOK_DNS].s < SLOTS * MINUTE)
			slots[s.due[LOOK_DNS].s / MINUTE]++;
	}
	for (int i = 0; i < SLOTS; i++)
		assert_in_range(slots[i], DOMAINS / SLOTS * 8 / 10,
		    DOMAINS / SLOTS * 12 / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cadence_is_kept),
		cmocka_unit_test(test_failures_back_off),
		cmocka_unit_test(test_a_change_wakes_all),
		cmocka_unit_test(test_a_suspicion_is_confirmed_soon),
		cmocka_unit_test(test_a_portfolio_is_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
