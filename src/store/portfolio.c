#include "store/portfolio.h"

#include <assert.h>

#include "base/limits.h"
#include "base/num.h"
#include "store/domain_summary.h"
#include "store/rows.h"
#include "store/tagged.h"
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

/* A filter has the parameters $1 to $7 of every statement here. The cheapest
 * and most telling come first. */
enum { FILTER_ARGS = 7, PAGE_ARGS = FILTER_ARGS + 3 };
#define FILTER                                                                 \
	" ($1 = '' OR verdict = $1)"                                           \
	" AND ($2 = '' OR deployment = $2)"                                    \
	" AND ($3 = '' OR eligibility = $3)"                                   \
	" AND ($4 = '' OR next_step = $4)"                                     \
	" AND ($5 = '' OR provider = $5)"                                      \
	" AND ($6 = '' OR {FIND}(domain.name, $6) > 0)"
/* One of two. A tag of few domains leads to them; what many have is looked for
 * on the way. */
#define OF_TAG                                                                 \
	" FROM domain_tag CROSS JOIN domain"                                   \
	" WHERE tag = $7 AND domain.id = domain_tag.domain AND" FILTER
#define WITH_TAG " FROM domain WHERE" FILTER TAGGED("$7")

/* The names of a page first, from the index alone; $8 and $9 are what it begins
 * behind, $10 the number of rows. */
#define PAGE(from, behind, order)                                              \
	{                                                                      \
		"WITH page AS MATERIALIZED (SELECT domain.name AS name" from   \
		" AND " behind " ORDER BY " order " LIMIT $10)"                \
		" SELECT " DOMAIN_COLUMNS " FROM page CROSS JOIN domain"       \
		" CROSS JOIN work WHERE domain.name = page.name"               \
		" AND work.domain = domain.id ORDER BY " order                 \
	}
#define UP(from, column)                                                       \
	PAGE(from, "(" column ", domain.name) > ($8, $9)",                     \
	    column ", domain.name")
#define DOWN(from, column)                                                     \
	PAGE(from, "(" column ", domain.name) < ($8, $9)",                     \
	    column " DESC, domain.name DESC")
#define PAGES(column)                                                          \
	{                                                                      \
		{ UP(WITH_TAG, column), UP(OF_TAG, column) },                  \
		    { DOWN(WITH_TAG, column), DOWN(OF_TAG, column) },          \
	}
/* The name is the value, and $8 says nothing. */
#define NAMES_UP(from) PAGE(from, "$8 = '' AND domain.name > $9", "domain.name")
#define NAMES_DOWN(from)                                                       \
	PAGE(from, "$8 = '' AND domain.name < $9", "domain.name DESC")

/* clang-format off */
/* By is_down and is_rare. */
static const struct sql_statement pages[PORTFOLIO_SORTS][2][2] = {
	[PORTFOLIO_NAME] = {
		{ NAMES_UP(WITH_TAG), NAMES_UP(OF_TAG) },
		{ NAMES_DOWN(WITH_TAG), NAMES_DOWN(OF_TAG) },
	},
	[PORTFOLIO_WEIGHT]		= PAGES("weight"),
	[PORTFOLIO_PROVIDER]		= PAGES("provider"),
	[PORTFOLIO_MODE_SINCE]		= PAGES("mode_since"),
	[PORTFOLIO_CACHED_UNTIL]	= PAGES("cached_until"),
	[PORTFOLIO_CERTIFICATE]		= PAGES("cert_until"),
	[PORTFOLIO_CHANGED]		= PAGES("changed_at"),
};
/* clang-format on */

static void
put_filter(const struct portfolio_filter *f, struct sql_value *args)
{
	args[0] = sql_text(f->verdict);
	args[1] = sql_text(f->deployment);
	args[2] = sql_text(f->eligibility);
	args[3] = sql_text(f->next_step);
	args[4] = sql_text(f->provider);
	args[5] = sql_text(f->search);
	args[6] = sql_text(f->tag);
}

