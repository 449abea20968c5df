/* The first page: what stands how, and what to do about it. */
#include "core/words.h"
#include "web/model_portfolio.h"
#include "web/portfolio_axes.h"
#include "web/portfolio_bulk.h"
#include "web/portfolio_filters.h"
#include "web/portfolio_table.h"

struct view {
	struct web_call *c;
	struct portfolio_page page; /* what was asked */
	struct portfolio_row *rows;
	size_t n;
	bool more;
	int64_t total; /* with that filter */
	struct axis_counts counts[AXES]; /* of all that are watched */
	int64_t paused;
	struct portfolio_choices choices;
	int64_t at; /* place of the first row, from 1 */
};

/* ---- reading ---- */

static enum err
read_rows(struct view *s, struct error *e)
{
	struct web_call *c = s->c;
	struct domain_tags *tags;
	struct domain *list;
	enum err rc =
	    portfolio_list(c->store, &s->page, c->a, &list, &s->n, &s->more, e);

	if (rc != ERR_OK)
		return rc;
	rc = domains_tags_of(c->store, list, s->n, c->a, &tags, e);
	if (rc != ERR_OK)
		return rc;
	s->rows = arena_array(c->a, s->n, sizeof *s->rows);
	if (s->rows == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < s->n; i++)
		s->rows[i] =
		    (struct portfolio_row){ &list[i], tags[i].all, tags[i].n };
	return ERR_OK;
}

/* Are the rows all that there are with that filter? */
static bool
is_all(const struct view *s)
{
	return s->page.after.n == 0 && s->page.before.n == 0 && !s->more;
}

static enum err
read_counts(struct view *s, struct error *e)
{
	struct web_call *c = s->c;
	struct census_row *census;
	size_t n;
	enum err rc = census_now(c->store, c->a, &census, &n, e);

	for (size_t i = 0; rc == ERR_OK && i < AXES; i++)
		axis_count((enum axis_id)i, census, n, &s->counts[i]);
	if (is_all(s))
		s->total = (int64_t)s->n;
	else if (rc == ERR_OK)
		rc = portfolio_count(c->store, &s->page.filter, &s->total, e);
	if (rc == ERR_OK)
		rc = census_paused(c->store, &s->paused, e);
	if (rc == ERR_OK)
		rc = portfolio_choices_read(c, &s->choices, e);
	return rc;
}

/* Links carry it along; what is no more, or was never so, is put right. */
static void
find_place(struct view *s)
{
	bool is_first = s->page.after.n == 0 && s->page.before.n == 0;
	int64_t last = s->total - (int64_t)s->n + 1;

	s->at = fields_number(&s->c->query, "at", 1, INT64_MAX, 1);
	if (is_first || (s->page.before.n > 0 && !s->more))
		s->at = 1;
	if (s->at > last)
		s->at = last > 1 ? last : 1;
}

/* ---- a page of many ---- */

static void
say_turn(struct view *s, const char *label, const char *rel, bool forward)
{
	struct portfolio_page to = s->page;
	const struct domain *edge = s->rows[forward ? s->n - 1 : 0].d;
	struct span cursor = portfolio_cursor(edge, s->page.sort, s->c->a);
	int64_t at = s->at + (int64_t)(forward ? s->n : 0) -
		     (int64_t)(forward ? 0 : s->page.max);
	FILE *f = call_body(s->c);

	to.after = forward ? cursor : SPAN("");
	to.before = forward ? SPAN("") : cursor;
	html_say(f, "<a class=\"button\" rel=\"%s\" href=\"", rel);
	portfolio_write(f, "/", &to, PORTFOLIO_FIRST, at);
	html_say(f, "\">%s</a>\n", label);
}

