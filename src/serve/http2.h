/* http2.h - inside the HTTP server: HTTP/2 on one connection, by libnghttp2. */
#ifndef SERVE_HTTP2_H
#define SERVE_HTTP2_H

#include "serve/http_conn.h"

/* For all connections of a server. NULL: no memory. */
nghttp2_session_callbacks *
http2_callbacks(void) MUST_CHECK;

bool
http2_start(struct http_conn *c) MUST_CHECK;

void
http2_free(struct http_conn *c);

/* Understand all that has come, answer it, and send as much as is taken. False:
 * the connection is lost. */
bool
http2_input(struct http_conn *c, struct span in) MUST_CHECK;

/* Send what is waiting, until c->out has something that is not taken. */
bool
http2_output(struct http_conn *c) MUST_CHECK;

enum http_phase
http2_phase(const struct http_conn *c);

/* GOAWAY, to a client with no request under way. */
bool
http2_goodbye(struct http_conn *c) MUST_CHECK;

#endif
