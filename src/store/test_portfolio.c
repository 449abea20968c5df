#include "store/portfolio.h"

#include "base/limits.h"
#include "store/test_store.h"

enum { DAY = 86400 };

/* What a row of the table below has in common with life: no column is in the
 * order of another one, values repeat, and some have none. */
static const struct row {
	const char *name, *verdict, *stakes, *deployment, *eligibility;
	const char *provider, *next_step;
	int64_t mode_since, cached_until, policy_cert, mx_cert, changed;
	int want_weight; /* place among the rows by weight, then name */
	const char *tag;
	bool paused;
} rows[] = {
	{ "a.example", "ok", "nothing", "none", "eligible", "Google", "publish",
	    0, 0, 0, 50, 7, 8, "big", false },
	{ "a1.example", "error", "testing", "testing", "ineligible", "own",
	    "mend", 10, 900, 40, 30, 0, 2, "big", false },
	{ "b-c.example", "", "", "", "", "", "", 0, 0, 0, 0, 0, 7, "", false },
	{ "b.example", "warning", "enforce", "enforce", "eligible", "Google",
	    "nothing", 30, 800, 20, 60, 3, 3, "big", false },
	{ "c.example", "unknown", "enforce", "unknown", "unknown", "Microsoft",
	    "unknown", 20, 800, 20, 0, 3, 4, "", false },
	{ "d.example", "ok", "enforce", "enforce", "eligible", "Microsoft",
	    "nothing", 10, 700, 90, 90, 9, 9, "small", false },
	{ "f.example", "error", "enforce", "enforce", "ineligible", "own",
	    "mend", 50, 990, 0, 0, 1, 1, "", false },
	{ "f1.example", "error", "enforce", "enforce", "ineligible", "own",
	    "mend", 50, 990, 35, 90, 1, 10, "small", true },
	{ "g.example", "ok", "nothing", "none", "eligible", "example.net",
	    "cnames", 0, 0, 0, 35, 5, 5, "big", false },
	{ "h.example", "ok", "testing", "testing", "eligible", "example.net",
	    "approve", 10, 100, 35, 35, 5, 6, "small", false },
	{ "z.example", "", "", "", "", "", "", 0, 0, 0, 0, 0, 11, "", true },
};
static struct span
word(const char *s)
{
	return span_str(s);
}

static void
fill(struct fixture *f)
{
	bool found;

	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *r = &rows[i];
		const struct domain_summary s = {
			.verdict = word(r->verdict),
			.stakes = word(r->stakes),
			.deployment = word(r->deployment),
			.eligibility = word(r->eligibility),
			.provider = word(r->provider),
			.next_step = word(r->next_step),
			.mode_since = { r->mode_since },
			.cached_until = { r->cached_until },
			.policy_cert_until = { r->policy_cert * DAY },
			.mx_cert_until = { r->mx_cert * DAY +
					   DAY / 2 * (r->mx_cert != 0) },
			.max_age = -1,
		};
		int64_t id;

		id = fixture_domain(f, r->name);
		assert_err(f, domains_set_summary(f->s, id, &s, &f->e), ERR_OK);
		if (r->tag[0] != '\0')
			assert_err(f,
			    domains_tag(f->s, word(r->name), word(r->tag),
				&found, &f->e),
			    ERR_OK);
		if (r->paused)
			assert_err(f,
			    domains_set_paused(f->s, word(r->name), true,
				test_now, &found, &f->e),
			    ERR_OK);
	}
	for (size_t i = 0; i < ROWS(rows); i++)
		fixture_exec(f,
		    arena_printf(&f->a,
			"UPDATE domain SET changed_at = %d WHERE name = '%s'",
			(int)rows[i].changed, rows[i].name)
			.p);
}

/* ---- what is wanted, without the store ---- */

