/* line.h - a role's connection to the store, which is opened anew when it
 * fails, and who the role is among those that work there.
 *
 * A failure is logged once, when it begins; the store is tried again later and
 * later. One thread. */
#ifndef ROLES_LINE_H
#define ROLES_LINE_H

#include "roles/role.h"
#include "store/store.h"

/* All zero but for env, and for the waits where they are to be others. */
struct line {
	const struct role_env *env;
	int64_t first_wait_ms, last_wait_ms; /* 0: a second, a minute */
	struct store *store; /* NULL: out of reach */
	int64_t wait_ms; /* before the next try; 0: nothing failed */
	struct mono_time retry; /* if so: when that is */
};

/* Is the store there? Opens it if it is not, and if it is time to try. */
bool
line_is_up(struct line *l);

/* What was done with it went wrong; or well, which ends a failure. */
void
line_failed(struct line *l, const struct error *e);
void
line_worked(struct line *l);

/* Wait so long, or for the next try, or until everything stops. */
void
line_pause(const struct line *l, int64_t ms);

void
line_close(struct line *l);

/* A sign of life of worker *worker, of this role. 0, or one that somebody has
 * removed: it joins, under a new number. The store is there. */
enum err
line_beat(struct line *l, const char *role, int64_t *worker,
    struct error *e) MUST_CHECK;

/* The end: the worker, unless it is 0, gives back what it has, and the
 * connection is closed. A failure is logged; the leases run out. */
void
line_leave(struct line *l, int64_t worker);

#endif
