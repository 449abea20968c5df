#include "serve/dns_tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "serve/dns_limit.h"
#include "serve/dns_socket.h"

enum {
	LENGTH = 2, /* octets before each message (RFC 1035 4.2.2) */
	IN_OCTETS = 4096, /* several queries, or one of the longest */
	OUT_OCTETS = LENGTH + LIMIT_DNS_TRANSFER_MESSAGE,
	/* An answer that is no transfer: 13 name servers take 3,500, and of
	 * their addresses some may be left out; a signature takes 400. */
	ANSWER_OCTETS = 8192,
	TURNS = 16, /* of one connection before others have theirs */
	ACCEPTS = 64, /* at a time */
};

/* One connection: read, answer, write, and again. */
struct conn {
	TAILQ_ENTRY(conn) link;
	struct dns_tcp *tcp;
	int fd;
	struct event *readable, *writable;
	struct ip_addr from;
	struct mono_time active; /* last whole query, or octets taken */
	struct dns_transfer *transfer; /* that goes out, or NULL */
	size_t in_n, out_n, out_at;
	char in[IN_OCTETS], out[OUT_OCTETS];
};

TAILQ_HEAD(conns, conn);

struct dns_tcp {
	struct dns_tcp_config config;
	struct conns conns; /* by the time of their activity, oldest first */
	size_t n;
};

