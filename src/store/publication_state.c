#include "store/publication_state.h"

#include <stddef.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/num.h"
#include "store/state_words.h"

/* clang-format off */
static const char *const follow_names[] = {
	[MX_SETTLED]	= "settled",
	[MX_WATCHED]	= "watched",
	[MX_WAITING]	= "waiting",
};

#define ROW(name, kind, member, ...)					\
	{ name, kind, offsetof(struct publication_state, member), __VA_ARGS__ }
#define TIME(name, member)	ROW(name, STATE_TIME, member, NULL, 0)
#define NUMBER(name, member)	ROW(name, STATE_NUMBER, member, NULL, 0)
#define FLAG(name, member)	ROW(name, STATE_FLAG, member, NULL, 0)

static const struct state_row rows[] = {
	ROW("follow", STATE_NAME, follow.state, follow_names, MX_WAITING + 1),
	NUMBER("rounds", follow.rounds),
	TIME("seen-since", follow.seen_since),
	FLAG("seen-told", follow.seen_told),
	ROW("hold", STATE_NAME, follow.hold, mx_hold_names, MX_HOLD_EMPTY + 1),
	TIME("hold-since", follow.hold_since),
	TIME("move-since", move.since),
	FLAG("move-may-add-told", move.may_add_told),
	FLAG("advised", advised),
	FLAG("may-replace", may_replace),
};
/* clang-format on */

struct publication_state
publication_state_of(const struct published *p)
{
	return (struct publication_state){ .follow = p->follow,
		.move = p->move,
		.advised = p->advised,
		.may_replace = p->may_replace };
}

/* ---- hosts ---- */

static bool
is_plain(char c)
{
	return c > ' ' && c <= '~' && c != '%' && c != ',';
}

static void
put_host(struct buf *b, const char *word, struct span host)
{
	buf_printf(b, " %s=", word);
	for (size_t i = 0; i < host.n; i++)
		if (is_plain(host.p[i]))
			buf_putc(b, host.p[i]);
		else
			buf_printf(b, "%%%02x", (unsigned char)host.p[i]);
}

/* -1: no digit. */
static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static bool
read_host(struct span text, struct arena *a, struct span *out)
{
	char *mem = arena_alloc(a, text.n);
	size_t n = 0;

	if (mem == NULL || text.n == 0)
		return false;
	while (text.n > 0) {
		bool is_escape = text.p[0] == '%';
		int high, low;

		if (!is_escape) {
			mem[n++] = text.p[0];
			text = span_skip(text, 1);
			continue;
		}
		if (text.n < 3)
			return false;
		high = hex(text.p[1]);
		low = hex(text.p[2]);
		if (high < 0 || low < 0)
			return false;
		mem[n++] = (char)(high << 4 | low);
		text = span_skip(text, 3);
	}
	*out = (struct span){ mem, n };
	return true;
}

static bool
add_host(struct publication_state *s, struct span value, struct span **list,
    size_t *n, size_t *cap)
{
	struct span *all = arena_grow(s->a, *list, *n, cap, sizeof *all);

	if (all == NULL)
		return false;
	*list = all;
	return read_host(value, s->a, &all[(*n)++]);
}

/* ---- patterns: the host, since when, when it left or nothing, the TTL ---- */

static void
put_pattern(struct buf *b, const struct mx_pattern *p)
{
	put_host(b, "pattern", p->host);
	buf_printf(b, ",%lld,", (long long)p->since.s);
	if (p->gone)
		buf_printf(b, "%lld", (long long)p->gone_at.s);
	buf_printf(b, ",%u", p->ttl);
}

/* Up to the next comma, which is taken off too. */
static struct span
take_field(struct span *text)
{
	struct span field = span_head(*text, span_find(*text, ','));

	*text = span_skip(*text, field.n + 1);
	return field;
}

static bool
add_pattern(struct publication_state *s, struct span value)
{
	struct mx_follow *f = &s->follow;
	struct mx_pattern *all = arena_grow(
	    s->a, f->patterns, f->n_patterns, &s->patterns_cap, sizeof *all);
	struct span host = take_field(&value), since = take_field(&value);
	struct span gone = take_field(&value), ttl = take_field(&value);
	uint64_t since_s, gone_s = 0, ttl_s;
	struct mx_pattern p;

	if (all == NULL || value.n > 0 || !read_host(host, s->a, &p.host) ||
	    !num_parse(since, INT64_MAX, &since_s) ||
	    (gone.n > 0 && !num_parse(gone, INT64_MAX, &gone_s)) ||
	    !num_parse(ttl, UINT32_MAX, &ttl_s))
		return false;
	p.since.s = (int64_t)since_s;
	p.gone = gone.n > 0;
	p.gone_at.s = (int64_t)gone_s;
	p.ttl = (uint32_t)ttl_s;
	f->patterns = all;
	all[f->n_patterns++] = p;
	return true;
}

