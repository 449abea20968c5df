/* http_accept.h - inside the HTTP server: its listeners, from the first
 * connection to the last. Where there is no room for another one, nothing is
 * accepted until there is; what waits meanwhile waits in the system's queue. */
#ifndef SERVE_HTTP_ACCEPT_H
#define SERVE_HTTP_ACCEPT_H

#include "serve/http_conn.h"

/* Listen in the server's loop. ERR_SYSTEM for a listener that cannot be used,
 * ERR_LIBRARY. */
enum err
http_accept_begin(struct http_server *s, struct error *error) MUST_CHECK;

/* After a pause, if there was one: connections have ended. */
void
http_accept_resume(struct http_server *s);

/* Who is new is not heard any more, where the system can do that. */
void
http_accept_pass_over(struct http_server *s);

/* What waits is taken, and there are no listeners any more: who connects now
 * finds another one. */
void
http_accept_end(struct http_server *s);

#endif
