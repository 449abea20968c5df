/* acme_step.h - the requests of one step of an order, a function a state (see
 * io/acme_order.h). Shared by io/acme_order.c and by nobody else. */
#ifndef IO_ACME_STEP_H
#define IO_ACME_STEP_H

#include "io/acme_order.h"

struct acme_step {
	struct acme_order *o;
	const struct acme_env *env;
	struct acme_client *ca; /* whose order it is, or will be */
	struct arena *a; /* of the order */
	struct arena scratch; /* of the step */
	struct acme_reply r; /* how it went, at last */
	struct wall_time now;
	int64_t wait_ms; /* before the next one */
	struct error *e;
};

/* Make it: the order and its plan are as they are behind it, unless
 * s->r.failure says that it went wrong. The account is registered. */
enum err
acme_step_make(struct acme_step *s) MUST_CHECK;

/* There is no order at a CA any more. */
void
acme_step_forget(struct acme_order *o);

#endif
