/* claims.h - for this folder: what the claims of all kinds of work have in
 * common (work.h). */
#ifndef STORE_CLAIMS_H
#define STORE_CLAIMS_H

#include "store/rows.h"
#include "store/store.h"

struct claim_kind {
	/* $1 now, $2 how many, $3 until when, $4 the worker. */
	struct sql_statement due;
	struct rows_kind rows; /* of what it returns */
};

/* At most LIMIT_STORE_CLAIM. *out is as of rows_read. */
enum err
claims_take(struct store *s, const struct claim_kind *kind, int64_t worker,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    void **out, size_t *n, struct error *e) MUST_CHECK;

#endif
