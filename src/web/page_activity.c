/* What happened to all domains, the last first. */
#include "base/rfc3339.h"
#include "web/filter_form.h"
#include "web/model_activity.h"
#include "web/page.h"
#include "web/query.h"

enum { ROWS = 100 };

/* The kinds on this page are offered: those that there are elsewhere can be
 * written. */
static void
write_kinds(
    FILE *f, struct span chosen, const struct activity_event *all, size_t n)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"kind\">Kind</label>"
	    "<input id=\"kind\" name=\"kind\" list=\"kinds\" value=\"%.*s\">"
	    "<datalist id=\"kinds\">\n",
	    HTML_SPAN(chosen));
	for (size_t i = 0; i < n; i++) {
		bool is_new = true;

		for (size_t k = 0; k < i && is_new; k++)
			is_new = !span_eq(all[k].event.kind, all[i].event.kind);
		if (is_new)
			html_say(f, "<option value=\"%.*s\"></option>\n",
			    HTML_SPAN(all[i].event.kind));
	}
	html_say(f, "</datalist></div>\n");
}

static enum err
write_filter(struct web_call *c, FILE *f, const struct activity_filter *filter,
    const struct activity_event *all, size_t n, struct error *e)
{
	enum err rc;

	html_say(f,
	    "<form class=\"inline\" method=\"get\" action=\"/activity\" "
	    "data-auto>\n");
	write_kinds(f, filter->kind, all, n);
	rc = filter_form_tags(c, filter->tag, e);
	html_say(f, "<button>Show</button>\n</form>\n");
	return rc;
}

/* What is not about incidents is neither good nor bad by itself. */
static const char *
class_of_kind(struct span kind)
{
	if (span_eq(kind, SPAN("incident-resolved")) ||
	    span_eq(kind, SPAN("incident-left")))
		return "chip good";
	if (span_starts(kind, SPAN("incident-")))
		return "chip warn";
	return "dim";
}

static void
write_row(struct web_call *c, FILE *f, const struct activity_event *a)
{
	struct rfc3339 at = rfc3339_format(a->event.at);

	html_say(f, "<tr>\n<td><time datetime=\"%s\">%.*s</time></td>\n",
	    at.text, 5, at.text + 11);
	html_say(f, "<td class=\"name\"><a href=\"/domains/");
	html_url(f, a->name);
	html_say(f, "\">%.*s</a></td>\n<td><a href=\"", HTML_SPAN(a->name));
	query_link(c, "kind", a->event.kind);
	html_say(f, "\"><span class=\"%s\">", class_of_kind(a->event.kind));
	page_words(f, a->event.kind);
	html_say(f, "</span></a></td>\n<td class=\"said\">%.*s</td>\n</tr>\n",
	    HTML_SPAN(a->event.text));
}

/* A heading where another day begins, in UTC as all that we say. */
static void
write_day(FILE *f, const struct activity_event *all, size_t i)
{
	struct rfc3339 day = rfc3339_format(all[i].event.at), above;

	if (i > 0) {
		above = rfc3339_format(all[i - 1].event.at);
		if (memcmp(day.text, above.text, 10) == 0)
			return;
		html_say(f, "</tbody>\n");
	}
	html_say(f,
	    "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"4\">%.*s</th>"
	    "</tr>\n",
	    10, day.text);
}

static void
write_rows(
    struct web_call *c, FILE *f, const struct activity_event *all, size_t n)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Activity\">\n<table class=\"grid\">\n<thead><tr>"
	    "<th scope=\"col\">UTC</th><th scope=\"col\">Domain</th>"
	    "<th scope=\"col\">Kind</th><th scope=\"col\">What happened</th>"
	    "</tr></thead>\n");
	for (size_t i = 0; i < n; i++) {
		write_day(f, all, i);
		write_row(c, f, &all[i]);
	}
	html_say(f, "</tbody>\n</table>\n</div>\n");
}

/* The page writes "policy changed", and so may whoever asks for it. */
static struct span
as_slug(struct web_call *c, struct span words)
{
	char *text = arena_alloc(c->a, words.n + 1);

	if (text == NULL)
		return words;
	for (size_t i = 0; i < words.n; i++)
		text[i] = words.p[i] == ' ' ? '-' : words.p[i];
	return (struct span){ text, words.n };
}

enum err
page_activity(struct web_call *c, struct error *e)
{
	struct activity_filter filter;
	struct span next = SPAN("");
	struct activity_event *all;
	size_t n;
	FILE *f;
	enum err rc;

	if (!activity_asked(c, &filter))
		return ERR_OK;
	filter.kind = as_slug(c, filter.kind);
	filter.max = ROWS + 1; /* is there a page behind this one? */
	rc = activity_list(c->store, &filter, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	if (n > ROWS) {
		n = ROWS;
		next = activity_cursor(c, &all[n - 1]);
	}
	f = page_begin(c, SPAN("Activity"), PLACE_ACTIVITY);
	html_say(f, "<h1>Activity</h1>\n<p class=\"lead\">What changed, of all "
		    "domains, the last first.</p>\n");
	rc = write_filter(c, f, &filter, all, n, e);
	if (n == 0)
		html_say(f, "<p class=\"empty\">Nothing of that kind has "
			    "happened.</p>\n");
	else
		write_rows(c, f, all, n);
	query_pages(c, "after", next);
	page_end(c);
	return rc;
}