static bool
read_list_word(void *out, struct span name, struct span value)
{
	struct publication_state *s = out;

	if (span_eq(name, SPAN("seen")))
		return add_host(
		    s, value, &s->follow.seen, &s->follow.n_seen, &s->seen_cap);
	if (span_eq(name, SPAN("pattern")))
		return add_pattern(s, value);
	if (span_eq(name, SPAN("move-to")))
		return add_host(
		    s, value, &s->move.to, &s->move.n_to, &s->to_cap);
	return true;
}

/* ---- all of it ---- */

static const struct state_form form = { rows, sizeof rows / sizeof rows[0],
	read_list_word };

/* At most. */
static size_t
text_size(const struct publication_state *s)
{
	enum { SCALARS = 512, OF_HOST = 96 }; /* a word with its numbers */
	size_t n = SCALARS;

	for (size_t i = 0; i < s->follow.n_seen; i++)
		n += OF_HOST + 3 * s->follow.seen[i].n;
	for (size_t i = 0; i < s->follow.n_patterns; i++)
		n += OF_HOST + 3 * s->follow.patterns[i].host.n;
	for (size_t i = 0; i < s->move.n_to; i++)
		n += OF_HOST + 3 * s->move.to[i].n;
	return n;
}

enum err
publication_state_write(const struct publication_state *s, struct arena *a,
    struct span *out, struct error *e)
{
	size_t size = text_size(s);
	struct buf b = buf_init(arena_alloc(a, size), size);

	if (b.p == NULL)
		return error_set(e, ERR_MEMORY, "the state of a publication");
	state_write(&form, s, &b);
	for (size_t i = 0; i < s->follow.n_seen; i++)
		put_host(&b, "seen", s->follow.seen[i]);
	for (size_t i = 0; i < s->follow.n_patterns; i++)
		put_pattern(&b, &s->follow.patterns[i]);
	for (size_t i = 0; i < s->move.n_to; i++)
		put_host(&b, "move-to", s->move.to[i]);
	if (b.overflow || b.n > LIMIT_PUBLICATION_STATE)
		return error_set(e, ERR_LIMIT,
		    "the state of a publication has at most %d bytes",
		    LIMIT_PUBLICATION_STATE);
	*out = buf_span(&b);
	return ERR_OK;
}

enum err
publication_state_read(struct span text, struct arena *a,
    struct publication_state *out, struct error *e)
{
	struct span word = SPAN("");

	*out = (struct publication_state){ .a = a };
	if (text.n > LIMIT_PUBLICATION_STATE)
		return error_set(
		    e, ERR_DATA, "the state of a publication is damaged");
	if (text.n == 0 || state_read(&form, text, out, &word))
		return ERR_OK;
	if (a->failed)
		return error_set(e, ERR_MEMORY, "the state of a publication");
	return error_set(e, ERR_DATA,
	    "the state of a publication is damaged: '%s'",
	    escape_str(a, word, 60));
}

/* What is changed as one. */
enum part { FOLLOW, MOVE, ADVISED, MAY_REPLACE, PARTS };

static void
copy_part(enum part part, const struct publication_state *from,
    struct publication_state *to)
{
	switch (part) {
	case FOLLOW:
		to->follow = from->follow;
		return;
	case MOVE:
		to->move = from->move;
		return;
	case ADVISED:
		to->advised = from->advised;
		return;
	case MAY_REPLACE:
		to->may_replace = from->may_replace;
		return;
	case PARTS:
		return;
	}
}

static enum err
part_text(enum part part, const struct publication_state *s, struct arena *a,
    struct span *out, struct error *e)
{
	struct publication_state alone = { 0 };

	copy_part(part, s, &alone);
	return publication_state_write(&alone, a, out, e);
}

enum err
publication_state_merge(const struct publication_state *before,
    const struct publication_state *theirs, struct publication_state *after,
    struct arena *a, struct error *e)
{
	struct span was = SPAN(""), is = SPAN("");
	enum err err = ERR_OK;

	for (enum part part = 0; err == ERR_OK && part < PARTS; part++) {
		err = part_text(part, before, a, &was, e);
		if (err == ERR_OK)
			err = part_text(part, theirs, a, &is, e);
		if (err == ERR_OK && !span_eq(was, is))
			copy_part(part, theirs, after);
	}
	return err;
}
