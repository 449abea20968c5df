/* publish_copies.h - which of our own policies a sender may still hold, by what
 * we know ourselves: when each was to be served, and for how long it is kept.
 *
 * The ledger knows better, since it has seen what senders see. This is for as
 * long as it has not looked, and for what it cannot see once a delegation is
 * lost. So both are asked, and the later answer counts.
 *
 * Pure. */
#ifndef CORE_PUBLISH_COPIES_H
#define CORE_PUBLISH_COPIES_H

#include "core/published.h"

/* Of one body, in the order of struct published. */
struct publish_copy {
	enum sts_mode mode; /* UNSET: nothing was served */
	uint32_t max_age; /* s */
	struct span *mx;
	size_t n_mx;
	struct wall_time from, until; /* it was to be served */
};

struct publish_copies {
	struct publish_copy *all; /* the last first */
	size_t n;
};

/* What was announced last is served until now, or was until the delegation was
 * lost.
 * Borrows from p and a; ERR_MEMORY if that is full. */
enum err
publish_copies_read(const struct published *p, struct wall_time now,
    struct arena *a, struct publish_copies *out) MUST_CHECK;

/* The last moment of any copy; of those that are not of mode none; and of those
 * that do not cover all of the hosts. 0: there is none. */
struct wall_time
publish_copies_end(const struct publish_copies *c);
struct wall_time
publish_copies_end_of_mail(const struct publish_copies *c);
struct wall_time
publish_copies_end_without(
    const struct publish_copies *c, const struct span *hosts, size_t n);

/* Since when mode testing is published, with breaks or without; 0: it never
 * was. Exact unless that is longer ago than
 * the gate asks for. */
struct wall_time
publish_copies_testing_since(const struct publish_copies *c);

/* Bodies that were last to be served before then are of no use: nobody holds
 * them, and the gate does not ask for them. 0: all are. */
struct wall_time
publish_copies_of_no_use(const struct publish_copies *c, struct wall_time now);

#endif
