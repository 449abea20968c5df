#include "serve/http_conn.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/http1.h"
#include "serve/http2.h"

enum progress { GONE, BLOCKED, MOVED };

/* ---- transport ---- */

/* What became of a call of the TLS library that returned rc <= 0. */
static enum progress
tls_progress(struct http_conn *c, int rc)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return BLOCKED;
	case SSL_ERROR_ZERO_RETURN:
		return GONE;
	default:
		c->broken = true;
		ERR_clear_error();
		return GONE;
	}
}

static enum progress
socket_progress(ssize_t rc)
{
	if (rc > 0)
		return MOVED;
	return rc < 0 && (errno == EAGAIN || errno == EINTR) ? BLOCKED : GONE;
}

static enum progress
transport_read(struct http_conn *c, char *mem, size_t cap, size_t *n)
{
	ssize_t rc;

	if (c->ssl != NULL) {
		int ok = SSL_read_ex(c->ssl, mem, cap, n);

		return ok == 1 ? MOVED : tls_progress(c, ok);
	}
	rc = recv(c->fd, mem, cap, 0);
	*n = rc > 0 ? (size_t)rc : 0;
	return socket_progress(rc);
}

static enum progress
transport_write(struct http_conn *c, struct span s, size_t *n)
{
	ssize_t rc;

	if (c->ssl != NULL) {
		int ok;

		tls_last_words(c->ssl, c->ending);
		ok = SSL_write_ex(c->ssl, s.p, s.n, n);

		return ok == 1 ? MOVED : tls_progress(c, ok);
	}
	rc = send(c->fd, s.p, s.n, MSG_NOSIGNAL | (c->ending ? MSG_MORE : 0));
	*n = rc > 0 ? (size_t)rc : 0;
	return socket_progress(rc);
}

/* Write what goes; *s is what does not. False: the connection is lost. */
static bool
write_some(struct http_conn *c, struct span *s)
{
	while (s->n > 0) {
		size_t n = 0;
		enum progress p = transport_write(c, *s, &n);

		if (p != MOVED)
			return p == BLOCKED;
		*s = span_skip(*s, n);
	}
	return true;
}

static void
bytes_free(struct http_bytes *b)
{
	free(b->p);
	*b = (struct http_bytes){ NULL, 0 };
}

bool
http_conn_send(struct http_conn *c, struct span s)
{
	char *p;

	if (c->out.n == 0 && !write_some(c, &s))
		return false;
	if (s.n == 0)
		return true;
	p = realloc(c->out.p, c->out.n + s.n);
	if (p == NULL)
		return false;
	memcpy(p + c->out.n, s.p, s.n);
	c->out = (struct http_bytes){ p, c->out.n + s.n };
	return true;
}

static bool
flush(struct http_conn *c)
{
	struct span rest;

	if (c->out.n == 0)
		return true;
	rest = (struct span){ c->out.p + c->sent, c->out.n - c->sent };
	if (!write_some(c, &rest))
		return false;
	c->sent = c->out.n - rest.n;
	if (rest.n > 0)
		return true;
	bytes_free(&c->out);
	c->sent = 0;
	return true;
}

bool
http_conn_keep(struct http_conn *c, struct span rest)
{
	char *p;

	if (rest.n == 0) {
		bytes_free(&c->in);
		return true;
	}
	p = realloc(c->in.p, rest.n);
	if (p == NULL)
		return false;
	memcpy(p, rest.p, rest.n);
	c->in = (struct http_bytes){ p, rest.n };
	return true;
}

/* ---- the handler ---- */

bool
http_conn_is_too_long(const struct http_conn *c, const struct http_head *head)
{
	size_t max = c->server->config.max_body;

	switch (head->framing) {
	case HTTP_BODY_NONE:
		return false;
	case HTTP_BODY_LENGTH:
		return head->length > max;
	case HTTP_BODY_CHUNKED:
		return max == 0;
	}
	return true;
}

/* Whoever sends a body in earnest has sent it in the time in which a client
 * that would keep others from it has sent a part of his. */
static bool
room_for_body(struct http_conn *c, size_t n)
{
	struct http_server *s = c->server;
	struct http_conn *first = s->queues[HTTP_READING_BODY].first;

	while (s->bodies + n > s->config.max_bodies && first != NULL) {
		struct http_conn *behind = first->behind;

		if (first != c)
			http_conn_close(first);
		first = behind;
	}
	return s->bodies + n <= s->config.max_bodies;
}

