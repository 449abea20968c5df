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

/* What is due is looked at, everything ending alike. */
static void
look_once(struct schedule *s, struct wall_time now, enum look_outcome how,
    uint32_t random)
{
	const enum look_outcome outcome[LOOKS] = { how, how, how };

	schedule_looked(
	    &cadence_default, s, schedule_due(s, now), outcome, now, random);
}

/* Let time pass from one due moment to the next. */
static void
run(struct schedule *s, enum look_outcome outcome, int64_t days,
    unsigned counts[LOOKS])
{
	uint32_t random = 1;
	struct wall_time now;

	while ((now = schedule_next(s)).s < days * DAY) {
		for (enum look k = 0; k < LOOKS; k++)
			counts[k] += schedule_due(s, now) >> k & 1;
		look_once(s, now, outcome, next_random(&random));
	}
}

static void
test_cadence_is_kept(void **state)
{
	unsigned counts[LOOKS] = { 0 };
	struct schedule s = { 0 };

	(void)state;
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
	struct schedule s = { 0 };

	(void)state;
	run(&s, LOOK_FAILED, 1, counts);
	/* 2, 4, 8, 16, 32 minutes, then hourly. */
	for (enum look k = 0; k < LOOKS; k++)
		assert_in_range(counts[k], 26, 32);
}

static void
test_a_change_wakes_all(void **state)
{
	const enum look_outcome changed[LOOKS] = { LOOK_CHANGED };
	struct wall_time now = { 1000 };
	struct schedule s = { 0 };

	(void)state;
	look_once(&s, now, LOOK_STEADY, 7);
	assert_int_equal(schedule_due(&s, now), 0);
	schedule_looked(
	    &cadence_default, &s, 1 << LOOK_RECORDS, changed, now, 7);
	assert_int_equal(
	    schedule_due(&s, now), 1U << LOOK_AUTHORITY | 1U << LOOK_POLICY);
	assert_true(s.due[LOOK_RECORDS].s <= now.s + 3 * MINUTE);
}

static void
test_a_suspicion_is_looked_at_whole(void **state)
{
	const enum look_outcome suspect[LOOKS] = { [LOOK_POLICY] =
						       LOOK_SUSPECT };
	struct wall_time now = { 1000 };
	struct schedule s = { 0 };

	(void)state;
	look_once(&s, now, LOOK_STEADY, 0);
	schedule_looked(
	    &cadence_default, &s, 1 << LOOK_POLICY, suspect, now, 0);
	for (enum look k = 0; k < LOOKS; k++)
		assert_int_equal(s.due[k].s, s.due[LOOK_POLICY].s);
	assert_in_range(s.due[0].s - now.s, 1 * MINUTE, 3 * MINUTE);
}

/* Whatever stood there before: a longer interval, or a clock that was ahead. */
static void
test_nothing_is_far_away(void **state)
{
	const enum look_outcome steady[LOOKS] = { LOOK_STEADY };
	struct wall_time now = { 1000 };
	struct schedule s = { .due = { { 9 * DAY }, { 9 * DAY }, { 9 * DAY } },
		.failures = { [LOOK_RECORDS] = 9 } };

	(void)state;
	schedule_looked(&cadence_default, &s, 0, steady, now, 7);
	for (enum look k = 0; k < LOOKS; k++)
		assert_in_range(s.due[k].s - now.s, 10 * MINUTE, 66 * MINUTE);
	/* What backs off may be that far. */
	s.due[LOOK_RECORDS].s = now.s + 60 * MINUTE;
	schedule_looked(&cadence_default, &s, 0, steady, now, 7);
	assert_int_equal(s.due[LOOK_RECORDS].s - now.s, 60 * MINUTE);
}

/* A host is one thing. */
static void
test_one_thing_alone(void **state)
{
	const struct cadence *c = &cadence_default;
	struct wall_time now = { 1000 };
	uint8_t failures = 3;

	(void)state;
	assert_in_range(
	    schedule_after(c, 6 * HOUR, LOOK_FAILED, now, 5, &failures).s -
		now.s,
	    14 * MINUTE, 18 * MINUTE);
	assert_int_equal(failures, 4);
	assert_in_range(
	    schedule_after(c, 6 * HOUR, LOOK_STEADY, now, 5, &failures).s -
		now.s,
	    5 * HOUR, 7 * HOUR);
	assert_int_equal(failures, 0);
}

static void
test_what_ails_is_looked_at_often(void **state)
{
	struct cadence c = cadence_of_ailing(&cadence_default);

	(void)state;
	for (enum look k = 0; k < LOOKS; k++)
		assert_int_equal(c.every_s[k], 15 * MINUTE);
	assert_int_equal(c.host_every_s, 15 * MINUTE);
	assert_int_equal(c.again_s, cadence_default.again_s);
}

/* 10,000 domains added at once: after the first round no minute of the quarter
 * of an hour gets more than its share. */
static void
test_a_portfolio_is_spread(void **state)
{
	enum { DOMAINS = 10000, SLOTS = 15 };
	unsigned slots[SLOTS] = { 0 };
	uint32_t random = 42;

	(void)state;
	for (int i = 0; i < DOMAINS; i++) {
		struct wall_time now = { 0 };
		struct schedule s = { 0 };

		look_once(&s, now, LOOK_STEADY, next_random(&random));
		schedule_spread(
		    &cadence_default, &s, now, next_random(&random));
		if (s.due[LOOK_RECORDS].s < SLOTS * MINUTE)
			slots[s.due[LOOK_RECORDS].s / MINUTE]++;
	}
	for (int i = 0; i < SLOTS; i++)
		assert_in_range(slots[i], DOMAINS / SLOTS * 8 / 10,
		    DOMAINS / SLOTS * 12 / 10);
}

/* Some looks are wanted soon: no look is later for it, and no other sooner. */
static void
test_some_are_hastened(void **state)
{
	struct schedule s = { .due = { { 10 }, { 20 }, { 30 } } };

	(void)state;
	schedule_hasten(&s, 1U << LOOK_RECORDS | 1U << LOOK_AUTHORITY,
	    (struct wall_time){ 15 });
	assert_int_equal(s.due[LOOK_RECORDS].s, 10);
	assert_int_equal(s.due[LOOK_AUTHORITY].s, 15);
	assert_int_equal(s.due[LOOK_POLICY].s, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cadence_is_kept),
		cmocka_unit_test(test_failures_back_off),
		cmocka_unit_test(test_a_change_wakes_all),
		cmocka_unit_test(test_a_suspicion_is_looked_at_whole),
		cmocka_unit_test(test_nothing_is_far_away),
		cmocka_unit_test(test_one_thing_alone),
		cmocka_unit_test(test_what_ails_is_looked_at_often),
		cmocka_unit_test(test_a_portfolio_is_spread),
		cmocka_unit_test(test_some_are_hastened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
