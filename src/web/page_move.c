/* A move to other mail hosts, step by step. */
#include "web/model_move.h"
#include "web/page_domain.h"

/* clang-format off */
static const char *const step_titles[] = {
	[MX_MOVE_CHECK]		= "The new hosts",
	[MX_MOVE_POLICY]	= "The policy goes ahead",
	[MX_MOVE_WAIT]		= "Copies run out",
	[MX_MOVE_ADD]		= "The new hosts become MX",
	[MX_MOVE_DROP]		= "The old hosts leave the MX records",
	[MX_MOVE_OFF]		= "The old hosts are switched off",
	[MX_MOVE_CLEAN]		= "The policy follows",
};

static const char *const check_words[] = {
	[MX_MOVE_UNCHECKED]	= "not looked at yet",
	[MX_MOVE_GOOD]		= "senders would deliver",
	[MX_MOVE_BAD]		= "senders would refuse",
	[MX_MOVE_UNKNOWN]	= "could not be measured",
};
/* clang-format on */

static enum tone
tone_of_check(enum mx_move_check check)
{
	switch (check) {
	case MX_MOVE_GOOD:
		return TONE_GOOD;
	case MX_MOVE_BAD:
		return TONE_BAD;
	case MX_MOVE_UNCHECKED:
	case MX_MOVE_UNKNOWN:
		break;
	}
	return TONE_UNKNOWN;
}

static void
write_hosts(FILE *f, const struct mx_move_question *q)
{
	html_say(f, "<p>From <span class=\"mono\">");
	for (size_t i = 0; i < q->n_mx; i++)
		html_say(
		    f, "%s%.*s", i > 0 ? ", " : "", HTML_SPAN(q->mx[i].host));
	html_say(f, "</span> to:</p>\n<ul class=\"plain\">\n");
	for (size_t i = 0; i < q->n_to; i++) {
		const struct mx_move_host *h = &q->to[i];

		html_say(f, "<li><span class=\"mono\">%.*s</span> ",
		    HTML_SPAN(h->host));
		page_chip(f, tone_of_check(h->check),
		    span_str(check_words[h->check]));
		html_say(f, " %.*s</li>\n", HTML_SPAN(h->text));
	}
	html_say(f, "</ul>\n");
}

static const char *
step_class(enum mx_move_state state)
{
	switch (state) {
	case MX_MOVE_DONE:
		return "done";
	case MX_MOVE_NOW:
		return "waits";
	case MX_MOVE_LATER:
		break;
	}
	return "later";
}

/* One that is done was at some time or other. */
static void
write_when(FILE *f, const struct mx_move_step *s, struct wall_time now)
{
	if (s->state == MX_MOVE_DONE)
		return;
	if (s->kind == MX_MOVE_WAIT || s->at.s > now.s) {
		html_say(
		    f, ", %s ", s->kind == MX_MOVE_WAIT ? "until" : "from");
		page_date(f, s->at);
	}
	if (s->by_us)
		html_say(f, ", by itself");
}

static void
write_step(struct web_call *c, FILE *f, const struct mx_move_step *s)
{
	html_say(f,
	    "<li class=\"%s\"><strong>%s</strong> <span class=\"dim\">%s",
	    step_class(s->state), step_titles[s->kind],
	    mx_move_state_names[s->state]);
	write_when(f, s, c->now);
	html_say(f, "</span><p>%.*s</p>\n", HTML_SPAN(s->what));
	if (s->state != MX_MOVE_DONE && s->why.n > 0)
		html_say(f, "<p class=\"dim\">%.*s (%s)</p>\n",
		    HTML_SPAN(s->why), s->clause);
	if (s->file.n > 0)
		domain_write_file(c, f, s->file);
	if (s->records.n > 0)
		page_copy(f, "the records", s->records);
	html_say(f, "</li>\n");
}

static void
write_actions(struct web_call *c, FILE *f, const struct move_model *m)
{
	const struct span name = m->d.row.name;

	if (!domain_is_published(&m->d)) {
		html_say(f,
		    "<p class=\"dim\">We do not publish its policy: the "
		    "plan is carried out by hand.</p>\n");
		return;
	}
	html_say(f, "<div class=\"actions\">\n");
	if (m->is_under_way) {
		if (page_form(c, HTTP_DELETE, SCOPE_OPERATE, SPAN(""),
			"/api/v1/domains/%.*s/move", HTML_SPAN(name)))
			html_say(f, "<button class=\"danger\">Call the move "
				    "off</button></form>\n");
	} else if (m->refused.n == 0 && !m->plan.blocked &&
		   page_form(c, HTTP_PUT, SCOPE_OPERATE, SPAN(""),
		       "/api/v1/domains/%.*s/move", HTML_SPAN(name))) {
		for (size_t i = 0; i < m->q.n_to; i++)
			html_say(f,
			    "<input type=\"hidden\" name=\"to\" "
			    "value=\"%.*s\">",
			    HTML_SPAN(m->q.to[i].host));
		html_say(f, "<button class=\"primary\">Begin the move</button>"
			    "</form>\n");
	}
	html_say(f, "</div>\n");
}

static void
write_plan(struct web_call *c, FILE *f, const struct move_model *m)
{
	if (m->plan.blocked)
		html_say(f, "<p class=\"notice bad\">Senders would refuse mail "
			    "to a new host.</p>\n");
	if (m->plan.is_done)
		html_say(f, "<p class=\"notice good\">There is nothing left to "
			    "do.</p>\n");
	html_say(f, "<section class=\"card\">\n<h2>The plan</h2>\n");
	write_hosts(f, &m->q);
	html_say(f, "<ol class=\"steps\">\n");
	for (size_t i = 0; i < m->plan.n; i++)
		write_step(c, f, &m->plan.steps[i]);
	html_say(f, "</ol>\n");
	write_actions(c, f, m);
	html_say(f, "</section>\n");
}

/* A form without scripts: four hosts are enough for nearly everybody, and a
 * list may be written into the address. */
static void
write_question(FILE *f, const struct move_model *m)
{
	enum { FIELDS = 4 };

	html_say(f, "<form method=\"get\" action=\"");
	domain_link(f, m->d.row.name, "/move");
	html_say(f, "\"><fieldset><legend>All hosts that are to be MX at the "
		    "end</legend>\n<div class=\"fields four\">\n");
	for (size_t i = 0; i < FIELDS; i++)
		html_say(f,
		    "<div class=\"field\"><label for=\"to-%zu\">Mail host "
		    "%zu</label><input id=\"to-%zu\" name=\"to\" "
		    "value=\"%.*s\" spellcheck=\"false\" "
		    "autocapitalize=\"off\"></div>\n",
		    i, i + 1, i,
		    HTML_SPAN(i < m->q.n_to ? m->q.to[i].host : SPAN("")));
	html_say(f, "</div>\n<div class=\"actions\"><button>Plan</button></div>"
		    "</fieldset></form>\n");
}

enum err
page_move(struct web_call *c, struct error *e)
{
	struct move_model m;
	bool asked;
	FILE *f;
	enum err rc = move_model_asked(c, &m, &asked, e);

	if (rc != ERR_OK || !asked)
		return rc;
	f = domain_page_begin(c, m.d.row.name, "Move to other mail hosts");
	if (m.refused.n > 0) {
		html_say(
		    f, "<p class=\"notice\">%.*s</p>\n", HTML_SPAN(m.refused));
		write_actions(c, f, &m);
	} else {
		write_plan(c, f, &m);
	}
	write_question(f, &m);
	page_end(c);
	return ERR_OK;
}
