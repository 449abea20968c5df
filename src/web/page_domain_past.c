/* What was, and what is set. */
#include "base/limits.h"
#include "core/settings.h"
#include "web/page_domain.h"

enum { ROWS = 20 };

/* ---- incidents ---- */

static void
write_incident(FILE *f, const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);
	struct span title =
	    id == CHECKS ? i->check : span_str(checks[id].title);

	html_say(f, "<li>");
	if (i->is_resolved)
		page_chip(f, TONE_GOOD, SPAN("ended"));
	else
		page_chip(f, tone_of_severity(i->severity),
		    span_str(severity_names[i->severity]));
	html_say(f,
	    " <a href=\"/incidents/%lld\">%.*s</a> <span class=\"dim\">%.*s, "
	    "since ",
	    (long long)i->id, HTML_SPAN(title), HTML_SPAN(i->subject));
	page_date(f, i->opened_at);
	html_say(f, "</span></li>\n");
}

static enum err
write_incidents(
    struct web_call *c, FILE *f, const struct domain_model *m, struct error *e)
{
	const struct incident_filter filter = { .resolved = true,
		.domain = m->row.id,
		.tag = SPAN(""),
		.max = ROWS };
	const struct domain_state *s = &m->state;
	struct incident *past;
	size_t n;
	enum err rc = incident_list(c->store, &filter, c->a, &past, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<h3>Incidents</h3>\n<ul class=\"plain\">\n");
	for (size_t i = 0; i < s->n_incidents; i++)
		write_incident(f, &s->incidents[i]);
	for (size_t i = 0; i < n; i++)
		write_incident(f, &past[i]);
	html_say(f, "</ul>\n");
	if (s->n_incidents + n == 0)
		html_say(f, "<p class=\"empty\">There were none.</p>\n");
	return ERR_OK;
}

/* ---- events ---- */

static void
write_event(FILE *f, const struct history_event *h)
{
	html_say(f, "<tr><td>");
	page_minute(f, h->at);
	html_say(f, "</td><td class=\"kind\">");
	page_words(f, h->kind);
	html_say(
	    f, "</td><td class=\"said\">%.*s</td></tr>\n", HTML_SPAN(h->text));
}

/* Older ones: "?before=SEQ". */
static void
write_older(FILE *f, const struct domain_model *m, int64_t seq)
{
	html_say(f, "<nav class=\"pages\" aria-label=\"Events\"><a href=\"");
	domain_link(f, m->row.name, "");
	html_say(f, "?before=%lld#past\">Older</a></nav>\n", (long long)seq);
}

enum err
domain_write_past(
    struct web_call *c, FILE *f, const struct domain_model *m, struct error *e)
{
	int64_t before = fields_number(&c->query, "before", 1, INT64_MAX, 0);
	struct history_event *all;
	size_t n;
	enum err rc =
	    history_list(c->store, m->row.id, before, ROWS, c->a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"past\">\n<h2>What "
		    "happened</h2>\n");
	rc = write_incidents(c, f, m, e);
	if (rc != ERR_OK)
		return rc;
	html_say(f, "<h3>Events</h3>\n");
	if (n == 0) {
		html_say(f, "<p class=\"empty\">Nothing has happened "
			    "yet.</p>\n</section>\n");
		return ERR_OK;
	}
	html_say(f, "<div class=\"wrap\" tabindex=\"0\" "
		    "role=\"region\" aria-label=\"Events\"><table "
		    "class=\"grid\"><thead><tr><th scope=\"col\">UTC</th>"
		    "<th scope=\"col\">What</th><th scope=\"col\">In words</th>"
		    "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		write_event(f, &all[i]);
	html_say(f, "</tbody></table></div>\n");
	if (n == ROWS)
		write_older(f, m, all[n - 1].seq);
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- settings ---- */

static void
write_choice(FILE *f, struct span value, const char *word)
{
	html_say(f, "<option value=\"%s\"%s>%s</option>", word,
	    span_eq(value, span_str(word)) ? " selected" : "",
	    word[0] != '\0' ? word : "not set");
}

static void
write_input(FILE *f, const struct setting *s, struct span value)
{
	switch (s->kind) {
	case SETTING_DURATION:
	case SETTING_CHECKS:
		html_say(f,
		    "<input id=\"set-%s\" name=\"%s\" value=\"%.*s\" "
		    "placeholder=\"%s\">",
		    s->name, s->name, HTML_SPAN(value), s->range);
		return;
	case SETTING_MODE:
		html_say(
		    f, "<select id=\"set-%s\" name=\"%s\">", s->name, s->name);
		write_choice(f, value, "");
		write_choice(f, value, "enforce");
		write_choice(f, value, "testing");
		write_choice(f, value, "none");
		html_say(f, "</select>");
		return;
	case SETTING_SWITCH:
		html_say(f,
		    "<input type=\"checkbox\" id=\"set-%s\" name=\"%s\" "
		    "value=\"on\"%s>",
		    s->name, s->name, value.n > 0 ? " checked" : "");
		return;
	}
}

static void
write_setting(FILE *f, const struct settings *set, enum setting_id id)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	const struct setting *s = &settings[id];

	settings_value(set, id, &b);
	html_say(f, "<div class=\"field\"><label for=\"set-%s\">", s->name);
	page_words(f, span_str(s->name));
	html_say(f, "</label>");
	write_input(f, s, buf_span(&b));
	html_say(f, "<span class=\"hint\">%s</span></div>\n", s->help);
}

static void
write_note(struct web_call *c, FILE *f, const struct domain_model *m)
{
	if (page_form(c, HTTP_PUT, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/note", HTML_SPAN(m->row.name)))
		html_say(f,
		    "<div class=\"field\"><label for=\"note\">Note, for "
		    "people</label><textarea id=\"note\" name=\"note\" "
		    "rows=\"3\" maxlength=\"%d\">%.*s</textarea></div>\n"
		    "<div class=\"actions\"><button>Save the note</button>"
		    "</div></form>\n",
		    LIMIT_NOTE, HTML_SPAN(m->row.note));
}

static void
write_removal(struct web_call *c, FILE *f, const struct domain_model *m)
{
	if (page_form(c, HTTP_DELETE, SCOPE_OPERATE, SPAN("/"),
		"/api/v1/domains/%.*s", HTML_SPAN(m->row.name)))
		html_say(f,
		    "<details class=\"more\"><summary>Remove from the "
		    "portfolio</summary><p>All that is remembered of it "
		    "goes too.</p><button class=\"danger\">Remove"
		    "</button></details></form>\n");
}

void
domain_write_settings(struct web_call *c, FILE *f, const struct domain_model *m)
{
	if (c->caller.scope < SCOPE_OPERATE)
		return;
	html_say(f, "<section class=\"card\" id=\"settings\">\n"
		    "<h2>Settings of this domain</h2>\n");
	if (page_form(c, HTTP_PUT, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/settings", HTML_SPAN(m->row.name))) {
		html_say(f, "<div class=\"fields\">\n");
		for (enum setting_id id = 0; id < SETTINGS; id++)
			write_setting(f, &m->settings, id);
		html_say(f,
		    "</div>\n<div class=\"actions\"><button>Save</button>"
		    "</div></form>\n");
	}
	if (m->settings.status_page) {
		html_say(f, "<p>Anybody may see <a href=\"/status/");
		html_url(f, m->row.name);
		html_say(f, "\">its status</a> and <a href=\"/badge/");
		html_url(f, m->row.name);
		html_say(f, ".svg\">its badge</a>.</p>\n");
	}
	write_note(c, f, m);
	write_removal(c, f, m);
	html_say(f, "</section>\n");
}
