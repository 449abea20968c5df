/* For anybody, of a domain whose owner wants it so: how it stands. Of others
 * the answer is that of a domain that is not there. */
#include "core/settings.h"
#include "web/axes.h"
#include "web/model_domain.h"

/* clang-format off */
static const struct verdict_words {
	struct span verdict;
	const char *words, *badge;
	const char *colour; /* white text has a contrast of 4.5 on it */
} words[] = {
	{ SPAN_INIT("ok"),	"All is well.", "ok", "#116b3a" },
	{ SPAN_INIT("warning"),	"Something should be mended; mail is not lost.",
	  "warning", "#7f4f00" },
	{ SPAN_INIT("error"),	"Mail may be lost until something is mended.",
	  "error", "#ad1f2b" },
	{ SPAN_INIT("unknown"),	"It could not be measured.", "unknown", "#6a3fa0" },
};
/* clang-format on */

static const struct verdict_words *
words_of(struct span verdict)
{
	const size_t n = sizeof words / sizeof words[0];

	for (size_t i = 0; i < n; i++)
		if (span_eq(words[i].verdict, verdict))
			return &words[i];
	return &words[n - 1];
}

static enum err
find_shown(struct web_call *c, struct span text, struct domain *out,
    bool *shown, struct error *e)
{
	struct span name = domain_of_path(c, text);
	struct settings s = { 0 };
	enum err rc = ERR_OK;

	*shown = false;
	if (name.n > 0)
		rc = domains_get(c->store, name, c->a, out, shown, e);
	if (rc == ERR_OK && *shown) {
		settings_understand(out->settings, &s);
		*shown = s.status_page;
	}
	return rc == ERR_OK && !*shown
		   ? call_refuse(c, PROBLEM_MISSING,
			 "There is no status page of that name.")
		   : rc;
}

enum err
page_status(struct web_call *c, struct error *e)
{
	const struct domain_summary *s;
	struct domain row;
	bool shown;
	FILE *f;
	enum err rc = find_shown(c, c->captured[0], &row, &shown, e);

	if (rc != ERR_OK || !shown)
		return rc;
	s = &row.summary;
	c->is_public = true;
	f = page_begin(c, row.name, PLACE_NONE);
	html_say(f,
	    "<div class=\"slip\">\n<h1>%.*s</h1>\n"
	    "<section class=\"card\">\n<p class=\"lead\">",
	    HTML_SPAN(row.name));
	axis_chip(f, AXIS_VERDICT, s->verdict);
	html_say(f, " %s</p>\n<dl class=\"facts\">\n<dt>MTA-STS</dt><dd>",
	    words_of(s->verdict)->words);
	axis_chip(f, AXIS_DEPLOYMENT, s->deployment);
	html_say(f, "</dd>\n");
	if (s->mode_since.s > 0) {
		html_say(f, "<dt>In this mode since</dt><dd>");
		page_date(f, s->mode_since);
		html_say(f, "</dd>\n");
	}
	html_say(f, "<dt>Mail servers</dt><dd>");
	axis_chip(f, AXIS_ELIGIBILITY, s->eligibility);
	html_say(f, "</dd>\n<dt>Last look</dt><dd>");
	if (row.has_been_checked)
		page_ago(c, f, row.checked_at);
	else
		html_say(f, "none yet");
	html_say(f, "</dd>\n</dl>\n</section>\n</div>\n");
	page_end(c);
	return ERR_OK;
}

/* ---- the badge ---- */

enum { LETTER = 7, PAD = 6, LABEL_WIDTH = 60, BADGE_HEIGHT = 20 };

static void
write_badge(FILE *f, const struct domain *d)
{
	const struct verdict_words *w = words_of(d->summary.verdict);
	struct span text = d->summary.deployment.n > 0 ? d->summary.deployment
						       : SPAN("unknown");
	int width = (int)(text.n + 2 + strlen(w->badge)) * LETTER + 2 * PAD;

	html_say(f,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" role=\"img\" aria-labelledby=\"t\">\n"
	    "<title id=\"t\">MTA-STS of %.*s: %.*s, %s</title>\n"
	    "<rect width=\"%d\" height=\"%d\" rx=\"3\" fill=\"#545d69\"/>\n"
	    "<rect x=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" "
	    "fill=\"%s\"/>\n",
	    LABEL_WIDTH + width, BADGE_HEIGHT, HTML_SPAN(d->name),
	    HTML_SPAN(text), w->badge, LABEL_WIDTH + PAD, BADGE_HEIGHT,
	    LABEL_WIDTH, width, BADGE_HEIGHT, w->colour);
	html_say(f,
	    "<g fill=\"#fff\" text-anchor=\"middle\" "
	    "font-family=\"Verdana,DejaVu Sans,sans-serif\" "
	    "font-size=\"11\">\n<text x=\"%d\" y=\"14\">MTA-STS</text>\n"
	    "<text x=\"%d\" y=\"14\">%.*s, %s</text>\n</g>\n</svg>\n",
	    LABEL_WIDTH / 2, LABEL_WIDTH + width / 2, HTML_SPAN(text),
	    w->badge);
}

/* The name is the domain's with ".svg" behind. */
enum err
page_badge(struct web_call *c, struct error *e)
{
	static const struct span end = SPAN_INIT(".svg");
	struct span text = c->captured[0];
	struct domain row;
	bool shown;
	enum err rc;

	if (text.n < end.n || !span_eq(span_tail(text, end.n), end))
		return call_refuse(c, PROBLEM_MISSING,
		    "There is no status page of that name.");
	text = span_head(text, text.n - end.n);
	rc = find_shown(c, text, &row, &shown, e);
	if (rc != ERR_OK || !shown)
		return rc;
	c->is_public = true;
	c->type = "image/svg+xml";
	write_badge(call_body(c), &row);
	return ERR_OK;
}
