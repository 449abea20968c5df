/* sockets.h - what a role that serves listens at: opened while the process may
 * still bind to low ports, before it gives its privileges up. */
#ifndef ROLES_SOCKETS_H
#define ROLES_SOCKETS_H

#include "base/limits.h"
#include "roles/config.h"
#include "serve/dns_server.h"
#include "serve/http_server.h"

/* All of them are bound and listen; clients that knock before the role is ready
 * wait. Each goes to the server that is made of it. */
struct sockets {
	struct http_listener http[HTTP_LISTENERS];
	size_t n_http;
	struct endpoint dns_at[LIMIT_DNS_LISTENERS];
	struct dns_sockets dns[LIMIT_DNS_LISTENERS];
	size_t n_dns;
};

/* What the configuration says of that role, which serves. Others may serve the
 * same addresses (SO_REUSEPORT), if they belong to the same user. ERR_SYSTEM
 * with the address that cannot be had; all that was opened is closed then. */
enum err
sockets_open(const struct config *c, enum role_id role, struct sockets *out,
    struct error *e) MUST_CHECK;

/* How many connections of so many the system lets us have. */
size_t
sockets_room(size_t wanted);

/* How long a server may drain: the supervisor does not wait longer than its own
 * drain. */
int
sockets_drain_ms(const struct config *c);

#endif
