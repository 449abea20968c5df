/* http_handler.h - a request as it is answered: over HTTP/1.1 or HTTP/2, with
 * TLS or without, it looks the same. */
#ifndef SERVE_HTTP_HANDLER_H
#define SERVE_HTTP_HANDLER_H

#include "wire/http_request.h"
#include "wire/ipaddr.h"

/* Valid during the call. */
struct http_request {
	const struct http_head *head;
	/* Where the body is longer than the server takes, it is not read: an
	 * answer can still be given, and is the connection's last. */
	bool has_body; /* there is one, read or not */
	bool body_unread;
	struct span body; /* "" if there is none, or it was not read */
	bool secure; /* over TLS */
	struct span sni; /* as the client wrote it; "" in the clear */
	struct ip_addr peer;
};

enum { HTTP_RESPONSE_FIELDS = 16 };

struct http_response {
	int status; /* a handler that leaves 0 has failed: 500 */
	/* Beside Date, Content-Length and Connection, which are the server's.
	 * Names in lower case, as HTTP/2 has them; no control characters. */
	struct http_field fields[HTTP_RESPONSE_FIELDS];
	size_t n_fields;
	/* Of a GET, even if the request is a HEAD. Copied: what it borrows has
	 * to live until the next call of the handler. */
	struct span body;
	/* HTTP/1.1: nothing more is heard on this connection. For answers that
	 * cost so much that each of them is to cost its client a connection. */
	bool close;
};

/* What is one too many is left out: ours, so it is a mistake. */
static inline void
http_response_field(
    struct http_response *r, struct span name, struct span value)
{
	if (r->n_fields < HTTP_RESPONSE_FIELDS)
		r->fields[r->n_fields++] = (struct http_field){ name, value };
}

struct http_handler {
	/* Quick and without waiting: every other connection waits meanwhile. */
	void (*handle)(
	    void *arg, const struct http_request *, struct http_response *);
	void *arg;
};

#endif
