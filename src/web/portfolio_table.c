#include "web/portfolio_table.h"

#include "core/overview.h"
#include "core/words.h"
#include "web/axes.h"
#include "web/model_portfolio.h"
#include "web/page_domain.h"

struct column {
	const char *label;
	const char *class; /* its share of a narrow screen: whole or half;
			    * text: sentences; wraps: it may be broken */
	const char *title; /* what the label does not say; "": nothing */
	int sort; /* enum portfolio_sort; -1: it cannot be sorted by */
	void (*cell)(struct web_call *c, const struct domain *d);
};

static void
say_nothing(FILE *f)
{
	html_say(f, "<span class=\"dim\">&ndash;</span>");
}

/* ---- the cells ---- */

static void
cell_provider(struct web_call *c, const struct domain *d)
{
	struct portfolio_page page = { .sort = PORTFOLIO_FIRST,
		.filter.provider = d->summary.provider };
	FILE *f = call_body(c);

	if (d->summary.provider.n == 0) {
		say_nothing(f);
		return;
	}
	html_say(f, "<a href=\"");
	portfolio_write(f, "/", &page, PORTFOLIO_FIRST, 0);
	html_say(f, "\">");
	page_name(f, d->summary.provider);
	html_say(f, "</a>");
}

static void
cell_eligible(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	axis_chip(f, AXIS_ELIGIBILITY, s->eligibility);
	if (s->addresses > 0)
		html_say(f,
		    "<span class=\"under\" title=\"Addresses of MX hosts that "
		    "a sender of MTA-STS accepts\">%lld of %lld</span>",
		    (long long)s->good_addresses, (long long)s->addresses);
}

static void
say_thing(struct web_call *c, const char *what, struct span thing)
{
	FILE *f = call_body(c);

	html_say(f, "<span class=\"line\">");
	if (span_eq(thing, SPAN("ok")))
		html_say(f, "%s ok", what);
	else
		page_chip(f, tone_of_thing(thing),
		    arena_printf(c->a, "%s %.*s", what, (int)thing.n, thing.p));
	html_say(f, "</span>");
}

/* What is not covered stands out; that all is, is said in passing. */
static void
say_match(struct web_call *c, const struct domain_summary *s)
{
	FILE *f = call_body(c);
	struct span text = arena_printf(c->a, "%lld of %lld MX",
	    (long long)s->covered_mx, (long long)s->mx);

	html_say(f, "<span class=\"under\">");
	if (s->covered_mx == s->mx)
		html_text(f, text);
	else
		page_chip(f, TONE_WARN, text);
	html_say(f, "</span>");
}

/* Where there is neither, or both are well, one word is enough. */
static void
cell_policy(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	const bool same = span_eq(s->record, s->policy);
	FILE *f = call_body(c);

	if (s->record.n == 0 && s->policy.n == 0)
		say_nothing(f);
	else if (same && span_eq(s->policy, SPAN("ok")))
		html_say(f, "both ok");
	else if (same && span_eq(s->policy, SPAN("none")))
		page_chip(f, TONE_NONE, SPAN("neither"));
	else {
		say_thing(c, "record", s->record);
		say_thing(c, "policy", s->policy);
	}
	if (s->mx > 0 && span_eq(s->policy, SPAN("ok")))
		say_match(c, s);
}

static void
cell_mode(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	axis_chip(f, AXIS_DEPLOYMENT, s->deployment);
	if (s->mode.n == 0 || s->mode_since.s == 0)
		return;
	if (!span_eq(s->mode, s->deployment))
		html_say(f, "<span class=\"under\">mode %.*s since</span>",
		    HTML_SPAN(s->mode));
	html_say(f, "<span class=\"under\">");
	page_date(f, s->mode_since);
	html_say(f, "</span>");
}

static void
cell_cached(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	if (s->cached_until.s == 0)
		say_nothing(f);
	else
		page_date(f, s->cached_until);
	if (s->max_age >= 0)
		html_say(f, "<span class=\"under\">%s</span>",
		    words_duration(c->a, (uint64_t)s->max_age));
}

