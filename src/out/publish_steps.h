/* publish_steps.h - the way of a policy to its senders in steps, each with its
 * evidence.
 *
 * Pure: from what the store holds to sentences. */
#ifndef OUT_PUBLISH_STEPS_H
#define OUT_PUBLISH_STEPS_H

#include "store/publish_state.h"

enum publish_step_kind {
	PUBLISH_STEP_CNAMES,
	PUBLISH_STEP_CERTIFICATE,
	PUBLISH_STEP_FILE,
	PUBLISH_STEP_ID,
	PUBLISH_STEP_MODE,
	PUBLISH_STEP_FOLLOW,
	PUBLISH_STEP_MOVE, /* if one is under way */
	PUBLISH_STEP_REMOVAL, /* if it is wanted */
	PUBLISH_STEP_KINDS,
};

enum publish_step_state {
	PUBLISH_STEP_DONE,
	PUBLISH_STEP_WAITS, /* it goes on by itself, or needs the owner */
	PUBLISH_STEP_TROUBLE, /* it does not go on, or no more */
	PUBLISH_STEP_LATER, /* its turn has not come */
};

struct publish_stepped {
	enum publish_step_kind kind;
	enum publish_step_state state;
	struct span text; /* sentences; behind a newline what to copy */
	struct span command; /* what the owner may say; "": nothing */
};

struct publish_steps {
	struct publish_stepped all[PUBLISH_STEP_KINDS];
	size_t n;
};

/* ERR_MEMORY if a is full. */
enum err
publish_steps(const struct publish_state *s, struct arena *a,
    struct publish_steps *out) MUST_CHECK;

/* Do all edges that are alive serve the version that is to be served? */
bool
publish_is_served(const struct publish_state *s);

extern const char *const publish_step_names[];
extern const char *const publish_step_state_names[];

#endif
