/* store.h - what the programs remember: one connection to the store.
 *
 * A URL is "sqlite:PATH", a bare path, or "postgresql://..." as libpq reads it.
 * A struct store belongs to one thread; each thread opens its own. Where the
 * errors below may come from and what they mean stands in sql.h. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/clock.h"
#include "store/sql.h"

struct store;

enum store_mode {
	STORE_LOOK, /* whatever is there, of any version; nothing is made */
	STORE_USE, /* ours; made where there is none, refused if older */
	STORE_MIGRATE, /* ours; made, or brought up to our version */
};

/* A newer store is refused (ERR_STORE_VERSION), but for STORE_LOOK. */
enum err
store_open(const char *url, enum store_mode mode, struct wall_time now,
    struct store **out, struct error *e) MUST_CHECK;

void
store_free(struct store *s);

/* For the modules of this folder. */
struct sql *
store_sql(struct store *s);

/* Several calls of the query modules in one transaction: body runs between its
 * begin and its end, and may run again (sql_transact). */
enum err
store_transact(struct store *s,
    enum err (*body)(struct store *s, void *arg, struct error *e), void *arg,
    struct error *e) MUST_CHECK;

/* Of an error: is it the store that has failed, for everybody, and not what was
 * asked of it? */
bool
store_has_failed(enum err rc);

struct store_health {
	const char *database; /* "SQLite", "PostgreSQL" */
	int64_t version, our_version; /* version 0: an empty store */
	struct span fault; /* the first one found; empty if it is sound */
};

/* Reads the whole store. Spans live in the arena. */
enum err
store_check(struct store *s, struct arena *a, struct store_health *out,
    struct error *e) MUST_CHECK;

/* A copy of this moment in a new file, which appears when it is whole. Only
 * SQLite; otherwise ERR_USAGE says what to use. */
enum err
store_backup(struct store *s, const char *to, struct error *e) MUST_CHECK;

#endif
