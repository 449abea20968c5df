/* publish_self.h - what an owner publishes on his own, and in which order. */
#ifndef OUT_PUBLISH_SELF_H
#define OUT_PUBLISH_SELF_H

#include <stdio.h>

#include "base/err.h"
#include "core/publication.h"

struct self_hosted {
	struct span domain;
	struct span policy; /* in CRLF */
	char id[PUBLICATION_ID_OCTETS + 1];
	const char *file; /* that the policy was written to, or NULL */
	bool watched; /* it is in the portfolio */
	bool enforces, ends; /* its mode */
	/* If it ends: a sender may hold an older policy until then; 0: not
	 * known. */
	struct wall_time held_until;
};

void
self_hosted_text(const struct self_hosted *s, FILE *f);

/* One object on one line, schema "mtasts.publish/1". */
enum err
self_hosted_json(const struct self_hosted *s, FILE *f) MUST_CHECK;

#endif