static void
cell_certificate(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	bool is_enforced = span_eq(s->stakes, SPAN("enforce"));
	FILE *f = call_body(c);

	if (s->policy_cert_until.s == 0 && s->mx_cert_until.s == 0)
		say_nothing(f);
	page_days(c, f, "policy", s->policy_cert_until, is_enforced);
	page_days(c, f, "MX", s->mx_cert_until, is_enforced);
}

static void
cell_reports(struct web_call *c, const struct domain *d)
{
	(void)d;
	html_say(call_body(c),
	    "<span class=\"dim\" title=\"TLS reports are not taken in "
	    "here\">none yet</span>");
}

static void
cell_changed(struct web_call *c, const struct domain *d)
{
	if (d->summary.changed_at.s == 0)
		say_nothing(call_body(c));
	else
		page_ago(c, call_body(c), d->summary.changed_at);
}

static void
say_verdict(FILE *f, struct span verdict)
{
	if (span_eq(verdict, SPAN("error")))
		page_chip(f, TONE_BAD, SPAN("Error"));
	else if (span_eq(verdict, SPAN("warning")))
		page_chip(f, TONE_WARN, SPAN("Warning"));
	html_say(f, " ");
}

/* Led to where it is done; what nobody has to do stands back. */
static void
say_step(FILE *f, const struct domain *d, enum next_step step)
{
	enum check_id check = check_by_slug(d->summary.next_check);
	const char *place = domain_next_place(step);

	if (place == NULL || step == NEXT_WAIT || step == NEXT_TEST) {
		html_say(
		    f, "<span class=\"dim\">%s</span>", next_steps[step].text);
		return;
	}
	html_say(f, "<a href=\"");
	domain_link(f, d->name, place);
	if (step == NEXT_MEND && check != CHECKS)
		html_say(f, "\">Mend: %s</a>", checks[check].title);
	else
		html_say(f, "\">%s</a>", next_steps[step].text);
}

static void
cell_next(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	enum next_step step = next_step_by_name(s->next_step);
	FILE *f = call_body(c);

	say_verdict(f, s->verdict);
	if (step != NEXT_STEPS)
		say_step(f, d, step);
	else if (d->paused)
		say_nothing(f);
	else if (s->next_step.n == 0)
		html_say(f, "<span class=\"dim\">The first look is still to "
			    "come</span>");
}

/* clang-format off */
static const struct column columns[] = {
	{ "Next step", "whole text", "What needs attention first stands first",
	    PORTFOLIO_WEIGHT, cell_next },
	{ "Eligible", "half", "Could MTA-STS protect its mail? And how many "
	    "addresses of its MX hosts are fit for it", -1, cell_eligible },
	{ "Deployed, since", "half", "The mode, and since when", PORTFOLIO_MODE_SINCE,
	    cell_mode },
	{ "Record, policy, match", "half", "The TXT record at _mta-sts, the "
	    "policy file at the host mta-sts, and how many MX hosts it names",
	    -1, cell_policy },
	{ "Cached until, max_age", "half", "Until when a sender may hold a "
	    "copy, and how long it may keep the policy", PORTFOLIO_CACHED_UNTIL,
	    cell_cached },
	{ "Certificates, days", "half", "Days left: of the policy host, and of "
	    "the MX host whose certificate ends first", PORTFOLIO_CERTIFICATE,
	    cell_certificate },
	{ "Mail provider", "half wraps provider", "Who takes the mail, by its MX hosts",
	    PORTFOLIO_PROVIDER, cell_provider },
	{ "TLS reports, 7 days", "half wraps", "", -1, cell_reports },
	{ "Last change", "half wraps", "", PORTFOLIO_CHANGED, cell_changed },
};
/* clang-format on */

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* ---- the heads ---- */

