/* round.h - one round of a domain: what was looked at, put beside what was
 * known, and what follows from both.
 *
 * A round looks at some of the evidence and takes the rest from the last round
 * (evidence_carry). It is judged as a whole, with the ledger; the ledger learns
 * only of what was looked at now, and a finding is confirmed only by a round
 * that looked at everything (round_must_be_whole).
 *
 * Pure: state before, evidence, state after. */
#ifndef CORE_ROUND_H
#define CORE_ROUND_H

#include "core/judge.h"
#include "core/ledger.h"
#include "core/schedule.h"
#include "core/sighting.h"

/* Which of the looks could not measure what they are for: a lookup without an
 * answer, a conversation that our own deadline cut off. */
unsigned
round_unmeasured(const struct evidence *fresh, unsigned looks);

/* Does something wait for a second look? Then the next round looks at all. */
bool
round_must_be_whole(const struct sightings *s);

/* Does something stand that loses mail, or voids the policy? */
bool
round_is_ailing(const struct sightings *s);

struct round {
	/* The state before; the ledger takes its step in place. */
	struct ledger *ledger;
	const struct sightings *before;
	const struct published *published; /* NULL: nothing is */

	/* What there is now. */
	const struct evidence *ev;
	unsigned looks; /* made, and measured */
	unsigned failed; /* made in vain */
	const bool *muted; /* by enum check_id: not followed; NULL: none */
	struct wall_time now;

	/* What follows. */
	struct judged judged;
	struct observation seen;
	struct ledger_change change;
	struct sighting_round sightings;
	enum look_outcome outcome[LOOKS]; /* of looks and failed */
};

/* Fill the second part from the first. ERR_MEMORY if a is full: the round is
 * not to be used then, the ledger included. */
enum err
round_judge(struct round *r, struct arena *a) MUST_CHECK;

/* One of the causes from which a domain suffers: one for all addresses of a
 * host. */
struct cause {
	struct span name; /* of sighting_cause() */
	enum severity severity;
	const struct sighting *sighting; /* the heaviest of them */
};

struct causes {
	struct cause *all; /* in the order of their names */
	size_t n;
};

/* Of what stands, or is leaving. ERR_MEMORY if a is full. */
enum err
causes_of(const struct sightings *s, struct span domain, struct arena *a,
    struct causes *out) MUST_CHECK;

/* Two lists side by side. */
struct causes_walk {
	const struct causes *before, *after;
	size_t b, a; /* from 0 */
};

/* The next cause, as it stands in each list; NULL where it does not. False:
 * that was all. */
bool
causes_next(struct causes_walk *w, const struct cause **before,
    const struct cause **after);

#endif
