/* cas.h - how it stands with the CAs: orders and certificates in numbers.
 *
 * Of a million certificates it is told from indexes alone: it costs as much as
 * to count them, some 20 ms for 100,000. */
#ifndef STORE_CAS_H
#define STORE_CAS_H

#include "store/store.h"

/* How long certificates last, from now: each counts once. Where one is to be
 * renewed in time stands in core/renewal.h. */
enum ca_end {
	CA_END_PAST, /* it has ended */
	CA_END_7_DAYS, /* in less than that */
	CA_END_14_DAYS,
	CA_END_30_DAYS,
	CA_END_LATER,
	CA_ENDS,
};

extern const char *const ca_end_names[]; /* "expired", "7d", ... */

/* Orders that failed for the same reason: DOMAIN stands in it where their
 * domain's name was. */
struct ca_reason {
	struct span text;
	int64_t orders;
	struct wall_time last_at; /* when it was last given */
	struct span domain; /* one of them; "": it is gone */
};

struct ca_state {
	/* "": what no CA has been chosen for yet. */
	struct span directory;
	/* Orders that are due to be asked for, that the CA or we are at, and
	 * that were refused when they were tried last. An order is one of the
	 * three, but one that several CAs refused fails at each of them. */
	int64_t waiting, under_way, failing;
	/* The first moment at which something is tried; past if that is
	 * overdue, or happens now; 0: never. */
	struct wall_time next;
	int64_t certificates[CA_ENDS]; /* of it that are served */
	/* Of the last LIMIT_CA_REFUSALS, what is said most often first;
	 * LIMIT_CA_REASONS at most. */
	struct ca_reason *reasons;
	size_t n_reasons;
};

/* Every directory that there is something to say of, in the order of bytes;
 * LIMIT_CAS at most. Renewals belong to "": those that are due wait, and the
 * next one is its `next` if nothing else comes before. All of it lives in a,
 * and is one view of the store. */
enum err
cas_look(struct store *s, struct wall_time now, struct arena *a,
    struct ca_state **out, size_t *n, struct error *e) MUST_CHECK;

#endif
