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
#include "core/round.h"

struct publish_sight {
	struct wall_time at; /* of the round */

	/* The MX records, as core/mx_follow.h wants them. `fresh`: they were
	 * looked at in this round, by all authoritative servers or vouched for
	 * by DNSSEC; otherwise it is the sight of an earlier round, whose
	 * moment is mx.at. Fresh is also a look at the servers that could not
	 * measure: MX_SIGHT_UNKNOWN. */
	bool fresh;
	struct mx_sight mx;

	/* The gate to enforce, asked for what the MX hosts are now and the
	 * patterns that are published (or, before the first, would be),
	 * without the time in testing, which the publish role adds. */
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
	 * body, from the ledger; "" if there is none. One of mode none is no
	 * policy that anybody could mind to lose. */
	struct span foreign;
};

/* Of a round that was judged. `p` is what we publish; looks are those that the
 * round made and could measure (1 << enum look). What loses mail and is open
 * counts as `incidents` (publish_sight_incidents). Borrows from all of them.
 * ERR_MEMORY if a is full. */
enum err
publish_sight_of(const struct judged *j, const struct ledger *l,
    const struct published *p, unsigned looks, size_t incidents,
    struct arena *a, struct publish_sight *out) MUST_CHECK;

/* Of what stands, the causes that would lose mail if senders enforced. That a
 * copy in mode testing does not fit loses none. */
size_t
publish_sight_incidents(const struct causes *c);

/* A round that did not look at the MX records keeps the sight of the one
 * before: as seen, if nobody has stepped with it yet, so that it is counted
 * once and not lost. */
void
publish_sight_carry(
    struct publish_sight *s, const struct publish_sight *before, bool stepped);

/* Would a step do anything else with it? Moments alone make no difference. */
bool
publish_sight_same(
    const struct publish_sight *a, const struct publish_sight *b);

/* Does the publication wait for what is in it? */
bool
publish_sight_is_awaited(
    const struct publish_sight *s, const struct published *p);

/* Should the authoritative servers be asked for the MX records soon? They seem
 * to be others than those that the policy was made for, and that takes more
 * than one round to be believed. */
bool
publish_sight_wants_more(const struct publish_sight *s, const struct judged *j,
    const struct published *p);

/* Was the same seen before? While nobody has stepped with that, there is no
 * hurry to see it again. */
bool
publish_sight_is_in_line(
    const struct publish_sight *s, const struct publish_sight *last);

/* As text, for the store; one line a member, and lines that are not known are
 * passed over. LIMIT_PUBLISH_SIGHT octets at most: of a sight that is longer
 * ERR_DATA, as of a text that was not written by us. */
enum err
publish_sight_write(const struct publish_sight *s, struct arena *a,
    struct span *out) MUST_CHECK;
enum err
publish_sight_read(
    struct span text, struct arena *a, struct publish_sight *out) MUST_CHECK;

#endif
