/* What senders see of a domain, and what is wrong with it. */
#include "core/words.h"
#include "out/finding_json.h"
#include "web/page_domain.h"

static void
write_thing(FILE *f, const char *name, enum thing thing)
{
	html_say(f, "<h3>%s ", name);
	page_chip(f, tone_of_thing(span_str(thing_names[thing])),
	    span_str(thing_names[thing]));
	html_say(f, "</h3>\n");
}

/* ---- what a sender sees ---- */

static void
write_txt(
    struct web_call *c, FILE *f, const char *label, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->n_txt; i++)
		page_copy(f, label, dns_txt_join(c->a, &a->txt[i]));
}

static void
write_policy(struct web_call *c, FILE *f, const struct judged *j)
{
	write_thing(f, "Policy", j->policy);
	if (j->policy == THING_OK) {
		html_say(f,
		    "<dl class=\"facts\"><dt>mode</dt><dd>%s</dd>"
		    "<dt>max_age</dt><dd>%s</dd></dl>\n",
		    sts_mode_names[j->sts.mode],
		    words_duration(c->a, j->sts.max_age));
	}
	if (j->fetch != NULL && j->fetch->status == 200)
		domain_write_file(c, f, j->fetch->body);
}

static void
write_match(FILE *f, const struct judged *j)
{
	size_t covered = 0;

	for (size_t i = 0; i < j->n_mx; i++)
		covered += j->mx[i].matched_by.n > 0;
	html_say(f, "<h3>MX records</h3>\n<ul class=\"plain mono\">\n");
	for (size_t i = 0; i < j->n_mx; i++)
		html_say(f, "<li>%u %.*s</li>\n", j->mx[i].host->preference,
		    HTML_SPAN(j->mx[i].host->host));
	html_say(f, "</ul>\n");
	if (j->n_mx == 0)
		html_say(f, "<p class=\"dim\">%s</p>\n",
		    dns_is_known(&j->evidence->mx)
			? "No mail host."
			: "They could not be looked up.");
	else if (j->policy == THING_OK)
		html_say(f, "<p>The policy covers %zu of %zu.</p>\n", covered,
		    j->n_mx);
}

void
domain_write_seen(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct judged *j = &m->judged;

	html_say(f, "<section class=\"card\" id=\"seen\">\n<h2>What a sender "
		    "sees</h2>\n");
	write_thing(f, "Record", j->record);
	write_txt(c, f, "the record", &j->evidence->sts_txt);
	write_policy(c, f, j);
	write_match(f, j);
	write_thing(f, "TLS reports", j->tlsrpt);
	write_txt(c, f, "the record", &j->evidence->tlsrpt_txt);
	html_say(f, "<p><a href=\"");
	domain_link(f, m->row.name, "/evidence");
	html_say(f, "\">All checks, and the evidence</a></p>\n</section>\n");
}

/* ---- what is wrong ---- */

static const char *
state_words(const struct sighting *s)
{
	switch (s->state) {
	case SIGHTING_PENDING:
		return s->result == RESULT_UNKNOWN ? "told if it stays so"
						   : "told if it is seen again";
	case SIGHTING_STANDING:
		return "it stands";
	case SIGHTING_LEAVING:
		break;
	}
	return "not seen at the last look";
}

static void
write_since(struct web_call *c, FILE *f, const struct sighting *s)
{
	if (s == NULL)
		return;
	html_say(f, " <span class=\"dim\">First seen ");
	page_ago(c, f, s->first_seen);
	html_say(f, "; %s.</span>", state_words(s));
}

static void
write_result(FILE *f, enum check_result result, enum severity severity)
{
	switch (result) {
	case RESULT_FAIL:
		page_chip(f, tone_of_severity(severity),
		    span_str(severity_names[severity]));
		return;
	case RESULT_OK: /* the title says what would be wrong */
	case RESULT_NA:
		return;
	case RESULT_UNKNOWN:
		break;
	}
	page_chip(f, TONE_UNKNOWN, span_str(check_result_names[result]));
}

/* A title says what is wrong. Of what is not known it says too much: that
 * stands behind what happened instead. */
static void
write_heading(FILE *f, enum check_id id, enum check_result result,
    enum severity severity, struct span message)
{
	struct span title = span_str(checks[id].title);

	html_say(f, "<article class=\"finding\">\n<h3>");
	write_result(f, result, severity);
	if (result == RESULT_UNKNOWN)
		html_say(f,
		    " %.*s</h3>\n<p><span class=\"dim\">Looked for: "
		    "%.*s.</span>",
		    HTML_SPAN(message), HTML_SPAN(title));
	else
		html_say(f, " %.*s</h3>\n<p>%.*s", HTML_SPAN(title),
		    HTML_SPAN(message));
}

/* What it is about, and where it stands written. */
static void
write_origin(FILE *f, enum check_id id, struct span subject,
    struct ip_addr address, enum check_id blocked_by)
{
	html_say(f, "<p class=\"dim\">");
	if (subject.n > 0)
		html_say(f, "%.*s ", HTML_SPAN(subject));
	if (address.family != IP_NONE)
		html_say(f, "%s ", ip_format(address).s);
	html_say(f, "<span class=\"mono\">%s</span>, %s", checks[id].slug,
	    checks[id].clause);
	if (blocked_by != CHECKS)
		html_say(f, ", follows from <span class=\"mono\">%s</span>",
		    checks[blocked_by].slug);
	html_say(f, "</p>\n");
}

