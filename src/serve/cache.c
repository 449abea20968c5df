#include "serve/cache.h"

#include <stdlib.h>

struct entry {
	struct cache_item item; /* first: the caller's view */
	struct entry *in_bucket;
	struct entry *newer, *older;
	uint64_t hash;
	size_t cost;
	size_t n;
	char name[];
};

struct cache {
	struct cache_config config;
	struct entry *newest, *oldest;
	size_t items, cost;
	size_t mask;
	struct entry *buckets[];
};

/* FNV-1a from a secret beginning, and the finish of SplitMix64. */
uint64_t
cache_hash(uint64_t seed, struct span s)
{
	uint64_t h = seed ^ 0xcbf29ce484222325;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	h = (h ^ seed ^ h >> 30) * 0xbf58476d1ce4e5b9;
	h = (h ^ h >> 27) * 0x94d049bb133111eb;
	return h ^ h >> 31;
}

struct cache *
cache_new(const struct cache_config *config)
{
	size_t n = 16;
	struct cache *c;

	while (n < config->max_items)
		n *= 2;
	c = calloc(1, sizeof *c + n * sizeof c->buckets[0]);
	if (c == NULL)
		return NULL;
	c->config = *config;
	c->mask = n - 1;
	return c;
}

static struct entry **
find(struct cache *c, uint64_t hash, struct span name)
{
	struct entry **e = &c->buckets[hash & c->mask];

	while (*e != NULL &&
	       ((*e)->hash != hash ||
		   !span_eq((struct span){ (*e)->name, (*e)->n }, name)))
		e = &(*e)->in_bucket;
	return e;
}

static void
unlink_age(struct cache *c, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
}

static void
make_newest(struct cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void
drop(struct cache *c, struct entry **at)
{
	struct entry *e = *at;

	*at = e->in_bucket;
	unlink_age(c, e);
	c->items--;
	c->cost -= e->cost;
	c->config.release(e->item.value);
	free(e);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i <= c->mask; i++)
		while (c->buckets[i] != NULL)
			drop(c, &c->buckets[i]);
	free(c);
}

struct cache_item *
cache_get(struct cache *c, struct span name)
{
	struct entry *e = *find(c, cache_hash(c->config.seed, name), name);

	if (e == NULL)
		return NULL;
	unlink_age(c, e);
	make_newest(c, e);
	return &e->item;
}

static bool
is_over(const struct cache *c)
{
	return c->items > c->config.max_items ||
	       (c->config.max_cost > 0 && c->cost > c->config.max_cost);
}

bool
cache_put(
    struct cache *c, struct span name, struct cache_item item, size_t cost)
{
	uint64_t hash = cache_hash(c->config.seed, name);
	struct entry *e = malloc(sizeof *e + name.n), **at;

	if (e == NULL) {
		c->config.release(item.value);
		return false;
	}
	cache_drop(c, name);
	*e = (struct entry){
		.item = item, .hash = hash, .cost = cost, .n = name.n
	};
	if (name.n > 0)
		memcpy(e->name, name.p, name.n);
	at = &c->buckets[hash & c->mask];
	e->in_bucket = *at;
	*at = e;
	make_newest(c, e);
	c->items++;
	c->cost += cost;
	/* The newest stays, whatever it costs: its owner is about to use it. */
	while (is_over(c) && c->oldest != e)
		drop(c, find(c, c->oldest->hash,
			    (struct span){ c->oldest->name, c->oldest->n }));
	return true;
}

void
cache_drop(struct cache *c, struct span name)
{
	struct entry **at = find(c, cache_hash(c->config.seed, name), name);

	if (*at != NULL)
		drop(c, at);
}

size_t
cache_items(const struct cache *c)
{
	return c->items;
}
