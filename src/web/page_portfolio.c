/* The first page: what stands how, and what to do about it. */
#include "core/overview.h"
#include "core/words.h"
#include "web/axes.h"
#include "web/chart.h"
#include "web/model_portfolio.h"
#include "web/portfolio_table.h"

enum { CHOICES = 50 }; /* providers and tags to choose from */

struct view {
	struct web_call *c;
	struct portfolio_page page; /* what was asked */
	struct portfolio_row *rows;
	size_t n;
	bool more;
	int64_t total; /* with that filter */
	struct axis_counts counts[AXES]; /* of all */
	struct portfolio_share *providers, *tags;
	size_t n_providers, n_tags;
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
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
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
		rc = portfolio_providers(
		    c->store, CHOICES, c->a, &s->providers, &s->n_providers, e);
	if (rc == ERR_OK)
		rc = portfolio_tags(
		    c->store, CHOICES, c->a, &s->tags, &s->n_tags, e);
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

/* ---- the two axes ---- */

static void
say_tile(struct view *s, const struct axis *a, size_t i,
    const struct axis_counts *counts)
{
	const struct axis_part *part = &a->parts[i];
	FILE *f = call_body(s->c);
	const char *share =
	    axis_share(counts->parts[i], counts->total, s->c->a);
	bool is_link = part->word[0] != '\0';

	/* Of what was not looked at yet the store tells no word to ask for. */
	if (is_link)
		html_say(f, "<a class=\"tile %s%s\" href=\"/?%s=%s\">",
		    tone_names[a->tone(span_str(part->word))],
		    counts->parts[i] == 0 ? " zero" : "", a->name, part->word);
	else
		html_say(f, "<span class=\"tile unknown\">");
	html_say(f,
	    "<span class=\"figure\">%s</span><span class=\"label\">%s "
	    "<span class=\"dim\">%s</span></span>",
	    words_count(s->c->a, counts->parts[i]), part->label, share);
	html_say(f, is_link ? "</a>\n" : "</span>\n");
}

static void
say_axis(struct view *s, enum axis_id id)
{
	const struct axis *a = &axes[id];
	const struct axis_counts *counts = &s->counts[id];
	struct chart_part parts[CHART_PARTS];
	FILE *f = call_body(s->c);

	for (size_t i = 0; i < a->n; i++)
		parts[i] =
		    (struct chart_part){ a->tone(span_str(a->parts[i].word)),
			    a->parts[i].label };
	html_say(f, "<section class=\"card\">\n<h2>%s</h2>\n", a->title);
	chart_bar(f, a->title, parts, counts->parts, a->n);
	html_say(f, "<div class=\"tiles\">\n");
	for (size_t i = 0; i < a->n; i++)
		if (counts->parts[i] > 0 || a->parts[i].word[0] != '\0')
			say_tile(s, a, i, counts);
	html_say(f, "</div>\n</section>\n");
}

/* ---- filters ---- */

static void
begin_choice(FILE *f, const char *name, const char *label)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"f-%s\">%s</label>"
	    "<select id=\"f-%s\" name=\"%s\"><option value=\"\">any</option>",
	    name, label, name, name);
}

static void
say_option(FILE *f, struct span value, struct span label, struct span chosen)
{
	html_say(f, "<option value=\"%.*s\"", HTML_SPAN(value));
	if (span_eq(value, chosen))
		html_say(f, " selected");
	html_say(f, ">%.*s</option>", HTML_SPAN(label));
}

static void
end_choice(FILE *f)
{
	html_say(f, "</select></div>\n");
}

static void
say_axis_choice(FILE *f, enum axis_id id, struct span chosen)
{
	const struct axis *a = &axes[id];

	begin_choice(f, a->name, a->title);
	for (size_t i = 0; i < a->n; i++)
		if (a->parts[i].word[0] != '\0')
			say_option(f, span_str(a->parts[i].word),
			    span_str(a->parts[i].label), chosen);
	end_choice(f);
}

/* What was asked for is among the choices, however rare it is. */
static void
say_shares_choice(struct view *s, const char *name, const char *label,
    const struct portfolio_share *all, size_t n, struct span chosen)
{
	FILE *f = call_body(s->c);
	bool is_there = chosen.n == 0;

	begin_choice(f, name, label);
	for (size_t i = 0; i < n; i++) {
		say_option(f, all[i].word,
		    arena_printf(s->c->a, "%.*s (%s)", (int)all[i].word.n,
			all[i].word.p, words_count(s->c->a, all[i].n)),
		    chosen);
		is_there = is_there || span_eq(all[i].word, chosen);
	}
	if (!is_there)
		say_option(f, chosen, chosen, chosen);
	end_choice(f);
}

