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

/* Of a client, or of what a client did to an account. Never 0. */
static uint64_t
key_of(const struct tries *t, const struct try *one, bool with_account)
{
	struct span net = network(&one->client);
	uint64_t words[3] = { 0, with_account ? 2 : 1, 0 };

	memcpy(&words[0], net.p, net.n);
	words[1] = words[1] << 8 | one->client.family;
	if (with_account)
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

int64_t
tries_ask(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, false), pair = key_of(t, one, true);
	bool is_good = t->good[(client >> 1) % LIMIT_WEB_CLIENTS] == client;
	int64_t ms =
	    longer(wait_ms(slot_of(t, client), client, &of_client, one->now),
		wait_ms(slot_of(t, pair), pair, &of_pair, one->now));

	if (!is_good)
		ms = longer(ms, wait_ms(&t->all, 0, &of_all, one->now));
	if (ms > 0)
		return (ms + 999) / 1000;
	if (!is_good)
		take(&t->all, 0, &of_all, one->now);
	return 0;
}

void
tries_failed(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, false), pair = key_of(t, one, true);

	take(slot_of(t, client), client, &of_client, one->now);
	take(slot_of(t, pair), pair, &of_pair, one->now);
}

void
tries_succeeded(struct tries *t, const struct try *one)
{
	uint64_t client = key_of(t, one, false), pair = key_of(t, one, true);

	t->good[(client >> 1) % LIMIT_WEB_CLIENTS] = client;
	if (slot_of(t, pair)->key == pair)
		*slot_of(t, pair) = (struct slot){ 0 };
}
