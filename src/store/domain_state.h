/* domain_state.h - what is remembered of a domain beside its row: what is wrong
 * with it, what senders may hold of its policies, and what we publish for it.
 */
#ifndef STORE_DOMAIN_STATE_H
#define STORE_DOMAIN_STATE_H

#include "core/ledger.h"
#include "core/sighting.h"
#include "store/incidents.h"
#include "store/publications.h"

struct domain_state {
	struct ledger ledger;
	struct sightings sightings;
	struct incident *incidents; /* open */
	size_t n_incidents;
	bool is_published; /* by us, or was */
	struct published published;
	struct wall_time now;
};

/* All of it lives in the arena. Of the open incidents a page at most. */
enum err
domain_state_load(struct store *s, int64_t domain, struct wall_time now,
    struct arena *a, struct domain_state *out, struct error *e) MUST_CHECK;

#endif
