/* mx_move_planning.h - for mx_move: what is so, which decides what is still to
 * be done, and the steps that follow from it. */
#ifndef CORE_MX_MOVE_PLANNING_H
#define CORE_MX_MOVE_PLANNING_H

#include "core/mx_move.h"

/* What the question comes to, and the plan as far as it is made. */
struct mx_move_planning {
	const struct mx_move_question *q;
	struct arena *a;
	struct mx_move_plan *out;
	bool too_long;

	const struct ledger_version *policy; /* NULL: none is in force */
	struct span *wide, *narrow; /* patterns: during the move, and after */
	size_t n_wide, n_narrow;
	bool covered; /* the policy has all new hosts */
	bool stale; /* and patterns that cover none of them */
	bool added, dropped; /* new hosts are MX; no others are */
	uint32_t ttl;

	/* Until then a copy lacks a new host, that one; and one in enforce. 0:
	 * there is none. */
	struct wall_time lacking_until, refused_until;
	struct span lacking_host;
};

/* Is the host in the MX records of now; is it one of the new ones? */
bool
mx_move_is_mx(const struct mx_move_question *q, struct span host);
bool
mx_move_is_new(const struct mx_move_question *q, struct span host);

/* Appends the steps to the plan, which has room for one of each kind; each is
 * DONE or LATER. */
void
mx_move_put_steps(struct mx_move_planning *p);

#endif
