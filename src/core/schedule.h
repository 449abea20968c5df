/* schedule.h - when to look at a domain, or at a mail host, next.
 *
 * Each kind of evidence has a cadence of its own. A look that shows a change
 * makes all others due at once; one that shows a new fault is repeated soon, so
 * that an alarm is confirmed before it is told; one that could not measure
 * backs off. Jitter spreads what was begun together.
 *
 * Pure: the moment and the randomness are passed in. */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* What is looked at of a domain. Its mail hosts are looked at by themselves,
 * once for all domains that use them. */
enum look {
	LOOK_RECORDS, /* TXT and MX, at the resolver */
	LOOK_AUTHORITY, /* the same at each authoritative server, compared */
	LOOK_POLICY, /* the file at every address; TLSRPT; all else of DNS */
	LOOKS,
};

enum { LOOK_EVERYTHING = (1 << LOOKS) - 1 }; /* bits: 1 << enum look */

extern const char *const look_names[];

struct cadence {
	uint32_t every_s[LOOKS];
	uint32_t host_every_s; /* every address of a mail host */
	uint32_t again_s; /* after a change, a new fault, a failure */
	uint32_t backoff_max_s; /* between looks that cannot measure */
	uint32_t jitter_percent; /* of every interval, both ways; at most 50 */
};

/* Records every 15 minutes, authoritative servers and policy hourly, mail hosts
 * every 6 hours; again after 2 minutes, at most an hour apart; 10 %. */
extern const struct cadence cadence_default;

enum look_outcome {
	LOOK_STEADY, /* as last time */
	LOOK_CHANGED, /* something is new: everything else is due now */
	LOOK_SUSPECT, /* a fault that is not confirmed, or is leaving */
	LOOK_FAILED, /* could not be measured */
};

/* When to look again at one thing that is looked at every_s. *failures counts
 * looks in a row that could not measure; it sticks at its maximum. */
struct wall_time
schedule_after(const struct cadence *c, uint32_t every_s,
    enum look_outcome outcome, struct wall_time now, uint32_t random,
    uint8_t *failures);

/* The cadence while something is known to be wrong: all is looked at as often
 * as the records are, so that its end is soon known too. */
struct cadence
cadence_of_ailing(const struct cadence *c);

/* Of a domain. */
struct schedule {
	struct wall_time due[LOOKS];
	uint8_t failures[LOOKS];
};

/* The looks of the set (bits) ended, the outcome of each in its place. What is
 * suspect is looked at again as a whole: every look is due at that moment, so
 * that nothing is confirmed by evidence that is not new. No look, of the set or
 * not, is due later than its interval from now: intervals are set to less, and
 * clocks are put back. */
void
schedule_looked(const struct cadence *c, struct schedule *s, unsigned looks,
    const enum look_outcome outcome[LOOKS], struct wall_time now,
    uint32_t random);

/* What was added at once is looked at at once; from then on it shall not be.
 * The first round has ended: each look is due somewhere within its interval,
 * unless it is due sooner than that. */
void
schedule_spread(const struct cadence *c, struct schedule *s,
    struct wall_time now, uint32_t random);

/* These looks (bits) are due at that moment at the latest. */
void
schedule_hasten(struct schedule *s, unsigned looks, struct wall_time latest);

/* Bits (1 << enum look) of what is due. */
unsigned
schedule_due(const struct schedule *s, struct wall_time now);

/* When the next look of any kind is due. */
struct wall_time
schedule_next(const struct schedule *s);

#endif
