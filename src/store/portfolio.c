#include "store/portfolio.h"

#include <assert.h>

#include "base/limits.h"
#include "base/num.h"
#include "store/domain_summary.h"
#include "store/portfolio_filter.h"
#include "store/rows.h"
#include "wire/name.h"

/* clang-format off */
const char *const portfolio_sort_names[] = {
	[PORTFOLIO_NAME]		= "name",
	[PORTFOLIO_WEIGHT]		= "weight",
	[PORTFOLIO_PROVIDER]		= "provider",
	[PORTFOLIO_MODE_SINCE]		= "mode-since",
	[PORTFOLIO_CACHED_UNTIL]	= "cached-until",
	[PORTFOLIO_CERTIFICATE]		= "certificate",
	[PORTFOLIO_CHANGED]		= "changed",
	NULL
};
/* clang-format on */

/* ---- the statements ---- */

enum { PAGE_ARGS = PORTFOLIO_FILTER_ARGS + 3 };

/* The names of a page first, from the index alone; $11 and $12 are what it
 * begins behind, $13 the number of rows. */
#define PAGE(from, behind, order)                                              \
	{                                                                      \
		"WITH page AS MATERIALIZED (SELECT domain.name AS name" from   \
		" AND " behind " ORDER BY " order " LIMIT $13)"                \
		" SELECT " DOMAIN_COLUMNS " FROM page CROSS JOIN domain"       \
		" CROSS JOIN work WHERE domain.name = page.name"               \
		" AND work.domain = domain.id ORDER BY " order                 \
	}
#define UP(from, column)                                                       \
	PAGE(from, "(" column ", domain.name) > ($11, $12)",                   \
	    column ", domain.name")
#define DOWN(from, column)                                                     \
	PAGE(from, "(" column ", domain.name) < ($11, $12)",                   \
	    column " DESC, domain.name DESC")
#define PAGES(column)                                                          \
	{                                                                      \
		{ UP(PORTFOLIO_WITH_TAG, column),                              \
			UP(PORTFOLIO_OF_TAG, column) },                        \
		    { DOWN(PORTFOLIO_WITH_TAG, column),                        \
			    DOWN(PORTFOLIO_OF_TAG, column) },                  \
	}
/* The name is the value, and $11 says nothing. */
#define NAMES_UP(from)                                                         \
	PAGE(from, "$11 = '' AND domain.name > $12", "domain.name")
#define NAMES_DOWN(from)                                                       \
	PAGE(from, "$11 = '' AND domain.name < $12", "domain.name DESC")
/* Behind all weights stands what is paused. */
enum { PAUSED_WEIGHT = 10 };
#define WEIGHT_EDGE "(CAST($11 AS {INT}) / 10, CAST($11 AS {INT}) % 10, $12)"
#define WEIGHTS_UP(from)                                                       \
	PAGE(from, "(paused, weight, domain.name) > " WEIGHT_EDGE,             \
	    "paused, weight, domain.name")
#define WEIGHTS_DOWN(from)                                                     \
	PAGE(from, "(paused, weight, domain.name) < " WEIGHT_EDGE,             \
	    "paused DESC, weight DESC, domain.name DESC")

/* clang-format off */
/* By is_down and is_rare. */
static const struct sql_statement pages[PORTFOLIO_SORTS][2][2] = {
	[PORTFOLIO_NAME] = {
		{ NAMES_UP(PORTFOLIO_WITH_TAG), NAMES_UP(PORTFOLIO_OF_TAG) },
		{ NAMES_DOWN(PORTFOLIO_WITH_TAG), NAMES_DOWN(PORTFOLIO_OF_TAG) },
	},
	[PORTFOLIO_WEIGHT] = {
		{ WEIGHTS_UP(PORTFOLIO_WITH_TAG), WEIGHTS_UP(PORTFOLIO_OF_TAG) },
		{ WEIGHTS_DOWN(PORTFOLIO_WITH_TAG), WEIGHTS_DOWN(PORTFOLIO_OF_TAG) },
	},
	[PORTFOLIO_PROVIDER]		= PAGES("provider"),
	[PORTFOLIO_MODE_SINCE]		= PAGES("mode_since"),
	[PORTFOLIO_CACHED_UNTIL]	= PAGES("cached_until"),
	[PORTFOLIO_CERTIFICATE]		= PAGES("cert_until"),
	[PORTFOLIO_CHANGED]		= PAGES("changed_at"),
};
/* clang-format on */

/* ---- cursors: VALUE~NAME ---- */

/* Behind all that a name or a provider can be, in the order of bytes. */
static const struct span last_text = SPAN_INIT("\xf4\x8f\xbf\xbf");

