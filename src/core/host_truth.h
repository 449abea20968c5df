/* host_truth.h - what is held true of a mail host, from look to look.
 *
 * A look may be wrong, as with a domain (sighting.h), and a host is many
 * domains' host. So what one look saw is not believed by itself where it is bad
 * news:
 *
 *     saw nothing wrong           -> true at once
 *     saw what is held true       -> no doubt
 *     saw something else, bad     -> a doubt; at the second in a row, true
 *     could not measure           -> nothing; after a day of that, true: that
 *                                    it cannot be measured is then told
 *
 * What could not be measured of a host (one address that asked us to come back)
 * is taken from what is held true before the two are compared.
 *
 * Pure. */
#ifndef CORE_HOST_TRUTH_H
#define CORE_HOST_TRUTH_H

#include "base/arena.h"
#include "base/err.h"
#include "core/evidence.h"
#include "core/schedule.h"

enum {
	/* Bad looks in a row that are believed. */
	HOST_DOUBTS = 2,
	/* Looks in a row without a measurement after which that is told: with
	 * the default back-off (2, 4, ... 60 minutes) it is a day. */
	HOST_FAILURES = 28,
};

struct host_question {
	const struct host_seen *seen; /* by this look */
	const struct host_seen *truth; /* NULL: nothing is held true yet */
	/* From truth, see evidence_json.h: what this look saw, and the same
	 * filled up. */
	bool seen_differs, filled_differs;
	bool offline; /* nothing answers us: our own network is down */
	bool smtp_works_here, v6_works_here, dnssec;
	int64_t doubts; /* before this look */
	uint8_t failures;
	struct wall_time now;
};

/* What is held true from now on. */
enum host_belief { HOST_AS_BEFORE, HOST_AS_FILLED, HOST_AS_SEEN };

struct host_answer {
	enum host_belief belief;
	int64_t doubts;
	bool ails; /* what is held true is bad: its end is waited for */
	enum look_outcome outcome; /* for schedule_after */
};

/* Seen, and from truth (which may be NULL) what could not be measured. Borrows
 * from both. */
enum err
host_fill(const struct host_seen *seen, const struct host_seen *truth,
    struct arena *a, struct host_seen *out) MUST_CHECK;

/* ERR_MEMORY if a is full. */
enum err
host_weigh(const struct host_question *q, struct arena *a,
    struct host_answer *out) MUST_CHECK;

#endif
