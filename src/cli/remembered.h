/* remembered.h - what the store remembers of one domain, for commands that say
 * what to do next with it. */
#ifndef CLI_REMEMBERED_H
#define CLI_REMEMBERED_H

#include "core/ledger.h"
#include "core/published.h"
#include "store/store.h"

struct remembered {
	int64_t domain; /* in the portfolio; 0: it is not there */
	struct ledger ledger;
	struct published published;
	bool is_published; /* by us, and it has not ended */
};

/* All of it lives in the arena. All zero where there is no store (NULL), or the
 * domain is not in it. */
enum err
remembered_load(struct store *s, struct span name, struct arena *a,
    struct remembered *out, struct error *e) MUST_CHECK;

#endif