static void
write_facts(FILE *f, const struct finding *g)
{
	if (g->n_facts == 0)
		return;
	html_say(f, "<dl class=\"facts\">\n");
	for (size_t i = 0; i < g->n_facts; i++) {
		html_say(f, "<dt>");
		page_words(f, span_str(g->facts[i].name));
		html_say(f, "</dt><dd class=\"mono\">%.*s</dd>\n",
		    HTML_SPAN(g->facts[i].value));
	}
	html_say(f, "</dl>\n");
}

static void
write_finding(struct web_call *c, FILE *f, const struct domain_model *m,
    const struct finding *g)
{
	write_heading(f, g->check, g->result, g->severity, g->message);
	write_since(c, f, domain_sighting(m, g));
	html_say(f, "</p>\n");
	if (g->result != RESULT_OK && g->remedy.n > 0)
		page_remedy(f, g->remedy);
	write_facts(f, g);
	if (g->line > 0)
		html_say(f, "<p class=\"dim\">Line %zu, column %zu</p>\n",
		    g->line, g->column);
	write_origin(f, g->check, g->subject, g->address, g->blocked_by);
	html_say(f, "</article>\n");
}

/* What this look did not see, and two looks have not yet said to be over. */
static bool
is_in(const struct judged *j, const struct sighting *s)
{
	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *g = &j->findings[i];

		if (g->check == s->check && span_eq(g->subject, s->subject) &&
		    ip_eq(g->address, s->address))
			return true;
	}
	return false;
}

static size_t
write_leaving(struct web_call *c, FILE *f, const struct domain_model *m)
{
	const struct sightings *all = &m->state.sightings;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct sighting *s = &all->all[i];

		if (is_in(&m->judged, s))
			continue;
		write_heading(f, s->check, s->result, s->severity, s->message);
		write_since(c, f, s);
		html_say(f, "</p>\n");
		write_origin(f, s->check, s->subject, s->address, CHECKS);
		html_say(f, "</article>\n");
		n++;
	}
	return n;
}

/* What asks for something stands open, and the rest folded behind it. */
enum part { PART_WRONG, PART_REMARK, PART_UNMEASURED, PART_PASSED, PARTS };

/* clang-format off */
static const struct {
	const char *one, *many;
} part_titles[] = {
	[PART_WRONG]		= { "", "" },
	[PART_REMARK]		= { "remark", "remarks" },
	[PART_UNMEASURED]	= { "not measured: something else comes first",
				    "not measured: something else comes first" },
	[PART_PASSED]		= { "looked for, and not found",
				    "looked for, and not found" },
};
/* clang-format on */

static enum part
part_of(const struct finding *g)
{
	if (g->blocked_by != CHECKS)
		return PART_UNMEASURED;
	switch (g->result) {
	case RESULT_OK:
	case RESULT_NA:
		return PART_PASSED;
	case RESULT_FAIL:
		return g->severity == SEVERITY_INFO ? PART_REMARK : PART_WRONG;
	case RESULT_UNKNOWN:
		break;
	}
	return PART_WRONG;
}

static bool
is_of(const struct finding *g, bool all, enum part part)
{
	return finding_is_shown(g, all) && part_of(g) == part;
}

static size_t
write_part(struct web_call *c, FILE *f, const struct domain_model *m, bool all,
    enum part part)
{
	const struct judged *j = &m->judged;
	size_t n = 0;

	for (size_t i = 0; i < j->n_findings; i++)
		if (is_of(&j->findings[i], all, part)) {
			write_finding(c, f, m, &j->findings[i]);
			n++;
		}
	return n;
}

static void
write_folded(struct web_call *c, FILE *f, const struct domain_model *m,
    bool all, enum part part)
{
	size_t n = 0;

	for (size_t i = 0; i < m->judged.n_findings; i++)
		n += is_of(&m->judged.findings[i], all, part);
	if (n == 0)
		return;
	html_say(f, "<details class=\"more\"><summary>%zu %s</summary>\n", n,
	    n == 1 ? part_titles[part].one : part_titles[part].many);
	write_part(c, f, m, all, part);
	html_say(f, "</details>\n");
}

void
domain_write_findings(
    struct web_call *c, FILE *f, const struct domain_model *m, bool all)
{
	size_t n;

	html_say(f, "<section class=\"card\" id=\"findings\">\n<h2>%s</h2>\n",
	    all ? "All checks" : "Findings");
	n = write_part(c, f, m, all, PART_WRONG);
	n += write_leaving(c, f, m);
	if (n == 0)
		html_say(f, "<p class=\"notice good\">Nothing is wrong.</p>\n");
	for (enum part part = PART_REMARK; part < PARTS; part++)
		write_folded(c, f, m, all, part);
	html_say(f, "</section>\n");
}