static void
say_pages(struct view *s, const char *label)
{
	bool is_back = s->page.after.n == 0 && s->page.before.n > 0;
	FILE *f = call_body(s->c);
	struct portfolio_page all = s->page;

	html_say(f, "<nav class=\"pages\" aria-label=\"%s\">\n", label);
	if (s->n > 0 && (is_back ? s->more : s->page.after.n > 0))
		say_turn(s, "Previous", "prev", false);
	html_say(f, "<span data-say>%s&ndash;%s of %s</span>\n",
	    words_count(s->c->a, s->n > 0 ? s->at : 0),
	    words_count(s->c->a, s->n > 0 ? s->at + (int64_t)s->n - 1 : 0),
	    words_count(s->c->a, s->total));
	if (s->n > 0 && (is_back || s->more))
		say_turn(s, "Next", "next", true);
	all.after = all.before = SPAN("");
	all.max = 0;
	html_say(f, "<a href=\"");
	portfolio_write(f, "/api/v1/domains.csv", &all, PORTFOLIO_NAME, 0);
	html_say(f, "\">CSV of all %s</a>\n</nav>\n",
	    words_count(s->c->a, s->total));
}

/* ---- the table ---- */

static void
say_table(struct view *s)
{
	bool chosen =
	    page_form(s->c, HTTP_POST, SCOPE_OPERATE, SPAN(""), "/api/v1/bulk");
	FILE *f = call_body(s->c);

	portfolio_table(s->c, &s->page, s->rows, s->n, chosen);
	if (chosen) {
		portfolio_bulk(s->c, &s->page, s->total);
		html_say(f, "</form>\n");
	}
}

static void
say_add(struct view *s, bool is_open)
{
	FILE *f = call_body(s->c);

	if (s->c->caller.kind != CALLER_PERSON ||
	    s->c->caller.scope < SCOPE_OPERATE)
		return;
	html_say(f, is_open ? "<details class=\"more card\" open>"
			    : "<details class=\"more card\">");
	html_say(f, "<summary>Add domains</summary>\n");
	if (page_form(
		s->c, HTTP_POST, SCOPE_OPERATE, SPAN("/"), "/api/v1/domains"))
		html_say(f,
		    "<div class=\"field\"><label for=\"a-domains\">Domains, "
		    "one "
		    "a line</label><textarea id=\"a-domains\" name=\"domains\" "
		    "rows=\"5\" required spellcheck=\"false\" "
		    "autocapitalize=\"off\"></textarea></div>\n"
		    "<div class=\"field\"><label for=\"a-tags\">Tag for all of "
		    "them</label><input id=\"a-tags\" name=\"tags\" "
		    "maxlength=\"64\"></div>\n"
		    "<button class=\"primary\">Add</button></form>\n");
	html_say(f, "</details>\n");
}

static void
say_empty(struct view *s)
{
	FILE *f = call_body(s->c);

	if (portfolio_is_filtered(&s->page.filter) || s->page.after.n > 0 ||
	    s->page.before.n > 0)
		html_say(f, "<p class=\"empty\">No domain is like that. "
			    "<a href=\"/\">Show all</a></p>\n");
	else
		html_say(f,
		    "<p class=\"empty\">No domains yet. Name them here, one a "
		    "line, or say <code>mtasts domain add --file LIST</code> "
		    "where the daemon runs: each is looked at within "
		    "minutes.</p>\n");
}

static enum err
say_all(struct view *s)
{
	bool is_empty = s->n == 0 && !portfolio_is_filtered(&s->page.filter);
	FILE *f = page_begin(s->c, SPAN("Portfolio"), PLACE_PORTFOLIO);

	html_say(f, "<h1>Portfolio</h1>\n");
	if (!is_empty) {
		portfolio_axes(s->c, s->counts, s->paused);
		portfolio_filters(s->c, &s->page, &s->choices);
	}
	if (s->n == 0) {
		say_empty(s);
	} else {
		say_pages(s, "Pages");
		say_table(s);
		say_pages(s, "Pages, below the table");
	}
	say_add(s, is_empty);
	page_end(s->c);
	return ERR_OK;
}

enum err
page_portfolio(struct web_call *c, struct error *e)
{
	struct view s = { .c = c };
	enum err rc =
	    portfolio_read(&c->query, PORTFOLIO_FIRST, false, c->a, &s.page, e);

	if (rc == ERR_OK)
		rc = read_rows(&s, e);
	if (rc == ERR_DATA || rc == ERR_USAGE)
		return call_refuse(c, PROBLEM_INPUT, "%s", e->text);
	if (rc == ERR_OK)
		rc = read_counts(&s, e);
	if (rc != ERR_OK)
		return rc;
	find_place(&s);
	return say_all(&s);
}
