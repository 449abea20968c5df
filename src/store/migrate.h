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

/* The first one makes version 1. */
extern const struct migration migrations[];
extern const unsigned migrations_n;

/* The version of the store, 0 for an empty one. */
enum err
migrate_version(struct sql *sql, int64_t *out, struct error *e) MUST_CHECK;

/* Up to version `to`, which is migrations_n but in tests. A store that is there
 * already is left alone; ERR_STORE_VERSION for one that is newer. */
enum err
migrate_to(struct sql *sql, unsigned to, struct wall_time now,
    struct error *e) MUST_CHECK;

#endif