/* Of numbers, 0 as a moment that is none comes last. */
static int64_t
number(const struct row *r, enum portfolio_sort sort)
{
	int64_t mx = r->mx_cert != 0 ? r->mx_cert * DAY + DAY / 2 : INT64_MAX;
	int64_t policy = r->policy_cert != 0 ? r->policy_cert * DAY : INT64_MAX;

	switch (sort) {
	case PORTFOLIO_WEIGHT:
		return r->want_weight;
	case PORTFOLIO_MODE_SINCE:
		return r->mode_since != 0 ? r->mode_since : INT64_MAX;
	case PORTFOLIO_CACHED_UNTIL:
		return r->cached_until != 0 ? r->cached_until : INT64_MAX;
	case PORTFOLIO_CERTIFICATE:
		return mx < policy ? mx : policy;
	case PORTFOLIO_CHANGED:
		return r->changed;
	case PORTFOLIO_NAME:
	case PORTFOLIO_PROVIDER:
	case PORTFOLIO_SORTS:
		break;
	}
	return 0;
}

static int
compare(size_t x, size_t y, enum portfolio_sort sort)
{
	int64_t a = number(&rows[x], sort), b = number(&rows[y], sort);
	int c = (a > b) - (a < b);

	if (sort == PORTFOLIO_PROVIDER)
		c = strcmp(rows[x].provider, rows[y].provider);
	return c != 0 ? c : strcmp(rows[x].name, rows[y].name);
}

static bool
fits(struct span want, const char *got)
{
	return want.n == 0 || span_eq(want, word(got));
}

static bool
fits_axis(struct span want, const char *got)
{
	return span_eq(want, SPAN(PORTFOLIO_UNSEEN)) ? got[0] == '\0'
						     : fits(want, got);
}

/* A moment that is none is within no bounds. */
static bool
ends_within(const struct portfolio_filter *f, int64_t s)
{
	return s != 0 && s >= f->ends_from.s &&
	       (f->ends_before.s == 0 || s < f->ends_before.s);
}

static bool
ends(const struct row *r, const struct portfolio_filter *f)
{
	int64_t mx = r->mx_cert * DAY + DAY / 2 * (r->mx_cert != 0);

	return (f->ends_from.s == 0 && f->ends_before.s == 0) ||
	       ends_within(f, r->policy_cert * DAY) || ends_within(f, mx);
}

static bool
passes(const struct row *r, const struct portfolio_filter *f)
{
	return fits_axis(f->verdict, r->verdict) &&
	       fits_axis(f->deployment, r->deployment) &&
	       fits_axis(f->eligibility, r->eligibility) &&
	       fits(f->paused, r->paused ? "yes" : "no") && ends(r, f) &&
	       fits(f->provider, r->provider) && fits(f->tag, r->tag) &&
	       fits(f->next_step, r->next_step) &&
	       (f->search.n == 0 || strstr(r->name, f->search.p) != NULL);
}

static size_t
want_rows(const struct portfolio_page *p, size_t out[ROWS(rows)])
{
	size_t n = 0, at;

	for (size_t i = 0; i < ROWS(rows); i++) {
		if (!passes(&rows[i], &p->filter))
			continue;
		for (at = n; at > 0; at--) {
			int c = compare(out[at - 1], i, p->sort);

			if (p->descending ? c > 0 : c < 0)
				break;
			out[at] = out[at - 1];
		}
		out[at] = i;
		n++;
	}
	return n;
}

/* ---- pages ---- */

static struct domain *
list(struct fixture *f, const struct portfolio_page *p, size_t *n, bool *more)
{
	struct domain *out;

	assert_err(
	    f, portfolio_list(f->s, p, &f->a, &out, n, more, &f->e), ERR_OK);
	return out;
}

static void
check_page(struct tally *t, const struct domain *got, size_t n,
    const size_t *want, size_t want_n)
{
	want_size(t, "rows", n, want_n);
	for (size_t i = 0; i < n && i < want_n; i++)
		want_span(t, "name", got[i].name, word(rows[want[i]].name));
}

/* All pages of two rows forwards, then back from the end. */
static void
walk(struct fixture *f, struct tally *t, struct portfolio_page p)
{
	size_t want[ROWS(rows)], all = want_rows(&p, want), at = 0, n = 0;
	struct domain *page = NULL;
	int64_t count;
	bool more = true;

	assert_err(f, portfolio_count(f->s, &p.filter, &count, &f->e), ERR_OK);
	want_int(t, "count", count, (int64_t)all);
	p.max = 2;
	while (more) {
		page = list(f, &p, &n, &more);
		check_page(t, page, n, want + at, all - at < 2 ? all - at : 2);
		at += n;
		want_bool(t, "more", more, at < all);
		if (n == 0)
			return;
		p.after = portfolio_cursor(&page[n - 1], p.sort, &f->a);
	}
	p.before = portfolio_cursor(&page[n - 1], p.sort, &f->a);
	p.after = SPAN("");
	for (at = all - 1, more = true; more; at -= n) {
		page = list(f, &p, &n, &more);
		want_size(t, "rows before", n, at < 2 ? at : 2);
		check_page(t, page, n, want + at - n, n);
		want_bool(t, "more before", more, at > n);
		if (n == 0)
			return;
		p.before = portfolio_cursor(&page[0], p.sort, &f->a);
	}
}

