/* roster.h - which process is to be started, told to end, or killed, and when.
 * A role has one process, or several that do the same, numbered from 0.
 *
 *               start                 ended by itself
 *   ABSENT ----------------> AT_WORK ------------------> WAITING
 *     ^  ^                     |  ^                        |  |
 *     |  |           tell it   |  +------------------------+  | not wanted
 *     |  |       to end (TELL) v        start, after a while  |
 *     |  +------------------- LEAVING                         |
 *     |        ended           |  ^                           |
 *     |                        +--+ KILL, if it takes longer  |
 *     |                             than the drain            |
 *     +-------------------------------------------------------+
 *
 * A process that ends by itself is started again after a second, the next time
 * after two, and so on up to a minute; one that had lived for five minutes
 * begins with a second again. After a new configuration the processes are
 * exchanged one after the other, so that not all roles pause at once; and one
 * of several only when the others of its role have been at work for some
 * seconds, so that somebody serves at every moment. Where they do not live
 * with the new configuration, the last one goes on with the old.
 *
 * Pure: moments are passed in, what is to be done is handed out. */
#ifndef ROLES_ROSTER_H
#define ROLES_ROSTER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "roles/config.h"

enum {
	ROSTER_BACKOFF_MAX_S = 60,
	ROSTER_LONG_LIFE_S = 5 * 60,
	/* A process that has lived for so long has made itself ready. */
	ROSTER_SETTLED_MS = 2 * 1000,
	ROSTER_INSTANCES = 64, /* of a role, at most */
};

enum roster_state {
	ROSTER_ABSENT,
	ROSTER_AT_WORK,
	ROSTER_LEAVING,
	ROSTER_WAITING,
};

/* A process: which of its role it is. */
struct roster_place {
	enum role_id role;
	unsigned instance;
};

/* All zero: nothing is wanted, nothing is there. */
struct roster {
	struct roster_process {
		bool wanted;
		bool stale; /* to be exchanged */
		bool killed;
		enum roster_state state;
		struct mono_time started; /* AT_WORK */
		struct mono_time next; /* LEAVING: kill; WAITING: start */
		unsigned backoff_s; /* before the last start; 0: none */
	} all[ROLES][ROSTER_INSTANCES];
	int64_t drain_ms;
};

/* So many of each role are wanted (ROSTER_INSTANCES at most), under a new
 * configuration. Those that are at work will be exchanged, those that wait are
 * started now. */
void
roster_want(struct roster *r, const unsigned wanted[ROLES], uint64_t drain_s,
    struct mono_time now);

/* Nobody gets more time. */
void
roster_hurry(struct roster *r, struct mono_time now);

enum roster_order { ROSTER_START, ROSTER_TELL, ROSTER_KILL };

/* Something that is to be done now; the roster takes it for done. False: there
 * is nothing more. */
bool
roster_next(struct roster *r, struct mono_time now, struct roster_place *place,
    enum roster_order *order) MUST_CHECK;

/* A process ended, or could not be started. True if it was told to; otherwise
 * it is started again after backoff_s. */
bool
roster_ended(struct roster *r, struct roster_place place, struct mono_time now);

/* When roster_next is to be asked again, unless something happens before;
 * false: not by itself. */
bool
roster_wake(const struct roster *r, struct mono_time *out) MUST_CHECK;

/* Nothing is there any more. */
bool
roster_is_empty(const struct roster *r);

/* Everything that is wanted had its process exchanged. */
bool
roster_is_settled(const struct roster *r);

#endif
