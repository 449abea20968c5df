/* get.h - one GET of the policy from one address of the policy host, exactly as
 * a sender makes it (RFC 8461 3.3).
 *
 * TLS 1.2 or 1.3 with SNI; the certificate must lead to a trusted root, be in
 * date and bear the policy host's name as a DNS-ID; no redirect, no proxy, no
 * cache, no cookie, no second connection. The address is given, so no name is
 * looked up here. */
#ifndef IO_GET_H
#define IO_GET_H

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

/* What all that is asked of one address has in common. */
struct get_target {
	const struct fetch_env *env;
	struct span host; /* mta-sts.<domain> */
	struct ip_addr address;
	struct mono_time deadline;
	const atomic_bool *given_up; /* nobody waits any more; may be NULL */
};

/* libcurl's global part: once a program, before the first thread. */
enum err
get_global_init(void) MUST_CHECK;

/* At most so long, and never beyond the deadline; 0: there is no time. */
int64_t
get_time_for(const struct get_target *to, int64_t ms);

/* GET as user_agent, within ms (0: not at all). What it shows goes to *f, which
 * must be blank; memory from a. */
void
get_policy(const struct get_target *to, const char *user_agent, int64_t ms,
    struct arena *a, struct fetch *f);

#endif
