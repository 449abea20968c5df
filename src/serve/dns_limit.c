#include "serve/dns_limit.h"

#include <stdlib.h>

#include "base/limits.h"

enum {
	WAYS = 4, /* places where one prefix may stand, next to each other */
	PREFIX_V4 = 3, /* octets of a /24 */
	PREFIX_V6 = 7, /* of a /56 */
	BURST_S = LIMIT_DNS_BURST / LIMIT_DNS_RATE,
};

#define NS_PER_S INT64_C(1000000000)

/* The bucket as the moment at which it will be full again: what has been taken
 * out of it is that far ahead of now. */
struct dns_limit_bucket {
	uint32_t tag; /* of the prefix, from its hash */
	uint32_t over; /* answers beyond the rate, in this row of them */
	int64_t full_ns;
};

enum err
dns_limit_init(
    struct dns_limit *l, uint32_t rate, const struct siphash_key *key)
{
	*l = (struct dns_limit){ .key = *key,
		.rate = rate > 0 ? rate : LIMIT_DNS_RATE };
	l->burst =
	    l->rate > UINT32_MAX / BURST_S ? UINT32_MAX : l->rate * BURST_S;
	l->buckets = calloc(LIMIT_DNS_PREFIXES, sizeof *l->buckets);
	return l->buckets != NULL ? ERR_OK : ERR_MEMORY;
}

void
dns_limit_release(struct dns_limit *l)
{
	free(l->buckets);
	l->buckets = NULL;
}

struct span
dns_network(const struct ip_addr *a)
{
	return (struct span){ (const char *)a->b,
		a->family == IP_V4 ? PREFIX_V4 : PREFIX_V6 };
}

/* The bucket of a prefix. A new one takes the place of the one that has been
 * full for longest: it has nothing to remember. */
static struct dns_limit_bucket *
bucket_of(struct dns_limit *l, const struct ip_addr *a)
{
	char prefix[1 + PREFIX_V6];
	struct span network = dns_network(a);
	struct dns_limit_bucket *set, *oldest;
	uint64_t hash;
	uint32_t tag;

	prefix[0] = (char)a->family;
	memcpy(prefix + 1, network.p, network.n);
	hash = siphash(&l->key, (struct span){ prefix, 1 + network.n });
	tag = (uint32_t)(hash >> 32) | 1; /* 0: a place without a bucket */
	set = &l->buckets[hash % (LIMIT_DNS_PREFIXES / WAYS) * WAYS];
	oldest = set;
	for (int i = 0; i < WAYS; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (set[i].full_ns < oldest->full_ns)
			oldest = &set[i];
	}
	*oldest = (struct dns_limit_bucket){ .tag = tag };
	return oldest;
}

enum dns_verdict
dns_limit_take(
    struct dns_limit *l, const struct ip_addr *to, struct mono_time now)
{
	struct dns_limit_bucket *b = bucket_of(l, to);
	int64_t each_ns = NS_PER_S / l->rate;

	if (b->full_ns < now.ns)
		b->full_ns = now.ns;
	if (b->full_ns - now.ns <= each_ns * (l->burst - 1)) {
		b->full_ns += each_ns;
		b->over = 0;
		return DNS_LIMIT_PASS;
	}
	b->over++;
	return b->over % LIMIT_DNS_SLIP == 0 ? DNS_LIMIT_SLIP : DNS_LIMIT_DROP;
}
