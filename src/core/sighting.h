/* sighting.h - one finding of one domain, followed from round to round.
 *
 * A single look may be wrong: a name server hiccups, a mail host is restarted.
 * What is told to a person must have been seen twice, unless its evidence is
 * hard (a certificate that has expired stays expired); and it is over only when
 * it was not seen twice. What could not be measured changes nothing, but does
 * not wait for ever either.
 *
 *                    seen                      seen, or hard at once
 *   (nothing) ---------------> PENDING ------------------------------> STANDING
 *       ^                        |                     told: opened      |   ^
 *       |       not seen         |                                       |   |
 *       +------------------------+                             not seen  |   |
 * seen |                                                                v   |
 *       +-------------------------------------------------------------- LEAVING
 *                          not seen: told: resolved
 *
 * A round that did not look at everything takes the rest from an earlier one,
 * and what was seen there is no second sight: it neither confirms nor resolves.
 * A look that could not measure the check leaves every state as it is
 * (measured.h). The finding of not being able to measure ("txt.lookup-failed")
 * stands once it is SIGHTING_UNKNOWN_S old without a break, however many rounds
 * that took.
 *
 * What is wrong with a mail host has been seen twice already where hosts are
 * looked at (store/hosts.h): it stands at first sight, and it is over when it
 * is not seen once at the host. That the host is no MX host of the domain any
 * more is for two rounds to say.
 *
 * Pure: the state before, what was judged, the state after. */
#ifndef CORE_SIGHTING_H
#define CORE_SIGHTING_H

#include "base/buf.h"
#include "core/measured.h" /* check_is_of_host */

enum sighting_state {
	SIGHTING_PENDING,
	SIGHTING_STANDING,
	SIGHTING_LEAVING,
};

enum {
	/* A day: long enough for a provider to repair its name servers, short
	 * against the life of any policy. */
	SIGHTING_UNKNOWN_S = 24 * 3600,
};

struct sighting {
	enum check_id check;
	enum check_result result; /* FAIL or UNKNOWN */
	struct span subject;
	struct ip_addr address;
	enum sighting_state state;
	enum severity severity; /* of the last look that saw it */
	struct wall_time first_seen, last_seen;
	struct span message, remedy; /* of that look */
};

enum sighting_event_kind {
	SIGHTING_OPENED,
	SIGHTING_WORSENED, /* its severity rose while it stood */
	SIGHTING_RESOLVED,
};

struct sighting_event {
	enum sighting_event_kind kind;
	const struct sighting *sighting; /* RESOLVED: as it last was */
};

/* In the order of the catalogue, then of the subject, then of the address;
 * equal is the same finding. For qsort. */
int
sighting_cmp(const void *a, const void *b);

struct sightings {
	struct sighting *all; /* in the order of sighting_cmp, each once */
	size_t n;
};

struct sighting_round {
	struct sightings after;
	struct sighting_event *events; /* in the order of `after` */
	size_t n_events;
};

/* One round; whole: it looked at everything. Information and what only follows
 * from another finding are not followed. The result borrows from before and
 * from j; memory from a. ERR_MEMORY if a is full: *out is not to be used
 * then. */
enum err
sightings_step(const struct sightings *before, const struct judged *j,
    bool whole, struct arena *a, struct sighting_round *out) MUST_CHECK;

/* Is one look enough? */
bool
check_is_hard(enum check_id id);

/* The name of its cause, the same for every domain that suffers from it: what
 * is wrong with a mail host, or with a name server, is one cause for all its
 * domains, what is wrong with a domain is its own. Written to b as "slug
 * subject" or "slug domain subject". */
void
sighting_cause(const struct sighting *s, struct span domain, struct buf *b);

#endif
