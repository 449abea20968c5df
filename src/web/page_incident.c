/* One cause, what it does to mail, and whom it hits. */
#include "base/limits.h"
#include "web/model_incidents.h"
#include "web/page.h"
#include "web/query.h"

enum { ROWS = 100 };

static void
write_fact(FILE *f, const char *name, struct wall_time t)
{
	html_say(f, "<dt>%s</dt><dd>", name);
	page_date(f, t);
	html_say(f, "</dd>\n");
}

/* Until when, in the words of what it does. */
static const char *
horizon_words(const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);

	if (id != CHECKS && checks[id].effect == EFFECT_LOSS)
		return "Mail may be refused until";
	return "Senders may act on it until";
}

static void
write_facts(struct web_call *c, FILE *f, const struct incident *i)
{
	html_say(f,
	    "<dl class=\"facts\">\n<dt>Where</dt><dd class=\"mono\">%.*s"
	    "</dd>\n<dt>Since</dt><dd>",
	    HTML_SPAN(i->subject));
	page_date(f, i->opened_at);
	html_say(f, " (");
	page_ago(c, f, i->opened_at);
	html_say(f, ")</dd>\n");
	if (i->is_resolved)
		write_fact(f, "Ended", i->resolved_at);
	else if (i->changed_at.s != i->opened_at.s)
		write_fact(f, "Of this severity since", i->changed_at);
	if (i->horizon.s > 0)
		write_fact(f, horizon_words(i), i->horizon);
	if (i->domains > 0)
		html_say(f,
		    "<dt>Domains</dt><dd>%lld in error, %lld in warning, "
		    "%lld in all</dd>\n",
		    (long long)i->errors, (long long)i->warnings,
		    (long long)i->domains);
	html_say(f, "</dl>\n");
}

static void
write_head(
    struct web_call *c, FILE *f, const struct incident *i, struct span title)
{
	html_say(f, "<h1>%.*s</h1>\n<p>", HTML_SPAN(title));
	if (i->is_resolved)
		page_chip(f, TONE_GOOD, SPAN("ended"));
	else
		page_chip(f, tone_of_severity(i->severity),
		    span_str(severity_names[i->severity]));
	html_say(f,
	    " <span class=\"mono dim\">#%lld %.*s</span></p>\n"
	    "<section class=\"card\">\n",
	    (long long)i->id, HTML_SPAN(i->check));
	html_say(f, "<p class=\"lead\">%.*s</p>\n", HTML_SPAN(i->message));
	if (i->remedy.n > 0)
		page_remedy(f, i->remedy);
	write_facts(c, f, i);
	html_say(f, "</section>\n");
}

/* ---- who knows ---- */

