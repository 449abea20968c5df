/* migrate.h - from any older store to ours, forward only.
 *
 * A migration is a list of statements that runs in one transaction, which also
 * records it. A migration that was released is never changed: another one
 * follows it. Two programs that migrate at once do it one after the other. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/clock.h"
#include "store/sql.h"

struct migration {
	const char *name;
	const char *const *statements; /* up to NULL */
};

/* A kind of store: the first of its migrations makes version 1. */
struct schema {
	const struct migration *migrations;
	unsigned version; /* ours: how many there are */
};

extern const struct schema schema_main; /* store.h */
extern const struct schema schema_secrets; /* secrets.h */

/* The version of the store, 0 for an empty one. ERR_STORE_VERSION: it is of
 * another kind. */
enum err
migrate_version(struct sql *sql, const struct schema *schema, int64_t *out,
    struct error *e) MUST_CHECK;

/* Up to version `to`, which is the schema's but in tests. A store that is there
 * already is left alone; ERR_STORE_VERSION for one that is newer. */
enum err
migrate_to(struct sql *sql, const struct schema *schema, unsigned to,
    struct wall_time now, struct error *e) MUST_CHECK;

#endif
