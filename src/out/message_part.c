#include "out/message_part.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "core/words.h"

enum {
	NAME_COLUMNS = 40, /* of a domain in a headline: it leaves room */
	EXACT_COLUMNS = 300, /* of the longest line in a chat */
};

const char *
part_state(enum severity severity, struct span check)
{
	enum check_id id = check_by_slug(check);

	switch (severity) {
	case SEVERITY_ERROR:
		return id < CHECKS && checks[id].effect == EFFECT_LOSS
			   ? "LOSS"
			   : "ERROR";
	case SEVERITY_WARNING:
		return "WARNING";
	case SEVERITY_INFO:
		break;
	}
	return "NOTE";
}

struct span
part_title(const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);

	return id < CHECKS ? span_str(checks[id].title) : i->message;
}

int64_t
part_domains(const struct incident *i)
{
	return i->is_resolved ? i->domains : i->errors + i->warnings;
}

const char *
part_count(int64_t n, const char *one, const char *many, struct arena *a)
{
	return arena_printf(a, "%" PRId64 " %s", n, n == 1 ? one : many).p;
}

const char *
part_duration(struct wall_time from, struct wall_time to, struct arena *a)
{
	return words_about(a, to.s > from.s ? (uint64_t)(to.s - from.s) : 0);
}

struct span
part_first_line(struct span s)
{
	return span_head(s, span_find(s, '\n'));
}

struct span
part_one_line(struct span s, struct arena *a)
{
	struct buf b;
	size_t cap = 4 * s.n;
	char *mem = arena_alloc(a, cap);

	if (mem == NULL)
		return SPAN("");
	b = buf_init(mem, cap);
	while (s.n > 0) {
		struct span line = part_first_line(s);
		struct span escaped = span_str(escape_str(a, line, line.n));

		buf_put(&b, escaped);
		s = span_skip(s, line.n);
		if (s.n > 0)
			buf_putc(&b, ' ');
		s = span_skip(s, 1);
	}
	return buf_span(&b);
}

struct span
part_clip(struct span s, size_t columns, struct arena *a)
{
	struct span rest = s;
	size_t cut = 0;
	uint32_t c;

	for (size_t n = 0; rest.n > 0; n++) {
		size_t len = utf8_next(rest, &c);

		if (n == columns)
			return arena_printf(a, "%.*s...", (int)cut, s.p);
		rest = span_skip(rest, len > 0 ? len : 1);
		if (n + 3 < columns)
			cut = s.n - rest.n;
	}
	return s;
}

/* ---- whom it concerns ---- */

static struct span
who_suffers(const struct message_news *n, struct arena *a)
{
	const struct incident *i = n->incident;
	int64_t domains = part_domains(i);
	struct span subject = part_clip(i->subject, NAME_COLUMNS, a);

	if (domains == 1 && n->n_domains > 0)
		return part_clip(n->domains[0], NAME_COLUMNS, a);
	if (domains <= 1 || check_is_ours(check_by_slug(i->check)))
		return subject.n > 0 ? subject : SPAN("mtasts");
	if (subject.n > 0)
		return arena_printf(a, "%.*s (%" PRId64 " domains)",
		    (int)subject.n, subject.p, domains);
	return arena_printf(a, "%" PRId64 " domains", domains);
}

static struct span
incident_headline(const struct message_news *n, const struct message_env *env,
    bool exact, struct arena *a)
{
	const struct incident *i = n->incident;
	struct span who = who_suffers(n, a);
	struct span what = exact ? i->message : part_title(i);
	const char *state = part_state(i->severity, i->check);
	const char *lasted = part_duration(
	    i->opened_at, i->is_resolved ? i->resolved_at : env->now, a);

	switch (n->news.kind) {
	case NEWS_WORSENED:
		return arena_printf(a, "%s %.*s, was a warning: %.*s", state,
		    (int)who.n, who.p, (int)what.n, what.p);
	case NEWS_RESOLVED:
		return arena_printf(a, "RESOLVED %.*s after %s: %.*s",
		    (int)who.n, who.p, lasted, (int)what.n, what.p);
	case NEWS_REMINDER:
		return arena_printf(a, "STILL %s %.*s, %s: %.*s", state,
		    (int)who.n, who.p, lasted, (int)what.n, what.p);
	case NEWS_OPENED:
	case NEWS_CHANGED:
	case NEWS_ADVICE:
	case NEWS_DIGEST:
	case NEWS_TEST:
	case NEWS_KINDS:
		break;
	}
	return arena_printf(
	    a, "%s %.*s: %.*s", state, (int)who.n, who.p, (int)what.n, what.p);
}

static struct span
other_headline(const struct message_news *n, struct arena *a)
{
	struct span who = part_clip(n->domain, NAME_COLUMNS, a);
	struct span what = part_first_line(n->news.text);

	switch (n->news.kind) {
	case NEWS_CHANGED:
		return arena_printf(a, "CHANGED %.*s: %.*s", (int)who.n, who.p,
		    (int)what.n, what.p);
	case NEWS_ADVICE:
		return arena_printf(a, "ADVICE %.*s: %.*s", (int)who.n, who.p,
		    (int)what.n, what.p);
	case NEWS_TEST:
		return arena_printf(
		    a, "TEST of channel %.*s", (int)what.n, what.p);
	case NEWS_OPENED:
	case NEWS_WORSENED:
	case NEWS_RESOLVED:
	case NEWS_REMINDER:
	case NEWS_DIGEST:
	case NEWS_KINDS:
		break;
	}
	return what;
}

struct span
part_headline(const struct message_news *n, const struct message_env *env,
    bool exact, struct arena *a)
{
	struct span s = n->incident != NULL
			    ? incident_headline(n, env, exact, a)
			    : other_headline(n, a);

	return part_clip(part_one_line(s, a), EXACT_COLUMNS, a);
}

/* ---- ids ---- */

struct span
part_opening_id(const struct incident *i, struct arena *a)
{
	return arena_printf(
	    a, "incident.%" PRId64 ".%" PRId64, i->id, i->opened_at.s);
}

/* The moment tells a store that was begun anew, and counts from 1 again, from
 * the one before: mail readers would take its news for repetitions. */
struct span
part_news_id(struct span key, struct wall_time at, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	size_t cap = 3 * key.n + 32;
	char *mem = arena_alloc(a, cap);
	struct buf b;

	if (mem == NULL)
		return SPAN("");
	b = buf_init(mem, cap);
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];

		if (ascii_is_alnum(c) || c == '-' || c == '_') {
			buf_putc(&b, (char)c);
			continue;
		}
		buf_putc(&b, '=');
		buf_putc(&b, hex[c >> 4]);
		buf_putc(&b, hex[c & 15]);
	}
	buf_printf(&b, ".%" PRId64, at.s);
	return buf_span(&b);
}

/* ---- writing ---- */

void
part_open(struct part_writer *w)
{
	*w = (struct part_writer){ .f = NULL };
	w->f = open_memstream(&w->p, &w->n);
}

struct span
part_close(struct part_writer *w, struct arena *a)
{
	struct span s = SPAN("");
	bool good = w->f != NULL && !ferror(w->f);

	if (w->f != NULL && fclose(w->f) == 0 && good)
		s = arena_span(a, (struct span){ w->p, w->n });
	else
		a->failed = true;
	free(w->p);
	return s;
}
