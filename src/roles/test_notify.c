/* From what happened to what is read: grouping, whom, and whether. */
#include "roles/test_tell.h"

#include "store/domains.h"

/* ---- grouping ---- */

static void
test_one_incident_of_many_domains(void **state)
{
	struct tell *w = *state;

	for (int i = 0; i < 200; i++)
		tell_raise(w, tell_domain(w, i), "mxcert.expired mx.example",
		    SEVERITY_ERROR, GROUP_S);
	tell_pause(w);
	tell_pass(w, GROUP_S);
	tell_want(w, MAIL, 0);
	tell_pass(w, MINUTE);
	tell_want(w, MAIL, 1, "LOSS mx.example (200 domains): ");
	tell_want(w, PAGER, 1, "LOSS mx.example (200 domains): ");
	assert_non_null(strstr(w->received[MAIL].told[0].text,
	    "Domains (200): d000.example, d001.example,"));
	assert_non_null(strstr(w->received[MAIL].told[0].text, "and 190 more"));
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "LOSS");
}

/* 300 domains are added, and looked at over ten minutes; what is wrong with
 * each is its own incident. */
static void
test_first_look_is_a_summary(void **state)
{
	enum { MANY = 300 };
	struct tell *w = *state;
	char cause[64];

	for (int i = 0; i < MANY; i++) {
		int64_t d = tell_domain(w, i);

		snprintf(cause, sizeof cause, "mxcert.expired %d", i);
		tell_raise(w, d, cause, SEVERITY_ERROR, 30 * MINUTE);
		w->now += 2;
	}
	tell_pause(w);
	w->now = w->now / STEP_S * STEP_S;
	tell_pass(w, 20 * MINUTE);
	tell_want(w, MAIL, 0);
	tell_pass(w, 2 * HOUR);
	tell_want(w, MAIL, 1, "SUMMARY of 300: 300 losses");
	tell_want(w, PAGER, 1, "SUMMARY of 300: 300 losses");
	assert_non_null(strstr(w->received[MAIL].told[0].text, "and 280 more"));
}

/* A host of policies is down: rounds find it out over a quarter of an hour.
 * Nobody gets 120 messages of it. */
static void
test_storm(void **state)
{
	enum { MANY = 120 };
	struct tell *w = *state;
	int64_t ids[MANY];
	char cause[64];

	for (int i = 0; i < MANY; i++)
		ids[i] = tell_domain(w, i);
	tell_pause(w);
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "https.connect %d", i);
		tell_raise(w, ids[i], cause, SEVERITY_ERROR, GROUP_S);
		tell_pass(w, 10);
	}
	tell_pass(w, HOUR);
	printf("# a storm of %d: %zu messages\n", MANY, w->received[MAIL].n);
	assert_in_range(w->received[MAIL].n, 1, 30);
	w->received[MAIL].n = 0;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "https.connect %d", i);
		tell_clear(w, ids[i], cause);
		tell_pass(w, 10);
	}
	tell_pass(w, HOUR);
	printf("# and of its end: %zu\n", w->received[MAIL].n);
	assert_in_range(w->received[MAIL].n, 1, 30);
}

/* ---- whom, and whether ---- */

static void
test_life_of_an_incident(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	struct receiver *mail = &w->received[MAIL];

	tell_pause(w);
	tell_raise(w, d, "cause", SEVERITY_WARNING, GROUP_S);
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "WARNING d001.example: ");
	tell_want(w, PAGER, 0);
	tell_raise(w, d, "cause", SEVERITY_ERROR, GROUP_S);
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 2, "WARNING", "LOSS d001.example, was a warning: ");
	tell_want(w, PAGER, 1, "LOSS d001.example, was a warning: ");
	tell_raise(w, d, "cause", SEVERITY_WARNING, GROUP_S);
	tell_pass(w, HOUR);
	tell_clear(w, d, "cause");
	tell_pass(w, HOUR);
	/* Those hear of the end that heard of it. */
	tell_want(w, MAIL, 3, "WARNING", "LOSS",
	    "RESOLVED d001.example after 3 hours: ");
	tell_want(w, PAGER, 2, "LOSS", "RESOLVED d001.example after 3 hours: ");
	/* All of it is one conversation. */
	assert_string_equal(mail->told[0].thread, "");
	assert_string_equal(mail->told[1].thread, mail->told[0].id);
	assert_string_equal(mail->told[2].thread, mail->told[0].id);
}

static void
test_over_before_it_is_told(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);

	tell_pause(w);
	tell_raise(w, d, "cause", SEVERITY_ERROR, GROUP_S);
	tell_pass(w, MINUTE);
	tell_clear(w, d, "cause");
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 0);
	/* It counts all the same. */
	w->channels[MAIL].digest_at =
	    (int32_t)((test_now.s + w->now) % DAY / MINUTE + 1);
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "DIGEST nothing is open, 1 ended");
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "DIGEST");
}

static void
test_tags(void **state)
{
	static const char *tags[] = { "customer" };
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1), other = tell_domain(w, 2);
	bool found;

	tell_pause(w);
	w->channels[PAGER].tags = (struct config_list){ tags, 1 };
	assert_err(w->f,
	    domains_tag(w->f->s, SPAN("d001.example"), SPAN("customer"), &found,
		&w->f->e),
	    ERR_OK);
	tell_raise(w, other, "cause 2", SEVERITY_ERROR, 0);
	tell_raise(w, d, "cause 1", SEVERITY_ERROR, 0);
	tell_change(w, d, "change 1");
	tell_change(w, other, "change 2");
	tell_pass(w, MINUTE);
	tell_want(w, MAIL, 4, "LOSS d002", "LOSS d001",
	    "CHANGED d001.example: ", "CHANGED d002.example: ");
	tell_want(w, PAGER, 2, "LOSS d001", "CHANGED d001.example: ");
}

static void
test_reminders(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	struct incident *all;
	size_t n;
	bool found;

	tell_pause(w);
	w->channels[MAIL].reminder_s = 6 * HOUR;
	w->channels[PAGER].reminder_s = 12 * HOUR;
	tell_raise(w, d, "cause", SEVERITY_ERROR, 0);
	tell_pass(w, 13 * HOUR);
	tell_want(w, MAIL, 3, "LOSS", "STILL LOSS d001.example, 6 hours: ",
	    "STILL LOSS d001.example, 12 hours: ");
	tell_want(w, PAGER, 2, "LOSS", "STILL LOSS d001.example, 12 hours: ");
	assert_err(w->f,
	    incident_list(w->f->s,
		&(struct incident_filter){ .tag = SPAN(""), .max = 1 },
		&w->f->a, &all, &n, &w->f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_err(w->f,
	    incident_acknowledge(w->f->s, all[0].id, SPAN("me"), SPAN(""),
		tell_at(w->now), &found, &w->f->e),
	    ERR_OK);
	tell_pass(w, DAY);
	tell_want(w, MAIL, 3, "LOSS", "STILL", "STILL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TELL(test_one_incident_of_many_domains),
		TELL(test_first_look_is_a_summary),
		TELL(test_storm),
		TELL(test_life_of_an_incident),
		TELL(test_over_before_it_is_told),
		TELL(test_tags),
		TELL(test_reminders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
