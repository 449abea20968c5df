/* http_server.h - HTTP/1.1 and HTTP/2 over TLS, and HTTP/1.1 in the clear, for
 * strangers.
 *
 * One loop, one thread; a machine with more processors runs more of them, each
 * with a listener of its own (SO_REUSEPORT), so that where one ends the others
 * are knocked at. Every
 * state of a connection has a deadline, from its beginning and not from the
 * last octet; the number of connections is bounded, of one address and of all.
 * SIGPIPE has to be ignored. */
#ifndef SERVE_HTTP_SERVER_H
#define SERVE_HTTP_SERVER_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "serve/http_handler.h"
#include "serve/tls.h"

enum { HTTP_LISTENERS = 32 }; /* 16 addresses of a machine, at two ports */

struct http_listener {
	int fd; /* bound and listening; the server's, if there is one */
	bool secure;
};

struct http_server_config {
	const struct clock *clock;
	struct tls *tls; /* NULL: no listener is secure */
	struct http_handler handler;
	struct http_listener listeners[HTTP_LISTENERS];
	size_t n_listeners;
	int stop_fd; /* drain once it can be read; -1: none */
	/* Whenever it can be read, woken is called by the loop, between two
	 * requests, and reads it; -1: none. */
	int wake_fd;
	void (*woken)(void *arg);
	void *woken_arg;
	uint64_t seed; /* random */
	size_t max_connections;
	size_t max_per_address; /* an IPv4 address, an IPv6 /64 */
	/* Addresses that have many clients, such as proxies: of them there are
	 * max_connections. Borrowed. */
	const struct ip_prefix *shared;
	size_t n_shared;
	size_t max_body; /* longer ones are not read; 0: none is */
	/* Of all bodies that are arriving; where it is reached the connection
	 * goes whose body has been arriving longest. At least max_body. */
	size_t max_bodies;
	/* A connection is accepted when its first octet is there, or after
	 * about that long: it spares the loop a round for each. 0: at once. */
	int accept_s;
	int handshake_ms, head_ms, body_ms, write_ms, idle_ms, linger_ms,
	    drain_ms;
	/* How long, once it drains, connections that are being made may take to
	 * arrive, and a client to begin its request. */
	int settle_ms;
};

/* Those of base/limits.h; no TLS, no handler, no listener, no body. */
struct http_server_config
http_server_defaults(const struct clock *clock);

struct http_server_stats {
	uint64_t accepted;
	uint64_t refused; /* their address had too many */
	uint64_t made_room; /* idle ones that were closed for new ones */
	uint64_t handshakes, handshakes_failed;
	uint64_t requests;
	uint64_t timeouts; /* cut off by a deadline, idle ones left out */
	size_t open; /* now */
};

struct http_server;

/* The caller's descriptors are made non-blocking. */
enum err
http_server_new(const struct http_server_config *config,
    struct http_server **out, struct error *error) MUST_CHECK;

/* Serve until stop_fd can be read. Then new connections are left to others of
 * the same address, and idle ones are closed; what has connected before, and
 * what is under way, is answered, for drain_ms at the most. */
enum err
http_server_run(struct http_server *s, struct error *error) MUST_CHECK;

void
http_server_free(struct http_server *s);

struct http_server_stats
http_server_stats(const struct http_server *s);

#endif
