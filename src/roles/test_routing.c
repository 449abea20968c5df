#include "roles/routing.h"

#include "base/test_table.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

#define ALL                                                                    \
	(1u << NEWS_OPENED | 1u << NEWS_WORSENED | 1u << NEWS_RESOLVED |       \
	    1u << NEWS_REMINDER | 1u << NEWS_CHANGED | 1u << NEWS_ADVICE)

/* Midnight. */
static const struct wall_time begin = { 20000 * (int64_t)DAY };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ begin.s + s };
}

/* ---- whom ---- */

static const char *tag_list[] = { "customer" };

static const struct channel_config mail = { .name = "mail",
	.severity = SEVERITY_WARNING,
	.kinds = ALL,
	.reminder_s = DAY,
	.digest_at = -1 };
static const struct channel_config pager = { .name = "pager",
	.severity = SEVERITY_ERROR,
	.kinds = 1u << NEWS_OPENED | 1u << NEWS_RESOLVED,
	.digest_at = -1 };
static const struct channel_config tagged = { .name = "tagged",
	.severity = SEVERITY_WARNING,
	.kinds = ALL,
	.tags = { tag_list, 1 },
	.digest_at = -1 };

/* clang-format off */
static const struct {
	const char *label;
	const struct channel_config *channel;
	struct routing_news news;
	bool has_tag;
	bool want, want_anybody;
} targets[] = {
	{ .label = "a warning", .channel = &mail,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_WARNING }, .want = true },
	{ .label = "information", .channel = &mail,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_INFO } },
	{ .label = "a warning, to one for errors", .channel = &pager,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_WARNING } },
	{ .label = "an error, to one for errors", .channel = &pager,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_ERROR }, .want = true },
	{ .label = "worse, to one that does not take it", .channel = &pager,
	    .news = { .kind = NEWS_WORSENED,
	    .severity = SEVERITY_ERROR } },
	{ .label = "worse", .channel = &mail,
	    .news = { .kind = NEWS_WORSENED,
	    .severity = SEVERITY_ERROR }, .want = true },
	{ .label = "over, and at the end it was a warning", .channel = &pager,
	    .news = { .kind = NEWS_RESOLVED, .severity = SEVERITY_WARNING },
	    .want = true },
	{ .label = "a change has no severity", .channel = &mail,
	    .news = { .kind = NEWS_CHANGED,
	    .severity = SEVERITY_INFO }, .want = true },
	{ .label = "advice", .channel = &mail,
	    .news = { .kind = NEWS_ADVICE,
	    .severity = SEVERITY_INFO }, .want = true },
	{ .label = "advice, to one that does not take it", .channel = &pager,
	    .news = { .kind = NEWS_ADVICE, .severity = SEVERITY_INFO } },
	{ .label = "a reminder", .channel = &mail,
	    .news = { .kind = NEWS_REMINDER,
	    .severity = SEVERITY_ERROR }, .want = true },
	{ .label = "a reminder, to one that wants none", .channel = &tagged,
	    .news = { .kind = NEWS_REMINDER, .severity = SEVERITY_ERROR },
	    .has_tag = true },
	{ .label = "no domain has the tag", .channel = &tagged,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_ERROR } },
	{ .label = "a domain has the tag", .channel = &tagged,
	    .news = { .kind = NEWS_OPENED,
	    .severity = SEVERITY_ERROR }, .has_tag = true, .want = true },
	{ .label = "its own digest", .channel = &pager,
	    .news = { .kind = NEWS_DIGEST,
	    .text = SPAN_INIT("pager") }, .want = true },
	{ .label = "another's digest", .channel = &mail,
	    .news = { .kind = NEWS_DIGEST,
	    .text = SPAN_INIT("pager") } },
	{ .label = "its own test", .channel = &tagged,
	    .news = { .kind = NEWS_TEST,
	    .text = SPAN_INIT("tagged") }, .want = true },
	{ .label = "of the monitor", .channel = &mail,
	    .news = { .kind = NEWS_OPENED, .is_ours = true,
	    .severity = SEVERITY_WARNING }, .want = true, .want_anybody = true },
	{ .label = "of the monitor, to one with tags", .channel = &tagged,
	    .news = { .kind = NEWS_OPENED,
	    .is_ours = true, .severity = SEVERITY_WARNING },
	    .want_anybody = true },
	{ .label = "of the monitor, to one for errors", .channel = &pager,
	    .news = { .kind = NEWS_OPENED,
	    .is_ours = true, .severity = SEVERITY_WARNING },
	    .want_anybody = true },
	{ .label = "that it fails itself", .channel = &mail,
	    .news = { .kind = NEWS_OPENED,
	    .is_ours = true, .severity = SEVERITY_WARNING,
	    .failing = SPAN_INIT("mail") } },
	{ .label = "that another fails", .channel = &mail,
	    .news = { .kind = NEWS_OPENED,
	    .is_ours = true, .severity = SEVERITY_WARNING,
	    .failing = SPAN_INIT("pager") }, .want = true,
	    .want_anybody = true },
};
/* clang-format on */

