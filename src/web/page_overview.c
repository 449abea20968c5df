/* The portfolio in pictures, each with its figures as a table beside it. */
#include "core/words.h"
#include "web/model_portfolio.h"
#include "web/overview_calendars.h"
#include "web/overview_charts.h"
#include "web/portfolio_table.h"

enum { DAY_S = 86400, SOON_DAYS = 14 };

struct view {
	struct web_call *c;
	struct axis_day *days; /* the last one is now */
	size_t n_days;
	struct portfolio_day *ends;
	size_t n_ends;
	struct incident_day *incidents;
	size_t n_incidents;
	struct incident_counts open;
	int64_t paused, ending;
};

/* Those that are watched, and of which a certificate has ended or is about to;
 * the days are those of the calendar. */
static struct portfolio_filter
ending(const struct web_call *c)
{
	return (struct portfolio_filter){ .paused = SPAN("no"),
		.ends_before = { (overview_today(c) + SOON_DAYS) * DAY_S } };
}

/* ---- headline numbers ---- */

static void
begin_tile(FILE *f, enum tone tone)
{
	html_say(f, "<a class=\"tile %s\" href=\"", tone_names[tone]);
}

static void
end_tile(struct view *s, int64_t n, const char *label)
{
	html_say(call_body(s->c),
	    "\"><span class=\"figure\">%s</span>"
	    "<span class=\"label\">%s</span></a>\n",
	    words_count(s->c->a, n), label);
}

static void
say_tile(struct view *s, enum tone tone, struct portfolio_filter filter,
    enum portfolio_sort sort, int64_t n, const char *label)
{
	const struct portfolio_page page = { .filter = filter, .sort = sort };
	FILE *f = call_body(s->c);

	begin_tile(f, tone);
	portfolio_write(f, "/", &page, PORTFOLIO_FIRST, 0);
	end_tile(s, n, label);
}

/* Of the domains that are watched, those of that word. */
static void
say_part_tile(struct view *s, enum tone tone, enum axis_id id, const char *word,
    const char *label)
{
	struct portfolio_filter filter = { .paused = SPAN("no") };
	const struct axis_counts *now = &s->days[s->n_days - 1].counts[id];
	int64_t n = axis_count_of(id, now, word);

	if (id == AXIS_VERDICT)
		filter.verdict = span_str(word);
	else
		filter.deployment = span_str(word);
	say_tile(
	    s, n > 0 ? tone : TONE_NONE, filter, PORTFOLIO_FIRST, n, label);
}

static void
say_incidents_tile(struct view *s)
{
	int64_t n = s->open.errors + s->open.warnings + s->open.infos;

	begin_tile(call_body(s->c), s->open.errors > 0 ? TONE_BAD : TONE_NONE);
	html_say(call_body(s->c), "/incidents");
	end_tile(s, n, "open incidents");
}

static void
say_headlines(struct view *s)
{
	const struct axis_day *now = &s->days[s->n_days - 1];
	FILE *f = call_body(s->c);

	html_say(f, "<div class=\"tiles\">\n");
	say_tile(s, TONE_NONE,
	    (struct portfolio_filter){ .paused = SPAN("no") }, PORTFOLIO_FIRST,
	    now->counts[AXIS_DEPLOYMENT].total, "domains watched");
	say_part_tile(s, TONE_GOOD, AXIS_DEPLOYMENT, "enforce", "enforce");
	say_part_tile(s, TONE_INFO, AXIS_DEPLOYMENT, "testing", "testing");
	say_part_tile(s, TONE_BAD, AXIS_VERDICT, "error", "in error");
	say_incidents_tile(s);
	say_tile(s, s->ending > 0 ? TONE_WARN : TONE_NONE, ending(s->c),
	    PORTFOLIO_CERTIFICATE, s->ending,
	    "certificates ended, or end within 14 days");
	if (s->paused > 0)
		say_tile(s, TONE_NONE,
		    (struct portfolio_filter){ .paused = SPAN("yes") },
		    PORTFOLIO_FIRST, s->paused, "paused");
	html_say(f, "</div>\n<p class=\"dim\">The figures hold now, of the "
		    "domains that are watched; those that are paused are in "
		    "none of them. Of a day that is over stands what was "
		    "counted last.</p>\n");
}

/* ---- the page ---- */

static enum err
read_all(struct view *s, struct error *e)
{
	const struct portfolio_filter soon = ending(s->c);
	struct web_call *c = s->c;
	enum err rc = overview_census(c, &s->days, &s->n_days, e);

	if (rc == ERR_OK)
		rc = census_paused(c->store, &s->paused, e);
	if (rc == ERR_OK)
		rc = overview_expiries(c, &s->ends, &s->n_ends, e);
	if (rc == ERR_OK)
		rc = portfolio_count(c->store, &soon, &s->ending, e);
	if (rc == ERR_OK)
		rc = overview_incidents(c, &s->incidents, &s->n_incidents, e);
	if (rc == ERR_OK)
		rc = incident_count(c->store, &s->open, e);
	return rc;
}

/* There was never a domain. */
static bool
is_empty(const struct view *s)
{
	return s->n_days == 1 && s->paused == 0 &&
	       s->days[0].counts[AXIS_DEPLOYMENT].total == 0;
}

static enum err
say_pictures(struct view *s, struct error *e)
{
	struct web_call *c = s->c;
	enum err rc;

	say_headlines(s);
	html_say(call_body(c), "<div class=\"cards\">\n");
	rc = overview_stack(
	    c, s->days, s->n_days, AXIS_DEPLOYMENT, "Deployed, over time", e);
	if (rc == ERR_OK)
		rc = overview_stack(c, s->days, s->n_days, AXIS_ELIGIBILITY,
		    "Eligible, over time", e);
	html_say(call_body(c), "</div>\n");
	if (rc == ERR_OK)
		rc = overview_ends(c, s->ends, s->n_ends, e);
	return rc;
}

enum err
page_overview(struct web_call *c, struct error *e)
{
	struct view s = { .c = c };
	FILE *f;
	enum err rc = read_all(&s, e);

	if (rc != ERR_OK)
		return rc;
	f = page_begin(c, SPAN("Overview"), PLACE_OVERVIEW);
	html_say(f, "<h1>Overview</h1>\n");
	if (is_empty(&s))
		html_say(f, "<p class=\"empty\">Nothing is counted yet. <a "
			    "href=\"/\">Add domains to the portfolio</a>, and "
			    "from then on each day is remembered.</p>\n");
	else
		rc = say_pictures(&s, e);
	if (rc == ERR_OK)
		rc = overview_incident_days(c, s.incidents, s.n_incidents, e);
	page_end(c);
	return rc;
}
