#include "web/portfolio_table.h"

#include "core/overview.h"
#include "core/words.h"
#include "web/axes.h"
#include "web/model_portfolio.h"

enum { DAY_S = 86400, SOON_DAYS = 14 };

struct column {
	const char *label;
	const char *class; /* p1: shown on the narrowest screen, too;
			    * p4: on the widest alone; text: sentences */
	const char *title; /* what the label does not say; "": nothing */
	int sort; /* enum portfolio_sort; -1: it cannot be sorted by */
	void (*cell)(struct web_call *c, const struct domain *d);
};

static void
say_nothing(FILE *f)
{
	html_say(f, "<span class=\"dim\">&ndash;</span>");
}

/* The part's label, where the word has one. */
static void
say_part(FILE *f, enum axis_id axis, struct span word)
{
	const struct axis *a = &axes[axis];
	struct span label = word;

	for (size_t i = 0; i < a->n; i++)
		if (span_eq(word, span_str(a->parts[i].word)))
			label = span_str(a->parts[i].label);
	page_chip(f, a->tone(word), label);
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
	html_say(f, "\">%.*s</a>", HTML_SPAN(d->summary.provider));
}

static void
cell_eligible(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	say_part(f, AXIS_ELIGIBILITY, s->eligibility);
	if (s->addresses > 0)
		html_say(f,
		    " <span class=\"dim\" title=\"Addresses of MX hosts that a "
		    "sender of MTA-STS accepts\">%lld of %lld</span>",
		    (long long)s->good_addresses, (long long)s->addresses);
}

static void
say_thing(FILE *f, struct span thing)
{
	if (thing.n == 0)
		say_nothing(f);
	else
		page_chip(f, tone_of_thing(thing), thing);
}

static void
cell_record(struct web_call *c, const struct domain *d)
{
	say_thing(call_body(c), d->summary.record);
}

static void
cell_policy(struct web_call *c, const struct domain *d)
{
	say_thing(call_body(c), d->summary.policy);
}

static void
cell_match(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	if (s->mx == 0 || !span_eq(s->policy, SPAN("ok")))
		say_nothing(f);
	else
		page_chip(f, s->covered_mx == s->mx ? TONE_GOOD : TONE_WARN,
		    arena_printf(c->a, "%lld of %lld", (long long)s->covered_mx,
			(long long)s->mx));
}

static void
cell_mode(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	FILE *f = call_body(c);

	say_part(f, AXIS_DEPLOYMENT, s->deployment);
	if (s->mode.n == 0 || s->mode_since.s == 0)
		return;
	html_say(f, " <span class=\"dim\">");
	if (!span_eq(s->mode, s->deployment))
		html_say(f, "mode %.*s ", HTML_SPAN(s->mode));
	html_say(f, "since ");
	page_date(f, s->mode_since);
	html_say(f, "</span>");
}

static void
cell_max_age(struct web_call *c, const struct domain *d)
{
	FILE *f = call_body(c);

	if (d->summary.max_age < 0)
		say_nothing(f);
	else
		html_say(f, "%s",
		    words_duration(c->a, (uint64_t)d->summary.max_age));
}

static void
cell_cached(struct web_call *c, const struct domain *d)
{
	FILE *f = call_body(c);

	if (d->summary.cached_until.s == 0)
		say_nothing(f);
	else
		page_date(f, d->summary.cached_until);
}

/* What ends where senders enforce is red; where they do not, nothing is. */
static void
say_days(struct web_call *c, const char *whose, struct wall_time until,
    bool is_enforced)
{
	int64_t left = until.s - c->now.s;
	struct span text;

	if (until.s == 0)
		return;
	if (left < 0)
		text = arena_printf(c->a, "%s: ended", whose);
	else
		text = arena_printf(
		    c->a, "%s: %lld d", whose, (long long)(left / DAY_S));
	if (left < 0)
		page_chip(
		    call_body(c), is_enforced ? TONE_BAD : TONE_WARN, text);
	else if (left < (int64_t)SOON_DAYS * DAY_S)
		page_chip(call_body(c), TONE_WARN, text);
	else
		html_say(call_body(c), "<span>%.*s</span>", HTML_SPAN(text));
	html_say(call_body(c), " ");
}

