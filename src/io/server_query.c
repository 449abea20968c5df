#include "io/server_query.h"

#include "io/conn.h"
#include "io/resolver.h"
#include "wire/dns_message.h"

enum {
	TRIES = 3,
	MESSAGE_MAX = 65535, /* RFC 1035 4.2.2 */
	LENGTH = 2, /* octets before a message on TCP */
	SCRATCH = 2 * MESSAGE_MAX, /* a message, and its chunk's overhead */
};

struct query {
	const struct server_env *env;
	struct ip_addr address;
	struct span name;
	uint16_t type, id;
	struct mono_time deadline;
	bool edns;
	char *message; /* MESSAGE_MAX octets */
	size_t n; /* of the response */
	struct dns_header header; /* of the response */
};

static bool
is_response(struct query *q)
{
	return dns_is_response((struct span){ q->message, q->n }, q->id,
	    q->name, q->type, &q->header);
}

/* Whatever else arrives is not for us, or meant to deceive. */
static enum talk_result
read_datagram(struct query *q, struct conn *c)
{
	enum talk_result r;

	do {
		r = conn_read(c, q->message, MESSAGE_MAX, &q->n);
		/* An empty datagram looks like an end. */
	} while ((r == TALK_OK || r == TALK_CLOSED) && !is_response(q));
	return r;
}

static enum talk_result
read_octets(struct conn *c, char *p, size_t n)
{
	enum talk_result r = TALK_OK;

	while (n > 0 && r == TALK_OK) {
		size_t got;

		r = conn_read(c, p, n, &got);
		p += got;
		n -= got;
	}
	return r;
}

static enum talk_result
read_stream(struct query *q, struct conn *c)
{
	char length[LENGTH];
	enum talk_result r = read_octets(c, length, sizeof length);

	if (r != TALK_OK)
		return r;
	q->n = dns_u16((struct span){ length, sizeof length }, 0);
	if ((r = read_octets(c, q->message, q->n)) != TALK_OK)
		return r;
	return is_response(q) ? TALK_OK : TALK_PROTOCOL;
}

static enum talk_result
converse(struct query *q, struct conn *c, bool tcp, struct span query)
{
	char mem[LENGTH + DNS_QUERY_OCTETS];
	struct buf b = buf_init(mem, sizeof mem);
	enum talk_result r;

	if (tcp) {
		buf_putc(&b, (char)(query.n >> 8));
		buf_putc(&b, (char)(query.n & 0xff));
	}
	buf_put(&b, query);
	if ((r = conn_write(c, buf_span(&b))) != TALK_OK)
		return r;
	return tcp ? read_stream(q, c) : read_datagram(q, c);
}

static enum talk_result
try_once(struct query *q, bool tcp)
{
	const struct server_env *env = q->env;
	struct mono_time until = mono_earlier(
	    q->deadline, mono_after_ms(clock_mono(env->clock), env->try_ms));
	struct conn c = conn_init(env->clock, env->stop);
	char mem[DNS_QUERY_OCTETS];
	struct buf b = buf_init(mem, sizeof mem);
	enum talk_result r;

	if (!randomness_fill(env->randomness, &q->id, sizeof q->id))
		return TALK_UNFINISHED;
	if (!dns_query_write(&b, q->id, q->name, q->type, q->edns))
		return TALK_UNTRIED;
	r = tcp ? conn_open(&c, q->address, env->port, until)
		: conn_open_datagram(&c, q->address, env->port, until);
	if (r == TALK_OK)
		r = converse(q, &c, tcp, buf_span(&b));
	conn_close(&c);
	return r;
}

/* Lost on the way, or in the server: both pass. */
static bool
may_pass(const struct query *q, enum talk_result r)
{
	return r == TALK_TIMEOUT ||
	       (r == TALK_OK && q->header.rcode == DNS_RCODE_SERVFAIL);
}

static enum talk_result
try_datagrams(struct query *q)
{
	enum talk_result r = try_once(q, false);

	for (int i = 1; i < TRIES && may_pass(q, r); i++)
		r = try_once(q, false);
	return r;
}

static bool
wants_no_edns(const struct query *q)
{
	return q->header.rcode == DNS_RCODE_FORMERR ||
	       q->header.rcode == DNS_RCODE_NOTIMP;
}

static enum talk_result
ask(struct query *q)
{
	enum talk_result r = try_datagrams(q);

	if (r == TALK_OK && wants_no_edns(q)) {
		q->edns = false;
		r = try_datagrams(q);
	}
	if (r == TALK_OK && q->header.truncated)
		r = try_once(q, true);
	/* No time of the server's, but of ours. */
	if (r == TALK_TIMEOUT &&
	    mono_ms_until(clock_mono(q->env->clock), q->deadline) <= 0)
		r = TALK_UNFINISHED;
	return r;
}

void
server_query(const struct server_env *env, struct ip_addr address,
    struct span name, uint16_t type, struct mono_time deadline, struct arena *a,
    struct server_answer *out)
{
	struct query q = { .env = env,
		.address = address,
		.name = name,
		.type = type,
		.deadline = deadline,
		.edns = true };
	struct arena scratch;

	*out = (struct server_answer){ .result = TALK_UNFINISHED };
	resolver_blank(name, type, DNS_TIMEOUT, &out->answer);
	arena_init(&scratch, SCRATCH);
	q.message = arena_alloc(&scratch, MESSAGE_MAX);
	if (q.message != NULL)
		out->result = (uint8_t)ask(&q);
	if (out->result == TALK_OK) {
		out->rcode = q.header.rcode;
		out->authoritative = q.header.authoritative;
		dns_read((struct span){ q.message, q.n }, name, type, a,
		    &out->answer);
	}
	if (out->answer.result == DNS_MALFORMED)
		out->result = TALK_PROTOCOL;
	arena_release(&scratch);
}