static void
test_every_order(void **state)
{
	static const struct {
		const char *label;
		struct portfolio_filter filter;
	} filters[] = {
		{ "all", { .tag = SPAN_INIT("") } },
		{ "verdict", { .verdict = SPAN_INIT("ok") } },
		{ "deployment", { .deployment = SPAN_INIT("enforce") } },
		{ "eligibility", { .eligibility = SPAN_INIT("ineligible") } },
		{ "provider", { .provider = SPAN_INIT("Google") } },
		{ "next step", { .next_step = SPAN_INIT("nothing") } },
		{ "tag", { .tag = SPAN_INIT("big") } },
		{ "tag and another",
		    { .tag = SPAN_INIT("big"), .verdict = SPAN_INIT("ok") } },
		{ "search", { .search = SPAN_INIT("b") } },
		{ "search and another",
		    { .search = SPAN_INIT(".ex"),
			.eligibility = SPAN_INIT("eligible") } },
		{ "LIKE's %", { .search = SPAN_INIT("%") } },
		{ "LIKE's _", { .search = SPAN_INIT("_") } },
		{ "no such tag", { .tag = SPAN_INIT("x") } },
		{ "unseen", { .deployment = SPAN_INIT(PORTFOLIO_UNSEEN) } },
		{ "unseen, watched",
		    { .verdict = SPAN_INIT(PORTFOLIO_UNSEEN),
			.eligibility = SPAN_INIT(PORTFOLIO_UNSEEN),
			.paused = SPAN_INIT("no") } },
		{ "paused", { .paused = SPAN_INIT("yes") } },
		{ "not paused", { .paused = SPAN_INIT("no") } },
		{ "paused, with a tag",
		    { .paused = SPAN_INIT("yes"), .tag = SPAN_INIT("small") } },
		{ "a day", { .ends_from = { 35 * DAY },
			       .ends_before = { 36 * DAY } } },
		{ "a day of two, and another",
		    { .ends_from = { 90 * DAY },
			.ends_before = { 91 * DAY },
			.paused = SPAN_INIT("no") } },
		{ "until a day", { .ends_before = { 36 * DAY } } },
		{ "from a day", { .ends_from = { 50 * DAY + DAY / 2 } } },
		{ "for ever", { .ends_before = { INT64_MAX } } },
		{ "no day", { .ends_from = { 36 * DAY },
				.ends_before = { 36 * DAY } } },
		{ "everything at once",
		    { SPAN_INIT("ok"), SPAN_INIT("none"), SPAN_INIT("eligible"),
			SPAN_INIT("example.net"), SPAN_INIT("big"),
			SPAN_INIT("g.ex"), SPAN_INIT("cnames"), SPAN_INIT("no"),
			{ 35 * DAY }, { 36 * DAY } } },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };

	fill(f);
	for (size_t i = 0; i < ROWS(filters); i++)
		for (int k = 0; k < 2 * PORTFOLIO_SORTS; k++) {
			t.label = arena_printf(&f->a, "%s by %s, %d",
			    filters[i].label, portfolio_sort_names[k / 2],
			    k % 2)
				      .p;
			walk(f, &t,
			    (struct portfolio_page){
				.filter = filters[i].filter,
				.sort = (enum portfolio_sort)(k / 2),
				.descending = k % 2,
			    });
		}
	assert_int_equal(t.failed, 0);
}

/* What is asked for and can be no text of the store is not there; a cursor that
 * is no good is told. */
