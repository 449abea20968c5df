#include "web/model_portfolio.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/rfc3339.h"
#include "core/judge.h"
#include "core/overview.h"
#include "io/idn.h"
#include "web/chart.h"
#include "web/html.h"
#include "wire/name.h"

/* ---- the filter, member by member ---- */

enum { DAY_S = 86400 };

enum filter_kind {
	FILTER_TEXT, /* a span */
	FILTER_FROM, /* the moment at which a day begins */
	FILTER_TO, /* ... or ends */
};

struct filter_row {
	const char *name;
	enum filter_kind kind;
	size_t at; /* in struct portfolio_filter */
	const char *const *words; /* of these; NULL: any text */
	const char *also; /* or this; NULL: no other */
	size_t max; /* octets of a text */
};

static const char *const yes_no[] = { "yes", "no", NULL };

/* clang-format off */
#define WORD(member, words, also)                                              \
	{ #member, FILTER_TEXT, offsetof(struct portfolio_filter, member),     \
	  words, also, 0 }
#define TEXT(member, max)                                                      \
	{ #member, FILTER_TEXT, offsetof(struct portfolio_filter, member),     \
	  NULL, NULL, max }
#define DAY(name, kind, member)                                                \
	{ name, kind, offsetof(struct portfolio_filter, member), NULL, NULL, 0 }
static const struct filter_row filter_rows[] = {
	WORD(verdict,		verdict_names,		PORTFOLIO_UNSEEN),
	WORD(deployment,	deployment_names,	PORTFOLIO_UNSEEN),
	WORD(eligibility,	eligibility_names,	PORTFOLIO_UNSEEN),
	WORD(paused,		yes_no,			NULL),
	TEXT(next_step,		LIMIT_TAG),
	TEXT(provider,		NAME_MAX_TEXT),
	TEXT(tag,		LIMIT_TAG),
	TEXT(search,		NAME_MAX_TEXT),
	DAY("certificate_from",	FILTER_FROM,		ends_from),
	DAY("certificate_to",	FILTER_TO,		ends_before),
};
/* clang-format on */

enum { N_FILTERS = sizeof filter_rows / sizeof filter_rows[0] };

struct filter_text {
	struct span text; /* "": it is not asked for */
	struct chart_date day; /* where it may lie */
};

/* A member as it stands in an address. */
static void
filter_say(const struct portfolio_filter *f, size_t i, struct filter_text *out)
{
	const struct filter_row *r = &filter_rows[i];
	const char *p = (const char *)f + r->at;
	int64_t s;

	out->text = SPAN("");
	if (r->kind == FILTER_TEXT) {
		out->text = *(const struct span *)p;
		return;
	}
	s = ((const struct wall_time *)p)->s;
	if (s == 0)
		return;
	out->day = chart_day_iso((r->kind == FILTER_TO ? s - 1 : s) / DAY_S);
	out->text = span_str(out->day.text);
}

static bool
is_word(struct span s, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (span_eq(s, span_str(words[i])))
			return true;
	return false;
}

static enum err
wrong(struct error *e, const char *name, const char *what)
{
	return error_set(e, ERR_DATA, "\"%s\" %s", name, what);
}

static enum err
read_text(const struct filter_row *r, struct span value, struct span *out,
    struct error *e)
{
	bool also = r->also != NULL && span_eq(value, span_str(r->also));

	if (value.n > 0 && r->words != NULL && !also &&
	    !is_word(value, r->words))
		return wrong(e, r->name, "is none of its words");
	if (r->words == NULL && value.n > r->max)
		return wrong(e, r->name, "is too long");
	*out = value;
	return ERR_OK;
}

static enum err
read_day(const struct filter_row *r, struct span value, struct wall_time *out,
    struct error *e)
{
	if (value.n == 0)
		return ERR_OK;
	if (!rfc3339_parse_day(value, out) || out->s <= 0)
		return wrong(e, r->name, "is no day such as 2026-11-27");
	if (r->kind == FILTER_TO)
		out->s += DAY_S;
	return ERR_OK;
}

static enum err
read_filter(
    const struct fields *query, struct portfolio_filter *out, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < N_FILTERS; i++) {
		const struct filter_row *r = &filter_rows[i];
		struct span value = fields_find(query, r->name);
		void *member = (char *)out + r->at;

		rc = r->kind == FILTER_TEXT ? read_text(r, value, member, e)
					    : read_day(r, value, member, e);
	}
	return rc;
}

static bool
is_next_step(struct span word)
{
	for (size_t i = 0; i < NEXT_STEPS; i++)
		if (span_eq(word, span_str(next_steps[i].name)))
			return true;
	return false;
}

/* Names are kept as A-labels: who looks for "münchen" means those. A part of a
 * name that is none by itself is looked for as it is. */
static struct span
read_search(struct span text, struct arena *a)
{
	struct span name = ascii_trim(text);

	if (name_has_u_label(name) &&
	    idn_domain(name, a, &name, NULL) == ERR_OK)
		return name;
	text = arena_span(a, name);
	for (size_t i = 0; i < text.n; i++)
		((char *)text.p)[i] =
		    (char)ascii_lower((unsigned char)text.p[i]);
	return text;
}

