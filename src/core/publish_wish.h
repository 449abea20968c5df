/* publish_wish.h - the policy that is to be published, if all goes well: what
 * the owner wants, as far as it may be had. A part of publish_plan.h, and for
 * nobody else.
 *
 * Three things may stand between: there may be no policy to be made (enum
 * publish_bar); the gate keeps mode enforce back; and the end has its own
 * policy, of mode none (RFC 8461 8.3).
 *
 * Pure. */
#ifndef CORE_PUBLISH_WISH_H
#define CORE_PUBLISH_WISH_H

#include "core/publish_copies.h"
#include "core/publish_plan.h"

/* The mode of a policy of ours; UNSET for none. */
enum sts_mode
publish_mode_of(struct span body, struct arena *a);

/* Decide, and note in *p what stands in the way. patterns are those of the
 * policy; events are those of publish_plan.h, and are added to. Memory from a,
 * which the caller looks at. */
void
publish_wish_make(struct published *p, const struct publish_sight *sight,
    const struct publish_copies *copies, const struct span *patterns, size_t n,
    struct wall_time now, struct arena *a, struct publication_wish *out,
    unsigned *events);

#endif
