#include "core/acme_plan.h"

#include "base/test_table.h"

enum { NOW = 1800000000, MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const struct wall_time now = { NOW };

/* In the middle of the jitter. */
static uint32_t
middle(int64_t wait_s)
{
	return (uint32_t)(wait_s / 10);
}

/* ---- failures ---- */

/* clang-format off */
static const struct {
	const char		*label;
	enum acme_failure	 why;
	enum acme_state		 state;
	unsigned		 cas;
	int64_t			 retry_after_s;
	enum acme_state		 want_state;
	unsigned		 want_ca;
	int64_t			 want_wait_s;
	bool			 want_counts;
} failures[] = {
	{ "no connection", ACME_FAILED_REACH, ACME_WANTED, 1, 0,
	  ACME_WANTED, 0, MINUTE, false },
	{ "no connection, another CA", ACME_FAILED_REACH, ACME_WANTED, 3, 0,
	  ACME_WANTED, 1, 0, false },
	{ "no connection, the first CA is not allowed", ACME_FAILED_REACH,
	  ACME_WANTED, 1 | 4, 0, ACME_WANTED, 2, 0, false },
	{ "no connection while an order stands", ACME_FAILED_REACH,
	  ACME_PENDING, 3, 0, ACME_PENDING, 0, MINUTE, false },
	{ "the CA's own fault while it signs", ACME_FAILED_SERVER,
	  ACME_PROCESSING, 3, 0, ACME_PROCESSING, 0, MINUTE, false },
	{ "a rate limit", ACME_FAILED_RATE, ACME_WANTED, 1, 0,
	  ACME_WANTED, 0, HOUR, false },
	{ "RFC 8555 6.6: a rate limit with Retry-After", ACME_FAILED_RATE,
	  ACME_WANTED, 1, 3 * HOUR, ACME_WANTED, 0, 3 * HOUR, false },
	{ "a Retry-After that is shorter than our own patience",
	  ACME_FAILED_RATE, ACME_WANTED, 1, 5, ACME_WANTED, 0, HOUR, false },
	{ "a Retry-After without end", ACME_FAILED_RATE, ACME_WANTED, 1,
	  INT64_MAX, ACME_WANTED, 0, 7 * DAY, false },
	{ "RFC 9110 10.2.3: 503 with Retry-After", ACME_FAILED_SERVER,
	  ACME_WANTED, 1, 2 * HOUR, ACME_WANTED, 0, 2 * HOUR, false },
	{ "an answer that is none ends the order", ACME_FAILED_PROTOCOL,
	  ACME_READY, 1, 0, ACME_WANTED, 0, 10 * MINUTE, false },
	{ "no account", ACME_FAILED_ACCOUNT, ACME_WANTED, 1, 0,
	  ACME_WANTED, 0, HOUR, false },
	{ "a name that the CA will not have: another may", ACME_FAILED_NAME,
	  ACME_WANTED, 3, 0, ACME_WANTED, 1, 0, false },
	{ "CAA forbids this CA: another may be allowed", ACME_FAILED_CAA,
	  ACME_WANTED, 3, 0, ACME_WANTED, 1, 0, false },
	{ "a name that is not proven: no CA will see it",
	  ACME_FAILED_PROOF, ACME_PENDING, 3, 0, ACME_WANTED, 1, 5 * MINUTE, true },
	{ "a request that is refused", ACME_FAILED_REQUEST, ACME_READY, 1, 0,
	  ACME_WANTED, 0, HOUR, false },
	{ "an order that is gone", ACME_FAILED_GONE, ACME_PENDING, 1, 0,
	  ACME_WANTED, 0, MINUTE, false },
};
/* clang-format on */

static void
test_failures(void **state)
{
	static const int64_t waits[ACME_FAILURES] = {
		[ACME_FAILED_REACH] = MINUTE,
		[ACME_FAILED_SERVER] = MINUTE,
		[ACME_FAILED_RATE] = HOUR,
		[ACME_FAILED_PROTOCOL] = 10 * MINUTE,
		[ACME_FAILED_ACCOUNT] = HOUR,
		[ACME_FAILED_NAME] = HOUR,
		[ACME_FAILED_CAA] = 15 * MINUTE,
		[ACME_FAILED_PROOF] = 5 * MINUTE,
		[ACME_FAILED_REQUEST] = HOUR,
		[ACME_FAILED_GONE] = MINUTE,
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(failures); i++) {
		struct acme_plan p = { .state = failures[i].state };

		t.label = failures[i].label;
		acme_plan_failed(&p, failures[i].why, failures[i].cas,
		    failures[i].retry_after_s, now,
		    middle(waits[failures[i].why]));
		want_int(&t, "state", p.state, failures[i].want_state);
		want_int(&t, "ca", p.ca, failures[i].want_ca);
		want_int(&t, "wait", p.next.s - NOW, failures[i].want_wait_s);
		want_bool(&t, "counts", acme_failure_counts(failures[i].why),
		    failures[i].want_counts);
	}
	assert_int_equal(t.failed, 0);
}

/* A CA that is down for a week is tried at most four times a day, and at once
 * when it works again. */
static void
test_back_off(void **state)
{
	struct acme_plan p = { .state = ACME_WANTED };
	struct wall_time at = now;
	int64_t before = 0, wait = 0;
	int tries = 0;

	(void)state;
	for (; at.s < NOW + 7 * DAY; at = p.next, tries++) {
		assert_true(acme_plan_choose(&p, 1, at));
		before = wait;
		acme_plan_failed(&p, ACME_FAILED_REACH, 1, 0, at, 0);
		wait = p.next.s - at.s;
		assert_true(wait > 0 && wait <= 6 * HOUR);
		assert_true(wait >= before);
	}
	assert_in_range(tries, 30, 45);
	acme_plan_opened(&p, at);
	acme_plan_fetched(&p);
	acme_plan_renew(&p, at);
	assert_true(acme_plan_choose(&p, 1, at));
	acme_plan_failed(&p, ACME_FAILED_REACH, 1, 0, at, middle(MINUTE));
	assert_int_equal(p.next.s - at.s, MINUTE);
}

static void
test_jitter(void **state)
{
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint32_t random = 0; random < 1000; random++) {
		struct acme_plan p = { .state = ACME_WANTED };

		acme_plan_failed(&p, ACME_FAILED_RATE, 1, 0, now, random);
		least = p.next.s < least ? p.next.s : least;
		most = p.next.s > most ? p.next.s : most;
	}
	assert_int_equal(least, NOW + HOUR - HOUR / 10);
	assert_int_equal(most, NOW + HOUR + HOUR / 10);
}

