/* ledger_state.h - for ledgers.c: what is of a ledger as a whole, as text
 * (state_words.h). */
#ifndef STORE_LEDGER_STATE_H
#define STORE_LEDGER_STATE_H

#include "base/buf.h"
#include "core/ledger.h"

enum { LEDGER_STATE_MAX = 1536 }; /* all words at their longest */

struct ledger_state {
	/* Without versions, ids, mx_sets and latest_id, which are rows. */
	struct ledger ledger;
	uint32_t latest_id; /* which of the ids, from 1; 0: none */
	struct wall_time mx_seen; /* last_seen of the last set of MX hosts */
};

void
ledger_state_write(const struct ledger_state *s, struct buf *b);

/* *word is the first one that cannot be read, if so. */
bool
ledger_state_read(
    struct span text, struct ledger_state *out, struct span *word) MUST_CHECK;

#endif
