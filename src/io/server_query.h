/* server_query.h - one question to one name server at one address, directly.
 *
 * Over UDP, with an id of chance from a port of chance (the kernel's choice),
 * and twice more if no answer comes, or SERVFAIL; over TCP if the answer does
 * not fit (RFC 7766). An answer bears the id and repeats the question, or it is
 * not looked at. A server that does not know EDNS(0) is asked without (RFC 6891
 * 7). */
#ifndef IO_SERVER_QUERY_H
#define IO_SERVER_QUERY_H

#include "base/arena.h"
#include "core/evidence.h"
#include "io/random.h"
#include "io/stop.h"

/* Borrowed by every query of a run. */
struct server_env {
	const struct clock *clock;
	const struct randomness *randomness;
	struct stop *stop; /* may be NULL */
	uint16_t port; /* 53; another in tests */
	int64_t try_ms; /* for one datagram's answer, or TCP in all */
};

/* Fill *out, by the deadline. Blocking. Whether the address may be contacted is
 * the caller's to say. Memory from a; name is borrowed. */
void
server_query(const struct server_env *env, struct ip_addr address,
    struct span name, uint16_t type, struct mono_time deadline, struct arena *a,
    struct server_answer *out);

#endif