static void
say_steps_choice(FILE *f, struct span chosen)
{
	begin_choice(f, "next_step", "Next step");
	for (size_t i = 0; i < NEXT_STEPS; i++)
		say_option(f, span_str(next_steps[i].name),
		    span_str(next_steps[i].text), chosen);
	end_choice(f);
}

static void
say_hidden(FILE *f, const char *name, const char *value)
{
	html_say(
	    f, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

static void
say_filters(struct view *s)
{
	const struct portfolio_filter *filter = &s->page.filter;
	FILE *f = call_body(s->c);

	html_say(f,
	    "<form class=\"inline\" method=\"get\" action=\"/\" role=\"search\""
	    " data-auto>\n<div class=\"field\"><label for=\"f-search\">"
	    "Search</label><input id=\"f-search\" type=\"search\" "
	    "name=\"search\" maxlength=\"253\" value=\"%.*s\"></div>\n",
	    HTML_SPAN(filter->search));
	say_axis_choice(f, AXIS_VERDICT, filter->verdict);
	say_axis_choice(f, AXIS_DEPLOYMENT, filter->deployment);
	say_axis_choice(f, AXIS_ELIGIBILITY, filter->eligibility);
	say_steps_choice(f, filter->next_step);
	say_shares_choice(s, "provider", "Mail provider", s->providers,
	    s->n_providers, filter->provider);
	if (s->n_tags > 0 || filter->tag.n > 0)
		say_shares_choice(
		    s, "tag", "Tag", s->tags, s->n_tags, filter->tag);
	if (s->page.sort != PORTFOLIO_FIRST)
		say_hidden(f, "sort", portfolio_sort_names[s->page.sort]);
	if (s->page.descending)
		say_hidden(f, "order", "desc");
	html_say(f, "<button>Show</button>\n");
	if (portfolio_is_filtered(filter))
		html_say(f, "<a class=\"button\" href=\"/\">Show all</a>\n");
	html_say(f, "</form>\n");
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

/* ---- what is done with those that are chosen ---- */

static void
say_bulk(FILE *f)
{
	static const struct {
		const char *word, *label;
	} actions[] = {
		{ "check", "Look again now" },
		{ "publish", "Publish a policy" },
		{ "tag", "Add the tag" },
		{ "untag", "Take the tag away" },
		{ "pause", "Pause" },
		{ "resume", "Resume" },
		{ "remove", "Remove from the portfolio" },
	};

	html_say(f, "<fieldset class=\"bulk\"><legend>With those that are "
		    "chosen</legend>\n<div class=\"actions\">"
		    "<div class=\"field\"><label for=\"b-action\">Do</label>"
		    "<select id=\"b-action\" name=\"action\">");
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		html_say(f, "<option value=\"%s\">%s</option>", actions[i].word,
		    actions[i].label);
	html_say(f,
	    "</select></div>\n"
	    "<div class=\"field\"><label for=\"b-tag\">Tag</label>"
	    "<input id=\"b-tag\" name=\"tag\" maxlength=\"64\"></div>\n"
	    "<div class=\"field\"><label for=\"b-mode\">Mode, to "
	    "publish</label><select id=\"b-mode\" name=\"mode\">"
	    "<option value=\"\">testing, or as it was</option>"
	    "<option value=\"testing\">testing</option>"
	    "<option value=\"enforce\">enforce</option></select></div>\n"
	    "<div class=\"field\"><label><input type=\"checkbox\" "
	    "name=\"sure\"> Really remove</label></div>\n"
	    "<button class=\"primary\">Do it</button> "
	    "<span class=\"dim\" data-count></span></div></fieldset>\n");
}

static void
say_table(struct view *s)
{
	bool chosen =
	    page_form(s->c, HTTP_POST, SCOPE_OPERATE, SPAN(""), "/api/v1/bulk");
	FILE *f = call_body(s->c);

	portfolio_table(s->c, &s->page, s->rows, s->n, chosen);
	if (chosen) {
		say_bulk(f);
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
		html_say(f, "<div class=\"cards axes\">\n");
		say_axis(s, AXIS_ELIGIBILITY);
		say_axis(s, AXIS_DEPLOYMENT);
		html_say(f, "</div>\n");
		say_filters(s);
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