/* An order survives two failures of a CA; the third leaves it for another. */
static void
test_fall_back(void **state)
{
	struct acme_plan p = { .state = ACME_WANTED };
	int64_t wait_ms;

	(void)state;
	assert_true(acme_plan_choose(&p, 3, now));
	assert_int_equal(p.ca, 0);
	acme_plan_opened(&p, now);
	assert_true(acme_plan_seen(&p, ACME_PENDING, 0, now, &wait_ms));
	for (int i = 0; i < 2; i++) {
		acme_plan_failed(&p, ACME_FAILED_REACH, 3, 0, now, 0);
		assert_int_equal(p.state, ACME_PENDING);
		assert_int_equal(p.ca, 0);
	}
	acme_plan_failed(&p, ACME_FAILED_REACH, 3, 0, now, 0);
	assert_int_equal(p.state, ACME_WANTED);
	assert_int_equal(p.ca, 1);
	assert_int_equal(p.next.s, NOW);

	/* Both are down: the one whose time comes first. */
	acme_plan_failed(&p, ACME_FAILED_REACH, 3, 0, now, 0);
	assert_int_equal(p.ca, 1);
	assert_false(acme_plan_choose(&p, 3, now));
	assert_int_equal(p.next.s, NOW + 54);

	/* When both may be asked, the first is. */
	assert_true(acme_plan_choose(&p, 3, (struct wall_time){ NOW + DAY }));
	assert_int_equal(p.ca, 0);
}

/* ---- what the CA says ---- */

