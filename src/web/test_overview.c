/* The pictures: where what lies, and the page and the operations over a store.
 */
#include "store/census.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "web/axes.h"
#include "web/calendar.h"
#include "web/chart.h"
#include "web/test_call.h"

enum { DAY = 86400 };

/* ---- where what lies ---- */

static void
test_split(void **state)
{
	static const struct {
		const char *label;
		int64_t values[4];
		int length, want[4];
	} rows[] = {
		{ "nothing", { 0, 0, 0, 0 }, 100, { 0, 0, 0, 0 } },
		{ "one of all", { 0, 7, 0, 0 }, 100, { 0, 100, 100, 100 } },
		{ "halves", { 5, 0, 0, 5 }, 100, { 50, 50, 50, 100 } },
		{ "thirds", { 1, 1, 1, 0 }, 100, { 33, 67, 100, 100 } },
		{ "few are seen", { 1, 999999, 1, 0 }, 100,
		    { 1, 99, 100, 100 } },
		{ "more than units", { 1, 1, 1, 1 }, 2, { 1, 1, 2, 2 } },
		{ "a great many", { INT64_MAX / 4, INT64_MAX / 4, 0, 0 }, 200,
		    { 100, 200, 200, 200 } },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int ends[4];

		t.label = rows[i].label;
		chart_split(rows[i].values, 4, rows[i].length, ends);
		for (size_t k = 0; k < 4; k++)
			want_int(&t, "end", ends[k], rows[i].want[k]);
	}
	assert_int_equal(t.failed, 0);
}

