#include "base/limits.h"
#include "store/domains.h"
#include "store/history.h"
#include "store/test_store.h"

static const struct event {
	int domain; /* of a, b, c */
	int64_t at;
	const char *kind;
} events[] = {
	{ 0, 1, "mx-changed" },
	{ 1, 1, "mx-changed" },
	{ 0, 1, "id-changed" },
	{ 2, 3, "incident-opened" },
	{ 1, 2, "id-changed" },
	{ 0, 4, "mx-changed" },
};
/* The newest first; of one moment, the later domain and event. */
static const int newest[] = { 5, 3, 4, 1, 2, 0 };

static int64_t
id_of(struct fixture *f, int domain)
{
	const char name[] = { (char)('a' + domain), '.', 'x', '\0' };
	struct domain d = { 0 };
	bool found;

	assert_err(f,
	    domains_get(f->s, span_str(name), &f->a, &d, &found, &f->e),
	    ERR_OK);
	return d.id;
}

static void
fill(struct fixture *f)
{
	bool found;

	fixture_domain(f, "a.x");
	fixture_domain(f, "b.x");
	fixture_domain(f, "c.x");
	for (size_t i = 0; i < ROWS(events); i++)
		assert_err(f,
		    history_add(f->s, id_of(f, events[i].domain),
			(struct wall_time){ test_now.s + events[i].at },
			span_str(events[i].kind), arena_printf(&f->a, "%zu", i),
			&f->e),
		    ERR_OK);
	assert_err(f, domains_tag(f->s, SPAN("a.x"), SPAN("t"), &found, &f->e),
	    ERR_OK);
	assert_err(f, domains_tag(f->s, SPAN("c.x"), SPAN("t"), &found, &f->e),
	    ERR_OK);
}

static bool
passes(const struct event *e, const struct activity_filter *filter)
{
	return (filter->kind.n == 0 ||
		   span_eq(filter->kind, span_str(e->kind))) &&
	       (filter->tag.n == 0 ||
		   (span_eq(filter->tag, SPAN("t")) && e->domain != 1));
}

/* All pages of two. */
static void
walk(struct fixture *f, struct tally *t, struct activity_filter filter)
{
	struct activity_event *page;
	size_t at = 0, n;

	filter.max = 2;
	do {
		assert_err(f,
		    activity_list(f->s, &filter, &f->a, &page, &n, &f->e),
		    ERR_OK);
		for (size_t i = 0; i < n; i++, at++) {
			while (at < ROWS(newest) &&
			       !passes(&events[newest[at]], &filter))
				at++;
			assert_true(at < ROWS(newest));
			want_span(t, "text", page[i].event.text,
			    arena_printf(&f->a, "%d", newest[at]));
			want_span(t, "kind", page[i].event.kind,
			    span_str(events[newest[at]].kind));
			want_int(t, "name", page[i].name.p[0],
			    'a' + events[newest[at]].domain);
		}
		if (n > 0) {
			filter.at = page[n - 1].event.at;
			filter.domain = page[n - 1].domain;
			filter.seq = page[n - 1].event.seq;
		}
	} while (n > 0);
	for (; at < ROWS(newest); at++)
		want_bool(
		    t, "is left", passes(&events[newest[at]], &filter), false);
}

static void
test_pages(void **state)
{
	static const struct {
		const char *label;
		struct activity_filter filter;
	} rows[] = {
		{ "all", { .tag = SPAN_INIT("") } },
		{ "kind", { .kind = SPAN_INIT("mx-changed") } },
		{ "no such kind", { .kind = SPAN_INIT("x") } },
		{ "no text", { .kind = SPAN_INIT("\xff") } },
		{ "tag", { .tag = SPAN_INIT("t") } },
		{ "no such tag", { .tag = SPAN_INIT("u") } },
		{ "both", { .tag = SPAN_INIT("t"),
			      .kind = SPAN_INIT("mx-changed") } },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };

	fill(f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		walk(f, &t, rows[i].filter);
	}
	assert_int_equal(t.failed, 0);
}

/* What many have is found on another way. */
static void
test_common_tag(void **state)
{
	const struct activity_filter filter = { .tag = SPAN("t"), .max = 9 };
	struct activity_event *page;
	struct fixture *f = *state;
	size_t n;

	fill(f);
	for (int i = 0; i < 600; i++) {
		struct span name = arena_printf(&f->a, "n%d.x", i);

		fixture_exec(f, arena_printf(&f->a,
				    "INSERT INTO domain_tag (tag, name, domain)"
				    " SELECT 't', '%.*s', id FROM domain"
				    " WHERE name = 'a.x'",
				    (int)name.n, name.p)
				    .p);
	}
	assert_err(
	    f, activity_list(f->s, &filter, &f->a, &page, &n, &f->e), ERR_OK);
	assert_int_equal(n, 4);
	assert_true(span_eq(page[1].name, SPAN("c.x")));
}

/* The portfolio shows when a domain changed last. */
static void
test_changed_at(void **state)
{
	struct fixture *f = *state;
	struct domain d;
	bool found;

	fill(f);
	assert_err(f, domains_get(f->s, SPAN("a.x"), &f->a, &d, &found, &f->e),
	    ERR_OK);
	assert_int_equal(d.summary.changed_at.s, test_now.s + 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_pages),
		RUN(test_common_tag),
		RUN(test_changed_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