/* clang-format off */
static const struct {
	const char	*label;
	enum acme_state	 before, said;
	int		 times; /* it is said */
	int64_t		 retry_after_s, after_s; /* the order was made */
	bool		 want;
	int64_t		 want_wait_ms;
} words[] = {
	{ "RFC 8555 7.1.6: pending, to be answered", ACME_WANTED, ACME_PENDING,
	  1, 0, 0, true, 0 },
	{ "RFC 8555 7.1.6: ready at once", ACME_WANTED, ACME_READY, 1, 0, 0,
	  true, 0 },
	{ "RFC 8555 7.1.6: ready", ACME_PENDING, ACME_READY, 1, 0, 0, true, 0 },
	{ "RFC 8555 7.1.6: valid at once", ACME_READY, ACME_VALID, 1, 0, 0,
	  true, 0 },
	{ "RFC 8555 7.1.6: valid, after a crash", ACME_PENDING, ACME_VALID, 1,
	  0, 0, true, 0 },
	{ "still pending", ACME_PENDING, ACME_PENDING, 1, 0, 0, true, 250 },
	{ "still pending, again", ACME_PENDING, ACME_PENDING, 2, 0, 0, true, 250 * 2 },
	{ "still pending, for the tenth time", ACME_PENDING, ACME_PENDING, 10,
	  0, 0, true, 30000 },
	{ "RFC 8555 7.5.1: Retry-After", ACME_PENDING, ACME_PENDING, 3, 7, 0,
	  true, 7000 },
	{ "a Retry-After without end", ACME_PENDING, ACME_PENDING, 1,
	  INT64_MAX, 0, true, HOUR * 1000 },
	{ "RFC 8555 7.4: still processing", ACME_PROCESSING, ACME_PROCESSING,
	  1, 3, 0, true, 3000 },
	{ "RFC 8555 7.4: processing, from now on", ACME_READY, ACME_PROCESSING,
	  1, 3, 0, true, 3000 },
	{ "pending for an hour", ACME_PENDING, ACME_PENDING, 1, 0, HOUR, false, 250 },
	{ "ready in the last second", ACME_PENDING, ACME_READY, 1, 0, HOUR,
	  true, 0 },
	{ "ready, and stays so", ACME_READY, ACME_READY, 2, 0, 0, true, 500 },
	{ "ready, and stays so for an hour", ACME_READY, ACME_READY, 1, 0, HOUR,
	  false, 250 },
};
/* clang-format on */

static void
test_words(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(words); i++) {
		struct acme_plan p = { .state = words[i].before,
			.opened = { NOW - words[i].after_s } };
		int64_t wait_ms = -1;
		bool good = false;

		t.label = words[i].label;
		for (int k = 0; k < words[i].times; k++)
			good = acme_plan_seen(&p, words[i].said,
			    words[i].retry_after_s, now, &wait_ms);
		want_bool(&t, "in time", good, words[i].want);
		want_int(&t, "state", p.state, words[i].said);
		want_int(&t, "wait", wait_ms, words[i].want_wait_ms);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- names ---- */

static void
test_tries(void **state)
{
	struct acme_tries tries = { { { 0 } } };
	struct wall_time at = now;

	(void)state;
	for (int i = 0; i < ACME_TRIES_MAX; i++) {
		assert_int_equal(acme_tries_next(&tries, at).s, at.s);
		acme_tries_note(&tries, at);
		at.s += 10 * MINUTE;
	}
	/* The hour begins with the first of them, and moves on. */
	assert_int_equal(acme_tries_next(&tries, at).s, NOW + HOUR);
	at.s = NOW + HOUR;
	assert_int_equal(acme_tries_next(&tries, at).s, at.s);
	acme_tries_note(&tries, at);
	assert_int_equal(
	    acme_tries_next(&tries, at).s, NOW + 10 * MINUTE + HOUR);
	at.s = NOW + DAY;
	assert_int_equal(acme_tries_next(&tries, at).s, at.s);
}

/* ---- clocks ---- */

/* What was planned by a clock that was years ahead, and was put back. */
static void
test_clock_was_ahead(void **state)
{
	const struct wall_time then = { NOW + 1000 * DAY };
	struct acme_plan p = { .state = ACME_WANTED };
	struct acme_tries tries;

	(void)state;
	for (int i = 0; i < ACME_TRIES_MAX; i++)
		tries.at[i] = then;
	assert_int_equal(acme_tries_next(&tries, now).s, NOW);
	acme_plan_opened(&p, then);
	acme_plan_failed(&p, ACME_FAILED_REACH, 3, 0, then, middle(MINUTE));
	acme_plan_failed(&p, ACME_FAILED_REACH, 3, 0, then, middle(MINUTE));
	assert_false(acme_plan_choose(&p, 3, now));
	acme_plan_mend(&p, now);
	assert_true(acme_plan_choose(&p, 3, now));
	assert_int_equal(p.ca, 0);
	assert_int_equal(p.opened.s, NOW);
}

/* The longest wait of all is none of those. */
static void
test_long_wait(void **state)
{
	struct acme_plan p = { .state = ACME_WANTED };

	(void)state;
	acme_plan_failed(&p, ACME_FAILED_RATE, 1, INT64_MAX, now, middle(HOUR));
	acme_plan_mend(&p, now);
	assert_false(acme_plan_choose(&p, 1, now));
	assert_int_equal(p.next.s, NOW + 7 * DAY);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_back_off),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_fall_back),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_tries),
		cmocka_unit_test(test_clock_was_ahead),
		cmocka_unit_test(test_long_wait),
	};

	return cmocka_run_group_tests_name("acme_plan", tests, NULL, NULL);
}