static void
test_hostile(void **state)
{
	static const struct {
		enum portfolio_sort sort;
		struct span cursor;
	} cursors[] = {
		{ PORTFOLIO_NAME, SPAN_INIT("a.example") },
		{ PORTFOLIO_NAME, SPAN_INIT("x~a.example") },
		{ PORTFOLIO_NAME, SPAN_INIT("~") },
		{ PORTFOLIO_NAME, SPAN_INIT("~' OR 1=1") },
		{ PORTFOLIO_WEIGHT, SPAN_INIT("~a.example") },
		{ PORTFOLIO_WEIGHT, SPAN_INIT("Google~a.example") },
		{ PORTFOLIO_WEIGHT,
		    SPAN_INIT("99999999999999999999~a.example") },
		{ PORTFOLIO_WEIGHT, SPAN_INIT("-1~a.example") },
		{ PORTFOLIO_PROVIDER, SPAN_INIT("\xff~a.example") },
		{ PORTFOLIO_PROVIDER, SPAN_INIT("Google~a\0.example") },
	};
	static const struct span words[] = { SPAN_INIT("\xff"),
		SPAN_INIT("a\0b"), SPAN_INIT("' OR ''='") };
	struct fixture *f = *state;
	struct domain *out;
	int64_t count;
	size_t n;
	bool more;

	fill(f);
	for (size_t i = 0; i < ROWS(cursors); i++) {
		struct portfolio_page p = { .sort = cursors[i].sort,
			.after = cursors[i].cursor,
			.max = 5 };

		assert_err(f,
		    portfolio_list(f->s, &p, &f->a, &out, &n, &more, &f->e),
		    ERR_USAGE);
	}
	for (size_t i = 0; i < ROWS(words); i++) {
		struct portfolio_page p = { .filter = { .search = words[i] },
			.max = 5 };

		list(f, &p, &n, &more);
		assert_int_equal(n, 0);
		p.filter = (struct portfolio_filter){ .tag = words[i] };
		assert_err(
		    f, portfolio_count(f->s, &p.filter, &count, &f->e), ERR_OK);
		assert_int_equal(count, 0);
	}
}

/* A cursor holds though its row is gone. */
static void
test_row_goes(void **state)
{
	struct portfolio_page p = { .sort = PORTFOLIO_WEIGHT, .max = 2 };
	struct fixture *f = *state;
	struct domain *page;
	size_t n;
	bool more, found;

	fill(f);
	page = list(f, &p, &n, &more);
	p.after = portfolio_cursor(&page[1], p.sort, &f->a);
	assert_err(f,
	    domains_remove(f->s, page[1].name, test_now, &found, &f->e),
	    ERR_OK);
	page = list(f, &p, &n, &more);
	assert_true(span_eq(page[0].name, SPAN("b.example")));
}

static void
test_bounds(void **state)
{
	struct portfolio_page p = { .max = (size_t)1 << 60 };
	struct fixture *f = *state;
	size_t n;
	bool more;

	fill(f);
	list(f, &p, &n, &more);
	assert_int_equal(n, ROWS(rows));
	assert_false(more);
	p.max = 0;
	list(f, &p, &n, &more);
	assert_int_equal(n, 0);
	assert_true(more);
}

/* Both ways to the domains of a tag, however many have it. */
static void
test_common_tag(void **state)
{
	enum { TIMES = 3, FIRST = ROWS(rows) };
	struct portfolio_page p = { .filter = { .tag = SPAN_INIT("many") },
		.sort = PORTFOLIO_WEIGHT,
		.max = 3 };
	struct fixture *f = *state;
	struct domain *page;
	int64_t count;
	size_t n;
	bool more;

	fill(f);
	for (int i = 0; i < TIMES; i++)
		fixture_exec(
		    f, arena_printf(&f->a,
			   "INSERT INTO domain (name, added_at, provider)"
			   " SELECT 'n' || %d || '.' || x.name || y.name"
			   " || z.name, 1, 'own' FROM domain AS x, domain AS y,"
			   " domain AS z WHERE x.added_at > 1"
			   " AND y.added_at > 1 AND z.added_at > 1",
			   i)
			   .p);
	fixture_exec(f,
	    "INSERT INTO work (domain, due_at, wanted_at, due_records,"
	    " due_authority, due_policy) SELECT id, 1, 1, 1, 1, 1 FROM domain"
	    " WHERE added_at = 1");
	fixture_exec(f,
	    "INSERT INTO domain_tag (tag, name, domain)"
	    " SELECT 'many', name, id FROM domain WHERE added_at = 1"
	    " OR name = 'f.example'");
	page = list(f, &p, &n, &more);
	assert_int_equal(n, 3);
	assert_true(more);
	assert_true(span_eq(page[0].name, SPAN("f.example")));
	assert_err(f, portfolio_count(f->s, &p.filter, &count, &f->e), ERR_OK);
	assert_int_equal(count, TIMES * FIRST * FIRST * FIRST + 1);
	p.filter.verdict = SPAN("error");
	list(f, &p, &n, &more);
	assert_int_equal(n, 1);
	assert_err(f, portfolio_count(f->s, &p.filter, &count, &f->e), ERR_OK);
	assert_int_equal(count, 1);
}

