/* What is wrong, by cause: the heaviest first. */
#include "web/chart.h"
#include "web/filter_form.h"
#include "web/model_incidents.h"
#include "web/page.h"
#include "web/query.h"

enum { ROWS = 50, DAY_S = 86400 };

/* ---- what to show ---- */

static void
write_severities(FILE *f, enum severity chosen)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"severity\">Severity</label>"
	    "<select id=\"severity\" name=\"severity\">\n");
	filter_form_option(f, SPAN(""), SPAN("any"), chosen == SEVERITY_INFO);
	filter_form_option(f, SPAN("warning"), SPAN("warning or error"),
	    chosen == SEVERITY_WARNING);
	filter_form_option(
	    f, SPAN("error"), SPAN("error"), chosen == SEVERITY_ERROR);
	html_say(f, "</select></div>\n");
}

static void
write_states(FILE *f, bool resolved)
{
	html_say(f, "<div class=\"field\"><label for=\"state\">State</label>"
		    "<select id=\"state\" name=\"state\">\n");
	filter_form_option(f, SPAN(""), SPAN("open"), !resolved);
	filter_form_option(f, SPAN("resolved"), SPAN("ended"), resolved);
	html_say(f, "</select></div>\n");
}

/* Where the calendar led to; without a day it is the open ones again. */
static void
write_day(FILE *f, struct wall_time day)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"day\">Open on</label>"
	    "<input id=\"day\" type=\"date\" name=\"day\" "
	    "value=\"%s\"></div>\n",
	    chart_day_iso(day.s / DAY_S).text);
}

static enum err
write_filter(struct web_call *c, FILE *f, const struct incident_filter *filter,
    struct error *e)
{
	struct span domain = fields_find(&c->query, "domain");
	enum err rc;

	html_say(f,
	    "<form class=\"inline\" method=\"get\" action=\"/incidents\" "
	    "data-auto>\n");
	if (filter->day.s != 0)
		write_day(f, filter->day);
	else
		write_states(f, filter->resolved);
	write_severities(f, filter->severity);
	rc = filter_form_tags(c, filter->tag, e);
	html_say(f,
	    "<div class=\"field\"><label for=\"domain\">Domain</label>"
	    "<input id=\"domain\" name=\"domain\" value=\"%.*s\"></div>\n"
	    "<button>Show</button>\n</form>\n",
	    HTML_SPAN(domain));
	return rc;
}

/* ---- the rows ---- */

static void
write_cause(FILE *f, const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);
	struct span title =
	    id == CHECKS ? i->check : span_str(checks[id].title);

	html_say(f,
	    "<td class=\"name\"><a href=\"/incidents/%lld\">%.*s</a><br>"
	    "<span class=\"mono dim\">%.*s</span></td>\n"
	    "<td class=\"mono\">%.*s</td>\n",
	    (long long)i->id, HTML_SPAN(title), HTML_SPAN(i->check),
	    HTML_SPAN(i->subject));
}

static void
write_moment(FILE *f, bool is_set, struct wall_time t)
{
	html_say(f, "<td>");
	if (is_set)
		page_date(f, t);
	html_say(f, "</td>\n");
}

static void
write_row(struct web_call *c, FILE *f, bool with_end, const struct incident *i)
{
	html_say(f, "<tr>\n<td>");
	page_chip(f, i->is_resolved ? TONE_GOOD : tone_of_severity(i->severity),
	    i->is_resolved ? SPAN("ended")
			   : span_str(severity_names[i->severity]));
	html_say(f, "</td>\n");
	write_cause(f, i);
	html_say(f, "<td class=\"num\">%lld</td>\n<td>",
	    (long long)(i->is_resolved ? i->domains : i->errors + i->warnings));
	page_ago(c, f, i->opened_at);
	html_say(f, "</td>\n");
	if (with_end)
		write_moment(f, i->is_resolved, i->resolved_at);
	write_moment(f, i->horizon.s > 0, i->horizon);
	html_say(f, "<td>%.*s</td>\n</tr>\n", HTML_SPAN(i->acknowledged_by));
}

static void
write_table(struct web_call *c, FILE *f, bool with_end,
    const struct incident *all, size_t n)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Incidents\">\n<table class=\"grid\">\n<thead><tr>"
	    "<th scope=\"col\">Severity</th><th scope=\"col\">What</th>"
	    "<th scope=\"col\">Where</th>"
	    "<th scope=\"col\" class=\"num\">Domains</th>"
	    "<th scope=\"col\">Since</th>");
	if (with_end)
		html_say(f, "<th scope=\"col\">Ended</th>");
	html_say(f, "<th scope=\"col\">Senders may act on it until</th>"
		    "<th scope=\"col\">Known to</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		write_row(c, f, with_end, &all[i]);
	html_say(f, "</tbody>\n</table>\n</div>\n");
}

/* Under which words is what has no row. */
static void
write_none(FILE *f, const struct incident_filter *filter)
{
	bool is_all = filter->severity == SEVERITY_INFO && filter->tag.n == 0 &&
		      filter->domain == 0 && filter->after == 0;
	bool of_day = filter->day.s != 0;

	if (!is_all)
		html_say(f, "<p class=\"empty\">Nothing of that kind.</p>\n");
	else if (of_day)
		html_say(f, "<p class=\"empty\">Nothing was wrong on that "
			    "day.</p>\n");
	else if (filter->resolved)
		html_say(f, "<p class=\"empty\">Nothing has ended yet.</p>\n");
	else
		html_say(f,
		    "<p class=\"empty\">Nothing is wrong: no incident is "
		    "open.</p>\n");
}

static void
write_rows(struct web_call *c, FILE *f, const struct incident_filter *filter,
    const struct incident *all, size_t n)
{
	struct span next = SPAN("");

	if (n > ROWS) {
		n = ROWS;
		next = arena_printf(c->a, "%lld", (long long)all[ROWS - 1].id);
	}
	if (n == 0)
		write_none(f, filter);
	else
		write_table(
		    c, f, filter->resolved || filter->day.s != 0, all, n);
	query_pages(c, "after", next);
}

enum err
page_incidents(struct web_call *c, struct error *e)
{
	struct incident_filter filter;
	struct incident *all;
	bool good;
	size_t n;
	FILE *f;
	enum err rc = incidents_asked(c, &filter, &good, e);

	if (rc != ERR_OK || !good)
		return rc;
	filter.max = ROWS + 1; /* is there a page behind this one? */
	rc = incident_list(c->store, &filter, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	f = page_begin(c, SPAN("Incidents"), PLACE_INCIDENTS);
	html_say(f,
	    "<h1>Incidents</h1>\n<p class=\"lead\">One row a cause, however "
	    "many domains suffer from it.");
	if (filter.day.s != 0)
		html_say(f,
		    " Those that were open at some moment of %s (UTC), "
		    "whatever became of them. <a href=\"/incidents\">What is "
		    "open now</a>",
		    chart_day_iso(filter.day.s / DAY_S).text);
	html_say(f, "</p>\n");
	rc = write_filter(c, f, &filter, e);
	write_rows(c, f, &filter, all, n);
	page_end(c);
	return rc;
}
