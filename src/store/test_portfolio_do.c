/* One thing done to all that are like that, against the same done one by one.
 */
#include "base/limits.h"
#include "store/portfolio_do.h"
#include "store/test_store.h"

static const struct sql_statement sum_work = {
	"SELECT CAST(SUM(work.domain * COALESCE(due_at, 7) % 1000003) AS {INT})"
	" FROM work"
};
static const struct sql_statement n_paused = {
	"SELECT COUNT(*) FROM domain WHERE paused = 1"
};
static const struct sql_statement n_tags = {
	"SELECT COUNT(*) FROM domain_tag WHERE tag = 'new'"
};
static const struct sql_statement n_due = {
	"SELECT COUNT(*) FROM work WHERE due_at <= 1800000100"
};

static const struct wall_time later = { 1800000100 };

enum { MANY = 2 * LIMIT_STORE_PAGE + 10 };

/* So many, of which every third is in error, and d1 is paused. */
static void
fill(struct fixture *f)
{
	bool found;

	fixture_exec(
	    f, arena_printf(&f->a,
		   "WITH RECURSIVE list (i) AS (SELECT 1 UNION ALL"
		   " SELECT i + 1 FROM list WHERE i < %d)"
		   " INSERT INTO domain (name, added_at, verdict)"
		   " SELECT 'd' || i || '.example', 1,"
		   " CASE WHEN i %% 3 = 0 THEN 'error' ELSE 'ok' END FROM list",
		   MANY)
		   .p);
	fixture_exec(f,
	    "INSERT INTO work (domain, due_at, wanted_at, due_records,"
	    " due_authority, due_policy) SELECT id, 1900000000, 1900000000,"
	    " 1900000000, 1900000000, 1900000000 FROM domain");
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("d1.example"), true, test_now, &found, &f->e),
	    ERR_OK);
}

/* Part by part; how many parts had anything in them. */
static int
do_all(struct fixture *f, struct portfolio_order order, int64_t *changed)
{
	struct span after = SPAN("");
	int64_t n;
	int parts = -1;

	*changed = 0;
	do {
		assert_err(f,
		    portfolio_do(
			f->s, &order, after, later, &f->a, &after, &n, &f->e),
		    ERR_OK);
		*changed += n;
		parts++;
	} while (after.n > 0);
	return parts;
}

static void
test_deeds(void **state)
{
	static const struct {
		const char *label;
		struct portfolio_order order;
		int want_parts;
		int64_t want_changed, want_paused, want_tags, want_due;
	} rows[] = {
		{ "tag all",
		    { PORTFOLIO_TAG, { .tag = SPAN_INIT("") },
			SPAN_INIT("new") },
		    3, MANY, 1, MANY, 0 },
		{ "tag them again",
		    { PORTFOLIO_TAG, { .tag = SPAN_INIT("new") },
			SPAN_INIT("new") },
		    3, 0, 1, MANY, 0 },
		{ "take it away, though it is what they are found by",
		    { PORTFOLIO_UNTAG,
			{ .tag = SPAN_INIT("new"),
			    .verdict = SPAN_INIT("error") },
			SPAN_INIT("new") },
		    1, MANY / 3, 1, MANY - MANY / 3, 0 },
		{ "pause what is watched",
		    { PORTFOLIO_PAUSE,
			{ .verdict = SPAN_INIT("error"),
			    .paused = SPAN_INIT("no") },
			SPAN_INIT("") },
		    1, MANY / 3, MANY / 3 + 1, MANY - MANY / 3, 0 },
		{ "a look passes over what is paused",
		    { PORTFOLIO_CHECK, { .tag = SPAN_INIT("") },
			SPAN_INIT("") },
		    3, MANY - MANY / 3 - 1, MANY / 3 + 1, MANY - MANY / 3,
		    MANY - MANY / 3 - 1 },
		{ "resume what is paused",
		    { PORTFOLIO_RESUME, { .paused = SPAN_INIT("yes") },
			SPAN_INIT("") },
		    1, MANY / 3 + 1, 0, MANY - MANY / 3, MANY },
		{ "none is like that",
		    { PORTFOLIO_PAUSE, { .search = SPAN_INIT("xyz") },
			SPAN_INIT("") },
		    0, 0, 0, MANY - MANY / 3, MANY },
		{ "none can be like that",
		    { PORTFOLIO_PAUSE, { .provider = SPAN_INIT("\xff") },
			SPAN_INIT("") },
		    0, 0, 0, MANY - MANY / 3, MANY },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	int64_t changed;

	fill(f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_int(&t, "parts", do_all(f, rows[i].order, &changed),
		    rows[i].want_parts);
		want_int(&t, "changed", changed, rows[i].want_changed);
		want_int(&t, "paused", fixture_count(f, &n_paused),
		    rows[i].want_paused);
		want_int(
		    &t, "tags", fixture_count(f, &n_tags), rows[i].want_tags);
		want_int(&t, "due", fixture_count(f, &n_due), rows[i].want_due);
	}
	assert_int_equal(t.failed, 0);
}

/* One by one, or all at once: the schedule is the same. */
static void
test_as_one_by_one(void **state)
{
	static const struct span names[] = { SPAN_INIT("d3.example"),
		SPAN_INIT("d30.example") };
	const struct portfolio_filter both = { .search = SPAN("d3"),
		.verdict = SPAN("error"),
		.paused = SPAN("no") };
	struct fixture *f = *state;
	int64_t changed, want;
	bool found;

	fill(f);
	fixture_exec(f,
	    "DELETE FROM domain WHERE name NOT IN ('d1.example', 'd2.example',"
	    " 'd3.example', 'd30.example')");
	for (size_t i = 0; i < ROWS(names); i++)
		assert_err(f,
		    domains_set_paused(
			f->s, names[i], true, later, &found, &f->e),
		    ERR_OK);
	want = fixture_count(f, &sum_work);
	for (size_t i = 0; i < ROWS(names); i++)
		assert_err(f,
		    domains_set_paused(
			f->s, names[i], false, later, &found, &f->e),
		    ERR_OK);
	assert_int_not_equal(fixture_count(f, &sum_work), want);
	do_all(f, (struct portfolio_order){ PORTFOLIO_PAUSE, both, SPAN("") },
	    &changed);
	assert_int_equal(changed, 2);
	assert_int_equal(fixture_count(f, &sum_work), want);
}

static void
test_wrong_tag(void **state)
{
	const struct portfolio_order order = { PORTFOLIO_TAG,
		{ .tag = SPAN("") }, SPAN("") };
	struct fixture *f = *state;
	struct span last;
	int64_t changed;

	assert_err(f,
	    portfolio_do(f->s, &order, SPAN(""), test_now, &f->a, &last,
		&changed, &f->e),
	    ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_deeds),
		RUN(test_as_one_by_one),
		RUN(test_wrong_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
