/* chronicle.h - what has changed about a domain, in sentences: for its history,
 * and for the owner where he wants to know of it whether or not it is a fault.
 *
 * What is wrong is told as an incident; here is what happened. A new id over
 * the same policy is how it should be, every day, and is not told of at all.
 * Other MX hosts are told of when a second look has seen them: one answer of a
 * name server may be wrong. What flaps is told of once, as that.
 *
 * Pure. Foreign bytes are escaped. */
#ifndef CORE_CHRONICLE_H
#define CORE_CHRONICLE_H

#include "core/checks.h"
#include "core/ledger.h"

struct happening {
	const char *kind; /* "mx-changed", "policy-appeared", ...; public */
	struct span text; /* a sentence */
	bool tell; /* the owner wants to know */
	enum severity severity; /* if so: how urgently */
};

enum { CHRONICLE_MAX = 12 }; /* happenings of one step */

struct chronicle {
	struct happening all[CHRONICLE_MAX];
	size_t n;
};

/* What a step brought, from the ledger as it was to as it is now. ERR_MEMORY if
 * a is full. */
enum err
chronicle_write(const struct ledger *before, const struct ledger *now,
    const struct ledger_change *change, struct arena *a,
    struct chronicle *out) MUST_CHECK;

#endif
