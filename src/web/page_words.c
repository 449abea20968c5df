/* Moments, names and public words, as a page says them. */
#include "base/rfc3339.h"
#include "core/words.h"
#include "web/page.h"

enum { DAY_S = 86400, SOON_DAYS = 14 };

/* ---- moments ---- */

/* The exact moment is in the title; the script says there what it is here. */
static void
write_moment(FILE *f, struct wall_time t)
{
	struct rfc3339 text = rfc3339_format(t);

	html_say(f, "<time datetime=\"%s\" title=\"%.*s %.*s UTC\">", text.text,
	    (int)sizeof "YYYY-MM-DD" - 1, text.text, (int)sizeof "hh:mm" - 1,
	    text.text + sizeof "YYYY-MM-DD");
}

void
page_date(FILE *f, struct wall_time t)
{
	struct rfc3339 text = rfc3339_format(t);

	write_moment(f, t);
	html_say(f, "%.*s</time>", (int)sizeof "YYYY-MM-DD" - 1, text.text);
}

void
page_minute(FILE *f, struct wall_time t)
{
	struct rfc3339 text = rfc3339_format(t);

	write_moment(f, t);
	html_say(f, "%.*s %.*s</time>", (int)sizeof "YYYY-MM-DD" - 1, text.text,
	    (int)sizeof "hh:mm" - 1, text.text + sizeof "YYYY-MM-DD");
}

void
page_ago(struct web_call *c, FILE *f, struct wall_time t)
{
	write_moment(f, t);
	html_say(f, "%s</time>",
	    t.s == c->now.s ? "now" : words_distance(c->a, c->now, t));
}

void
page_days(struct web_call *c, FILE *f, const char *whose,
    struct wall_time until, bool is_enforced)
{
	int64_t left = until.s - c->now.s;
	struct span text;

	if (until.s == 0)
		return;
	if (left < 0)
		text = arena_printf(c->a, "%s ended", whose);
	else
		text = arena_printf(
		    c->a, "%s %s d", whose, words_count(c->a, left / DAY_S));
	html_say(f, "<span class=\"line\">");
	if (left < 0)
		page_chip(f, is_enforced ? TONE_BAD : TONE_WARN, text);
	else if (left < (int64_t)SOON_DAYS * DAY_S)
		page_chip(f, TONE_WARN, text);
	else
		html_text(f, text);
	html_say(f, "</span>");
}

/* ---- words ---- */

void
page_name(FILE *f, struct span name)
{
	while (name.n > 0) {
		size_t n = span_find(name, '.');

		html_text(f, span_head(name, n));
		name = span_skip(name, n);
		if (name.n > 0)
			html_say(f, ".<wbr>");
		name = span_skip(name, 1);
	}
}

void
page_words(FILE *f, struct span slug)
{
	while (slug.n > 0) {
		size_t n = 0;

		while (n < slug.n && slug.p[n] != '-' && slug.p[n] != '_')
			n++;
		html_text(f, span_head(slug, n));
		if (n < slug.n)
			html_say(f, " ");
		slug = span_skip(slug, n + 1);
	}
}
