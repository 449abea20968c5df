/* The portfolio in pictures, each with its figures as a table beside it. */
#include "base/limits.h"
#include "core/words.h"
#include "web/calendar.h"
#include "web/chart.h"
#include "web/model_overview.h"
#include "web/model_portfolio.h"
#include "web/portfolio_table.h"

enum { DAY_S = 86400, SOON_DAYS = 14 };

struct view {
	struct web_call *c;
	int64_t today;
	struct axis_day *days;
	size_t n_days;
	struct portfolio_day *expiries;
	size_t n_expiries;
	struct incident_day *incidents;
	size_t n_incidents;
	struct incident_counts open;
};

/* ---- headline numbers ---- */

static void
say_tile(struct view *s, enum tone tone, const char *href, int64_t n,
    const char *label)
{
	FILE *f = call_body(s->c);

	html_say(f,
	    "<a class=\"tile %s\" href=\"%s\"><span class=\"figure\">%s</span>"
	    "<span class=\"label\">%s</span></a>\n",
	    tone_names[tone], href, words_count(s->c->a, n), label);
}

static void
say_headlines(struct view *s)
{
	const struct axis_day *now = &s->days[s->n_days - 1];
	const struct axis_counts *deployed = &now->counts[AXIS_DEPLOYMENT];
	int64_t errors =
	    axis_count_of(AXIS_VERDICT, &now->counts[AXIS_VERDICT], "error");
	int64_t incidents = s->open.errors + s->open.warnings + s->open.infos;
	int64_t ending = 0;
	FILE *f = call_body(s->c);

	for (size_t i = 0; i < s->n_expiries; i++)
		if (s->expiries[i].day < s->today + SOON_DAYS)
			ending += s->expiries[i].n;
	html_say(f, "<div class=\"tiles\">\n");
	say_tile(s, TONE_NONE, "/", deployed->total, "domains");
	say_tile(s, TONE_GOOD, "/?deployment=enforce",
	    axis_count_of(AXIS_DEPLOYMENT, deployed, "enforce"), "enforce");
	say_tile(s, TONE_INFO, "/?deployment=testing",
	    axis_count_of(AXIS_DEPLOYMENT, deployed, "testing"), "testing");
	say_tile(s, errors > 0 ? TONE_BAD : TONE_NONE, "/?verdict=error",
	    errors, "in error");
	say_tile(s, s->open.errors > 0 ? TONE_BAD : TONE_NONE, "/incidents",
	    incidents, "open incidents");
	say_tile(s, ending > 0 ? TONE_WARN : TONE_NONE, "/?sort=certificate",
	    ending, "certificates end within 14 days");
	html_say(f, "</div>\n");
}

/* ---- shares over time ---- */

