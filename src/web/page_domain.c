/* All of one domain. */
#include "web/page_domain.h"

#include "core/overview.h"

void
domain_link(FILE *f, struct span name, const char *rest)
{
	html_say(f, "/domains/");
	html_url(f, name);
	html_say(f, "%s", rest);
}

void
domain_write_file(struct web_call *c, FILE *f, struct span file)
{
	char *text = arena_alloc(c->a, file.n + 1);
	size_t n = 0;

	for (size_t i = 0; text != NULL && i < file.n; i++)
		if (file.p[i] != '\r' || i + 1 == file.n ||
		    file.p[i + 1] != '\n')
			text[n++] = file.p[i];
	if (text != NULL)
		page_copy(f, "the policy", (struct span){ text, n });
}

FILE *
domain_page_begin(struct web_call *c, struct span name, const char *what)
{
	struct span title =
	    arena_printf(c->a, "%.*s: %s", (int)name.n, name.p, what);
	FILE *f = page_begin(c, title, PLACE_PORTFOLIO);

	html_say(f, "<p><a href=\"");
	domain_link(f, name, "");
	html_say(f, "\">%.*s</a></p>\n<h1>%s</h1>\n", HTML_SPAN(name), what);
	return f;
}

/* ---- how it stands ---- */

static void
write_chips(FILE *f, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;

	html_say(f, "<p>");
	if (d->paused)
		page_chip(f, TONE_NONE, SPAN("paused"));
	else if (s->verdict.n == 0)
		page_chip(f, TONE_UNKNOWN, SPAN("not looked at yet"));
	else
		page_chip(f, tone_of_verdict(s->verdict), s->verdict);
	if (s->deployment.n > 0) {
		html_say(f, " deployed: ");
		page_chip(f, tone_of_deployment(s->deployment), s->deployment);
	}
	if (s->eligibility.n > 0) {
		html_say(f, " eligible: ");
		page_chip(
		    f, tone_of_eligibility(s->eligibility), s->eligibility);
		html_say(f, " (%lld of %lld addresses)",
		    (long long)s->good_addresses, (long long)s->addresses);
	}
	html_say(f, "</p>\n");
}

/* Where the owner does what is next. */
static const char *
next_place(enum next_step step)
{
	switch (step) {
	case NEXT_MEND:
	case NEXT_UNKNOWN:
		return "#findings";
	case NEXT_CNAMES:
	case NEXT_APPROVE:
	case NEXT_REMOVE:
	case NEXT_PUBLISH:
	case NEXT_ENFORCE:
	case NEXT_TEST:
	case NEXT_WAIT:
		return "#publication";
	case NEXT_ELIGIBLE:
		return "#mx";
	case NEXT_LOOK:
	case NEXT_NO_MAIL:
	case NEXT_NOTHING:
	case NEXT_STEPS:
		break;
	}
	return NULL;
}

static void
write_next(FILE *f, const struct domain_summary *s)
{
	enum next_step step = next_step_by_name(s->next_step);
	enum check_id check = check_by_slug(s->next_check);
	const char *place = next_place(step);

	if (step == NEXT_STEPS)
		return;
	html_say(f, "<p class=\"lead\">Next: ");
	if (place != NULL)
		html_say(
		    f, "<a href=\"%s\">%s</a>", place, next_steps[step].text);
	else
		html_say(f, "%s", next_steps[step].text);
	if (step == NEXT_MEND && check != CHECKS)
		html_say(f, ": %s", checks[check].title);
	html_say(f, "</p>\n");
}

/* ---- the look ---- */