static struct sql_value
value_of(const struct domain *d, enum portfolio_sort sort)
{
	const struct domain_summary *s = &d->summary;

	switch (sort) {
	case PORTFOLIO_NAME:
		return sql_text(SPAN(""));
	case PORTFOLIO_WEIGHT:
		return sql_int(
		    domain_weight(s) + (d->paused ? PAUSED_WEIGHT : 0));
	case PORTFOLIO_PROVIDER:
		return sql_text(s->provider);
	case PORTFOLIO_MODE_SINCE:
		return sql_int(domain_moment(s->mode_since));
	case PORTFOLIO_CACHED_UNTIL:
		return sql_int(domain_moment(s->cached_until));
	case PORTFOLIO_CERTIFICATE:
		return sql_int(domain_cert_until(s));
	case PORTFOLIO_CHANGED:
		return sql_int(s->changed_at.s);
	case PORTFOLIO_SORTS:
		break;
	}
	return sql_null();
}

struct span
portfolio_cursor(
    const struct domain *d, enum portfolio_sort sort, struct arena *a)
{
	struct sql_value v = value_of(d, sort);

	if (v.type == SQL_INT)
		return arena_printf(
		    a, "%lld~%.*s", (long long)v.i, (int)d->name.n, d->name.p);
	return arena_printf(
	    a, "%.*s~%.*s", (int)v.s.n, v.s.p, (int)d->name.n, d->name.p);
}

static bool
read_cursor(struct span text, enum portfolio_sort sort, struct sql_value out[2])
{
	static const struct domain nobody;
	size_t at = text.n;
	uint64_t number;

	while (at > 0 && text.p[at - 1] != '~')
		at--;
	if (at == 0 || !name_is_domain(span_skip(text, at)) ||
	    !sql_is_text(text))
		return false;
	out[1] = sql_text(span_skip(text, at));
	out[0] = sql_text(span_head(text, at - 1));
	if (value_of(&nobody, sort).type != SQL_INT)
		return sort != PORTFOLIO_NAME || out[0].s.n == 0;
	if (!num_parse(out[0].s, INT64_MAX, &number))
		return false;
	out[0] = sql_int((int64_t)number);
	return true;
}

/* Where an order begins. */
static void
put_begin(enum portfolio_sort sort, bool is_down, struct sql_value out[2])
{
	static const struct domain nobody;

	out[1] = sql_text(is_down ? last_text : SPAN(""));
	if (value_of(&nobody, sort).type == SQL_INT)
		out[0] = sql_int(is_down ? INT64_MAX : INT64_MIN);
	else
		out[0] = sort == PORTFOLIO_NAME ? sql_text(SPAN("")) : out[1];
}

/* ---- a page ---- */

struct listing {
	const struct portfolio_page *page;
	bool is_down, is_rare; /* as the statement walks */
	struct sql_value args[PAGE_ARGS];
	struct arena *a;
	size_t max;
	void *list;
	size_t n;
};

static enum err
take_domain(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct domain *)out = domain_read(row);
	return ERR_OK;
}

static const struct rows_kind domain_rows = { DOMAIN_COLUMNS_N,
	sizeof(struct domain), "a page of the portfolio", take_domain };

/* One row more than the page has tells whether there are more. */
static enum err
run_listing(struct sql *sql, void *arg, struct error *e)
{
	struct listing *l = arg;
	enum err err =
	    portfolio_filter_is_rare(sql, &l->page->filter, &l->is_rare, e);

	l->args[PORTFOLIO_FILTER_ARGS + 2] = sql_int((int64_t)l->max + 1);
	if (err == ERR_OK)
		err = rows_read(sql, &domain_rows,
		    &pages[l->page->sort][l->is_down][l->is_rare], l->args,
		    PAGE_ARGS, l->max + 1, l->a, &l->list, &l->n, e);
	return err;
}

static enum err
prepare(struct listing *l, struct error *e)
{
	const struct portfolio_page *page = l->page;
	bool is_back = page->after.n == 0 && page->before.n > 0;
	struct span cursor = is_back ? page->before : page->after;
	struct sql_value *begin = &l->args[PORTFOLIO_FILTER_ARGS];

	assert(page->sort < PORTFOLIO_SORTS);
	portfolio_filter_put(&page->filter, l->args);
	l->is_down = page->descending != is_back;
	put_begin(page->sort, l->is_down, begin);
	if (cursor.n > 0 && !read_cursor(cursor, page->sort, begin))
		return error_set(e, ERR_USAGE,
		    "this is no place in the portfolio in this order");
	return ERR_OK;
}

static void
turn_round(struct domain *list, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct domain d = list[i];

		list[i] = list[n - 1 - i];
		list[n - 1 - i] = d;
	}
}

enum err
portfolio_list(struct store *s, const struct portfolio_page *page,
    struct arena *a, struct domain **out, size_t *n, bool *more,
    struct error *e)
{
	struct listing l = {
		.page = page, .a = a, .max = rows_page(page->max)
	};
	enum err err = prepare(&l, e);

	*out = NULL;
	*n = 0;
	*more = false;
	if (err == ERR_OK && portfolio_filter_can_be(&page->filter))
		err = sql_transact(store_sql(s), SQL_READ, run_listing, &l, e);
	if (err != ERR_OK)
		return err;
	*more = l.n > l.max;
	*out = l.list;
	*n = *more ? l.max : l.n;
	if (l.is_down != page->descending)
		turn_round(*out, *n);
	return ERR_OK;
}
