/* secrets.h - the store of secrets: sealed bytes by name (io/sealed.h), apart
 * from everything else, so that only the roles that need them can open it.
 *
 * A second SQLite file, or another PostgreSQL database or schema with grants of
 * its own. What lies here can be read by nobody without the sealing key. */
#ifndef STORE_SECRETS_H
#define STORE_SECRETS_H

#include "store/store.h"

struct secrets;

/* A URL as of store_open; made where there is none. */
enum err
secrets_open(const char *url, struct wall_time now, struct secrets **out,
    struct error *e) MUST_CHECK;
void
secrets_free(struct secrets *s);

/* In place of what there was of that name. */
enum err
secret_put(struct secrets *s, struct span name, struct span sealed,
    struct wall_time now, struct error *e) MUST_CHECK;
enum err
secret_get(struct secrets *s, struct span name, struct arena *a,
    struct span *sealed, bool *found, struct error *e) MUST_CHECK;
enum err
secret_remove(struct secrets *s, struct span name, struct error *e) MUST_CHECK;
/* Names behind `after` in the order of bytes, that begin with prefix. */
enum err
secret_names(struct secrets *s, struct span prefix, struct span after,
    size_t max, struct arena *a, struct span **out, size_t *n,
    struct error *e) MUST_CHECK;

#endif
