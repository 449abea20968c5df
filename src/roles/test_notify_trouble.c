/* Channels that fail, are tried or taken out, and what the role says of itself.
 */
#include "roles/test_tell.h"

/* ---- failures ---- */

static void
test_channel_down(void **state)
{
	enum { MANY = 6 };
	struct tell *w = *state;
	int64_t ids[MANY];
	char cause[64];

	for (int i = 0; i < MANY; i++)
		ids[i] = tell_domain(w, i);
	tell_pause(w);
	w->received[MAIL].down_until = HOUR;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "cause %d", i);
		tell_raise(w, ids[i], cause, SEVERITY_WARNING, 0);
		tell_pass(w, 10 * MINUTE);
	}
	/* The other one is told, though it is one for errors. */
	tell_want(w, PAGER, 1, "WARNING mail: A channel does not deliver");
	assert_in_range(w->received[MAIL].attempts, 3, 12);
	tell_pass(w, 2 * HOUR);
	/* Nothing lost, in order, and nothing twice. */
	tell_want(w, MAIL, MANY, "WARNING d000", "WARNING d001", "WARNING d002",
	    "WARNING d003", "WARNING d004", "WARNING d005");
	tell_want(w, PAGER, 2, "WARNING mail: ", "RESOLVED mail after ");
}

static void
test_channel_down_and_a_burst(void **state)
{
	enum { MANY = 40 };
	struct tell *w = *state;
	char cause[64];
	int64_t d = tell_domain(w, 1);

	tell_pause(w);
	w->received[MAIL].down_until = HOUR;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "cause %d", i);
		tell_raise(w, d, cause, SEVERITY_WARNING, 0);
		tell_pass(w, MINUTE);
	}
	/* What is over by then is told to nobody. */
	tell_clear(w, d, "cause 7");
	tell_pass(w, 3 * HOUR);
	tell_want(w, MAIL, 1, "SUMMARY of 39: 39 warnings");
}

/* One that nobody wants does not hold up the others. */
static void
test_one_bad_message(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	struct receiver *mail = &w->received[MAIL];

	tell_pause(w);
	tell_change(w, d, "change 1");
	tell_pass(w, MINUTE);
	mail->down_until = w->now + MINUTE;
	mail->otherwise = DELIVERY_REFUSED;
	tell_change(w, d, "change 2");
	tell_pass(w, 10 * MINUTE);
	tell_change(w, d, "change 3");
	tell_pass(w, 10 * MINUTE);
	tell_want(w, MAIL, 2, "CHANGED", "CHANGED");
	assert_int_equal(mail->attempts, 3);
}

static const struct sql_statement open_incidents = {
	"SELECT COUNT(*) FROM incident WHERE resolved_at IS NULL"
};

static void
test_give_up(void **state)
{
	struct tell *w = *state;
	struct outbox_health health;
	int64_t d = tell_domain(w, 1);

	tell_pause(w);
	w->config.give_up_s = 2 * HOUR;
	w->received[MAIL].down_until = 10 * DAY;
	tell_change(w, d, "change 1");
	tell_pass(w, HOUR);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 1);
	assert_true(span_eq(health.error, SPAN("nobody is there")));
	tell_pass(w, 2 * HOUR);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 0);
}

/* Each day has a count, its last one; and what a day shows follows within the
 * hour. */
static void
test_census(void **state)
{
	static const struct sql_statement all = {
		"SELECT CAST(SUM(n) AS {INT}) FROM census"
	};
	static const struct sql_statement days = {
		"SELECT COUNT(DISTINCT day) FROM census"
	};
	struct tell *w = *state;

	tell_domain(w, 1);
	tell_domain(w, 2);
	tell_pause(w);
	tell_pass(w, MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 2);
	tell_domain(w, 3);
	tell_pause(w);
	tell_pass(w, HOUR - 2 * MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 2);
	tell_pass(w, 2 * MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 3);
	assert_int_equal(fixture_count(w->f, &days), 1);
	tell_pass(w, DAY);
	assert_int_equal(fixture_count(w->f, &all), 6);
	assert_int_equal(fixture_count(w->f, &days), 2);
}

static void
put_test(struct tell *w)
{
	assert_err(w->f,
	    outbox_put_test(w->f->s, SPAN("mail"), tell_at(w->now), &w->f->e),
	    ERR_OK);
}