static void
cell_certificate(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	bool is_enforced = span_eq(s->stakes, SPAN("enforce"));

	if (s->policy_cert_until.s == 0 && s->mx_cert_until.s == 0)
		say_nothing(call_body(c));
	say_days(c, "policy", s->policy_cert_until, is_enforced);
	say_days(c, "MX", s->mx_cert_until, is_enforced);
}

static void
cell_reports(struct web_call *c, const struct domain *d)
{
	(void)d;
	html_say(call_body(c),
	    "<span class=\"dim\" title=\"TLS reports are not taken in "
	    "here\">no reports yet</span>");
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

static void
cell_next(struct web_call *c, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;
	enum check_id check = check_by_slug(s->next_check);
	FILE *f = call_body(c);

	say_verdict(f, s->verdict);
	for (size_t i = 0; i < NEXT_STEPS; i++)
		if (span_eq(s->next_step, span_str(next_steps[i].name)))
			html_say(f, "%s", next_steps[i].text);
	if (check != CHECKS)
		html_say(
		    f, " <span class=\"dim\">%s</span>", checks[check].title);
	if (s->next_step.n == 0 && d->paused)
		say_nothing(f);
	else if (s->next_step.n == 0)
		html_say(f, "<span class=\"dim\">The first look is still to "
			    "come</span>");
}

/* clang-format off */
static const struct column columns[] = {
	{ "Next step", "p1 text", "What needs attention first stands first",
	    PORTFOLIO_WEIGHT, cell_next },
	{ "Eligible", "p1", "Could MTA-STS protect its mail?", -1,
	    cell_eligible },
	{ "Deployed", "p1", "The mode, and since when", PORTFOLIO_MODE_SINCE,
	    cell_mode },
	{ "Mail provider", "p3", "Who takes the mail, by its MX hosts",
	    PORTFOLIO_PROVIDER, cell_provider },
	{ "Record", "p3", "The TXT record at _mta-sts", -1, cell_record },
	{ "Policy", "p3", "The policy file at the host mta-sts", -1,
	    cell_policy },
	{ "Match", "p3", "MX hosts that the policy names", -1, cell_match },
	{ "max_age", "p3", "How long senders may keep the policy", -1,
	    cell_max_age },
	{ "Cached until", "p3", "Until when a sender may hold a copy",
	    PORTFOLIO_CACHED_UNTIL, cell_cached },
	{ "Certificates", "p2", "Days left: of the policy host, and of the "
	    "MX host whose certificate ends first", PORTFOLIO_CERTIFICATE,
	    cell_certificate },
	{ "TLS reports, 7 days", "p4", "", -1, cell_reports },
	{ "Last change", "p3", "", PORTFOLIO_CHANGED, cell_changed },
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

	html_say(f, "<th scope=\"col\" class=\"%s\"", class);
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
		html_say(f, "<th scope=\"col\" class=\"p1\">"
			    "<span class=\"hearing\">Chosen</span></th>");
	say_head(f, page, "Domain", "p1", "", PORTFOLIO_NAME);
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

	html_say(f, "<th scope=\"row\" class=\"name p1\"><a href=\"/domains/");
	html_url(f, d->name);
	html_say(f, "\">%.*s</a>", HTML_SPAN(d->name));
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
		    "<td class=\"p1\"><input type=\"checkbox\" name=\"domains\""
		    " value=\"%.*s\" aria-label=\"Choose %.*s\"></td>",
		    HTML_SPAN(row->d->name), HTML_SPAN(row->d->name));
	say_name(f, row);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		html_say(f, "<td class=\"%s\" data-label=\"%s\">",
		    columns[i].class, columns[i].label);
		/* One cell of the narrow layout, whatever it holds. */
		html_say(f, "<span>");
		columns[i].cell(c, row->d);
		html_say(f, "</span></td>");
	}
	html_say(f, "</tr>\n");
}

void
portfolio_table(struct web_call *c, const struct portfolio_page *page,
    const struct portfolio_row *rows, size_t n, bool chosen)
{
	FILE *f = call_body(c);

	html_say(f, "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Domains\">\n<table class=\"grid\"");
	html_say(f, chosen ? " data-select>\n" : ">\n");
	say_heads(f, page, chosen);
	html_say(f, "<tbody>\n");
	for (size_t i = 0; i < n; i++)
		say_row(c, &rows[i], chosen);
	html_say(f, "</tbody>\n</table>\n</div>\n");
}
