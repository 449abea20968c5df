/* publish_state.h - a publication, and what else is known of how far it is. */
#ifndef STORE_PUBLISH_STATE_H
#define STORE_PUBLISH_STATE_H

#include "core/ledger.h"
#include "core/publish_sight.h"
#include "store/publications.h"
#include "store/served.h"

struct publish_state {
	struct published p;
	bool has_sight;
	struct publish_sight sight; /* of the last round of the monitor */
	bool is_served;
	struct served served; /* without its body */
	struct edges edges; /* that are alive */
	struct ledger_presence txt_cname, host_cname; /* from the ledger */
	struct wall_time now;
};

/* Of what was loaded already; the rest lives in the arena. */
enum err
publish_state_load(struct store *s, const struct published *p,
    const struct ledger *l, struct wall_time now, struct arena *a,
    struct publish_state *out, struct error *e) MUST_CHECK;

#endif