/* ---- the rest ---- */

static enum err
read_order(
    const struct fields *query, struct portfolio_page *out, struct error *e)
{
	struct span sort = fields_find(query, "sort");
	struct span order = fields_find(query, "order");

	for (size_t i = 0; i < PORTFOLIO_SORTS; i++)
		if (span_eq(sort, span_str(portfolio_sort_names[i])))
			out->sort = (enum portfolio_sort)i;
	if (sort.n > 0 &&
	    !span_eq(sort, span_str(portfolio_sort_names[out->sort])))
		return wrong(e, "sort", "is none of its words");
	out->descending = span_eq(order, SPAN("desc"));
	if (order.n > 0 && !out->descending && !span_eq(order, SPAN("asc")))
		return wrong(e, "order", "is neither asc nor desc");
	return ERR_OK;
}

static enum err
read_place(
    const struct fields *query, struct portfolio_page *out, struct error *e)
{
	struct span max = fields_find(query, "max");
	uint64_t rows = PORTFOLIO_PAGE_ROWS;

	out->after = fields_find(query, "after");
	out->before = fields_find(query, "before");
	if (out->after.n > 0 && out->before.n > 0)
		return wrong(e, "after", "and \"before\" exclude each other");
	if (max.n > 0 &&
	    (!num_parse(max, LIMIT_STORE_PAGE, &rows) || rows == 0))
		return error_set(e, ERR_DATA,
		    "\"max\" is no number from 1 "
		    "to %d",
		    LIMIT_STORE_PAGE);
	out->max = (size_t)rows;
	return ERR_OK;
}

/* What is misspelt must not be taken for what is not asked. */
static enum err
check_names(const struct fields *query, struct error *e)
{
	static const char *const others[] = { "sort", "order", "after",
		"before", "max", NULL };

	for (size_t i = 0; i < query->n; i++) {
		bool known = is_word(query->all[i].name, others);

		for (size_t k = 0; k < N_FILTERS; k++)
			known = known || span_eq(query->all[i].name,
					     span_str(filter_rows[k].name));
		if (!known)
			return error_set(e, ERR_DATA,
			    "there is no parameter of that name: \"%.*s\"",
			    (int)span_head(query->all[i].name, LIMIT_TAG).n,
			    query->all[i].name.p);
	}
	return ERR_OK;
}

enum err
portfolio_read(const struct fields *query, enum portfolio_sort sort, bool only,
    struct arena *a, struct portfolio_page *out, struct error *e)
{
	enum err rc = only ? check_names(query, e) : ERR_OK;

	*out = (struct portfolio_page){ .sort = sort };
	if (rc == ERR_OK)
		rc = read_filter(query, &out->filter, e);
	if (rc == ERR_OK && out->filter.next_step.n > 0 &&
	    !is_next_step(out->filter.next_step))
		rc = wrong(e, "next_step", "is none of its words");
	if (rc == ERR_OK)
		rc = read_order(query, out, e);
	if (rc == ERR_OK)
		rc = read_place(query, out, e);
	if (rc == ERR_OK)
		out->filter.search = read_search(out->filter.search, a);
	if (rc == ERR_OK && a->failed)
		rc = error_plain(e, ERR_MEMORY);
	return rc;
}

/* ---- the way back ---- */

struct address {
	FILE *f;
	bool has_query;
};

static void
put(struct address *to, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	html_say(to->f, to->has_query ? "&amp;%s=" : "?%s=", name);
	html_url(to->f, value);
	to->has_query = true;
}

static void
put_number(struct address *to, const char *name, int64_t n)
{
	html_say(to->f, to->has_query ? "&amp;%s=%lld" : "?%s=%lld", name,
	    (long long)n);
	to->has_query = true;
}

void
portfolio_write(FILE *f, const char *path, const struct portfolio_page *page,
    enum portfolio_sort sort, int64_t at)
{
	struct address to = { f, false };

	html_say(f, "%s", path);
	for (size_t i = 0; i < N_FILTERS; i++) {
		struct filter_text value;

		filter_say(&page->filter, i, &value);
		put(&to, filter_rows[i].name, value.text);
	}
	if (page->sort != sort)
		put(&to, "sort", span_str(portfolio_sort_names[page->sort]));
	if (page->descending)
		put(&to, "order", SPAN("desc"));
	put(&to, "after", page->after);
	put(&to, "before", page->before);
	if (page->max > 0 && page->max != PORTFOLIO_PAGE_ROWS)
		put_number(&to, "max", (int64_t)page->max);
	if (at > 1)
		put_number(&to, "at", at);
}

bool
portfolio_is_filtered(const struct portfolio_filter *filter)
{
	for (size_t i = 0; i < N_FILTERS; i++) {
		struct filter_text value;

		filter_say(filter, i, &value);
		if (value.text.n > 0)
			return true;
	}
	return false;
}
