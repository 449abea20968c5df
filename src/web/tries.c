#include "web/tries.h"

#include <stdlib.h>

#include "base/limits.h"

/* A bucket is full of tries, and gets one back in every interval. */
struct ceiling {
	int64_t burst;
	int64_t interval_ms;
};

static const struct ceiling of_pair = { 5, 60 * 1000 };
static const struct ceiling of_client = { 20, 30 * 1000 };
static const struct ceiling of_all = { 60, 1000 };

/* When the bucket is full again; one key has one. */
struct slot {
	uint64_t key;
	int64_t full_ns;
};

struct tries {
	struct siphash_key key;
	struct slot all;
	struct slot failed[LIMIT_WEB_CLIENTS];
	uint64_t good[LIMIT_WEB_CLIENTS]; /* clients that have logged in */
};

struct tries *
tries_new(const struct siphash_key *key)
{
	struct tries *t = calloc(1, sizeof *t);

	if (t != NULL)
		t->key = *key;
	return t;
}

void
tries_free(struct tries *t)
{
	free(t);
}

/* ---- keys ---- */

static struct span
network(const struct ip_addr *a)
{
	return (struct span){ (const char *)a->b, a->family == IP_V6 ? 8 : 4 };
}

enum kind {
	OF_CLIENT = 1, /* what failed */
	OF_PAIR, /* ... of an account */
	OF_GOOD_CLIENT, /* all that it tries */
};

/* Of a client, or of what a client did to an account. Never 0. */
static uint64_t
key_of(const struct tries *t, const struct try *one, enum kind kind)
{
	struct span net = network(&one->client);
	uint64_t words[3] = { 0, (uint64_t)kind, 0 };

	memcpy(&words[0], net.p, net.n);
	words[1] = words[1] << 8 | one->client.family;
	if (kind == OF_PAIR)
		words[2] = siphash(&t->key, one->account);
	return siphash(&t->key,
		   (struct span){ (const char *)words, sizeof words }) |
	       1;
}

static struct slot *
slot_of(struct tries *t, uint64_t key)
{
	return &t->failed[(key >> 1) % LIMIT_WEB_CLIENTS];
}

/* ---- buckets ---- */

/* How long until the bucket has a whole try in it, in ms; 0: it has. */
static int64_t
wait_ms(const struct slot *s, uint64_t key, const struct ceiling *c,
    struct mono_time now)
{
	int64_t missing = (s->full_ns - now.ns) / 1000000;
	int64_t room = (c->burst - 1) * c->interval_ms;

	return s->key == key && missing > room ? missing - room : 0;
}

static void
take(
    struct slot *s, uint64_t key, const struct ceiling *c, struct mono_time now)
{
	if (s->key != key || s->full_ns < now.ns)
		*s = (struct slot){ key, now.ns };
	s->full_ns += c->interval_ms * 1000000;
}

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The bucket of all, or that of a client which is good, and its key. */
static struct slot *
common(struct tries *t, const struct try *one, uint64_t client, uint64_t *key)
{
	*key = 0;
	if (t->good[(client >> 1) % LIMIT_WEB_CLIENTS] != client)
		return &t->all;
	*key = key_of(t, one, OF_GOOD_CLIENT);
	return slot_of(t, *key);
}

int64_t
tries_ask(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, OF_CLIENT),
		 pair = key_of(t, one, OF_PAIR), key;
	struct slot *all = common(t, one, client, &key);
	int64_t ms =
	    longer(wait_ms(slot_of(t, client), client, &of_client, one->now),
		wait_ms(slot_of(t, pair), pair, &of_pair, one->now));

	ms = longer(ms, wait_ms(all, key, &of_all, one->now));
	if (ms > 0)
		return (ms + 999) / 1000;
	take(all, key, &of_all, one->now);
	return 0;
}

void
tries_failed(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, OF_CLIENT),
		 pair = key_of(t, one, OF_PAIR);

	take(slot_of(t, client), client, &of_client, one->now);
	take(slot_of(t, pair), pair, &of_pair, one->now);
}

void
tries_succeeded(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, OF_CLIENT),
		 pair = key_of(t, one, OF_PAIR);

	t->good[(client >> 1) % LIMIT_WEB_CLIENTS] = client;
	if (slot_of(t, pair)->key == pair)
		*slot_of(t, pair) = (struct slot){ 0 };
}
