#include "base/limits.h"
#include "store/census.h"
#include "store/domains.h"
#include "store/test_store.h"

enum { DAY = 86400, TODAY = 1800000000 / DAY };

static int64_t
domain(struct fixture *f, const char *name, struct span deployment,
    struct span verdict)
{
	const struct domain_summary s = { .deployment = deployment,
		.eligibility = SPAN("eligible"),
		.verdict = verdict,
		.max_age = -1 };
	int64_t id = fixture_domain(f, name);

	assert_err(f, domains_set_summary(f->s, id, &s, &f->e), ERR_OK);
	return id;
}

static void
fill(struct fixture *f)
{
	bool found;

	domain(f, "a.example", SPAN("none"), SPAN("ok"));
	domain(f, "b.example", SPAN("enforce"), SPAN("error"));
	domain(f, "c.example", SPAN("enforce"), SPAN("ok"));
	domain(f, "d.example", SPAN("none"), SPAN("ok"));
	domain(f, "e.example", SPAN("testing"), SPAN("ok"));
	fixture_domain(f, "new.example");
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("e.example"), true, test_now, &found, &f->e),
	    ERR_OK);
}

static void
check(struct fixture *f, const struct census_row *got, size_t n,
    const struct census_row *want, size_t want_n)
{
	struct tally t = { "census", 0 };

	(void)f;
	want_size(&t, "rows", n, want_n);
	for (size_t i = 0; i < n && i < want_n; i++) {
		want_int(&t, "day", got[i].day, want[i].day);
		want_span(
		    &t, "deployment", got[i].deployment, want[i].deployment);
		want_span(
		    &t, "eligibility", got[i].eligibility, want[i].eligibility);
		want_span(&t, "verdict", got[i].verdict, want[i].verdict);
		want_int(&t, "domains", got[i].n, want[i].n);
	}
	assert_int_equal(t.failed, 0);
}

static void
keep(struct fixture *f, int64_t day)
{
	assert_err(f,
	    census_keep(
		f->s, (struct wall_time){ (TODAY + day) * DAY + 77 }, &f->e),
	    ERR_OK);
}

static void
days(struct fixture *f, int64_t from, const struct census_row *want, size_t n)
{
	struct census_row *got;
	size_t got_n;

	assert_err(f,
	    census_days(f->s, (struct wall_time){ (TODAY + from) * DAY }, &f->a,
		&got, &got_n, &f->e),
	    ERR_OK);
	check(f, got, got_n, want, n);
}

#define NEW(day)                                                               \
	{                                                                      \
		day, SPAN_INIT(""), SPAN_INIT(""), SPAN_INIT(""), 1            \
	}
#define ROW(day, deployment, verdict, n)                                       \
	{                                                                      \
		day, SPAN_INIT(deployment), SPAN_INIT("eligible"),             \
		    SPAN_INIT(verdict), n                                      \
	}

static void
test_now_and_days(void **state)
{
	static const struct census_row now[] = { NEW(0),
		ROW(0, "enforce", "error", 1), ROW(0, "enforce", "ok", 1),
		ROW(0, "none", "ok", 2) };
	static const struct census_row kept[] = { NEW(TODAY),
		ROW(TODAY, "enforce", "error", 1),
		ROW(TODAY, "enforce", "ok", 1), ROW(TODAY, "none", "ok", 2),
		NEW(TODAY + 1), ROW(TODAY + 1, "enforce", "error", 1),
		ROW(TODAY + 1, "enforce", "ok", 2),
		ROW(TODAY + 1, "none", "ok", 1) };
	struct fixture *f = *state;
	struct census_row *got;
	size_t n;

	assert_err(f, census_now(f->s, &f->a, &got, &n, &f->e), ERR_OK);
	assert_int_equal(n, 0);
	fill(f);
	assert_err(f, census_now(f->s, &f->a, &got, &n, &f->e), ERR_OK);
	check(f, got, n, now, ROWS(now));
	keep(f, 0);
	fixture_exec(f, "UPDATE domain SET deployment = 'enforce'"
			" WHERE name = 'd.example'");
	keep(f, 1);
	days(f, 0, kept, ROWS(kept));
	days(f, 1, kept + 4, 4);
	days(f, 2, NULL, 0);
}

/* The day has what was there last; what nobody is any more has no row. */
static void
test_again(void **state)
{
	static const struct census_row kept[] = { NEW(TODAY),
		ROW(TODAY, "enforce", "ok", 4) };
	struct fixture *f = *state;

	fill(f);
	keep(f, 0);
	fixture_exec(f,
	    "UPDATE domain SET deployment = 'enforce', verdict = 'ok'"
	    " WHERE deployment <> ''");
	keep(f, 0);
	days(f, 0, kept, 2);
	keep(f, 0);
	days(f, 0, kept, 2);
}

static void
test_old_is_forgotten(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM census"
	};
	struct fixture *f = *state;

	fixture_domain(f, "new.example");
	for (int64_t day = 0; day < 3; day++)
		keep(f, day);
	keep(f, LIMIT_CENSUS_DAYS);
	assert_int_equal(fixture_count(f, &count), 3);
	keep(f, LIMIT_CENSUS_DAYS + 1);
	assert_int_equal(fixture_count(f, &count), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_now_and_days),
		RUN(test_again),
		RUN(test_old_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
