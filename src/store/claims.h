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

/* What a claim is known by: what is claimed, and the claim's number. */
struct claim_key {
	int64_t of, number;
};

/* A later end for n claims, in one transaction; *held of them are still the
 * worker's. Of update: $1 and $2 the key, $3 the worker, $4 until when. */
enum err
claims_extend(struct store *s, const struct sql_statement *update,
    struct claim_key (*key)(const void *claims, size_t i), int64_t worker,
    const void *claims, size_t n, struct wall_time until, size_t *held,
    struct error *e) MUST_CHECK;

/* sql_change, of a statement that touches nothing unless the claim is *held. */
enum err
claims_change(struct store *s, const struct sql_statement *st,
    const struct sql_value *args, size_t n, bool *held,
    struct error *e) MUST_CHECK;

#endif
