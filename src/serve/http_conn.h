/* http_conn.h - inside the HTTP server: one connection, its transport and its
 * deadlines. What is spoken over it is http1.h or http2.h. */
#ifndef SERVE_HTTP_CONN_H
#define SERVE_HTTP_CONN_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "serve/http_server.h"
#include "serve/per_address.h"
#include "wire/http_response.h"

/* What a connection is at, and so how long that may take. */
enum http_phase {
	HTTP_HANDSHAKING,
	HTTP_READING_HEAD, /* from its first octet on, or from the start */
	HTTP_READING_BODY,
	HTTP_WRITING, /* the peer does not take what we say */
	HTTP_IDLE, /* between requests */
	HTTP_LINGERING, /* all is said; what still comes is thrown away */
	HTTP_PHASES,
};

/* Bytes on the heap. */
struct http_bytes {
	char *p;
	size_t n;
};

struct http1_pending;
struct http2;

struct http_conn {
	struct http_server *server;
	struct http_conn *before, *behind; /* in the queue of its phase */
	struct mono_time deadline;
	enum http_phase phase;
	struct event event;
	short waits_for; /* EV_READ or EV_WRITE, 0: is not in the loop */
	int fd;
	SSL *ssl; /* NULL: in the clear */
	struct ip_addr peer;

	struct http_bytes in; /* come, and not understood yet */
	struct http_bytes out; /* to be sent */
	size_t sent; /* of out */
	uint64_t requests; /* answered */
	bool answered; /* one of them since the phase was last looked at */
	bool broken; /* TLS has failed, or the end is said: not a word more */
	bool ending; /* close once out is sent */
	bool input_left; /* ... and what comes was not read: linger */
	struct http_scan scan; /* of in */
	bool backlog; /* in was not looked at whole: out was in the way */
	struct http1_pending *pending; /* a request whose body is arriving */
	struct http2 *h2; /* NULL: HTTP/1.1 */
};

/* Connections in one phase, the one with the earliest deadline first: all of a
 * phase have the same time, so new ones go to the end. */
struct http_queue {
	struct http_conn *first, *last;
	int ms;
};

enum {
	HTTP_SCRATCH = 16 * 1024, /* as much as one TLS record holds */
	HTTP_READS = 4, /* of one connection, before it is others' turn */
};

struct http_server {
	struct http_server_config config;
	struct http_server_stats stats;
	struct event_base *base;
	struct event *listeners[HTTP_LISTENERS];
	struct event *tick, *stop, *wake, *settled;
	nghttp2_session_callbacks *h2_callbacks;
	struct per_address *addresses;
	struct http_queue queues[HTTP_PHASES];
	size_t bodies; /* octets of those that are arriving */
	bool paused; /* not accepting: no room */
	bool draining;
	bool deaf; /* the listeners are closed */
	struct mono_time drained_by;
	struct wall_time date_of; /* what date says */
	struct http_date date;
	/* Of whoever has the turn. */
	char in[LIMIT_HTTP_HEAD + HTTP_SCRATCH];
	char out[HTTP_SCRATCH];
};

/* Take over a connection that was accepted; fd is closed in any case. */
void
http_conn_start(
    struct http_server *s, int fd, bool secure, struct ip_addr peer);

/* Gone, with all that is its. */
void
http_conn_close(struct http_conn *c);

/* The client is not in the midst of a request: say good-bye and close. */
void
http_conn_drain(struct http_conn *c);

/* Is the body longer than is read, as far as the head tells? */
bool
http_conn_is_too_long(const struct http_conn *c, const struct http_head *head);

/* Room for n more octets of a body on the heap, or for as many as are read;
 * another connection may have to go for it. */
bool
http_conn_grow(struct http_conn *c, struct buf *body, size_t n) MUST_CHECK;

void
http_conn_free_body(struct http_conn *c, struct buf *body);

/* Ask the handler. out->status is set. */
void
http_conn_handle(struct http_conn *c, const struct http_head *head,
    struct span body, bool has_body, bool unread, struct http_response *out);

/* Send it, and keep what the peer does not take now in c->out. False: the
 * connection is lost. */
bool
http_conn_send(struct http_conn *c, struct span s) MUST_CHECK;

/* Replace c->in by a copy of rest, which does not lie in it. */
bool
http_conn_keep(struct http_conn *c, struct span rest) MUST_CHECK;

const struct http_date *
http_server_date(struct http_server *s);

#endif