enum err
dns_tcp_new(
    const struct dns_tcp_config *config, struct dns_tcp **out, struct error *e)
{
	struct dns_tcp *t = calloc(1, sizeof *t);

	if (t == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	t->config = *config;
	if (t->config.max == 0)
		t->config.max = LIMIT_DNS_CONNECTIONS;
	TAILQ_INIT(&t->conns);
	*out = t;
	return ERR_OK;
}

static void
conn_close(struct conn *c)
{
	TAILQ_REMOVE(&c->tcp->conns, c, link);
	c->tcp->n--;
	dns_transfer_free(c->transfer);
	if (c->readable != NULL)
		event_free(c->readable);
	if (c->writable != NULL)
		event_free(c->writable);
	close(c->fd);
	free(c);
}

void
dns_tcp_free(struct dns_tcp *t)
{
	struct conn *c;

	if (t == NULL)
		return;
	while ((c = TAILQ_FIRST(&t->conns)) != NULL)
		conn_close(c);
	free(t);
}

static struct mono_time
now(const struct dns_tcp *t)
{
	return clock_mono(t->config.responder->clock);
}

static void
is_active(struct conn *c)
{
	c->active = now(c->tcp);
	TAILQ_REMOVE(&c->tcp->conns, c, link);
	TAILQ_INSERT_TAIL(&c->tcp->conns, c, link);
}

void
dns_tcp_sweep(struct dns_tcp *t)
{
	struct mono_time at = now(t);
	struct conn *c;

	while ((c = TAILQ_FIRST(&t->conns)) != NULL &&
	       mono_ms_until(c->active, at) >= LIMIT_DNS_IDLE_MS)
		conn_close(c);
}

/* ---- one step each ---- */

enum step {
	STEP_ON, /* there may be more to do */
	STEP_READ, /* when something can be read */
	STEP_WRITE, /* when something can be written */
	STEP_CLOSE,
};

static enum step
write_out(struct conn *c)
{
	ssize_t n =
	    send(c->fd, c->out + c->out_at, c->out_n - c->out_at, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STEP_WRITE
							 : STEP_CLOSE;
	is_active(c);
	c->out_at += (size_t)n;
	if (c->out_at < c->out_n)
		return STEP_WRITE;
	c->out_at = c->out_n = 0;
	/* The next message of a transfer takes the source some time. */
	return c->transfer != NULL ? STEP_WRITE : STEP_ON;
}

/* A message of n octets stands behind its length, which is set. */
static void
put_length(struct conn *c, size_t n)
{
	c->out[c->out_n] = (char)(n >> 8);
	c->out[c->out_n + 1] = (char)(n & 0xff);
	c->out_n += LENGTH + n;
}

static enum step
go_on_transfer(struct conn *c)
{
	struct span message;

	if (dns_transfer_next(c->transfer, c->out + LENGTH, &message) != ERR_OK)
		return STEP_CLOSE;
	if (message.n > 0) {
		put_length(c, message.n);
		return STEP_ON;
	}
	dns_transfer_free(c->transfer);
	c->transfer = NULL;
	return STEP_ON;
}

/* The first whole query in c->in; empty if there is none. */
static struct span
whole_query(const struct conn *c)
{
	struct span in = { c->in, c->in_n };

	if (in.n < LENGTH || in.n - LENGTH < dns_u16(in, 0))
		return SPAN("");
	return span_head(span_skip(in, LENGTH), dns_u16(in, 0));
}

static void
drop_query(struct conn *c, struct span query)
{
	size_t n = LENGTH + query.n;

	c->in_n -= n;
	memmove(c->in, c->in + n, c->in_n);
}

/* One who sends what is no query does not speak DNS. */
static enum step
answer(struct conn *c, struct span query)
{
	char *at = c->out + c->out_n + LENGTH;
	struct buf out = buf_init(at, (size_t)(c->out + sizeof c->out - at));

	c->tcp->config.counts->queries++;
	switch (dns_respond(c->tcp->config.responder, query, DNS_OVER_TCP,
	    &c->from, &out, &c->transfer)) {
	case DNS_NO_ANSWER:
		return STEP_CLOSE;
	case DNS_MESSAGE:
		put_length(c, out.n);
		break;
	case DNS_TRANSFER:
		c->tcp->config.counts->transfers++;
		break;
	}
	is_active(c);
	drop_query(c, query);
	return STEP_ON;
}

/* Answer what has been read, as long as there is room for answers. A transfer
 * is one answer, and has the room for itself. */
static enum step
answer_all(struct conn *c)
{
	enum step step = STEP_ON;

	while (step == STEP_ON && c->transfer == NULL &&
	       sizeof c->out - c->out_n >= ANSWER_OCTETS) {
		struct span query = whole_query(c);

		if (query.n == 0)
			break;
		step = answer(c, query);
	}
	return step;
}

/* A length that does not fit, or none at all, is no query of ours. */
static bool
can_become_query(const struct conn *c)
{
	struct span in = { c->in, c->in_n };

	return in.n < LENGTH ||
	       (dns_u16(in, 0) > 0 && dns_u16(in, 0) <= IN_OCTETS - LENGTH);
}

static enum step
read_in(struct conn *c)
{
	ssize_t n;

	if (!can_become_query(c))
		return STEP_CLOSE;
	n = recv(c->fd, c->in + c->in_n, sizeof c->in - c->in_n, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STEP_READ
							 : STEP_CLOSE;
	c->in_n += (size_t)n;
	return n > 0 ? STEP_ON : STEP_CLOSE;
}

/* What is to be said, goes first; only who has taken it may say more. */
static enum step
do_step(struct conn *c)
{
	enum step step;

	if (c->out_n > 0)
		return write_out(c);
	if (c->transfer != NULL)
		return go_on_transfer(c);
	step = answer_all(c);
	if (step != STEP_ON || c->out_n > 0 || c->transfer != NULL)
		return step;
	return read_in(c);
}

/* ---- the loop ---- */

/* After its turns a connection gives way to others; it can be written to, so
 * the loop comes back to it. */
static void
serve(struct conn *c)
{
	enum step step = STEP_ON;

	for (int i = 0; i < TURNS && step == STEP_ON; i++)
		step = do_step(c);
	if (step == STEP_ON)
		step = STEP_WRITE;
	if (step == STEP_CLOSE ||
	    event_add(step == STEP_READ ? c->readable : c->writable, NULL) != 0)
		conn_close(c);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	serve(arg);
}

static void
push_out(struct conn *c)
{
	c->tcp->config.counts->pushed_out++;
	conn_close(c);
}

static bool
is_same_client(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family &&
	       span_eq(dns_network(a), dns_network(b));
}

/* The oldest connection makes room (RFC 7766 6.2.3): whoever asks is younger.
 * One network never has more than three quarters of all, its own oldest goes
 * then: so it cannot push out others. */
static void
make_room(struct dns_tcp *t, const struct ip_addr *for_whom)
{
	struct conn *c, *oldest = NULL;
	size_t n = 0;

	TAILQ_FOREACH(c, &t->conns, link)
	if (is_same_client(&c->from, for_whom)) {
		oldest = oldest != NULL ? oldest : c;
		n++;
	}
	if (n > 0 && n >= t->config.max - t->config.max / 4)
		push_out(oldest);
	else if (t->n >= t->config.max)
		push_out(TAILQ_FIRST(&t->conns));
}

static void
take(struct dns_tcp *t, int fd, const union dns_sockaddr *from)
{
	struct ip_addr address = dns_sockaddr_address(from);
	struct conn *c = malloc(sizeof *c);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return;
	}
	/* Answers are written whole; to wait for more would only delay them. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	make_room(t, &address);
	/* Not the buffers: they need not be in memory yet. */
	c->tcp = t;
	c->fd = fd;
	c->from = address;
	c->active = now(t);
	c->transfer = NULL;
	c->in_n = c->out_n = c->out_at = 0;
	c->readable = event_new(t->config.base, fd, EV_READ, on_ready, c);
	c->writable = event_new(t->config.base, fd, EV_WRITE, on_ready, c);
	TAILQ_INSERT_TAIL(&t->conns, c, link);
	t->n++;
	t->config.counts->connections++;
	if (c->readable == NULL || c->writable == NULL)
		conn_close(c);
	else
		serve(c);
}

void
dns_tcp_accept(struct dns_tcp *t, int listener)
{
	for (int i = 0; i < ACCEPTS; i++) {
		union dns_sockaddr from;
		socklen_t n = sizeof from;
		int fd = accept4(
		    listener, &from.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			take(t, fd, &from);
			continue;
		}
		/* Without descriptors an older one makes room, and the loop
		 * comes back at once. */
		if ((errno == EMFILE || errno == ENFILE) && t->n > 0)
			push_out(TAILQ_FIRST(&t->conns));
		return;
	}
}
