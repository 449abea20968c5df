/* Moments and spans of time in words. */
#include "base/limits.h"
#include "base/test_table.h"
#include "core/words.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 7 * DAY };

static const struct {
	const char *label;
	uint64_t s;
	const char *want_exact, *want_about;
} rows[] = {
	{ "nothing", 0, "0 seconds", "0 seconds" },
	{ "one", 1, "1 second", "1 second" },
	{ "a minute and more", 90, "90 seconds", "90 seconds" },
	{ "two minutes", 2 * MINUTE, "2 minutes", "2 minutes" },
	{ "an hour", HOUR, "1 hour", "60 minutes" },
	{ "a day and a half", 36 * HOUR, "36 hours", "36 hours" },
	{ "two weeks", 2 * WEEK, "2 weeks", "14 days" },
	{ "nine days", 9 * DAY + 5, "777605 seconds", "9 days" },
	{ "the longest max_age", 31557600, "8766 hours", "365 days" },
};

static void
test_amounts(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[512];
		struct arena a;

		t.label = rows[i].label;
		arena_init_fixed(&a, mem, sizeof mem);
		want_span(&t, "exact", span_str(words_duration(&a, rows[i].s)),
		    span_str(rows[i].want_exact));
		want_span(&t, "about", span_str(words_about(&a, rows[i].s)),
		    span_str(rows[i].want_about));
	}
	assert_int_equal(t.failed, 0);
}

static void
test_counts(void **state)
{
	static const struct {
		const char *label;
		int64_t n;
		const char *want;
	} counts[] = {
		{ "none", 0, "0" },
		{ "hundreds", 999, "999" },
		{ "a thousand", 1000, "1,000" },
		{ "zeros inside", 1000007, "1,000,007" },
		{ "the most", INT64_MAX, "9,223,372,036,854,775,807" },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(counts); i++) {
		char mem[512];
		struct arena a;

		t.label = counts[i].label;
		arena_init_fixed(&a, mem, sizeof mem);
		want_span(&t, "count", span_str(words_count(&a, counts[i].n)),
		    span_str(counts[i].want));
	}
	assert_int_equal(t.failed, 0);
}

static void
test_moments(void **state)
{
	const struct wall_time now = { 1795341600 };
	struct tally t = { .label = "moments" };
	char mem[512];
	struct arena a;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	want_span(&t, "date", span_str(words_date(&a, now)),
	    SPAN("2026-11-22 10:00 UTC"));
	want_span(&t, "ahead",
	    span_str(
		words_distance(&a, now, (struct wall_time){ now.s + 3 * DAY })),
	    SPAN("in 3 days"));
	want_span(&t, "behind",
	    span_str(words_distance(
		&a, now, (struct wall_time){ now.s - 2 * HOUR })),
	    SPAN("2 hours ago"));
	assert_int_equal(t.failed, 0);
}

static void
test_lists(void **state)
{
	static const struct span names[] = { SPAN_INIT("a.example"),
		SPAN_INIT("b\n"), SPAN_INIT("c"), SPAN_INIT("d"),
		SPAN_INIT("e"), SPAN_INIT("f"), SPAN_INIT("g"), SPAN_INIT("h"),
		SPAN_INIT("i"), SPAN_INIT("j") };
	static const struct {
		const char *label;
		size_t n;
		struct span want;
	} lists[] = {
		{ "nothing", 0, SPAN_INIT("none") },
		{ "one", 1, SPAN_INIT("a.example") },
		{ "escaped", 2, SPAN_INIT("a.example, b\\x0a") },
		{ "more than are shown", 10,
		    SPAN_INIT("a.example, b\\x0a, c, d, e, f, g, h and 2 "
			      "more") },
	};
	struct tally t = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < ROWS(lists); i++) {
		t.label = lists[i].label;
		want_span(&t, "list",
		    span_str(words_list(&a, names, lists[i].n)), lists[i].want);
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
every_word(struct arena *a, const void *arg)
{
	const struct wall_time now = { 0 }, then = { DAY };

	(void)arg;
	(void)words_date(a, now);
	(void)words_distance(a, now, then);
	(void)words_list(a, &(struct span)SPAN_INIT("a.example"), 1);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(every_word, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