/* The parts fill the whole, whatever they are. */
static void
test_split_sums(void **state)
{
	struct tally t = { .label = "sums" };

	(void)state;
	for (int64_t i = 1; i < 400; i++) {
		const int64_t values[] = { i * 7919 % 101, i * 104729 % 13, i,
			i % 2 };
		int ends[4];

		chart_split(values, 4, 200, ends);
		want_int(&t, "the last end", ends[3], 200);
		for (int k = 1; k < 4; k++)
			want_bool(&t, "in order", ends[k] >= ends[k - 1], true);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_spans(void **state)
{
	static const struct chart_day days[] = { { .day = 100 }, { .day = 101 },
		{ .day = 498 }, { .day = 499 } };
	static const struct {
		const char *label;
		size_t first, n, most;
		int64_t want_from;
		size_t want_n;
	} rows[] = {
		{ "none", 0, 0, 400, 0, 0 },
		{ "one day", 0, 1, 400, 100, 1 },
		{ "two", 0, 2, 400, 100, 2 },
		{ "with a gap", 0, 4, 400, 100, 400 },
		{ "the latest", 0, 4, 90, 410, 90 },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct chart_span got = chart_span_of(
		    days + rows[i].first, rows[i].n, rows[i].most);

		t.label = rows[i].label;
		want_int(&t, "from", got.from, rows[i].want_from);
		want_size(&t, "days", got.n, rows[i].want_n);
		want_int(&t, "the left end", chart_x(0, got.n, 640), 0);
		if (got.n > 0)
			want_int(&t, "the right end",
			    chart_x(got.n, got.n, 640), 640);
	}
	assert_int_equal(t.failed, 0);
}

static const struct chart_part two_parts[] = { { TONE_GOOD, "Good" },
	{ TONE_NONE, "<None>" } };

static char *
draw(const struct chart_day *days, size_t n)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	chart_stack(f, "A & B", "what it is", two_parts, 2, days, n,
	    chart_span_of(days, n, 400));
	fclose(f);
	return text;
}

static void
want_in(struct tally *t, const char *text, const char *want, bool is_there)
{
	if ((strstr(text, want) != NULL) == is_there)
		return;
	t->failed++;
	printf("# %s: got a picture %s '%s':\n%s\n", t->label,
	    is_there ? "without" : "with", want, text);
}

static void
test_stack(void **state)
{
	struct chart_day days[400] = { { .day = 20000, .values = { 1, 3 } } };
	struct tally t = { .label = "one day fills the picture" };
	char *text = draw(days, 1);

	(void)state;
	want_in(&t, text, "role=\"img\"", true);
	want_in(&t, text, "<title>A &amp; B</title>", true);
	want_in(&t, text, "<desc>what it is</desc>", true);
	want_in(&t, text, "&lt;None&gt;", true);
	want_in(&t, text, "class=\"good\" d=\"M48 210V160H688V210z\"", true);
	want_in(&t, text, "class=\"none\" d=\"M48 160V10H688V160z\"", true);
	want_in(&t, text, "style=", false);
	free(text);

	t.label = "no day at all";
	text = draw(days, 0);
	want_in(&t, text, "d=\"\"", true);
	free(text);

	t.label = "a day that is not known is white";
	days[1] = days[0];
	days[1].day = 20003;
	text = draw(days, 2);
	want_in(
	    &t, text, "d=\"M48 210V160H208V210zM528 210V160H688V210z\"", true);
	free(text);

	t.label = "400 days alike are one rectangle";
	for (int i = 0; i < 400; i++) {
		days[i] = days[0];
		days[i].day = 20000 + i;
	}
	text = draw(days, 400);
	want_in(&t, text, "d=\"M48 210V160H688V210z\"", true);
	free(text);

	t.label = "400 days, each another";
	for (int i = 0; i < 400; i++)
		days[i].values[0] = i;
	text = draw(days, 400);
	want_in(&t, text, "V210zM", true);
	want_size(&t, "no more than 64 KB", strlen(text) > 65536, 0);
	free(text);
	assert_int_equal(t.failed, 0);
}

/* ---- counting ---- */

static void
test_shares(void **state)
{
	static const struct {
		const char *label;
		int64_t n, total;
		const char *want;
	} rows[] = {
		{ "of nothing", 0, 0, "0 %" },
		{ "none", 0, 10, "0 %" },
		{ "all", 10, 10, "100 %" },
		{ "nearly all", 99999, 100000, "99.9 %" },
		{ "hardly any", 1, 100000, "< 0.1 %" },
		{ "an eighth", 1, 8, "12.5 %" },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[256];
		struct arena a;

		arena_init_fixed(&a, mem, sizeof mem);
		t.label = rows[i].label;
		want_span(&t, "share",
		    span_str(axis_share(rows[i].n, rows[i].total, &a)),
		    span_str(rows[i].want));
	}
	assert_int_equal(t.failed, 0);
}

static void
test_counting(void **state)
{
	const struct census_row rows[] = {
		{ 7, SPAN("enforce"), SPAN("eligible"), SPAN("ok"), 5 },
		{ 7, SPAN("none"), SPAN("eligible"), SPAN("ok"), 2 },
		{ 9, SPAN("of another version"), SPAN(""), SPAN(""), 3 },
	};
	struct tally t = { .label = "counting" };
	struct axis_day *days;
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a, 65536);
	days = axis_days(rows, ROWS(rows), &a, &n);
	want_size(&t, "days", n, 2);
	want_int(&t, "day", days[1].day, 9);
	want_int(&t, "total", days[0].counts[AXIS_DEPLOYMENT].total, 7);
	want_int(&t, "eligible",
	    axis_count_of(AXIS_ELIGIBILITY, &days[0].counts[AXIS_ELIGIBILITY],
		"eligible"),
	    7);
	want_int(&t, "a strange word is unknown",
	    axis_count_of(
		AXIS_DEPLOYMENT, &days[1].counts[AXIS_DEPLOYMENT], "unknown"),
	    3);
	want_int(&t, "not looked at yet",
	    axis_count_of(AXIS_VERDICT, &days[1].counts[AXIS_VERDICT], ""), 3);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_calendar(void **state)
{
	struct tally t = { .label = "the calendar" };

	(void)state;
	want_int(&t, "1970-01-01", calendar_weekday(0), 3);
	want_int(&t, "2026-11-27", calendar_weekday(20784), 4);
	want_int(&t, "before", calendar_weekday(-1), 2);
	want_span(&t, "none", span_str(calendar_level(0, 9)), SPAN("l0"));
	want_span(&t, "one of one", span_str(calendar_level(1, 1)), SPAN("l1"));
	want_span(&t, "few", span_str(calendar_level(1, 9)), SPAN("l1"));
	want_span(&t, "the most", span_str(calendar_level(9, 9)), SPAN("l4"));
	assert_int_equal(t.failed, 0);
}

/* ---- over a store ---- */

static void
get(struct tally *t, struct test_call *c,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target)
{
	want_int(t, "result", test_call_handler(c, handle, target, NULL), 0);
	want_int(t, "status", c->status, 200);
}

static void
test_nothing(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "an empty store" };
	struct test_call c;

	test_call_init(&c, f);
	get(&t, &c, page_overview, "/overview");
	want_said(&t, &c, "Nothing is counted yet");
	want_unsaid(&t, &c, "<svg class=\"chart\"");
	get(&t, &c, api_census, "/api/v1/census");
	want_said(&t, &c, "\"days\":[{\"day\":\"2027-01-15\",\"domains\":0,");
	get(&t, &c, api_calendar, "/api/v1/calendar");
	want_said(&t, &c, "\"certificates\":[],\"incidents\":[{\"day\":\"");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

static void
fill(struct fixture *f)
{
	const struct domain_summary s = { .deployment = SPAN("enforce"),
		.eligibility = SPAN("eligible"),
		.verdict = SPAN("ok"),
		.max_age = 86400,
		.policy_cert_until = { test_now.s + 3 * DAY },
		.mx_cert_until = { test_now.s + 3 * DAY } };
	const struct incident_fault fault = { .cause = SPAN("host/mx"),
		.check = SPAN("mx-unlisted"),
		.subject = SPAN("mx.example"),
		.severity = SEVERITY_ERROR,
		.message = SPAN("<b>"),
		.remedy = SPAN("") };
	enum incident_event event;
	int64_t id = fixture_domain(f, "a.example");

	fixture_domain(f, "b.example");
	assert_err(f, domains_set_summary(f->s, id, &s, &f->e), ERR_OK);
	assert_err(f,
	    incident_raise(f->s, id, &fault, test_now, test_now, &event, &f->e),
	    ERR_OK);
}

static void
test_one_day(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "one day" };
	struct test_call c;

	fill(f);
	test_call_init(&c, f);
	get(&t, &c, page_overview, "/overview");
	want_said(&t, &c, "<h2>Deployed, over time</h2>");
	want_said(&t, &c, "Now, Enforce 50 %, Not looked at yet 50 %");
	want_said(&t, &c, "V110H688V210z");
	want_said(&t, &c,
	    "href=\"/?paused=no&amp;certificate_from=2027-01-18&amp;"
	    "certificate_to=2027-01-18&amp;sort=certificate\"");
	want_said(&t, &c, "href=\"/incidents?day=2027-01-15\"");
	want_said(&t, &c, "1 domain</span>");
	want_said(&t, &c, "class=\"day bad\"");
	want_said(&t, &c, "1 incident, 1 opened, worst: error");
	get(&t, &c, api_census, "/api/v1/census");
	want_said(&t, &c, "\"domains\":2");
	want_said(&t, &c, "\"enforce\":1");
	want_said(&t, &c, "\"unseen\":1");
	get(&t, &c, api_calendar, "/api/v1/calendar");
	want_said(&t, &c, "\"domains\":1}]");
	want_said(&t, &c, "\"opened\":1,\"open\":1,\"worst\":\"error\"}]");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* What was counted is there, with today as it is now behind it. */
static void
test_days(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "three days" };
	struct test_call c;

	fill(f);
	for (int64_t day = 2; day >= 0; day--)
		assert_err(f,
		    census_keep(f->s,
			(struct wall_time){ test_now.s - day * DAY }, &f->e),
		    ERR_OK);
	fixture_domain(f, "c.example");
	test_call_init(&c, f);
	get(&t, &c, page_overview, "/overview");
	want_said(&t, &c, "Now, Enforce 33.3 %");
	want_said(&t, &c, " to 20");
	get(&t, &c, api_census, "/api/v1/census");
	want_said(&t, &c, "\"domains\":3");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* What is watched no more is in no figure of now, though it was yesterday. */
static void
test_all_paused(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "all are paused" };
	struct test_call c;
	bool found;

	fill(f);
	assert_err(f,
	    census_keep(f->s, (struct wall_time){ test_now.s - DAY }, &f->e),
	    ERR_OK);
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("a.example"), true, test_now, &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("b.example"), true, test_now, &found, &f->e),
	    ERR_OK);
	test_call_init(&c, f);
	get(&t, &c, page_overview, "/overview");
	want_said(&t, &c,
	    "<a class=\"tile none\" href=\"/?paused=no\"><span class="
	    "\"figure\">0</span><span class=\"label\">domains watched<");
	want_said(&t, &c,
	    "<a class=\"tile none\" href=\"/?paused=yes\"><span class="
	    "\"figure\">2</span><span class=\"label\">paused<");
	get(&t, &c, api_census, "/api/v1/census");
	want_said(&t, &c, "{\"day\":\"2027-01-14\",\"domains\":2,");
	want_said(&t, &c, "{\"day\":\"2027-01-15\",\"domains\":0,");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_sums),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_calendar),
		RUN(test_nothing),
		RUN(test_one_day),
		RUN(test_days),
		RUN(test_all_paused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
