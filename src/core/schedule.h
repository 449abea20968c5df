/* schedule.h - when to look at a domain next.
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

enum look {
	LOOK_DNS, /* TXT and MX, at the resolver */
	LOOK_NS, /* the same at each authoritative server, compared */
	LOOK_POLICY, /* the file, at every address */
	LOOK_MX, /* every address of every mail host */
	LOOKS,
};

extern const char *const look_names[];

struct cadence {
	uint32_t every_s[LOOKS];
	uint32_t again_s; /* after a change, a new fault, a failure */
	uint32_t backoff_max_s; /* between looks that cannot measure */
	uint32_t jitter_percent; /* of every interval, both ways; at most 50 */
};

/* DNS every 15 minutes, authoritative servers and policy hourly, mail hosts
 * every 6 hours; again after 2 minutes, at most an hour apart; 10 %. */
extern const struct cadence cadence_default;

struct schedule {
	struct wall_time due[LOOKS];
	uint8_t failures[LOOKS]; /* in a row; sticks at its maximum */
};

enum look_outcome {
	LOOK_STEADY, /* as last time */
	LOOK_CHANGED, /* something is new: everything else is due now */
	LOOK_SUSPECT, /* a fault that is not confirmed, or is leaving */
	LOOK_FAILED, /* could not be measured */
};

/* A domain that was added now: all looks are due within the first interval of
 * their kind, spread by random; `at_once` for one that a person waits for. */
void
schedule_begin(const struct cadence *c, struct schedule *s,
    struct wall_time now, uint32_t random, bool at_once);

/* The look ended like that. */
void
schedule_looked(const struct cadence *c, struct schedule *s, enum look look,
    enum look_outcome outcome, struct wall_time now, uint32_t random);

/* Bits (1 << enum look) of what is due. */
unsigned
schedule_due(const struct schedule *s, struct wall_time now);

/* When the next look of any kind is due. */
struct wall_time
schedule_next(const struct schedule *s);

#endif
