/* serving.h - an HTTP server as a role has it: of its sockets, within what the
 * process may open, ended by SIGTERM in time. */
#ifndef ROLES_SERVING_H
#define ROLES_SERVING_H

#include "roles/role.h"
#include "serve/http_server.h"

/* No handler and no TLS yet. ERR_SYSTEM without randomness. */
enum err
serving_config(const struct role_env *env, struct http_server_config *out,
    struct error *e) MUST_CHECK;

#endif
