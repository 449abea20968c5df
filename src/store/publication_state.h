/* publication_state.h - for publications.c: what is of a publication and has no
 * column of its own, as text (state_words.h).
 *
 * A list is a word for each of its elements. Names of hosts come from the
 * network: what is not printable, and what has a meaning here, is written as
 * %XX. */
#ifndef STORE_PUBLICATION_STATE_H
#define STORE_PUBLICATION_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/published.h"

struct publication_state {
	struct mx_follow follow;
	struct publish_move move;
	bool advised, may_replace;
	struct arena *a; /* while it is read: of the lists */
	size_t seen_cap, patterns_cap, to_cap;
};

/* Of what is published. */
struct publication_state
publication_state_of(const struct published *p);

/* The text lives in the arena. ERR_LIMIT: longer than LIMIT_PUBLICATION_STATE.
 */
enum err
publication_state_write(const struct publication_state *s, struct arena *a,
    struct span *out, struct error *e) MUST_CHECK;

/* The lists live in the arena. ERR_DATA: it is damaged. */
enum err
publication_state_read(struct span text, struct arena *a,
    struct publication_state *out, struct error *e) MUST_CHECK;

/* Somebody else wrote `theirs` in place of `before`, while we made `after` of
 * it: what they changed is theirs, and the rest is ours. */
enum err
publication_state_merge(const struct publication_state *before,
    const struct publication_state *theirs, struct publication_state *after,
    struct arena *a, struct error *e) MUST_CHECK;

#endif