static void
write_form(struct web_call *c, FILE *f, const struct incident *i)
{
	if (!page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/incidents/%lld/acknowledge", (long long)i->id))
		return;
	html_say(f,
	    "<div class=\"field\"><label for=\"note\">Note, for people"
	    "</label><textarea id=\"note\" name=\"note\" rows=\"3\" "
	    "maxlength=\"%d\">%.*s</textarea></div>\n"
	    "<div class=\"actions\"><button class=\"primary\">%s</button>"
	    "</div>\n</form>\n",
	    LIMIT_NOTE, HTML_SPAN(i->note),
	    i->is_acknowledged ? "Change" : "Acknowledge");
}

static void
write_known(struct web_call *c, FILE *f, const struct incident *i)
{
	html_say(f, "<section class=\"card\">\n<h2>Who knows</h2>\n");
	if (i->is_acknowledged) {
		html_say(f, "<p>%.*s, since ", HTML_SPAN(i->acknowledged_by));
		page_date(f, i->acknowledged_at);
		html_say(f, ". There are no more reminders.</p>\n");
		if (i->note.n > 0)
			html_say(f, "<blockquote>%.*s</blockquote>\n",
			    HTML_SPAN(i->note));
	} else {
		html_say(f,
		    "<p>Nobody has said so. Whoever acknowledges it ends the "
		    "reminders; if it worsens, it is told all the same.</p>\n");
	}
	if (!i->is_resolved)
		write_form(c, f, i);
	html_say(f, "</section>\n");
}

/* ---- what it is ---- */

/* clang-format off */
static const char *const effect_words[] = {
	[EFFECT_LOSS]		= "A sender that keeps to RFC 8461 refuses or defers mail.",
	[EFFECT_OPEN]		= "Mail flows, and MTA-STS protects nothing.",
	[EFFECT_LATENT]		= "It does nothing yet, and will at the next change.",
	[EFFECT_HYGIENE]	= "Senders differ in what they do.",
	[EFFECT_SECURITY]	= "It weakens what the policy proves.",
};
/* clang-format on */

/* is_told: what to do stands above already. */
static void
write_check(FILE *f, enum check_id id, bool is_told)
{
	const struct check *k = &checks[id];

	html_say(f,
	    "<section class=\"card\">\n<h2>What this is</h2>\n<p>%s</p>\n"
	    "<p>%s %s</p>\n<p class=\"dim\">%s, check "
	    "<span class=\"mono\">%s</span></p>\n</section>\n",
	    k->why, effect_words[k->effect], is_told ? "" : k->remedy,
	    k->clause, k->slug);
}

/* ---- whom it hits ---- */

static void
write_domain(struct web_call *c, FILE *f, const struct incident_domain *d)
{
	html_say(f, "<tr>\n<td class=\"name\"><a href=\"/domains/");
	html_url(f, d->name);
	html_say(f, "\">%.*s</a></td>\n<td>", HTML_SPAN(d->name));
	if (d->is_resolved)
		page_chip(f, TONE_GOOD, SPAN("ended"));
	else
		page_chip(f, tone_of_severity(d->severity),
		    span_str(severity_names[d->severity]));
	html_say(f, "</td>\n<td>");
	page_ago(c, f, d->since);
	html_say(f, "</td>\n<td>");
	if (d->is_resolved)
		page_date(f, d->resolved_at);
	html_say(f, "</td>\n</tr>\n");
}

static void
write_domains(
    struct web_call *c, FILE *f, const struct incident_domain *all, size_t n)
{
	struct span next = SPAN("");

	html_say(f, "<h2>Domains</h2>\n");
	if (n == 0)
		html_say(f, "<p class=\"empty\">It is about no domain.</p>\n");
	else
		html_say(f,
		    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Domains\">\n<table class=\"grid\">\n"
		    "<thead><tr><th scope=\"col\">Domain</th>"
		    "<th scope=\"col\">Severity</th>"
		    "<th scope=\"col\">Since</th><th scope=\"col\">Ended</th>"
		    "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n && i < ROWS; i++)
		write_domain(c, f, &all[i]);
	if (n > 0)
		html_say(f, "</tbody>\n</table>\n</div>\n");
	if (n > ROWS)
		next = all[ROWS - 1].name;
	query_pages(c, "after", next);
}

enum err
page_incident(struct web_call *c, struct error *e)
{
	struct incident_domain *all;
	struct incident i;
	enum check_id id;
	struct span title;
	bool found;
	size_t n;
	FILE *f;
	enum err rc = incident_asked(c, &i, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	rc = incident_domains(c->store, i.id, fields_find(&c->query, "after"),
	    ROWS + 1, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	id = check_by_slug(i.check); /* CHECKS: of another version */
	title = id == CHECKS ? i.check : span_str(checks[id].title);
	f = page_begin(c, title, PLACE_INCIDENTS);
	write_head(c, f, &i, title);
	html_say(f, "<div class=\"cards\">\n");
	write_known(c, f, &i);
	if (id != CHECKS)
		write_check(f, id, i.remedy.n > 0);
	html_say(f, "</div>\n");
	write_domains(c, f, all, n);
	page_end(c);
	return ERR_OK;
}