static bool
is_same(const struct axis_counts *a, const struct axis_counts *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static void
say_days_row(FILE *f, const struct axis *a, const struct axis_day *from,
    const struct axis_day *to, const struct axis_counts *counts)
{
	html_say(f, "<tr><th scope=\"row\">%s", chart_day_iso(from->day).text);
	if (to->day > from->day)
		html_say(f, " to %s", chart_day_iso(to->day).text);
	html_say(f, "</th>");
	for (size_t i = 0; i < a->n; i++)
		html_say(f, "<td class=\"num\">%lld</td>",
		    (long long)counts->parts[i]);
	html_say(f, "</tr>\n");
}

/* The newest first; days in a row that are alike are one line. */
static void
say_days_table(struct view *s, enum axis_id id)
{
	const struct axis *a = &axes[id];
	FILE *f = call_body(s->c);

	html_say(f,
	    "<details class=\"more\"><summary>The figures</summary>\n"
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s: the figures\"><table class=\"grid\"><thead><tr>"
	    "<th scope=\"col\">Day</th>",
	    a->title);
	for (size_t i = 0; i < a->n; i++)
		html_say(f, "<th scope=\"col\" class=\"num\">%s</th>",
		    a->parts[i].label);
	html_say(f, "</tr></thead><tbody>\n");
	for (size_t end = s->n_days; end > 0;) {
		const struct axis_day *last = &s->days[end - 1];
		size_t first = end - 1;

		while (
		    first > 0 &&
		    s->days[first - 1].day + 1 == s->days[first].day &&
		    is_same(&s->days[first - 1].counts[id], &last->counts[id]))
			first--;
		say_days_row(f, a, &s->days[first], last, &last->counts[id]);
		end = first;
	}
	html_say(f, "</tbody></table></div></details>\n");
}

/* The legend has only what the picture has. */
static void
say_legend(struct view *s, enum axis_id id, const struct chart_part *parts)
{
	bool shown[CHART_PARTS] = { false };

	for (size_t d = 0; d < s->n_days; d++)
		for (size_t i = 0; i < axes[id].n; i++)
			shown[i] =
			    shown[i] || s->days[d].counts[id].parts[i] > 0;
	chart_legend(call_body(s->c), parts, shown, axes[id].n);
}

static const char *
describe(struct view *s, enum axis_id id, struct chart_span span)
{
	const struct axis *a = &axes[id];
	const struct axis_counts *now = &s->days[s->n_days - 1].counts[id];
	struct span text = arena_printf(s->c->a, "From %s to %s. At the end",
	    chart_day_iso(span.from).text,
	    chart_day_iso(span.from + (int64_t)span.n - 1).text);

	for (size_t i = 0; i < a->n; i++)
		if (now->parts[i] > 0)
			text = arena_printf(s->c->a, "%.*s, %s %s", (int)text.n,
			    text.p, a->parts[i].label,
			    axis_share(now->parts[i], now->total, s->c->a));
	return text.p;
}

static enum err
say_stack(struct view *s, enum axis_id id, const char *title, struct error *e)
{
	const struct axis *a = &axes[id];
	struct chart_day *days = arena_array(s->c->a, s->n_days, sizeof *days);
	struct chart_part parts[CHART_PARTS];
	struct chart_span span;
	FILE *f = call_body(s->c);

	if (days == NULL)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	for (size_t i = 0; i < a->n; i++)
		parts[i] =
		    (struct chart_part){ a->tone(span_str(a->parts[i].word)),
			    a->parts[i].label };
	for (size_t d = 0; d < s->n_days; d++) {
		days[d].day = s->days[d].day;
		memcpy(days[d].values, s->days[d].counts[id].parts,
		    sizeof s->days[d].counts[id].parts);
	}
	span = chart_span_of(days, s->n_days, LIMIT_CENSUS_DAYS);
	html_say(f, "<section class=\"card\">\n<h2>%s</h2>\n", title);
	chart_stack(f, title, describe(s, id, span), parts, a->n, days,
	    s->n_days, span);
	say_legend(s, id, parts);
	say_days_table(s, id);
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- when certificates end ---- */

/* The portfolio in the order of its certificates, from that day on. */
static void
link_expiry(FILE *f, int64_t day, void *arg)
{
	struct view *s = arg;
	const struct domain edge = { .name = SPAN("a"),
		.summary = { .policy_cert_until = { day * DAY_S - 1 } } };
	const struct portfolio_page page = { .sort = PORTFOLIO_CERTIFICATE,
		.after =
		    portfolio_cursor(&edge, PORTFOLIO_CERTIFICATE, s->c->a) };

	portfolio_write(f, "/", &page, PORTFOLIO_FIRST, 0);
}

static const char *
plural(struct view *s, int64_t n, const char *one, const char *many)
{
	return arena_printf(
	    s->c->a, "%s %s", words_count(s->c->a, n), n == 1 ? one : many)
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

static void
fill_expiries(struct view *s, struct calendar_day *days)
{
	int64_t most = 0;

	for (size_t i = 0; i < s->n_expiries; i++)
		if (s->expiries[i].n > most)
			most = s->expiries[i].n;
	for (size_t i = 0; i < OVERVIEW_EXPIRY_DAYS; i++)
		days[i] = (struct calendar_day){ 0, "l0", "none ends" };
	for (size_t i = 0; i < s->n_expiries; i++) {
		const struct portfolio_day *p = &s->expiries[i];
		int64_t at = p->day - s->today;

		if (at >= 0 && at < OVERVIEW_EXPIRY_DAYS)
			days[at] = (struct calendar_day){ p->n,
				calendar_level(p->n, most),
				plural(s, p->n, "domain", "domains") };
	}
}

static enum err
say_expiries(struct view *s, struct error *e)
{
	struct calendar_day *days =
	    arena_array(s->c->a, OVERVIEW_EXPIRY_DAYS, sizeof *days);
	const struct calendar calendar = { .from = s->today,
		.n = OVERVIEW_EXPIRY_DAYS,
		.days = days,
		.link = link_expiry,
		.arg = s };
	FILE *f = call_body(s->c);

	if (days == NULL)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	fill_expiries(s, days);
	html_say(f, "<section class=\"card\">\n<h2>Certificates that end in "
		    "the next 90 days</h2>\n<p class=\"dim\">Of policy hosts, "
		    "and of the MX host whose certificate ends first: how many "
		    "domains. Most are renewed long before. A day leads to the "
		    "domains from that day on.</p>\n");
	calendar_write(f, &calendar);
	if (s->n_expiries > 0) {
		begin_figures(f, "Ends of certificates", "Domains");
		for (size_t i = 0; i < s->n_expiries; i++)
			say_figure(f, s->expiries[i].day,
			    words_count(s->c->a, s->expiries[i].n));
		end_figures(f);
	}
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- incidents ---- */

static const char *
incident_words(struct view *s, const struct incident_day *d)
{
	const char *opened;

	if (d->open == 0)
		return "no incident";
	opened = d->opened > 0 ? arena_printf(s->c->a, ", %s opened",
				     words_count(s->c->a, d->opened))
				     .p
			       : "";
	return arena_printf(s->c->a, "%s%s, worst: %s",
	    plural(s, d->open, "incident", "incidents"), opened,
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

static enum err
say_incidents(struct view *s, struct error *e)
{
	struct calendar_day *days =
	    arena_array(s->c->a, s->n_incidents, sizeof *days);
	struct calendar calendar = { .n = s->n_incidents, .days = days };
	FILE *f = call_body(s->c);

	if (days == NULL && s->n_incidents > 0)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	for (size_t i = 0; i < s->n_incidents; i++)
		days[i] = (struct calendar_day){ s->incidents[i].open,
			incident_class(&s->incidents[i]),
			incident_words(s, &s->incidents[i]) };
	html_say(f, "<section class=\"card\">\n<h2>Incidents of the last "
		    "year</h2>\n<p class=\"dim\">How many were open at some "
		    "moment of a day; the colour is that of the worst.</p>\n");
	if (s->n_incidents > 0)
		calendar.from = s->incidents[0].day;
	calendar_write(f, &calendar);
	begin_figures(f, "Incidents of the last year", "Open");
	for (size_t i = s->n_incidents; i-- > 0;)
		if (s->incidents[i].open > 0)
			say_figure(f, s->incidents[i].day, days[i].words);
	end_figures(f);
	html_say(f, "<p><a href=\"/incidents\">All incidents</a></p>\n"
		    "</section>\n");
	return ERR_OK;
}

/* ---- the page ---- */

static enum err
read_all(struct view *s, struct error *e)
{
	struct web_call *c = s->c;
	enum err rc = overview_census(c, &s->days, &s->n_days, e);

	if (rc == ERR_OK)
		rc = overview_expiries(c, &s->expiries, &s->n_expiries, e);
	if (rc == ERR_OK)
		rc = overview_incidents(c, &s->incidents, &s->n_incidents, e);
	if (rc == ERR_OK)
		rc = incident_count(c->store, &s->open, e);
	return rc;
}

static enum err
say_pictures(struct view *s, struct error *e)
{
	enum err rc;

	say_headlines(s);
	html_say(call_body(s->c), "<div class=\"cards\">\n");
	rc = say_stack(s, AXIS_DEPLOYMENT, "Deployed, over time", e);
	if (rc == ERR_OK)
		rc = say_stack(s, AXIS_ELIGIBILITY, "Eligible, over time", e);
	html_say(call_body(s->c), "</div>\n");
	if (rc == ERR_OK)
		rc = say_expiries(s, e);
	return rc;
}

enum err
page_overview(struct web_call *c, struct error *e)
{
	struct view s = { .c = c, .today = overview_today(c) };
	FILE *f;
	enum err rc = read_all(&s, e);

	if (rc != ERR_OK)
		return rc;
	f = page_begin(c, SPAN("Overview"), PLACE_OVERVIEW);
	html_say(f, "<h1>Overview</h1>\n");
	if (s.n_days > 0)
		rc = say_pictures(&s, e);
	else
		html_say(f, "<p class=\"empty\">Nothing is counted yet. <a "
			    "href=\"/\">Add domains to the portfolio</a>, and "
			    "from then on each day is remembered.</p>\n");
	if (rc == ERR_OK)
		rc = say_incidents(&s, e);
	page_end(c);
	return rc;
}
