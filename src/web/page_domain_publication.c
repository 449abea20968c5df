/* Our publication of a domain's policy: how far it is, and what may be asked.
 */
#include "base/num.h"
#include "core/words.h"
#include "store/publication_order.h"
#include "web/page_domain.h"

/* ---- the CNAMEs ---- */

static void
write_cname(struct web_call *c, FILE *f, const struct published *p,
    const char *label, const struct ledger_presence *seen)
{
	bool there =
	    seen->sight == SIGHT_PRESENT || seen->sight == SIGHT_BROKEN;

	html_say(f, "<p>");
	if (there)
		page_chip(f, TONE_GOOD, SPAN("a CNAME is there"));
	else if (seen->sight == SIGHT_ABSENT)
		page_chip(f, TONE_NONE, SPAN("not there yet"));
	else
		page_chip(f, TONE_UNKNOWN, SPAN("not looked at yet"));
	if (seen->sight != SIGHT_UNKNOWN) {
		html_say(f, " <span class=\"dim\">seen ");
		page_ago(c, f, seen->seen_at);
		html_say(f, "</span>");
	}
	html_say(f, "</p>\n");
	page_copy(f, label,
	    arena_printf(c->a, "%s.%.*s. 3600 IN CNAME %.*s.", label,
		(int)p->name.n, p->name.p, (int)p->target.n, p->target.p));
}

static void
write_cnames(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct publish_state *s = &m->publishing;

	if (s->p.target.n == 0)
		return;
	write_cname(c, f, &s->p, "mta-sts", &s->host_cname);
	write_cname(c, f, &s->p, "_mta-sts", &s->txt_cname);
}

/* ---- steps ---- */

/* clang-format off */
static const char *const step_titles[] = {
	[PUBLISH_STEP_CNAMES]		= "The two CNAMEs",
	[PUBLISH_STEP_CERTIFICATE]	= "Certificate",
	[PUBLISH_STEP_FILE]		= "Policy file",
	[PUBLISH_STEP_ID]		= "Record",
	[PUBLISH_STEP_MODE]		= "Mode, and the gate",
	[PUBLISH_STEP_FOLLOW]		= "Mail hosts",
	[PUBLISH_STEP_MOVE]		= "Move",
	[PUBLISH_STEP_REMOVAL]		= "Removal",
};
/* clang-format on */

/* Behind the first newline stands what to copy, or a list. */
static void
write_step(struct web_call *c, FILE *f, const struct domain_model *m,
    const struct publish_stepped *s)
{
	size_t end = span_find(s->text, '\n');

	html_say(f,
	    "<li class=\"%s\"><strong>%s</strong> <span "
	    "class=\"dim\">%s</span>\n<p>%.*s</p>\n",
	    publish_step_state_names[s->state], step_titles[s->kind],
	    publish_step_state_names[s->state],
	    HTML_SPAN(span_head(s->text, end)));
	if (s->kind == PUBLISH_STEP_CNAMES)
		write_cnames(c, f, m);
	else if (end < s->text.n)
		html_say(f,
		    "<pre tabindex=\"0\" role=\"region\" "
		    "aria-label=\"%s, in full\">%.*s</pre>\n",
		    step_titles[s->kind],
		    HTML_SPAN(span_skip(s->text, end + 1)));
	html_say(f, "</li>\n");
}

/* ---- the order ---- */

static void
write_options(FILE *f, const char *const *names, const char *chosen)
{
	for (size_t i = 0; names[i] != NULL; i++)
		html_say(f, "<option%s>%s</option>\n",
		    strcmp(names[i], chosen) == 0 ? " selected" : "", names[i]);
}

/* As it is read again: "2w". */
static void
write_duration(
    FILE *f, const char *name, const char *label, uint32_t s, const char *hint)
{
	char mem[32];
	struct buf b = buf_init(mem, sizeof mem);

	num_put_duration(&b, s);
	html_say(f,
	    "<div class=\"field\"><label for=\"%s\">%s</label>"
	    "<input class=\"short\" id=\"%s\" name=\"%s\" value=\"%.*s\">"
	    "<span class=\"hint\">%s</span></div>\n",
	    name, label, name, name, HTML_SPAN(buf_span(&b)), hint);
}

/* As "mtasts publish" warns. */
static void
write_warning_of_max_age(FILE *f)
{
	html_say(f,
	    "<p class=\"notice warn\">The max_age is less than a week. "
	    "RFC 8461 3.2 expects weeks: who keeps a policy for days can be "
	    "made to forget it.</p>\n");
}

static void
write_follow(FILE *f, enum mx_follow_mode chosen)
{
	static const char *const words[] = {
		[FOLLOW_AUTO] = "by themselves",
		[FOLLOW_APPROVE] = "once they are approved",
		[FOLLOW_OFF] = "never",
	};

	html_say(f,
	    "<div class=\"field\"><label for=\"follow\">Changes of the MX "
	    "records reach the policy</label><select id=\"follow\" "
	    "name=\"follow\">\n");
	for (size_t i = 0; mx_follow_mode_names[i] != NULL; i++)
		html_say(f, "<option value=\"%s\"%s>%s</option>\n",
		    mx_follow_mode_names[i],
		    i == (size_t)chosen ? " selected" : "", words[i]);
	html_say(f, "</select></div>\n");
}

