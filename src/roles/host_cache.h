/* host_cache.h - what is held true of mail hosts, read once and not at every
 * round of every domain.
 *
 * A few hosts are the mail hosts of very many domains, and reading what is
 * known of one (inflate, JSON) costs more than all else that a round needs of
 * the processor. So it is kept, under the number that the store gives it
 * (hosts_version), which is asked for each time: what another process has
 * written counts at once.
 *
 * Bounded: a place is a hash of the name, and whoever comes last has it; what
 * is large is not kept, and when all of it is large it is emptied. For one
 * thread. */
#ifndef ROLES_HOST_CACHE_H
#define ROLES_HOST_CACHE_H

#include "core/evidence.h"
#include "store/hosts.h"

struct host_cache;

enum err
host_cache_new(struct host_cache **out) MUST_CHECK;

/* NULL is fine. */
void
host_cache_free(struct host_cache *c);

/* What was got so far is not used any more, and may go. */
void
host_cache_begin(struct host_cache *c);

/* The same, and all of it goes: it may be of another store. */
void
host_cache_empty(struct host_cache *c);

/* What is held true of the host; *found is false where nothing is. It borrows
 * from the cache until the next host_cache_begin, or lies in a. */
enum err
host_cache_get(struct host_cache *c, struct store *s, struct span name,
    struct arena *a, struct host_seen *out, bool *found,
    struct error *e) MUST_CHECK;

#endif
