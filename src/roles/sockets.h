/* sockets.h - what a role that serves listens at, and shows there: opened and
 * read while the process may still bind to low ports and read what is root's,
 * before it gives its privileges up. */
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
	/* Of the role web, if it serves with TLS: its certificates and its
	 * key, in PEM; to be wiped (sockets_wipe) when they have been parsed.
	 */
	struct span certificate, key;
};

/* What the configuration says of that role. Others may serve the same addresses
 * (SO_REUSEPORT), if they belong to the same user. What is read lives in a.
 * ERR_SYSTEM with the address that cannot be had, ERR_NO_INPUT with the file;
 * all that was opened is closed then. */
enum err
sockets_open(const struct config *c, enum role_id role, struct arena *a,
    struct sockets *out, struct error *e) MUST_CHECK;

/* Can TLS be served with the files that the configuration names for the role
 * web, if any? ERR_DATA, ERR_NO_INPUT with a sentence. */
enum err
sockets_check_certificate(
    const struct config *c, struct arena *a, struct error *e) MUST_CHECK;

/* The key is not left in memory. */
void
sockets_wipe(struct sockets *s);

#endif