static void
test_targets(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(targets); i++) {
		struct routing_news n = targets[i].news;

		n.text = n.text.p != NULL ? n.text : SPAN("");
		n.failing = n.failing.p != NULL ? n.failing : SPAN("");
		t.label = targets[i].label;
		want_bool(&t, "is for",
		    routing_is_for(targets[i].channel, &n, targets[i].has_tag),
		    targets[i].want);
		want_bool(&t, "is for anybody",
		    routing_is_for_anybody(targets[i].channel, &n),
		    targets[i].want_anybody);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- when ---- */

static void
test_hold(void **state)
{
	static const struct config c = {
		.group_s = 2 * MINUTE, .first_group_s = 30 * MINUTE, .burst = 10
	};
	struct tally t = { .label = "hold" };

	(void)state;
	want_bool(&t, "a first look",
	    routing_is_of_first_look(&c, begin, after(30 * MINUTE)), true);
	want_bool(&t, "another look",
	    routing_is_of_first_look(&c, begin, after(2 * MINUTE)), false);
	want_int(&t, "ahead", routing_ahead_s(&c, false), 2 * MINUTE);
	want_int(&t, "ahead of a first look", routing_ahead_s(&c, true),
	    30 * MINUTE);
	want_int(&t, "opened",
	    routing_tell_at(&c, NEWS_OPENED, begin, after(2 * MINUTE)).s,
	    after(2 * MINUTE + 10).s);
	want_int(&t, "over is held",
	    routing_tell_at(&c, NEWS_RESOLVED, begin, after(5)).s,
	    after(2 * MINUTE).s);
	want_int(&t, "over, and late",
	    routing_tell_at(&c, NEWS_RESOLVED, begin, after(HOUR)).s,
	    after(HOUR + 10).s);
	want_int(&t, "a test",
	    routing_tell_at(&c, NEWS_TEST, begin, after(5)).s, after(5).s);
	want_bool(&t, "a digest", routing_may_be_summed(NEWS_DIGEST), false);
	want_bool(&t, "a test", routing_may_be_summed(NEWS_TEST), false);
	want_bool(&t, "a change", routing_may_be_summed(NEWS_CHANGED), true);
	assert_int_equal(t.failed, 0);
}

/* What a channel says of a storm: singles, then summaries. */
static void
test_flow(void **state)
{
	static const struct config c = { .group_s = 2 * MINUTE, .burst = 10 };
	static const struct config one = { .burst = 1 },
				   most = { .burst = 5000 };
	struct routing_flow flow = { 0 }, none = { 0 };
	struct tally t = { .label = "flow" };

	(void)state;
	want_bool(&t, "ten", routing_is_burst(&c, &flow, 10, begin), false);
	want_bool(&t, "eleven", routing_is_burst(&c, &flow, 11, begin), true);
	want_bool(&t, "enough", routing_flow_add(&c, &flow, 9, begin), false);
	want_bool(&t, "one more", routing_is_burst(&c, &flow, 1, begin), false);
	want_bool(&t, "two more", routing_is_burst(&c, &flow, 2, begin), true);
	want_bool(&t, "enough", routing_flow_add(&c, &flow, 1, begin), true);
	/* One alone is no summary. */
	want_bool(&t, "one", routing_is_burst(&c, &flow, 1, begin), false);
	want_bool(&t, "two, later",
	    routing_is_burst(&c, &flow, 2, after(6 * MINUTE)), false);
	want_bool(&t, "three, later",
	    routing_is_burst(&c, &flow, 3, after(6 * MINUTE)), true);
	want_bool(&t, "ten, when all is forgotten",
	    routing_is_burst(&c, &flow, 10, after(30 * MINUTE)), false);
	want_bool(&t, "a clock that goes back",
	    routing_is_burst(&c, &flow, 2, after(-DAY)), true);
	want_bool(
	    &t, "of one, two", routing_is_burst(&one, &none, 2, begin), true);
	want_bool(&t, "of many, a thousand",
	    routing_is_burst(&most, &none, 1000, begin), false);
	assert_int_equal(t.failed, 0);
}

/* ---- whether ---- */

#define TOLD                                                                   \
	{                                                                      \
		.was_told = true                                               \
	}
#define WAITS                                                                  \
	{                                                                      \
		.waits = true                                                  \
	}

/* clang-format off */
static const struct {
	const char *label;
	enum news_kind kind;
	struct routing_state state;
	enum routing_fate want;
} fates[] = {
	{ "opened", NEWS_OPENED, { .is_gone = false }, FATE_TELL },
	{ "opened, over already", NEWS_OPENED, { .is_resolved = true },
	    FATE_DROP },
	{ "opened, known already", NEWS_OPENED, { .is_acknowledged = true },
	    FATE_TELL },
	{ "opened and over, perhaps told by one that died", NEWS_OPENED,
	    { .is_resolved = true, .is_uncertain = true }, FATE_TELL },
	{ "opened, gone", NEWS_OPENED, { .is_gone = true }, FATE_DROP },
	{ "over, nobody was told", NEWS_RESOLVED, { .is_resolved = true },
	    FATE_DROP },
	{ "over, and was told", NEWS_RESOLVED,
	    { .is_resolved = true, .told = TOLD }, FATE_TELL },
	{ "over, and another is telling", NEWS_RESOLVED,
	    { .is_resolved = true, .told = WAITS }, FATE_WAIT },
	{ "over, gone", NEWS_RESOLVED, { .is_gone = true, .told = TOLD },
	    FATE_DROP },
	{ "worse", NEWS_WORSENED, { .told = TOLD }, FATE_TELL },
	{ "worse, and the opening was not for it", NEWS_WORSENED,
	    { .is_gone = false }, FATE_TELL },
	{ "worse, behind the opening", NEWS_WORSENED,
	    { .after_opened = true }, FATE_DROP },
	{ "worse, over already", NEWS_WORSENED, { .is_resolved = true },
	    FATE_DROP },
	{ "a reminder", NEWS_REMINDER, { .told = TOLD }, FATE_TELL },
	{ "a reminder, known", NEWS_REMINDER, { .is_acknowledged = true },
	    FATE_DROP },
	{ "a reminder, over", NEWS_REMINDER, { .is_resolved = true },
	    FATE_DROP },
	{ "a reminder, behind the opening", NEWS_REMINDER,
	    { .after_opened = true }, FATE_DROP },
	{ "a reminder, behind worse", NEWS_REMINDER,
	    { .after_worsened = true }, FATE_DROP },
	{ "a change", NEWS_CHANGED, { .is_gone = false }, FATE_TELL },
	{ "a change, gone", NEWS_CHANGED, { .is_gone = true }, FATE_DROP },
	{ "advice", NEWS_ADVICE, { .is_gone = false }, FATE_TELL },
	{ "a digest", NEWS_DIGEST, { .is_gone = true }, FATE_TELL },
	{ "a test", NEWS_TEST, { .is_gone = true }, FATE_TELL },
};
/* clang-format on */

static void
test_fates(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(fates); i++) {
		t.label = fates[i].label;
		want_int(&t, "fate",
		    routing_fate(fates[i].kind, &fates[i].state),
		    fates[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- days ---- */

/* Ten days of an incident that nobody acknowledges, looked at every minute as
 * the role does: reminders go through at the shortest interval of all. */
static int
count_reminders(struct channel_config *channel, uint64_t other_s)
{
	struct channel_config all[] = { *channel, mail };
	struct config c = { .channels = all, .n_channels = 2 };
	struct outbox_told told = { .was_told = true, .at = begin };
	struct wall_time reminded = begin;
	enum severity severity;
	int n = 0;

	all[1].reminder_s = other_s;
	for (int64_t s = 0; s <= 10 * DAY + HOUR; s += MINUTE) {
		int64_t every = (int64_t)routing_reminder_s(&c, &severity);

		if (every == 0 || after(s).s - reminded.s < every)
			continue;
		reminded = after(s);
		if (channel->reminder_s == 0 ||
		    !routing_is_reminded(channel, &told, begin, after(s)))
			continue;
		told.at = after(s + 15); /* delivered somewhat later */
		n++;
	}
	return n;
}

static void
test_reminders(void **state)
{
	static const struct {
		const char *label;
		uint64_t own_s, other_s;
		int want;
	} rows[] = {
		{ "alone", DAY, 0, 10 },
		{ "with a brisk one", DAY, HOUR, 10 },
		{ "with a slow one", 2 * DAY, 5 * DAY, 5 },
		{ "never", 0, HOUR, 0 },
	};
	struct tally t = { .failed = 0 };
	struct config none = { .n_channels = 0 };
	enum severity severity;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct channel_config c = mail;

		c.reminder_s = rows[i].own_s;
		t.label = rows[i].label;
		want_int(&t, "reminders", count_reminders(&c, rows[i].other_s),
		    rows[i].want);
	}
	t.label = "no channel";
	want_int(
	    &t, "interval", (int64_t)routing_reminder_s(&none, &severity), 0);
	assert_int_equal(t.failed, 0);
}

/* A week, looked at every minute; each date is told once. */
static void
test_digests(void **state)
{
	static const struct {
		const char *label;
		int32_t at;
		int64_t asleep_from, asleep_to; /* of the third day, minutes */
		int want;
	} rows[] = {
		{ "in the morning", 7 * 60, 0, 0, 7 },
		{ "at midnight", 0, 0, 0, 8 },
		{ "before midnight", 23 * 60 + 59, 0, 0, 8 },
		{ "never", -1, 0, 0, 0 },
		{ "asleep for an hour", 7 * 60, 390, 450, 7 },
		{ "asleep all the morning", 7 * 60, 390, 660, 6 },
	};
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct channel_config c = mail;
		struct rfc3339 day, last = { "" };
		int n = 0;

		c.digest_at = rows[i].at;
		for (int64_t m = 0; m <= 7 * 24 * 60; m++) {
			if (m >= 2 * 24 * 60 + rows[i].asleep_from &&
			    m < 2 * 24 * 60 + rows[i].asleep_to)
				continue;
			if (!routing_is_digest_due(&c, after(m * MINUTE), &day))
				continue;
			n += strcmp(day.text, last.text) != 0;
			last = day;
		}
		t.label = rows[i].label;
		want_int(&t, "digests", n, rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_digest_day(void **state)
{
	struct channel_config c = mail;
	struct rfc3339 day;

	(void)state;
	c.digest_at = 23 * 60;
	/* An hour late it is of the day before still. */
	assert_true(routing_is_digest_due(&c, after(HOUR / 2), &day));
	assert_string_equal(day.text, "2024-10-03");
	assert_true(routing_is_digest_due(&c, after(23 * HOUR), &day));
	assert_string_equal(day.text, "2024-10-04");
}

static void
test_failures(void **state)
{
	static const int64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	static const struct config c = { .give_up_s = 3 * DAY };
	struct tally t = { .label = "back-off" };

	(void)state;
	for (size_t i = 0; i < ROWS(minutes); i++)
		want_int(&t, "wait", routing_back_off_s((int64_t)i + 1, 0),
		    minutes[i] * MINUTE);
	want_int(&t, "first of all", routing_back_off_s(0, 0), MINUTE);
	want_int(&t, "as asked", routing_back_off_s(1, 300), 300);
	want_int(&t, "asked for less", routing_back_off_s(5, 3), 16 * MINUTE);
	want_int(&t, "asked for a week", routing_back_off_s(1, 7 * DAY), HOUR);
	want_int(
	    &t, "for ever", routing_back_off_s(INT64_MAX, INT64_MAX), HOUR);

	t.label = "giving up";
	want_bool(&t, "early", routing_gives_up(&c, begin, after(3 * DAY - 1)),
	    false);
	want_bool(
	    &t, "late", routing_gives_up(&c, begin, after(3 * DAY)), true);

	t.label = "failing";
	want_bool(&t, "none", routing_is_failing(0, begin, after(DAY)), false);
	want_bool(&t, "two", routing_is_failing(2, begin, after(60)), false);
	want_bool(&t, "three", routing_is_failing(3, begin, after(60)), true);
	want_bool(
	    &t, "an hour", routing_is_failing(1, begin, after(HOUR)), true);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_reminders),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_digest_day),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
