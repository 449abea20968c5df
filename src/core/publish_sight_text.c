/* The sight of a round as text, and back. */
#include "base/base64url.h"
#include "base/limits.h"
#include "base/num.h"
#include "core/publish_sight.h"

enum { VERSION = 1, GATE_LINES = 1024 };

static const char *const mx_kinds[] = {
	[MX_SIGHT_UNKNOWN] = "unknown",
	[MX_SIGHT_APART] = "apart",
	[MX_SIGHT_EMPTY] = "empty",
	[MX_SIGHT_HOSTS] = "hosts",
};

/* ---- writing ---- */

static void
put_number(struct buf *b, const char *key, int64_t n)
{
	buf_printf(b, "%s=%lld\n", key, (long long)n);
}

static void
put_text(struct buf *b, struct span key, struct span text)
{
	buf_put(b, key);
	buf_put(b, text);
	buf_putc(b, '\n');
}

/* No less than what is written. */
static size_t
room_for(const struct publish_sight *s)
{
	size_t n = 512 + s->gate_text.n + s->foreign.n / 3 * 4;

	for (size_t i = 0; i < s->mx.n_hosts; i++)
		n += sizeof "mx-host=\n" + s->mx.hosts[i].n;
	for (size_t i = 0; i < s->gate_text.n; i++)
		n += s->gate_text.p[i] == '\n' ? sizeof "gate-text=" : 0;
	return n;
}

static void
put_gate(struct buf *b, struct span text)
{
	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		put_text(b, SPAN("gate-text="), line);
		text = span_skip(text, line.n + 1);
	}
}

enum err
publish_sight_write(
    const struct publish_sight *s, struct arena *a, struct span *out)
{
	size_t room = room_for(s);
	struct buf b;

	if (room > LIMIT_PUBLISH_SIGHT)
		return ERR_DATA;
	b = buf_init(arena_alloc(a, room), room);
	if (b.p == NULL)
		return ERR_MEMORY;
	put_number(&b, "v", VERSION);
	put_number(&b, "at", s->at.s);
	put_number(&b, "fresh", s->fresh);
	put_text(&b, SPAN("mx="), span_str(mx_kinds[s->mx.kind]));
	put_number(&b, "mx-at", s->mx.at.s);
	put_number(&b, "mx-ttl", s->mx.ttl);
	put_number(&b, "mx-servers", s->mx.servers);
	for (size_t i = 0; i < s->mx.n_hosts; i++)
		put_text(&b, SPAN("mx-host="), s->mx.hosts[i]);
	put_number(&b, "gate-open", s->gate_open);
	put_gate(&b, s->gate_text);
	put_number(&b, "horizon", s->horizon.s);
	put_number(&b, "may-leave", s->may_leave);
	put_number(&b, "leave-at", s->leave_at.s);
	if (s->foreign.n > 0)
		put_text(&b, SPAN("foreign="), base64url_encode(a, s->foreign));
	if (a->failed)
		return ERR_MEMORY;
	*out = buf_span(&b);
	return b.overflow ? ERR_DATA : ERR_OK;
}

/* ---- reading ---- */

struct reading {
	struct publish_sight *out;
	struct arena *a;
	struct span *hosts; /* room for LIMIT_MX_HOSTS */
	struct buf gate; /* room for the whole text */
	size_t n_lines; /* of the gate */
};

static bool
read_flag(struct span text, bool *out)
{
	uint64_t n;

	if (!num_parse(text, 1, &n))
		return false;
	*out = n == 1;
	return true;
}

static bool
read_time(struct span text, struct wall_time *out)
{
	uint64_t n;

	if (!num_parse(text, INT64_MAX / 2, &n))
		return false;
	out->s = (int64_t)n;
	return true;
}

static bool
read_version(struct reading *r, struct span text)
{
	uint64_t n;

	(void)r;
	return num_parse(text, VERSION, &n) && n == VERSION;
}

static bool
read_at(struct reading *r, struct span text)
{
	return read_time(text, &r->out->at);
}

static bool
read_fresh(struct reading *r, struct span text)
{
	return read_flag(text, &r->out->fresh);
}

static bool
read_mx(struct reading *r, struct span text)
{
	for (size_t i = 0; i < sizeof mx_kinds / sizeof mx_kinds[0]; i++)
		if (span_eq(text, span_str(mx_kinds[i]))) {
			r->out->mx.kind = (enum mx_sight_kind)i;
			return true;
		}
	return false;
}

static bool
read_mx_at(struct reading *r, struct span text)
{
	return read_time(text, &r->out->mx.at);
}