void
http_conn_free_body(struct http_conn *c, struct buf *body)
{
	c->server->bodies -= body->cap;
	free(body->p);
	*body = buf_init(NULL, 0);
}

bool
http_conn_grow(struct http_conn *c, struct buf *body, size_t n)
{
	size_t max = c->server->config.max_body;
	size_t cap = body->cap > 0 ? body->cap : 1024;
	char *mem;

	if (body->cap - body->n >= n || body->cap == max)
		return true;
	while (cap - body->n < n)
		cap *= 2;
	if (cap > max)
		cap = max;
	if (!room_for_body(c, cap - body->cap))
		return false;
	mem = realloc(body->p, cap);
	if (mem == NULL)
		return false;
	c->server->bodies += cap - body->cap;
	body->p = mem;
	body->cap = cap;
	return true;
}

void
http_conn_handle(struct http_conn *c, const struct http_head *head,
    struct span body, bool has_body, bool unread, struct http_response *out)
{
	struct http_server *s = c->server;
	struct http_request request = {
		.head = head,
		.has_body = has_body,
		.body_unread = unread,
		.body = body,
		.secure = c->ssl != NULL,
		.sni = c->ssl != NULL ? tls_name(c->ssl) : SPAN(""),
		.peer = c->peer,
	};

	out->status = 0;
	out->n_fields = 0;
	out->body = SPAN("");
	out->close = false;
	s->config.handler.handle(s->config.handler.arg, &request, out);
	if (out->status == 0)
		out->status = 500;
	s->stats.requests++;
	c->requests++;
	c->answered = true;
}

/* ---- queues ---- */

static void
leave_queue(struct http_conn *c)
{
	struct http_queue *q = &c->server->queues[c->phase];

	*(c->before != NULL ? &c->before->behind : &q->first) = c->behind;
	*(c->behind != NULL ? &c->behind->before : &q->last) = c->before;
}

static void
join_queue(struct http_conn *c, enum http_phase phase)
{
	struct http_queue *q = &c->server->queues[phase];

	c->phase = phase;
	c->deadline = mono_after_ms(clock_mono(c->server->config.clock), q->ms);
	c->before = q->last;
	c->behind = NULL;
	*(q->last != NULL ? &q->last->behind : &q->first) = c;
	q->last = c;
}

/* The time of a phase runs from its beginning; an answer begins it anew. */
static void
enter(struct http_conn *c, enum http_phase phase)
{
	if (phase != c->phase || c->answered) {
		leave_queue(c);
		join_queue(c, phase);
	}
	c->answered = false;
}

/* ---- the loop ---- */

static void
on_event(evutil_socket_t fd, short what, void *arg);

static bool
wait_for(struct http_conn *c, short what)
{
	if (c->waits_for == what)
		return true;
	if (c->waits_for != 0)
		event_del(&c->event);
	c->waits_for = 0;
	if (event_assign(&c->event, c->server->base, c->fd,
		(short)(what | EV_PERSIST), on_event, c) != 0 ||
	    event_add(&c->event, NULL) != 0)
		return false;
	c->waits_for = what;
	return true;
}

static enum progress
handshake(struct http_conn *c)
{
	int rc = SSL_do_handshake(c->ssl);
	enum progress p = rc == 1 ? MOVED : tls_progress(c, rc);

	if (p == GONE) {
		c->server->stats.handshakes_failed++;
		return GONE;
	}
	if (p == BLOCKED)
		return BLOCKED;
	c->server->stats.handshakes++;
	if (tls_is_h2(c->ssl) && !http2_start(c))
		return GONE;
	enter(c, HTTP_READING_HEAD);
	return MOVED;
}

/* What came earlier and what comes now. */
static enum progress
read_and_answer(struct http_conn *c)
{
	struct http_server *s = c->server;
	struct span in = { s->in, c->in.n };
	enum progress p = MOVED;
	size_t n = 0;

	if (in.n > 0)
		memcpy(s->in, c->in.p, in.n);
	if (!c->backlog) {
		p = transport_read(c, s->in + in.n, HTTP_SCRATCH, &n);
		in.n += n;
	}
	if (p != MOVED)
		return p;
	c->backlog = false;
	if (c->h2 != NULL ? !http2_input(c, in) : !http1_input(c, in))
		return GONE;
	return MOVED;
}

static enum progress
throw_away(struct http_conn *c)
{
	struct http_server *s = c->server;

	return socket_progress(recv(c->fd, s->in, sizeof s->in, 0));
}

