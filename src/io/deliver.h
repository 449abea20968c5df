/* deliver.h - hand a finished message to the world: what all ways there have in
 * common.
 *
 * The ways do not know what a message says: they get bytes and an address. Each
 * call is one attempt, ends within the limit, and blocks until then. Nothing is
 * kept between attempts; any thread.
 *
 *	DELIVERED  the other side has it
 *	TRY_LATER  it has it not, or nobody knows: say it again, under the same
 *id REFUSED    it will not have this message, however often it is said
 *
 * What went wrong is in `reason`, printable; it never holds a secret. */
#ifndef IO_DELIVER_H
#define IO_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/span.h"
#include "io/stop.h"
#include "io/trust.h"

enum delivery { DELIVERY_DELIVERED, DELIVERY_TRY_LATER, DELIVERY_REFUSED };

struct deliver_env {
	const struct clock *clock;
	struct stop *stop; /* ends what is under way; may be NULL */
	struct trust_store *trust; /* for TLS */
	int64_t limit_ms; /* one attempt, all of it */
	const char *user_agent;
};

struct delivered {
	enum delivery delivery;
	int64_t retry_after_s; /* what the other side asks for; 0: nothing */
	char reason[LIMIT_OUTBOX_ERROR]; /* NUL-terminated; "": delivered */
};

/* Set the result and say why, escaped and cut. */
void
delivered_say(struct delivered *d, enum delivery delivery, const char *fmt, ...)
    PRINTF(3, 4);

/* A secret: the first line of its file, NUL-terminated. False: d says why. The
 * caller wipes it with secret_wipe. */
struct secret {
	char p[LIMIT_SECRET];
	size_t n;
};

bool
secret_read(struct secret *s, const char *path, struct delivered *d) MUST_CHECK;

void
secret_wipe(struct secret *s);

#endif