static bool
read_mx_ttl(struct reading *r, struct span text)
{
	uint64_t n;

	if (!num_parse(text, UINT32_MAX, &n))
		return false;
	r->out->mx.ttl = (uint32_t)n;
	return true;
}

static bool
read_mx_servers(struct reading *r, struct span text)
{
	uint64_t n;

	if (!num_parse(text, UINT32_MAX, &n))
		return false;
	r->out->mx.servers = (unsigned)n;
	return true;
}

static bool
read_mx_host(struct reading *r, struct span text)
{
	if (text.n == 0 || r->out->mx.n_hosts == LIMIT_MX_HOSTS)
		return false;
	r->hosts[r->out->mx.n_hosts++] = arena_span(r->a, text);
	return true;
}

static bool
read_gate_open(struct reading *r, struct span text)
{
	return read_flag(text, &r->out->gate_open);
}

static bool
read_gate_text(struct reading *r, struct span text)
{
	if (text.n == 0 || r->n_lines == GATE_LINES)
		return false;
	if (r->n_lines++ > 0)
		buf_putc(&r->gate, '\n');
	buf_put(&r->gate, text);
	return true;
}

static bool
read_horizon(struct reading *r, struct span text)
{
	return read_time(text, &r->out->horizon);
}

static bool
read_may_leave(struct reading *r, struct span text)
{
	return read_flag(text, &r->out->may_leave);
}

static bool
read_leave_at(struct reading *r, struct span text)
{
	return read_time(text, &r->out->leave_at);
}

static bool
read_foreign(struct reading *r, struct span text)
{
	return base64url_decode(r->a, text, &r->out->foreign) &&
	       r->out->foreign.n > 0;
}

static const struct member {
	struct span key;
	bool repeats;
	bool (*read)(struct reading *r, struct span text);
} members[] = {
	/* clang-format off */
	{ SPAN_INIT("v"),		false, read_version }, /* the first */
	{ SPAN_INIT("at"),		false, read_at },
	{ SPAN_INIT("fresh"),		false, read_fresh },
	{ SPAN_INIT("mx"),		false, read_mx },
	{ SPAN_INIT("mx-at"),		false, read_mx_at },
	{ SPAN_INIT("mx-ttl"),		false, read_mx_ttl },
	{ SPAN_INIT("mx-servers"),	false, read_mx_servers },
	{ SPAN_INIT("mx-host"),		true,  read_mx_host },
	{ SPAN_INIT("gate-open"),	false, read_gate_open },
	{ SPAN_INIT("gate-text"),	true,  read_gate_text },
	{ SPAN_INIT("horizon"),		false, read_horizon },
	{ SPAN_INIT("may-leave"),	false, read_may_leave },
	{ SPAN_INIT("leave-at"),	false, read_leave_at },
	{ SPAN_INIT("foreign"),		false, read_foreign },
	/* clang-format on */
};

enum { MEMBERS = sizeof members / sizeof members[0] };

static bool
read_line(struct reading *r, struct span line, bool seen[MEMBERS])
{
	size_t at = span_find(line, '=');
	struct span key = span_head(line, at);

	if (at == line.n)
		return false;
	for (size_t i = 0; i < MEMBERS; i++) {
		if (!span_eq(members[i].key, key))
			continue;
		if (seen[i] && !members[i].repeats)
			return false;
		seen[i] = true;
		return members[i].read(r, span_skip(line, at + 1));
	}
	return true;
}

static bool
read_all(struct reading *r, struct span text)
{
	bool seen[MEMBERS] = { false };

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		if (line.n == text.n || !read_line(r, line, seen))
			return false;
		text = span_skip(text, line.n + 1);
	}
	/* Whoever says nothing of hosts has none to say. */
	return seen[0] &&
	       (r->out->mx.kind == MX_SIGHT_HOSTS) == (r->out->mx.n_hosts > 0);
}

enum err
publish_sight_read(struct span text, struct arena *a, struct publish_sight *out)
{
	struct reading r = { .out = out, .a = a };
	bool good;

	*out = (struct publish_sight){ .gate_text = SPAN(""),
		.foreign = SPAN("") };
	if (text.n > LIMIT_PUBLISH_SIGHT)
		return ERR_DATA;
	r.hosts = arena_array(a, LIMIT_MX_HOSTS, sizeof *r.hosts);
	r.gate = buf_init(arena_alloc(a, text.n + 1), text.n + 1);
	if (r.hosts == NULL || r.gate.p == NULL)
		return ERR_MEMORY;
	good = read_all(&r, text);
	if (a->failed)
		return ERR_MEMORY;
	out->mx.hosts = r.hosts;
	out->gate_text = buf_span(&r.gate);
	return good ? ERR_OK : ERR_DATA;
}
