#include "web/page.h"

#include <stdarg.h>

#include "version.h"
#include "web/assets.h"

/* clang-format off */
const char *const tone_names[] = {
	[TONE_GOOD]	= "good",
	[TONE_WARN]	= "warn",
	[TONE_BAD]	= "bad",
	[TONE_NONE]	= "none",
	[TONE_UNKNOWN]	= "unknown",
	[TONE_INFO]	= "info",
	NULL
};

static const struct place {
	enum page_place place;
	const char *path, *name;
} places[] = {
	{ PLACE_PORTFOLIO,	"/",		"Portfolio" },
	{ PLACE_INCIDENTS,	"/incidents",	"Incidents" },
	{ PLACE_OVERVIEW,	"/overview",	"Overview" },
	{ PLACE_ACTIVITY,	"/activity",	"Activity" },
	{ PLACE_SETTINGS,	"/settings",	"Settings" },
};
/* clang-format on */

/* clang-format off */
static const struct said {
	const char *word, *sentence;
} said_rows[] = {
#define SAID(word, sentence) { word, sentence },
#include "web/said.def"
#undef SAID
};
/* clang-format on */

/* ---- the frame ---- */

/* The address may say what it likes: it is one of our sentences, or none. */
static void
write_said(FILE *f, struct span word)
{
	for (size_t i = 0; i < sizeof(said_rows) / sizeof(said_rows[0]); i++)
		if (span_eq(word, span_str(said_rows[i].word)))
			html_say(f,
			    "<p class=\"notice good\" role=\"status\">%s</p>\n",
			    said_rows[i].sentence);
}

static void
write_head(FILE *f, struct span title)
{
	html_say(f,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>%.*s - mtasts</title>\n",
	    HTML_SPAN(title));
	html_say(f,
	    "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n"
	    "<link rel=\"stylesheet\" href=\"%s\">\n"
	    "<script type=\"module\" src=\"%s\"></script>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n",
	    asset_path("favicon.svg"), asset_path("style.css"),
	    asset_path("app.js"));
}

/* "page" is this very address, "true" a part of it. */
static void
write_place(struct web_call *c, FILE *f, const struct place *p, bool is_here)
{
	html_say(f, "<li><a href=\"%s\"", p->path);
	if (is_here && span_eq(c->http->head->path, span_str(p->path)))
		html_say(f, " aria-current=\"page\"");
	else if (is_here)
		html_say(f, " aria-current=\"true\"");
	html_say(f, ">%s</a></li>\n", p->name);
}

static void
write_person(struct web_call *c, FILE *f)
{
	html_say(f,
	    "<form class=\"who\" method=\"post\" action=\"/logout\">"
	    "<input type=\"hidden\" name=\"csrf\" value=\"%s\">"
	    "<span>%.*s</span> <button>Log out</button></form>\n",
	    c->caller.csrf, HTML_SPAN(c->caller.name));
}

static void
write_top(struct web_call *c, FILE *f, enum page_place place)
{
	/* What anybody may keep tells of nobody. */
	bool is_person = c->caller.kind == CALLER_PERSON && !c->is_public;

	html_say(f, "<header class=\"top\">\n");
	if (!is_person) {
		html_say(f, "<span class=\"brand\">mtasts</span>\n</header>\n");
		return;
	}
	html_say(f, "<a class=\"brand\" href=\"/\">mtasts</a>\n"
		    "<nav aria-label=\"Main\"><ul>\n");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		write_place(c, f, &places[i], places[i].place == place);
	html_say(f, "</ul></nav>\n");
	write_person(c, f);
	html_say(f, "</header>\n");
}

FILE *
page_begin(struct web_call *c, struct span title, enum page_place place)
{
	FILE *f = call_body(c);

	write_head(f, title);
	write_top(c, f, place);
	html_say(f, "<main id=\"main\" tabindex=\"-1\">\n");
	write_said(f, fields_find(&c->query, "said"));
	return f;
}

void
page_end(struct web_call *c)
{
	FILE *f = call_body(c);

	html_say(f, "</main>\n<footer><p>mtasts");
	if (!c->is_public && c->caller.kind == CALLER_PERSON)
		html_say(f, " " MTASTS_VERSION_TEXT
			    ". What is done here a program can do too: "
			    "<a href=\"/api/openapi.json\">the API</a>.");
	html_say(f, "</p></footer>\n</body>\n</html>\n");
}

/* ---- how something stands ---- */

void
page_chip(FILE *f, enum tone tone, struct span word)
{
	html_say(f, "<span class=\"chip %s\">%.*s</span>", tone_names[tone],
	    HTML_SPAN(word));
}

enum tone
tone_of_severity(enum severity s)
{
	switch (s) {
	case SEVERITY_INFO:
		return TONE_INFO;
	case SEVERITY_WARNING:
		return TONE_WARN;
	case SEVERITY_ERROR:
		return TONE_BAD;
	}
	return TONE_UNKNOWN;
}

struct word_tone {
	struct span word;
	enum tone tone;
};

