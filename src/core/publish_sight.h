/* publish_sight.h - what a round of the monitor saw, as far as publishing is
 * concerned: it is left in the store, and the publish role decides by it.
 *
 * So a domain is looked at and judged in one place, and the publish role needs
 * neither the evidence nor the ledger.
 *
 * Pure. */
#ifndef CORE_PUBLISH_SIGHT_H
#define CORE_PUBLISH_SIGHT_H

#include "base/buf.h"
#include "core/gate.h"
#include "core/published.h"

struct publish_sight {
	struct wall_time at; /* of the round */

	/* The MX records, as core/mx_follow.h wants them. `fresh`: they were
	 * looked at in this round, by all authoritative servers or vouched for
	 * by DNSSEC; otherwise it is the sight of an earlier round. */
	bool fresh;
	struct mx_sight mx;

	/* The gate to enforce, asked for what the MX hosts are now, without the
	 * time in testing, which the publish role adds. */
	bool gate_open;
	struct span gate_text; /* its bars, a sentence a line; "" if open */

	/* From the ledger: the last moment of any copy that does not cover
	 * every MX host of now, and every host of a move that is announced; 0:
	 * none. */
	struct wall_time horizon;
	/* RFC 8461 8.3: every copy but those of mode none has expired. */
	bool may_leave;
	struct wall_time leave_at; /* if not: when they will have */
	/* A policy that is not ours is, or was within its life, published: its
	 * body, from the ledger; "" if there is none. */
	struct span foreign;
};

/* Of a round that was judged. `p` is what we publish. ERR_MEMORY if a is full.
 */
enum err
publish_sight_of(const struct judged *j, const struct ledger *l,
    const struct published *p, size_t incidents, struct arena *a,
    struct publish_sight *out) MUST_CHECK;

/* As text, for the store; one line a member, and lines that are not known are
 * passed over. ERR_DATA for what was not written by us. */
enum err
publish_sight_write(const struct publish_sight *s, struct arena *a,
    struct span *out) MUST_CHECK;
enum err
publish_sight_read(
    struct span text, struct arena *a, struct publish_sight *out) MUST_CHECK;

#endif
