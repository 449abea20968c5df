/* http1.h - inside the HTTP server: HTTP/1.1 on one connection. */
#ifndef SERVE_HTTP1_H
#define SERVE_HTTP1_H

#include "serve/http_conn.h"

/* Understand and answer what has come, as far as answers are taken; what is
 * left is kept in c->in. False: the connection is lost. */
bool
http1_input(struct http_conn *c, struct span in) MUST_CHECK;

/* Is a request's beginning there, and not its end? */
enum http_phase
http1_phase(const struct http_conn *c);

void
http1_free(struct http_conn *c);

#endif
