/* fetch.h - the policy, fetched from one address of the policy host exactly as
 * a sender does it (RFC 8461 3.3), and what is asked besides when that fails.
 *
 * One GET over TLS 1.2 or 1.3 with SNI; the certificate must lead to a trusted
 * root, be in date and bear the policy host's name as a DNS-ID; no redirect, no
 * proxy, no cache, no cookie, no second connection. The address is given, so no
 * name is looked up here. */
#ifndef IO_FETCH_H
#define IO_FETCH_H

#include <stdatomic.h>

#include "base/arena.h"
#include "core/evidence.h"
#include "io/handshake.h"

/* Borrowed by every fetch of a run. */
struct fetch_env {
	const struct clock *clock;
	struct stop *stop; /* may be NULL */
	struct tls_client tls;
	const char *user_agent;
	uint16_t port; /* 443; another in tests */
	int64_t fetch_ms; /* the GET in all */
	int64_t connect_ms; /* of it, until TLS stands */
};

/* libcurl's global part: once a program, before the first thread. */
enum err
fetch_global_init(void) MUST_CHECK;

/* Fill *out, by the deadline. Memory from a. given_up, which may be NULL, turns
 * true when nobody waits for the result any more; it is looked at about once a
 * second. */
void
fetch_address(const struct fetch_env *env, struct span domain,
    struct ip_addr address, struct mono_time deadline,
    const atomic_bool *given_up, struct arena *a, struct fetch *out);

#endif