static void
write_order(struct web_call *c, FILE *f, const struct domain_model *m)
{
	static const char *const modes[] = { "testing", "enforce", NULL };
	const bool live = domain_is_published(m);
	const struct publish_order *o = &m->state.published.order;
	const uint32_t max_age = live ? o->max_age : 14 * 86400;
	const uint32_t overlap = live ? o->overlap_s : MX_FOLLOW_OVERLAP_S;

	if (!page_form(c, HTTP_PUT, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/publication", HTML_SPAN(m->row.name)))
		return;
	if (live && o->mode != STS_MODE_NONE && max_age < ORDER_SHORT_S)
		write_warning_of_max_age(f);
	html_say(f,
	    "<fieldset><legend>%s</legend>\n<div class=\"fields\">\n"
	    "<div class=\"field\">"
	    "<label for=\"mode\">Mode</label><select id=\"mode\" "
	    "name=\"mode\">\n",
	    live ? "Change the order" : "Publish by two CNAMEs");
	write_options(f, modes, live ? sts_mode_names[o->mode] : "testing");
	html_say(f, "</select></div>\n");
	write_duration(f, "max_age", "Senders keep the policy for", max_age,
	    "Its max_age, such as 2w or 10d");
	write_follow(f, live ? o->follow : FOLLOW_AUTO);
	write_duration(f, "overlap", "A host that left stays in it for",
	    overlap, "The overlap, such as 2d");
	html_say(f,
	    "<div class=\"field\"><label><input type=\"checkbox\" "
	    "name=\"override\"> Enforce though the gate says no</label>"
	    "<span class=\"hint\">Your name is put down.</span></div>\n"
	    "</div>\n<div class=\"actions\"><button "
	    "class=\"primary\">%s</button>"
	    "</div></fieldset></form>\n",
	    live ? "Order" : "Publish");
}

/* ---- the owner's word ---- */

static void
write_word(struct web_call *c, FILE *f, const struct domain_model *m,
    const char *word, const char *class, const char *text)
{
	if (page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/publication/%s", HTML_SPAN(m->row.name),
		word))
		html_say(f, "<button class=\"%s\">%s</button></form>\n", class,
		    text);
}

static void
write_approval(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct mx_follow *follow = &m->state.published.follow;

	if (follow->state != MX_WAITING ||
	    !page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/domains/%.*s/publication/approve",
		HTML_SPAN(m->row.name)))
		return;
	for (size_t i = 0; i < follow->n_seen; i++)
		html_say(f,
		    "<input type=\"hidden\" name=\"hosts\" "
		    "value=\"%.*s\">",
		    HTML_SPAN(follow->seen[i]));
	html_say(f, "<button class=\"primary\">Approve these hosts: ");
	for (size_t i = 0; i < follow->n_seen; i++)
		html_say(
		    f, "%s%.*s", i > 0 ? ", " : "", HTML_SPAN(follow->seen[i]));
	html_say(f, "</button></form>\n");
}

static void
write_words(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct published *p = &m->state.published;

	html_say(f, "<div class=\"actions\">\n");
	if (p->bar == PUBLISH_FOREIGN)
		write_word(c, f, m, "replace", "danger",
		    "Put ours in the place of the other policy");
	if (p->order.leave)
		write_word(c, f, m, "keep", "primary", "Call the removal off");
	else
		write_word(c, f, m, "remove", "danger", "Begin the removal");
	html_say(f, "</div>\n");
}

/* ---- all of it ---- */

/* clang-format off */
static const struct {
	enum tone tone;
	const char *words;
} stages[] = {
	[PUBLICATION_AWAITED]	 = { TONE_INFO, "The CNAMEs are awaited" },
	[PUBLICATION_CERTIFYING] = { TONE_INFO, "A certificate is ordered" },
	[PUBLICATION_LIVE]	 = { TONE_GOOD, "Live" },
	[PUBLICATION_LEAVING]	 = { TONE_INFO, "Being removed" },
	[PUBLICATION_REMOVABLE]	 = { TONE_INFO, "The CNAMEs may go" },
	[PUBLICATION_ENDED]	 = { TONE_NONE, "Ended" },
};
/* clang-format on */

/* Does it go on by itself soon, so that one may watch it? */
static bool
is_moving(const struct domain_model *m)
{
	const struct publication *p = &m->state.published.state;

	return p->stage == PUBLICATION_AWAITED ||
	       p->stage == PUBLICATION_CERTIFYING || p->change != CHANGE_REST;
}

static void
write_progress(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct publication *p = &m->state.published.state;
	bool moves = is_moving(m);

	if (moves)
		page_live_begin(f, "publishing", 5);
	html_say(f, "<p>");
	page_chip(f, stages[p->stage].tone, span_str(stages[p->stage].words));
	html_say(f, " <span class=\"dim\">since ");
	page_minute(f, p->stage_since);
	html_say(f, " UTC</span></p>\n");
	html_say(f, "<ol class=\"steps\">\n");
	for (size_t i = 0; i < m->steps.n; i++)
		write_step(c, f, m, &m->steps.all[i]);
	html_say(f, "</ol>\n");
	if (moves)
		html_say(f, "</div>\n");
}

void
domain_write_publication(
    struct web_call *c, FILE *f, const struct domain_model *m)
{
	html_say(f, "<section class=\"card\" id=\"publication\">\n"
		    "<h2>Publication</h2>\n");
	if (domain_is_published(m)) {
		write_progress(c, f, m);
		write_approval(c, f, m);
	} else if (m->state.is_published) {
		html_say(f, "<p>The publication ended ");
		page_ago(c, f, m->state.published.state.stage_since);
		html_say(f, ". Who publishes it again gets other "
			    "CNAMEs.</p>\n");
	} else {
		html_say(f, "<p class=\"dim\">We publish no policy for this "
			    "domain.</p>\n");
	}
	if (!domain_is_published(m) || !m->state.published.order.leave)
		write_order(c, f, m);
	if (domain_is_published(m))
		write_words(c, f, m);
	html_say(f, "</section>\n");
}
