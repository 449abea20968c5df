/* overview.h - a domain on one line: what its owner wants to see first, and
 * what he should do next.
 *
 * Pure: from a judgement and what is remembered. */
#ifndef CORE_OVERVIEW_H
#define CORE_OVERVIEW_H

#include "core/judge.h"
#include "core/ledger.h"
#include "core/published.h"
#include "core/sighting.h"

/* What to do next, rows of core/next_step.def, the most urgent first. */
enum next_step {
#define NEXT_STEP(symbol, ...) NEXT_##symbol,
#include "core/next_step.def"
#undef NEXT_STEP
	NEXT_STEPS,
};

struct next_step_row {
	const char *name; /* public and stable */
	const char *text; /* what to do, a few words */
};

extern const struct next_step_row next_steps[NEXT_STEPS];

/* The step of that name, or NEXT_STEPS. */
enum next_step
next_step_by_name(struct span name);

struct overview {
	/* Who takes the mail: the name of a provider (core/provider.h), the
	 * registrable domain of the MX hosts, "own" where that is the domain's,
	 * "several", or "" where there is no MX host, or none is known. */
	struct span provider;
	/* Of all MX hosts, but for those that we cannot reach from here. */
	uint32_t addresses, good_addresses;
	uint32_t mx, covered_mx; /* MX hosts, and those that the policy names */
	struct wall_time mode_since; /* 0: no policy */
	/* The last moment at which a sender may hold an enforce or testing
	 * copy, rounded up to a whole day so that it stands still; 0: none. */
	struct wall_time cached_until;
	/* The earliest end of a leaf, over all addresses; 0: none was seen. */
	struct wall_time policy_cert_until, mx_cert_until;
	enum next_step next;
	enum check_id next_check; /* of NEXT_MEND: the heaviest; else CHECKS */
};

/* Of one round (core/round.h): its judgement, and the ledger and the sightings
 * behind it. published is NULL where nothing is. Spans are borrowed or const.
 * ERR_MEMORY if a is full. */
enum err
overview_of(const struct judged *j, const struct ledger *ledger,
    const struct sightings *standing, const struct published *published,
    struct arena *a, struct overview *out) MUST_CHECK;

#endif
