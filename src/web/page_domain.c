/* All of one domain. */
#include "web/page_domain.h"

#include "core/words.h"
#include "web/axes.h"

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
begin_state(FILE *f, const char *name)
{
	html_say(f, "<div><dt>%s</dt><dd>", name);
}

static void
end_state(FILE *f)
{
	html_say(f, "</dd></div>\n");
}

static void
write_verdict(FILE *f, const struct domain *d)
{
	begin_state(f, "Verdict");
	if (d->paused)
		page_chip(f, TONE_NONE, SPAN("Paused"));
	else
		axis_chip(f, AXIS_VERDICT, d->summary.verdict);
	end_state(f);
}

static void
write_eligible(FILE *f, const struct domain_summary *s)
{
	begin_state(f, "Eligible");
	axis_chip(f, AXIS_ELIGIBILITY, s->eligibility);
	if (s->addresses > 0)
		html_say(f,
		    "<span class=\"under\">%lld of %lld addresses</span>",
		    (long long)s->good_addresses, (long long)s->addresses);
	end_state(f);
}

static void
write_deployed(FILE *f, const struct domain_summary *s)
{
	begin_state(f, "Deployed");
	axis_chip(f, AXIS_DEPLOYMENT, s->deployment);
	if (s->mode_since.s > 0) {
		html_say(f, "<span class=\"under\">since ");
		page_date(f, s->mode_since);
		html_say(f, "</span>");
	}
	end_state(f);
}

static void
write_cached(struct web_call *c, FILE *f, const struct domain_summary *s)
{
	if (s->cached_until.s == 0)
		return;
	begin_state(f, "Cached until");
	page_date(f, s->cached_until);
	if (s->max_age >= 0)
		html_say(f, "<span class=\"under\">max_age %s</span>",
		    words_duration(c->a, (uint64_t)s->max_age));
	end_state(f);
}

static void
write_certificates(struct web_call *c, FILE *f, const struct domain_summary *s)
{
	bool is_enforced = span_eq(s->stakes, SPAN("enforce"));

	if (s->policy_cert_until.s == 0 && s->mx_cert_until.s == 0)
		return;
	begin_state(f, "Certificates, days");
	page_days(c, f, "policy", s->policy_cert_until, is_enforced);
	page_days(c, f, "MX", s->mx_cert_until, is_enforced);
	end_state(f);
}

/* The two headline axes first, as on the portfolio's page. */
static void
write_state(struct web_call *c, FILE *f, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;

	html_say(f, "<dl class=\"state\">\n");
	write_eligible(f, s);
	write_deployed(f, s);
	write_verdict(f, d);
	write_cached(c, f, s);
	write_certificates(c, f, s);
	if (s->provider.n > 0) {
		begin_state(f, "Mail provider");
		html_say(f, "%.*s", HTML_SPAN(s->provider));
		end_state(f);
	}
	html_say(f, "</dl>\n");
}

const char *
domain_next_place(enum next_step step)
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
	const char *place = domain_next_place(step);

	if (step == NEXT_STEPS)
		return;
	html_say(f, "<p class=\"lead\">Next step: ");
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
		html_say(f, "<input class=\"short\" name=\"tag\" required "
			    "maxlength=\"64\" aria-label=\"Another tag\" "
			    "placeholder=\"Another tag\"> "
			    "<button>Add</button></form>\n");
	html_say(f, "</div>\n");
}

/* Its name, how it stands, what to do next, its tags; with its forms. */
static void
write_head(struct web_call *c, FILE *f, const struct domain_model *m)
{
	html_say(f, "<h1>%.*s</h1>\n", HTML_SPAN(m->row.name));
	write_next(f, &m->row.summary);
	write_state(c, f, &m->row);
	write_progress(c, f, m);
	write_actions(c, f, m);
	write_tags(c, f, m);
	if (m->row.note.n > 0)
		html_say(f, "<blockquote>%.*s</blockquote>\n",
		    HTML_SPAN(m->row.note));
}

/* ---- all of it ---- */

/* What this page has, for whoever need not read all of it. */
static void
write_contents(struct web_call *c, FILE *f, const struct domain_model *m)
{
	html_say(f, "<nav aria-label=\"On this page\"><p class=\"tags\">\n");
	if (m->has_evidence)
		html_say(f, "<a href=\"#findings\">Findings</a> "
			    "<a href=\"#seen\">What a sender sees</a> "
			    "<a href=\"#mx\">Mail hosts</a>\n");
	html_say(f, "<a href=\"#ledger\">What senders may hold</a> "
		    "<a href=\"#publication\">Publication</a> "
		    "<a href=\"#past\">What happened</a>\n");
	if (c->caller.scope >= SCOPE_OPERATE)
		html_say(f, "<a href=\"#settings\">Settings</a>\n");
	html_say(f, "</p></nav>\n");
}

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
	write_head(c, f, &m);
	write_contents(c, f, &m);
	if (m.has_evidence) {
		domain_write_findings(c, f, &m, false);
		html_say(f, "<div class=\"cards\">\n");
		domain_write_seen(c, f, &m);
		domain_write_mx(c, f, &m);
		html_say(f, "</div>\n");
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
