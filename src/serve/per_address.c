#include "serve/per_address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "serve/cache.h"

/* What counts as one: IPv6 customers get a /64 at least. */
struct key {
	uint8_t b[9];
};

struct slot {
	struct key key;
	uint32_t n; /* 0: free */
};

/* Open addressing, at most half full, so that a chain of slots ends soon. */
struct per_address {
	uint64_t seed;
	size_t n, max; /* connections */
	size_t mask;
	struct slot slots[];
};

struct per_address *
per_address_new(size_t max, uint64_t seed)
{
	size_t n = 16;
	struct per_address *p;

	while (n < 2 * max)
		n *= 2;
	p = calloc(1, sizeof *p + n * sizeof p->slots[0]);
	if (p == NULL)
		return NULL;
	p->seed = seed;
	p->max = max;
	p->mask = n - 1;
	return p;
}

void
per_address_free(struct per_address *p)
{
	free(p);
}

static struct key
key_of(struct ip_addr a)
{
	struct key k = { { a.family } };

	memcpy(k.b + 1, a.b, a.family == IP_V6 ? 8 : 4);
	return k;
}

static size_t
home(const struct per_address *p, struct key k)
{
	struct span bytes = { (const char *)k.b, sizeof k.b };

	return cache_hash(p->seed, bytes) & p->mask;
}

/* Its slot, or the free one where it would be. */
static size_t
find(const struct per_address *p, struct key k)
{
	size_t i = home(p, k);

	while (p->slots[i].n > 0 &&
	       memcmp(p->slots[i].key.b, k.b, sizeof k.b) != 0)
		i = (i + 1) & p->mask;
	return i;
}

bool
per_address_add(struct per_address *p, struct ip_addr a, size_t limit)
{
	struct key k = key_of(a);
	struct slot *s = &p->slots[find(p, k)];

	if (s->n >= limit || p->n >= p->max)
		return false;
	s->key = k;
	s->n++;
	p->n++;
	return true;
}

/* Close the gap at i: whoever stands behind it and would rather be there. */
static void
close_gap(struct per_address *p, size_t i)
{
	size_t j = i;

	for (;;) {
		size_t wants;

		j = (j + 1) & p->mask;
		if (p->slots[j].n == 0)
			return;
		wants = home(p, p->slots[j].key);
		if (((j - wants) & p->mask) < ((j - i) & p->mask))
			continue;
		p->slots[i] = p->slots[j];
		p->slots[j].n = 0;
		i = j;
	}
}

void
per_address_remove(struct per_address *p, struct ip_addr a)
{
	size_t i = find(p, key_of(a));

	assert(p->slots[i].n > 0);
	p->n--;
	if (--p->slots[i].n == 0)
		close_gap(p, i);
}