static void
check_shares(struct tally *t, const struct portfolio_share *got, size_t n,
    const struct portfolio_share *want, size_t want_n)
{
	want_size(t, "shares", n, want_n);
	for (size_t i = 0; i < n && i < want_n; i++) {
		want_span(t, "word", got[i].word, want[i].word);
		want_int(t, "domains", got[i].n, want[i].n);
	}
}

static void
test_shares(void **state)
{
	static const struct portfolio_share providers[] = {
		{ SPAN_INIT("own"), 3 },
		{ SPAN_INIT("Google"), 2 },
		{ SPAN_INIT("Microsoft"), 2 },
		{ SPAN_INIT("example.net"), 2 },
	};
	static const struct portfolio_share tags[] = { { SPAN_INIT("big"), 4 },
		{ SPAN_INIT("small"), 3 } };
	struct fixture *f = *state;
	struct portfolio_share *got;
	struct tally t = { "shares", 0 };
	size_t n;

	fill(f);
	assert_err(
	    f, portfolio_providers(f->s, 4, &f->a, &got, &n, &f->e), ERR_OK);
	check_shares(&t, got, n, providers, 4);
	assert_err(f, portfolio_tags(f->s, 10, &f->a, &got, &n, &f->e), ERR_OK);
	check_shares(&t, got, n, tags, 2);
	assert_err(f, portfolio_tags(f->s, 1, &f->a, &got, &n, &f->e), ERR_OK);
	check_shares(&t, got, n, tags, 1);
	assert_int_equal(t.failed, 0);
}

static void
test_expiries(void **state)
{
	/* On day 35 h.example loses both, and counts once; on day 90, which is
	 * behind the end, d.example. */
	static const struct portfolio_day want[] = { { 20, 2 }, { 30, 1 },
		{ 35, 2 }, { 40, 1 }, { 50, 1 }, { 60, 1 } };
	struct fixture *f = *state;
	struct portfolio_day *got;
	struct tally t = { "expiries", 0 };
	size_t n;

	fill(f);
	assert_err(f,
	    portfolio_expiries(f->s, (struct wall_time){ 1 },
		(struct wall_time){ 90 * DAY }, &f->a, &got, &n, &f->e),
	    ERR_OK);
	want_size(&t, "days", n, ROWS(want));
	for (size_t i = 0; i < n && i < ROWS(want); i++) {
		want_int(&t, "day", got[i].day, want[i].day);
		want_int(&t, "domains", got[i].n, want[i].n);
	}
	/* the beginning and the end lie within a day */
	assert_err(f,
	    portfolio_expiries(f->s, (struct wall_time){ 30 * DAY + DAY / 2 },
		(struct wall_time){ 50 * DAY + DAY / 2 + 1 }, &f->a, &got, &n,
		&f->e),
	    ERR_OK);
	want_size(&t, "days between", n, 4);
	assert_err(f,
	    portfolio_expiries(f->s, (struct wall_time){ 90 * DAY },
		(struct wall_time){ INT64_MAX }, &f->a, &got, &n, &f->e),
	    ERR_OK);
	want_size(&t, "days for ever", n, 1);
	assert_err(f,
	    portfolio_expiries(f->s, (struct wall_time){ 90 * DAY },
		(struct wall_time){ 20 * DAY }, &f->a, &got, &n, &f->e),
	    ERR_OK);
	want_size(&t, "days of none", n, 0);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_every_order),
		RUN(test_hostile),
		RUN(test_row_goes),
		RUN(test_bounds),
		RUN(test_common_tag),
		RUN(test_shares),
		RUN(test_expiries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
