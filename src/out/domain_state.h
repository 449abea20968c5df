/* domain_state.h - what is remembered of a domain: what is wrong with it, what
 * senders may hold of its policies, and until when. */
#ifndef OUT_DOMAIN_STATE_H
#define OUT_DOMAIN_STATE_H

#include <stdio.h>

#include "core/ledger.h"
#include "core/sighting.h"
#include "out/json.h"
#include "out/style.h"
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

/* Paragraphs: incidents, findings, copies. What is empty is left out. */
void
domain_state_text(const struct domain_state *d, const struct style *s, FILE *f);

/* The members "findings", "incidents" and "senders". */
void
domain_state_json(
    struct json_writer *w, json_t *o, const struct domain_state *d);

#endif
