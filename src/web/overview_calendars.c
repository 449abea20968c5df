#include "web/overview_calendars.h"

#include "core/words.h"
#include "web/calendar.h"
#include "web/chart.h"
#include "web/model_portfolio.h"
#include "web/portfolio_table.h"

enum { DAY_S = 86400 };

static const char *
plural(struct web_call *c, int64_t n, const char *one, const char *many)
{
	return arena_printf(
	    c->a, "%s %s", words_count(c->a, n), n == 1 ? one : many)
	    .p;
}

static void
begin_figures(FILE *f, const char *label, const char *what)
{
	html_say(f,
	    "<details class=\"more\"><summary>The figures</summary>\n"
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\"><table class=\"grid\"><thead><tr>"
	    "<th scope=\"col\">Day</th><th scope=\"col\">%s</th></tr></thead>"
	    "<tbody>\n",
	    label, what);
}

static void
say_figure(FILE *f, int64_t day, const char *words)
{
	html_say(f, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n",
	    chart_day_iso(day).text, words);
}

static void
end_figures(FILE *f)
{
	html_say(f, "</tbody></table></div></details>\n");
}

/* ---- when certificates end ---- */

/* The domains of which a certificate ends on that day. */
static void
link_ends(FILE *f, int64_t day, void *arg)
{
	const struct portfolio_page page = {
		.filter = { .paused = SPAN("no"),
		    .ends_from = { day * DAY_S },
		    .ends_before = { (day + 1) * DAY_S } },
		.sort = PORTFOLIO_CERTIFICATE,
	};

	(void)arg;
	portfolio_write(f, "/", &page, PORTFOLIO_FIRST, 0);
}

static void
fill_ends(struct web_call *c, int64_t today, const struct portfolio_day *list,
    size_t n, struct calendar_day *days)
{
	int64_t most = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i].n > most)
			most = list[i].n;
	for (size_t i = 0; i < OVERVIEW_EXPIRY_DAYS; i++)
		days[i] = (struct calendar_day){ 0, "l0", "none ends" };
	for (size_t i = 0; i < n; i++) {
		const struct portfolio_day *p = &list[i];
		int64_t at = p->day - today;

		if (at >= 0 && at < OVERVIEW_EXPIRY_DAYS)
			days[at] = (struct calendar_day){ p->n,
				calendar_level(p->n, most),
				plural(c, p->n, "domain", "domains") };
	}
}

enum err
overview_ends(struct web_call *c, const struct portfolio_day *list, size_t n,
    struct error *e)
{
	int64_t today = overview_today(c);
	struct calendar_day *days =
	    arena_array(c->a, OVERVIEW_EXPIRY_DAYS, sizeof *days);
	const struct calendar calendar = { .from = today,
		.n = OVERVIEW_EXPIRY_DAYS,
		.days = days,
		.link = link_ends };
	FILE *f = call_body(c);

	if (days == NULL)
		return error_plain(e, ERR_MEMORY);
	fill_ends(c, today, list, n, days);
	html_say(f, "<section class=\"card\">\n<h2>Certificates that end in "
		    "the next 90 days</h2>\n<p class=\"dim\">Of policy hosts, "
		    "and of the MX host whose certificate ends first: how many "
		    "domains. Most are renewed long before. A day leads to its "
		    "domains.</p>\n");
	calendar_write(f, &calendar);
	if (n > 0) {
		begin_figures(f, "Ends of certificates", "Domains");
		for (size_t i = 0; i < n; i++)
			say_figure(
			    f, list[i].day, words_count(c->a, list[i].n));
		end_figures(f);
	}
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- incidents ---- */

static const char *
incident_words(struct web_call *c, const struct incident_day *d)
{
	const char *opened;

	if (d->open == 0)
		return "no incident";
	opened = d->opened > 0 ? arena_printf(c->a, ", %s opened",
				     words_count(c->a, d->opened))
				     .p
			       : "";
	return arena_printf(c->a, "%s%s, worst: %s",
	    plural(c, d->open, "incident", "incidents"), opened,
	    severity_names[d->worst])
	    .p;
}

static const char *
incident_class(const struct incident_day *d)
{
	if (d->open == 0)
		return "l0";
	switch (d->worst) {
	case SEVERITY_INFO:
		return "l1";
	case SEVERITY_WARNING:
		return "warn";
	case SEVERITY_ERROR:
		return "bad";
	}
	return "l0";
}

static void
link_incidents(FILE *f, int64_t day, void *arg)
{
	(void)arg;
	html_say(f, "/incidents?day=%s", chart_day_iso(day).text);
}

enum err
overview_incident_days(struct web_call *c, const struct incident_day *list,
    size_t n, struct error *e)
{
	struct calendar_day *days = arena_array(c->a, n, sizeof *days);
	struct calendar calendar = {
		.n = n, .days = days, .link = link_incidents
	};
	FILE *f = call_body(c);

	if (days == NULL && n > 0)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < n; i++)
		days[i] = (struct calendar_day){ list[i].open,
			incident_class(&list[i]), incident_words(c, &list[i]) };
	html_say(f, "<section class=\"card\">\n<h2>Incidents of the last "
		    "year</h2>\n<p class=\"dim\">How many were open at some "
		    "moment of a day; the colour is that of the worst. A day "
		    "leads to them.</p>\n");
	if (n > 0)
		calendar.from = list[0].day;
	calendar_write(f, &calendar);
	begin_figures(f, "Incidents of the last year", "Open");
	for (size_t i = n; i-- > 0;)
		if (list[i].open > 0)
			say_figure(f, list[i].day, days[i].words);
	end_figures(f);
	html_say(f, "<p><a href=\"/incidents\">All incidents</a></p>\n"
		    "</section>\n");
	return ERR_OK;
}