/* What a stranger asks for that can be no text of the store is not in it. */
static bool
can_be(const struct portfolio_filter *f)
{
	struct sql_value args[FILTER_ARGS];

	put_filter(f, args);
	for (size_t i = 0; i < FILTER_ARGS; i++)
		if (!sql_is_text(args[i].s))
			return false;
	return true;
}

enum { RARE = 2000 }; /* domains of a tag: tagged_is_rare() */

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
		return sql_int(domain_weight(s));
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
	    tagged_is_rare(sql, l->page->filter.tag, RARE, &l->is_rare, e);

	l->args[FILTER_ARGS + 2] = sql_int((int64_t)l->max + 1);
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
	struct sql_value *begin = &l->args[FILTER_ARGS];

	assert(page->sort < PORTFOLIO_SORTS);
	put_filter(&page->filter, l->args);
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
	if (err == ERR_OK && can_be(&page->filter))
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

/* ---- counts ---- */

static const struct sql_statement count_all = { "SELECT COUNT(*) FROM domain" };
static const struct sql_statement count_tag = {
	"SELECT COUNT(*) FROM domain_tag WHERE tag = $1"
};
/* By tagged_is_rare(). */
static const struct sql_statement count_some[2] = {
	{ "SELECT COUNT(*)" WITH_TAG },
	{ "SELECT COUNT(*)" OF_TAG },
};

struct counting {
	struct sql_value args[FILTER_ARGS];
	int64_t n;
};

static enum err
run_counting(struct sql *sql, void *arg, struct error *e)
{
	struct counting *c = arg;
	struct sql_value *tag = &c->args[FILTER_ARGS - 1], row = sql_int(0);
	bool others = false, rare = false, got;
	enum err err = ERR_OK;

	for (size_t i = 0; i < FILTER_ARGS - 1; i++)
		others = others || c->args[i].s.n > 0;
	if (others)
		err = tagged_is_rare(sql, tag->s, RARE, &rare, e);
	if (err != ERR_OK)
		return err;
	if (others)
		err = sql_numbers(sql, &count_some[rare], c->args, FILTER_ARGS,
		    &row, 1, &got, e);
	else if (tag->s.n > 0)
		err = sql_numbers(sql, &count_tag, tag, 1, &row, 1, &got, e);
	else
		err = sql_numbers(sql, &count_all, NULL, 0, &row, 1, &got, e);
	c->n = row.i;
	return err;
}

enum err
portfolio_count(struct store *s, const struct portfolio_filter *filter,
    int64_t *out, struct error *e)
{
	struct counting c = { 0 };
	enum err err = ERR_OK;

	put_filter(filter, c.args);
	if (can_be(filter))
		err = sql_transact(store_sql(s), SQL_READ, run_counting, &c, e);
	*out = c.n;
	return err;
}

static const struct sql_statement count_providers = {
	"SELECT provider, COUNT(*) AS n FROM domain WHERE provider <> ''"
	" GROUP BY provider ORDER BY n DESC, provider LIMIT $1"
};
static const struct sql_statement count_tags = {
	"SELECT tag, n FROM (SELECT tag, COUNT(*) AS n FROM domain_tag"
	" GROUP BY tag ORDER BY n DESC, tag LIMIT $1) AS most ORDER BY tag"
};

static enum err
take_share(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct portfolio_share *)out =
	    (struct portfolio_share){ row[0].s, row[1].i };
	return ERR_OK;
}

static enum err
read_shares(struct store *s, const struct sql_statement *st, size_t most,
    struct arena *a, struct portfolio_share **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { 2,
		sizeof(struct portfolio_share), "shares of the portfolio",
		take_share };
	size_t max = rows_page(most);
	struct sql_value args[] = { sql_int((int64_t)max) };
	void *list = NULL;
	enum err err =
	    rows_read(store_sql(s), &kind, st, args, 1, max, a, &list, n, e);

	*out = list;
	return err;
}

enum err
portfolio_providers(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e)
{
	return read_shares(s, &count_providers, most, a, out, n, e);
}

enum err
portfolio_tags(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e)
{
	return read_shares(s, &count_tags, most, a, out, n, e);
}
