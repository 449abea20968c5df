/* look.h - looks at a domain and at its mail hosts: what to ask next, as
 * answers come in. See collect.h, which is what others call. */
#ifndef IO_LOOK_H
#define IO_LOOK_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "core/evidence.h"
#include "io/look_plan.h"
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
	bool authority; /* whole looks compare the authoritative servers too */

	/* A question was asked, or is done. Any thread. */
	void (*changed)(void *arg, bool done);
	void *changed_arg;
};

/* See collect_domain. */
enum err
look_at(const struct look_env *env, struct span domain,
    struct mono_time deadline, struct arena *a,
    struct evidence *out) MUST_CHECK;

/* See collect_parts. */
enum err
look_in_parts(const struct look_env *env, struct span domain,
    const struct look_plan *plan, struct mono_time deadline, struct arena *a,
    struct evidence *out, unsigned *out_looked) MUST_CHECK;

/* See collect_host. */
enum err
look_at_host(const struct look_env *env, struct span host,
    struct mono_time deadline, struct arena *a,
    struct host_seen *out) MUST_CHECK;

/* See collect_assemble. */
enum err
look_assemble(const struct look_env *env, const struct host_seen *hosts,
    size_t n_hosts, struct arena *a, struct evidence *ev) MUST_CHECK;

#endif
