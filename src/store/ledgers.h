/* ledgers.h - the ledger of each domain (core/ledger.h), kept. */
#ifndef STORE_LEDGERS_H
#define STORE_LEDGERS_H

#include "core/ledger.h"
#include "store/store.h"

/* All of it lives in the arena. A domain that has none yet: all zero. */
enum err
ledger_load(struct store *s, int64_t domain, struct arena *a,
    struct ledger *out, struct error *e) MUST_CHECK;

/* A copy whose rows a step on the original leaves alone; what the rows point to
 * is shared. ERR_MEMORY if a is full. */
enum err
ledger_snapshot(
    const struct ledger *l, struct arena *a, struct ledger *out) MUST_CHECK;

/* Write what differs between the ledger as it was loaded and as it is now. A
 * round that saw nothing new writes one short row: "last seen" of what is there
 * now is the ledger's own last look, and is not written again and again. */
enum err
ledger_save(struct store *s, int64_t domain, const struct ledger *before,
    const struct ledger *after, struct error *e) MUST_CHECK;

#endif
