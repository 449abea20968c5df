#include "base/limits.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "store/test_store.h"

enum { DAY = 86400, TODAY = 1800000000 / DAY };

static struct wall_time
on(int64_t day, int64_t s)
{
	return (struct wall_time){ (TODAY + day) * DAY + s };
}

/* An incident of its own domain, from one moment to another; 0: it is open. */
static void
incident(struct fixture *f, const char *name, enum severity severity,
    struct wall_time from, struct wall_time to)
{
	const struct incident_fault fault = {
		.cause = span_str(name),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = severity,
		.message = SPAN("."),
		.remedy = SPAN("."),
	};
	int64_t id = fixture_domain(f, name);
	enum incident_event event;

	assert_err(f,
	    incident_raise(f->s, id, &fault, from, from, &event, &f->e),
	    ERR_OK);
	if (to.s != 0)
		assert_err(f,
		    incident_clear(f->s, id, fault.cause,
			(struct wall_time){ 0 }, to, &event, &f->e),
		    ERR_OK);
}

static const struct wall_time never;

static void
fill(struct fixture *f)
{
	incident(f, "a.x", SEVERITY_WARNING, on(-9, 5), on(-7, 0));
	incident(f, "b.x", SEVERITY_ERROR, on(-2, DAY - 1), on(-1, 0));
	incident(f, "c.x", SEVERITY_WARNING, on(-1, 0), never);
	incident(f, "d.x", SEVERITY_INFO, on(0, 9), never);
	incident(f, "e.x", SEVERITY_WARNING, on(0, 9), on(0, 10));
}

static void
test_count(void **state)
{
	struct fixture *f = *state;
	struct incident_counts c;
	bool found;

	assert_err(f, incident_count(f->s, &c, &f->e), ERR_OK);
	assert_int_equal(c.infos + c.warnings + c.errors, 0);
	fill(f);
	assert_err(f, incident_count(f->s, &c, &f->e), ERR_OK);
	assert_int_equal(c.errors, 0);
	assert_int_equal(c.warnings, 1);
	assert_int_equal(c.infos, 1);
	assert_int_equal(c.unacknowledged, 2);
	assert_err(f,
	    incident_acknowledge(
		f->s, 3, SPAN("alice"), SPAN(""), test_now, &found, &f->e),
	    ERR_OK);
	assert_err(f, incident_count(f->s, &c, &f->e), ERR_OK);
	assert_int_equal(c.warnings, 1);
	assert_int_equal(c.unacknowledged, 1);
}

static void
test_days(void **state)
{
	static const struct incident_day want[] = {
		{ TODAY - 10, 0, 0, SEVERITY_INFO },
		{ TODAY - 9, 1, 1, SEVERITY_WARNING },
		{ TODAY - 8, 0, 1, SEVERITY_WARNING },
		{ TODAY - 7, 0, 1, SEVERITY_WARNING },
		{ TODAY - 6, 0, 0, SEVERITY_INFO },
		{ TODAY - 5, 0, 0, SEVERITY_INFO },
		{ TODAY - 4, 0, 0, SEVERITY_INFO },
		{ TODAY - 3, 0, 0, SEVERITY_INFO },
		{ TODAY - 2, 1, 1, SEVERITY_ERROR },
		{ TODAY - 1, 1, 2, SEVERITY_ERROR },
		{ TODAY, 2, 3, SEVERITY_WARNING },
	};
	static const struct {
		int64_t from, to;
	} rows[] = { { -10, 0 }, { -8, -8 }, { -2, -1 }, { -7, 0 }, { 0, 0 } };
	struct fixture *f = *state;
	struct tally t = { "days", 0 };
	struct incident_day *got;
	size_t n;

	fill(f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_err(f,
		    incident_days(f->s, on(rows[i].from, 7), on(rows[i].to, 3),
			&f->a, &got, &n, &f->e),
		    ERR_OK);
		want_int(&t, "days", (int64_t)n, rows[i].to - rows[i].from + 1);
		for (size_t k = 0; k < n; k++) {
			const struct incident_day *w =
			    &want[rows[i].from + 10 + (int64_t)k];

			want_int(&t, "day", got[k].day, w->day);
			want_int(&t, "opened", got[k].opened, w->opened);
			want_int(&t, "open", got[k].open, w->open);
			want_int(&t, "worst", got[k].worst, w->worst);
		}
	}
	assert_int_equal(t.failed, 0);
}

/* All of a day, a page of one incident after the other. */
static size_t
walk(struct fixture *f, struct incident_filter filter)
{
	struct incident *got;
	size_t n, all = 0;

	filter.max = 1;
	do {
		assert_err(f,
		    incident_list(f->s, &filter, &f->a, &got, &n, &f->e),
		    ERR_OK);
		if (n > 0)
			filter.after = got[0].id;
		all += n;
	} while (n > 0 && all < 100);
	return all;
}

/* What is counted of a day is what is listed of it, the worst first. */
static void
test_list(void **state)
{
	static const struct {
		const char *label;
		int64_t day;
		struct incident_filter filter;
		size_t want;
		const char *first; /* cause */
	} rows[] = {
		{ "today", 0, { 0 }, 3, "c.x" },
		{ "resolved says nothing", 0, { .resolved = true }, 3, "c.x" },
		{ "the worst first", -1, { 0 }, 2, "b.x" },
		{ "of a severity", -1, { .severity = SEVERITY_ERROR }, 1,
		    "b.x" },
		{ "of a domain", 0, { .domain = 5 }, 1, "e.x" },
		{ "of another", -9, { .domain = 5 }, 0, NULL },
		{ "of a tag", 0, { .tag = SPAN_INIT("t") }, 1, "d.x" },
		{ "tomorrow", 1, { 0 }, 2, "c.x" },
	};
	struct fixture *f = *state;
	struct tally t = { "lists", 0 };
	struct incident_day *days;
	struct incident *got;
	bool found;
	size_t n;

	fill(f);
	assert_err(f, domains_tag(f->s, SPAN("d.x"), SPAN("t"), &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    incident_days(f->s, on(-10, 0), on(0, 0), &f->a, &days, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 11);
	for (size_t i = 0; i < n; i++)
		want_int(&t, "of a day",
		    (int64_t)walk(f,
			(struct incident_filter){
			    .day = { days[i].day * DAY } }),
		    days[i].open);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct incident_filter filter = rows[i].filter;

		t.label = rows[i].label;
		filter.day = on(rows[i].day, 0);
		want_size(&t, "incidents", walk(f, filter), rows[i].want);
		filter.max = 10;
		assert_err(f,
		    incident_list(f->s, &filter, &f->a, &got, &n, &f->e),
		    ERR_OK);
		if (n > 0)
			want_span(&t, "the first", got[0].cause,
			    span_str(rows[i].first));
	}
	assert_int_equal(t.failed, 0);
}

/* The latest days of too many; none of none. */
static void
test_bounds(void **state)
{
	struct fixture *f = *state;
	struct incident_day *got;
	size_t n;

	fill(f);
	assert_err(f,
	    incident_days(f->s, never, on(0, 0), &f->a, &got, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, LIMIT_CENSUS_DAYS);
	assert_int_equal(got[n - 1].day, TODAY);
	assert_int_equal(got[n - 1].open, 3);
	assert_err(f,
	    incident_days(f->s, on(1, 0), on(0, 0), &f->a, &got, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_count),
		RUN(test_days),
		RUN(test_list),
		RUN(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
