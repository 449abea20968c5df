/* monitor_settle.h - a round of a domain between its look and the store; for
 * roles/monitor_*.c and for nobody else. */
#ifndef ROLES_MONITOR_SETTLE_H
#define ROLES_MONITOR_SETTLE_H

#include "core/chronicle.h"
#include "core/overview.h"
#include "core/publish_sight.h"
#include "roles/monitor.h"

/* All that one round comes to, on its way into the store. */
struct settlement {
	struct job *j;
	struct evidence seen; /* without mail hosts, as it is kept */
	struct evidence whole; /* with them, as it is judged */
	struct round round;
	struct span json; /* of seen; empty: as it was */
	struct span *hosts; /* its mail hosts */
	size_t n_hosts;
	struct causes before, after;
	struct chronicle chronicle;
	struct overview overview;
	struct wall_time horizon, tell_at;
	struct schedule schedule;

	/* If we publish it. */
	bool is_published;
	struct published published;
	struct publish_sight last; /* left by the round before */
	bool has_last, last_stepped; /* it was stepped with */
	struct publish_sight sight; /* of this round alone */
	bool wants_more; /* the MX records are to be looked at soon */

	bool held;
};

/* What we publish for the domain. After the look: what was seen is held against
 * what was to be seen then or later. */
enum err
monitor_load_published(struct settlement *v, struct error *e) MUST_CHECK;

/* From the verdict: what the publish role is to know of the round. Nothing for
 * a domain that is not published. ERR_MEMORY if the job's arena is full. */
enum err
monitor_see_published(struct settlement *v) MUST_CHECK;

/* Leave that for it, behind work_finish and in its transaction. */
enum err
monitor_leave_sight(
    struct store *s, struct settlement *v, struct error *e) MUST_CHECK;

/* All of the round, in one transaction; v->held says whether the claim was
 * ours. */
enum err
monitor_write(struct settlement *v, struct error *e) MUST_CHECK;

#endif
