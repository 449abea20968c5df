/* cache.h - what a store said of names, kept for a while: the least recently
 * used goes first.
 *
 * Bounded by number and by cost. One thread. */
#ifndef SERVE_CACHE_H
#define SERVE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/span.h"

struct cache;

struct cache_item {
	void *value;
	uint64_t version; /* the store's */
	struct mono_time asked; /* when the store last said so */
};

struct cache_config {
	size_t max_items; /* > 0 */
	size_t max_cost; /* 0: does not count */
	uint64_t seed; /* secret: strangers choose names */
	void (*release)(void *value);
};

/* NULL: no memory. */
struct cache *
cache_new(const struct cache_config *config) MUST_CHECK;

void
cache_free(struct cache *c);

/* The item of that name, now the most recently used, or NULL. It and its value
 * live until the next cache_put or cache_drop. */
struct cache_item *
cache_get(struct cache *c, struct span name);

/* Keep item.value, which is the cache's from now on, in place of what there was
 * of that name. Others are dropped to make room. False if there is no memory:
 * then item.value is released, and nothing else has changed. */
bool
cache_put(struct cache *c, struct span name, struct cache_item item,
    size_t cost) MUST_CHECK;

/* Nothing, if there is none. */
void
cache_drop(struct cache *c, struct span name);

size_t
cache_items(const struct cache *c);

/* A hash for tables that strangers fill. */
uint64_t
cache_hash(uint64_t seed, struct span s);

#endif