/* A word that is not there, or that another version wrote, is not known. */
static enum tone
find_tone(const struct word_tone *all, size_t n, struct span word)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(all[i].word, word))
			return all[i].tone;
	return TONE_UNKNOWN;
}

#define FIND_TONE(table, word)                                                 \
	find_tone(table, sizeof(table) / sizeof((table)[0]), word)

/* clang-format off */
static const struct word_tone verdict_tones[] = {
	{ SPAN_INIT("ok"),		TONE_GOOD },
	{ SPAN_INIT("warning"),		TONE_WARN },
	{ SPAN_INIT("error"),		TONE_BAD },
};

static const struct word_tone deployment_tones[] = {
	{ SPAN_INIT("none"),		TONE_NONE },
	{ SPAN_INIT("testing"),		TONE_INFO },
	{ SPAN_INIT("enforce"),		TONE_GOOD },
	{ SPAN_INIT("removing"),	TONE_INFO },
	{ SPAN_INIT("broken"),		TONE_BAD },
};

static const struct word_tone eligibility_tones[] = {
	{ SPAN_INIT("eligible"),	TONE_GOOD },
	{ SPAN_INIT("ineligible"),	TONE_WARN },
	{ SPAN_INIT("no-mail"),		TONE_NONE },
};

/* None is red: a host "mta-sts" that answers to everything is unreachable, of a
 * domain that has never heard of MTA-STS. The verdict knows what is lost. */
static const struct word_tone thing_tones[] = {
	{ SPAN_INIT("ok"),		TONE_GOOD },
	{ SPAN_INIT("none"),		TONE_NONE },
	{ SPAN_INIT("invalid"),		TONE_WARN },
	{ SPAN_INIT("unreachable"),	TONE_WARN },
};
/* clang-format on */

enum tone
tone_of_verdict(struct span verdict)
{
	return FIND_TONE(verdict_tones, verdict);
}

enum tone
tone_of_deployment(struct span deployment)
{
	return FIND_TONE(deployment_tones, deployment);
}

enum tone
tone_of_eligibility(struct span eligibility)
{
	return FIND_TONE(eligibility_tones, eligibility);
}

enum tone
tone_of_thing(struct span thing)
{
	return FIND_TONE(thing_tones, thing);
}

/* ---- what is to be copied ---- */

/* A policy's lines end with CR LF (RFC 8461 3.2); what a person copies does not
 * show it. */
static void
write_lines(FILE *f, struct span text)
{
	while (text.n > 0) {
		size_t n = span_find(text, '\r');

		html_text(f, span_head(text, n));
		text = span_skip(text, n);
		if (text.n > 0 && !span_starts(text, SPAN("\r\n")))
			html_text(f, span_head(text, 1));
		text = span_skip(text, 1);
	}
}

/* The button comes to life with the script; without, the text can be selected.
 */
void
page_copy(FILE *f, const char *label, struct span text)
{
	html_say(f, "<div class=\"copy\"><code>");
	write_lines(f, text);
	html_say(f,
	    "</code><button type=\"button\" data-copy hidden "
	    "aria-label=\"Copy %s\">Copy</button></div>\n",
	    label);
}

void
page_remedy(FILE *f, struct span remedy)
{
	size_t end = span_find(remedy, '\n');

	html_say(f, "<p class=\"remedy\">%.*s</p>\n",
	    HTML_SPAN(span_head(remedy, end)));
	if (end + 1 < remedy.n)
		page_copy(f, "what to publish", span_skip(remedy, end + 1));
}

/* ---- forms ---- */

static const char *
method_name(enum http_method method)
{
	switch (method) {
	case HTTP_PUT:
		return "PUT";
	case HTTP_DELETE:
		return "DELETE";
	case HTTP_GET:
	case HTTP_HEAD:
	case HTTP_POST:
	case HTTP_OTHER:
		return NULL; /* what a form can say by itself */
	}
	return NULL;
}

static void
write_hidden(FILE *f, const char *name, struct span value)
{
	html_say(f, "<input type=\"hidden\" name=\"%s\" value=\"%.*s\">", name,
	    HTML_SPAN(value));
}

bool
page_form(struct web_call *c, enum http_method method, enum scope needs,
    struct span back, const char *fmt, ...)
{
	const char *name = method_name(method);
	FILE *f = call_body(c);
	va_list ap;

	if (c->caller.kind != CALLER_PERSON || c->caller.scope < needs)
		return false;
	html_say(f, "<form method=\"post\" action=\"");
	va_start(ap, fmt);
	html_address(f, fmt, ap);
	va_end(ap);
	html_say(f, "\">");
	write_hidden(f, "csrf", span_str(c->caller.csrf));
	if (name != NULL)
		write_hidden(f, "method", span_str(name));
	if (back.n > 0)
		write_hidden(f, "back", back);
	return true;
}

/* ---- what is renewed ---- */

void
page_live_begin(FILE *f, const char *id, int s)
{
	html_say(f, "<div id=\"%s\" data-live=\"%d\">\n", id, s);
}