static void
write_button(struct web_call *c, FILE *f, struct span name, const char *what,
    const char *words, const char *class)
{
	if (!page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/%s", HTML_SPAN(name), what))
		return;
	html_say(f, "<button%s>%s</button></form>\n", class, words);
}

static void
write_progress(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct work_progress *p = &m->progress;
	bool runs = !m->row.paused && (p->waits || p->is_under_way);

	if (runs)
		page_live_begin(f, "progress", 2);
	html_say(f, "<p class=\"dim\" role=\"status\">");
	if (p->is_under_way)
		html_say(f, "A look is under way");
	else if (runs)
		html_say(f, "A look waits for its turn");
	if (runs && p->hosts_left > 0)
		html_say(f, ", %zu mail host%s to go", p->hosts_left,
		    p->hosts_left == 1 ? "" : "s");
	if (runs)
		html_say(f, ". ");
	if (m->row.has_been_checked) {
		html_say(f, "Last look ");
		page_ago(c, f, m->row.checked_at);
		html_say(f, ".");
	}
	if (!runs && !m->row.paused) {
		html_say(f, " Next look ");
		page_ago(c, f, m->row.next_at);
		html_say(f, ".");
	}
	html_say(f, "</p>\n");
	if (runs)
		html_say(f, "</div>\n");
}

static void
write_actions(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct span name = m->row.name;

	html_say(f, "<div class=\"actions\">\n");
	if (!m->row.paused)
		write_button(
		    c, f, name, "check", "Re-check now", " class=\"primary\"");
	write_button(c, f, name, m->row.paused ? "resume" : "pause",
	    m->row.paused ? "Resume" : "Pause", "");
	html_say(f, "</div>\n");
}

/* ---- tags ---- */

static void
write_tags(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct span name = m->row.name;

	html_say(f, "<div class=\"inline\"><ul class=\"tags\" "
		    "aria-label=\"Tags\">\n");
	for (size_t i = 0; i < m->n_tags; i++) {
		const struct span tag = m->tags[i];

		html_say(f, "<li class=\"tag\">%.*s", HTML_SPAN(tag));
		if (page_form(c, HTTP_DELETE, SCOPE_OPERATE, SPAN(""),
			"/api/v1/domains/%.*s/tags/%.*s", HTML_SPAN(name),
			HTML_SPAN(tag)))
			html_say(f,
			    " <button aria-label=\"Take the tag %.*s "
			    "away\">&times;</button></form>",
			    HTML_SPAN(tag));
		html_say(f, "</li>\n");
	}
	html_say(f, "</ul>\n");
	if (page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/tags", HTML_SPAN(name)))
		html_say(f, "<input name=\"tag\" required maxlength=\"64\" "
			    "aria-label=\"Another tag\" "
			    "placeholder=\"Another tag\"> "
			    "<button>Add</button></form>\n");
	html_say(f, "</div>\n");
}

void
domain_write_head(struct web_call *c, FILE *f, const struct domain_model *m)
{
	html_say(f, "<h1>%.*s</h1>\n", HTML_SPAN(m->row.name));
	write_chips(f, &m->row);
	write_next(f, &m->row.summary);
	write_progress(c, f, m);
	write_actions(c, f, m);
	write_tags(c, f, m);
	if (m->row.note.n > 0)
		html_say(f, "<blockquote>%.*s</blockquote>\n",
		    HTML_SPAN(m->row.note));
}

/* ---- all of it ---- */

enum err
page_domain(struct web_call *c, struct error *e)
{
	struct domain_model m;
	bool found;
	FILE *f;
	enum err rc = domain_model_find(c, true, &m, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	f = page_begin(c, m.row.name, PLACE_PORTFOLIO);
	domain_write_head(c, f, &m);
	if (m.has_evidence) {
		domain_write_findings(c, f, &m, false);
		domain_write_seen(c, f, &m);
		domain_write_mx(c, f, &m);
	} else {
		html_say(f, "<p class=\"empty\">Nobody has looked at it "
			    "yet.</p>\n");
	}
	rc = domain_write_ledger(c, f, &m, e);
	if (rc != ERR_OK)
		return rc;
	domain_write_publication(c, f, &m);
	rc = domain_write_past(c, f, &m, e);
	if (rc != ERR_OK)
		return rc;
	domain_write_settings(c, f, &m);
	page_end(c);
	return ERR_OK;
}
