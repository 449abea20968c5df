/* fetch.h - the policy, fetched from one address of the policy host as a sender
 * does it, and what is asked besides when that fails: an older TLS, no SNI, a
 * browser's name. */
#ifndef IO_FETCH_H
#define IO_FETCH_H

#include "io/get.h"

/* Fill *out, by the deadline. Memory from a. given_up, which may be NULL, turns
 * true when nobody waits for the result any more; it is looked at about once a
 * second. */
void
fetch_address(const struct fetch_env *env, struct span domain,
    struct ip_addr address, struct mono_time deadline,
    const atomic_bool *given_up, struct arena *a, struct fetch *out);

#endif