/* Of TLS and of the socket: what has waited for more, the close_notify and the
 * FIN are one packet. A mere close() would throw them away, if octets of the
 * client had come meanwhile. */
static void
say_the_end(struct http_conn *c)
{
	if (c->broken)
		return;
	if (c->ssl != NULL && SSL_is_init_finished(c->ssl)) {
		tls_last_words(c->ssl, true);
		if (SSL_shutdown(c->ssl) < 0)
			ERR_clear_error();
	}
	shutdown(c->fd, SHUT_WR);
	c->broken = true;
}

/* After all is said: at once, or, where octets of the client may be under way
 * that nobody will read, when it has had the time to read our answer, which a
 * reset would take from it. */
static bool
end(struct http_conn *c)
{
	if (!c->input_left)
		return false;
	say_the_end(c);
	enter(c, HTTP_LINGERING);
	return wait_for(c, EV_READ);
}

/* What the connection is at now, and what it waits for. False: nothing. */
static bool
settle(struct http_conn *c)
{
	enum http_phase phase;

	if (c->out.n > 0) {
		enter(c, HTTP_WRITING);
		return wait_for(c, EV_WRITE);
	}
	if (c->ending)
		return end(c);
	phase = c->h2 != NULL ? http2_phase(c) : http1_phase(c);
	if (phase == HTTP_IDLE && c->requests == 0)
		phase = HTTP_READING_HEAD;
	enter(c, phase);
	return wait_for(c, EV_READ);
}

/* Several rounds, but not so many that others wait. */
static enum progress
serve(struct http_conn *c)
{
	enum progress p = MOVED;

	if (!flush(c) || (c->h2 != NULL && !http2_output(c)))
		return GONE;
	for (int i = 0;
	     p == MOVED && i < HTTP_READS && c->out.n == 0 && !c->ending; i++)
		p = read_and_answer(c);
	return p;
}

static void
go_on(struct http_conn *c)
{
	enum progress p = MOVED;
	bool stays;

	if (c->phase == HTTP_LINGERING)
		p = throw_away(c);
	else if (c->phase == HTTP_HANDSHAKING)
		p = handshake(c);
	if (p == MOVED && c->phase != HTTP_LINGERING)
		p = serve(c);
	if (p == GONE)
		stays = false;
	else if (c->phase == HTTP_HANDSHAKING)
		stays =
		    wait_for(c, SSL_want_write(c->ssl) ? EV_WRITE : EV_READ);
	else
		stays = c->phase == HTTP_LINGERING || settle(c);
	if (!stays)
		http_conn_close(c);
	/* What TLS has read already, no poll will tell of. */
	else if (p == MOVED && c->waits_for == EV_READ)
		event_active(&c->event, EV_READ, 0);
	else if (c->ssl != NULL)
		tls_rest(c->ssl);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *c = arg;

	(void)fd;
	(void)what;
	if (c->ssl != NULL)
		tls_ready(c->ssl);
	go_on(c);
}

/* ---- from start to end ---- */

void
http_conn_start(struct http_server *s, int fd, bool secure, struct ip_addr peer)
{
	struct http_conn *c = calloc(1, sizeof *c);

	if (c == NULL) {
		per_address_remove(s->addresses, peer);
		close(fd);
		return;
	}
	c->server = s;
	c->fd = fd;
	c->peer = peer;
	s->stats.open++;
	join_queue(c, secure ? HTTP_HANDSHAKING : HTTP_READING_HEAD);
	c->ssl = secure ? tls_session(s->config.tls, fd) : NULL;
	if (secure && c->ssl == NULL)
		http_conn_close(c);
	else
		go_on(c);
}

void
http_conn_close(struct http_conn *c)
{
	struct http_server *s = c->server;

	say_the_end(c);
	if (c->waits_for != 0)
		event_del(&c->event);
	http2_free(c);
	http1_free(c);
	SSL_free(c->ssl);
	close(c->fd);
	leave_queue(c);
	bytes_free(&c->in);
	bytes_free(&c->out);
	per_address_remove(s->addresses, c->peer);
	s->stats.open--;
	free(c);
}

void
http_conn_drain(struct http_conn *c)
{
	if (c->h2 != NULL && http2_goodbye(c) && c->out.n > 0 &&
	    wait_for(c, EV_WRITE)) {
		c->ending = true;
		enter(c, HTTP_WRITING);
		return;
	}
	http_conn_close(c);
}
