/* publish_plan.h - from what the owner wants and what was seen to what is to be
 * published: one round of one domain.
 *
 *   sight.mx ---> mx_follow_step ---> patterns --.
 *   order, gate, foreign, move ----------------- +--> wish --> publication_step
 *   sight of the delegation, edges, proof -------------------------^
 *
 * Pure: what is in *p before, what is in it after, and what is to be told. */
#ifndef CORE_PUBLISH_PLAN_H
#define CORE_PUBLISH_PLAN_H

#include "core/publish_sight.h"

enum publish_event {
	/* Beside those of publication.h and mx_follow.h, which are handed on.
	 */
	PUBLISH_GATE_SHUT, /* enforce is wanted and kept back, or for other
			    * reasons than before */
	PUBLISH_GATE_OPENED, /* it is no longer */
	PUBLISH_MODE_UP, /* enforce is what is to be served from now on */
	PUBLISH_READY, /* testing, and nothing speaks against enforce: advice */
	PUBLISH_BARRED, /* enum publish_bar is another than before */
	PUBLISH_MOVE_MAY_ADD, /* of a move: the new hosts may become MX now */
	PUBLISH_MOVE_MAY_DROP, /* the old hosts may be switched off */
	PUBLISH_MOVE_DONE,
};

struct publish_step {
	unsigned publication; /* 1 << enum publication_event */
	unsigned follow; /* 1 << enum mx_follow_event */
	unsigned publish; /* 1 << enum publish_event */
	/* Of MX_FOLLOW_BELIEVED: the hosts before and now. */
	const struct span *hosts_before, *hosts_now;
	size_t n_before, n_now;
	/* Of the bodies those that were last to be served before then are of
	 * no use any more; 0: all are. */
	struct wall_time forget;
	/* When the next step may have something to do though nothing is seen
	 * anew; 0: only then. */
	struct wall_time next;
};

/* `sight` is the last round of the monitor; is_new: it was not stepped with
 * yet. `here` is what the publish role saw itself. fresh_id as in
 * publication_step. ERR_MEMORY if a is full: *p is as it was. */
enum err
publish_plan_step(struct published *p, const struct publish_sight *sight,
    bool is_new, const struct publication_sight *here, const char *fresh_id,
    struct arena *a, struct publish_step *out) MUST_CHECK;

#endif