static void
say_head(FILE *f, const struct portfolio_page *page, const char *label,
    const char *class, const char *title, int sort)
{
	struct portfolio_page next = *page;
	bool is_sorted = (int)page->sort == sort;

	html_say(f, "<th scope=\"col\"");
	if (class[0] != '\0')
		html_say(f, " class=\"%s\"", class);
	if (title[0] != '\0')
		html_say(f, " title=\"%s\"", title);
	if (is_sorted)
		html_say(f, " aria-sort=\"%s\"",
		    page->descending ? "descending" : "ascending");
	if (sort < 0) {
		html_say(f, ">%s</th>", label);
		return;
	}
	next.after = next.before = SPAN("");
	next.sort = (enum portfolio_sort)sort;
	next.descending = is_sorted && !page->descending;
	html_say(f, "><a href=\"");
	portfolio_write(f, "/", &next, PORTFOLIO_FIRST, 0);
	html_say(f, "\">%s</a></th>", label);
}

static void
say_heads(FILE *f, const struct portfolio_page *page, bool chosen)
{
	html_say(f, "<thead><tr>");
	if (chosen)
		html_say(f, "<th scope=\"col\">"
			    "<span class=\"hearing\">Chosen</span></th>");
	say_head(f, page, "Domain", "", "", PORTFOLIO_NAME);
	for (size_t i = 0; i < N_COLUMNS; i++)
		say_head(f, page, columns[i].label, columns[i].class,
		    columns[i].title, columns[i].sort);
	html_say(f, "</tr></thead>\n");
}

/* ---- the rows ---- */

static void
say_tag(FILE *f, struct span tag)
{
	struct portfolio_page page = { .sort = PORTFOLIO_FIRST,
		.filter.tag = tag };

	html_say(f, "<a class=\"tag\" href=\"");
	portfolio_write(f, "/", &page, PORTFOLIO_FIRST, 0);
	html_say(f, "\">%.*s</a> ", HTML_SPAN(tag));
}

static void
say_name(FILE *f, const struct portfolio_row *row)
{
	const struct domain *d = row->d;

	html_say(f, "<th scope=\"row\" class=\"name\"><a href=\"/domains/");
	html_url(f, d->name);
	html_say(f, "\">");
	page_name(f, d->name);
	html_say(f, "</a>");
	if (d->paused) {
		html_say(f, " ");
		page_chip(f, TONE_NONE, SPAN("paused"));
	}
	if (row->n_tags > 0) {
		html_say(f, "<br><span class=\"tags\">");
		for (size_t i = 0; i < row->n_tags; i++)
			say_tag(f, row->tags[i]);
		html_say(f, "</span>");
	}
	html_say(f, "</th>");
}

static void
say_row(struct web_call *c, const struct portfolio_row *row, bool chosen)
{
	FILE *f = call_body(c);

	html_say(f, "<tr>");
	if (chosen)
		html_say(f,
		    "<td class=\"choice\"><input type=\"checkbox\" "
		    "name=\"domains\""
		    " value=\"%.*s\" aria-label=\"Choose %.*s\"></td>",
		    HTML_SPAN(row->d->name), HTML_SPAN(row->d->name));
	say_name(f, row);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		html_say(f, "<td class=\"%s\" data-label=\"%s\">",
		    columns[i].class, columns[i].label);
		columns[i].cell(c, row->d);
		html_say(f, "</td>");
	}
	html_say(f, "</tr>\n");
}

void
portfolio_table(struct web_call *c, const struct portfolio_page *page,
    const struct portfolio_row *rows, size_t n, bool chosen)
{
	FILE *f = call_body(c);

	html_say(f, "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Domains\">\n<table class=\"grid portfolio\"");
	html_say(f, chosen ? " data-select>\n" : ">\n");
	say_heads(f, page, chosen);
	html_say(f, "<tbody>\n");
	for (size_t i = 0; i < n; i++)
		say_row(c, &rows[i], chosen);
	html_say(f, "</tbody>\n</table>\n</div>\n");
}