static void
want_test(struct tell *w, enum outbox_test_state state, const char *error)
{
	struct outbox_test got;
	bool found;

	assert_err(w->f,
	    outbox_last_test(
		w->f->s, SPAN("mail"), &w->f->a, &got, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	assert_int_equal(got.state, state);
	assert_true(span_eq(got.error, span_str(error)));
}

/* A test goes to its channel alone and at once, whatever that does not take and
 * however much it has said. */
static void
test_try(void **state)
{
	enum { MANY = 11 };
	const char *tag = "nobody's";
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	char key[32];

	tell_pause(w);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "change %d", i);
		tell_change(w, d, key);
		tell_pass(w, 3 * STEP_S);
	}
	assert_true(w->work[MAIL].quiet_until.s > tell_at(w->now).s);
	w->channels[MAIL].kinds = 0;
	w->channels[MAIL].severity = SEVERITY_ERROR;
	w->channels[MAIL].tags.items = &tag;
	w->channels[MAIL].tags.n = 1;
	w->received[MAIL].n = w->received[PAGER].n = 0;
	put_test(w);
	want_test(w, OUTBOX_TEST_WAITING, "");
	tell_pass(w, STEP_S);
	tell_want(w, MAIL, 1, "TEST of channel mail");
	want_test(w, OUTBOX_TEST_DELIVERED, "");
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "TEST of channel mail");
	for (size_t i = 0; i < w->received[PAGER].n; i++)
		assert_null(strstr(w->received[PAGER].told[i].subject, "TEST"));
}

/* It is tried once, and does not make the channel wait any longer; where it
 * arrives, the channel is well. */
static void
test_try_while_down(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	struct wall_time quiet_until;
	int64_t failures;
	int attempts;

	tell_pause(w);
	w->received[MAIL].down_until = 2 * HOUR;
	tell_raise(w, d, "cause 1", SEVERITY_WARNING, 0);
	tell_raise(w, d, "cause 2", SEVERITY_WARNING, 0);
	tell_pass(w, 2 * HOUR - MINUTE);
	tell_want(w, PAGER, 1, "WARNING mail: A channel does not deliver");
	quiet_until = w->work[MAIL].quiet_until;
	failures = w->work[MAIL].failures;
	assert_true(quiet_until.s > tell_at(w->now).s + 2 * MINUTE);
	attempts = w->received[MAIL].attempts;
	put_test(w);
	tell_pass(w, 3 * STEP_S);
	want_test(w, OUTBOX_TEST_FAILED, "nobody is there");
	assert_int_equal(w->received[MAIL].attempts, attempts + 1);
	assert_int_equal(w->work[MAIL].failures, failures);
	assert_int_equal(w->work[MAIL].quiet_until.s, quiet_until.s);

	tell_pass(w, MINUTE);
	put_test(w);
	tell_pass(w, STEP_S);
	want_test(w, OUTBOX_TEST_DELIVERED, "");
	tell_want(w, MAIL, 1, "TEST of channel mail");
	tell_pass(w, 4 * MINUTE);
	tell_want(w, PAGER, 2, "WARNING mail: ", "RESOLVED mail after ");
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 3, "TEST", "WARNING d001", "WARNING d001");
}

/* A channel fails, and is then taken out of the configuration: what waits for
 * it waits until whoever else may have it would have given up, and then its
 * failure is over. */
static void
test_channel_taken_out(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	struct outbox_health health;

	tell_pause(w);
	w->received[MAIL].down_until = 100 * DAY;
	tell_change(w, d, "change 1");
	tell_pass(w, 3 * HOUR);
	assert_int_equal(fixture_count(w->f, &open_incidents), 1);
	w->config.n_channels = 1; /* the pager takes its place */
	w->channels[MAIL].name = "pager";
	w->channels[MAIL].kinds = 0;
	tell_pass(w, 3 * DAY);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 1);
	assert_int_equal(fixture_count(w->f, &open_incidents), 1);
	tell_pass(w, 2 * DAY);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 0);
	assert_int_equal(fixture_count(w->f, &open_incidents), 0);
}

/* ---- the monitor itself ---- */

static void
test_stale(void **state)
{
	struct tell *w = *state;

	tell_domain(w, 1);
	tell_pass(w, 25 * MINUTE);
	tell_want(w, MAIL, 0);
	tell_pass(w, 15 * MINUTE);
	tell_want(w, MAIL, 1, "WARNING mtasts: Domains are not looked at");
	tell_want(w, PAGER, 0);
	tell_pause(w);
	tell_pass(w, 10 * MINUTE);
	tell_want(w, MAIL, 2, "WARNING", "RESOLVED mtasts after ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TELL(test_channel_down),
		TELL(test_channel_down_and_a_burst),
		TELL(test_one_bad_message),
		TELL(test_give_up),
		TELL(test_census),
		TELL(test_try),
		TELL(test_try_while_down),
		TELL(test_channel_taken_out),
		TELL(test_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
