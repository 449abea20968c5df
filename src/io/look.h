/* look.h - one look at one domain: what to ask next, as answers come in.
 *
 * One thread and one inbox a domain. Questions and conversations are errands;
 * each letter that comes ends one and may begin others, so that nothing waits
 * for what it does not need. At the deadline what is still out is given up. */
#ifndef IO_LOOK_H
#define IO_LOOK_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "core/evidence.h"
#include "io/org.h"
#include "io/random.h"
#include "io/resolver.h"
#include "io/talks.h"

/* Borrowed by all looks of a run. */
struct look_env {
	const struct clock *clock;
	const struct randomness *randomness;
	struct resolver *resolver;
	struct talks *talks;
	const struct org_list *orgs;
	const struct ip_prefix *allow_net;
	size_t n_allow_net;
	bool v6_route; /* this machine has one */

	/* A question was asked, or is done. Any thread. */
	void (*changed)(void *arg, bool done);
	void *changed_arg;
};

/* See collect_domain. */
enum err
look_at(const struct look_env *env, struct span domain,
    struct mono_time deadline, struct arena *a,
    struct evidence *out) MUST_CHECK;

#endif
