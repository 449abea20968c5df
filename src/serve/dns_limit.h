/* dns_limit.h - how many answers one network gets over UDP.
 *
 * Who forges a victim's address has us send the answers there. Each /24 or /56
 * has a bucket that fills at a rate; while there is something in it, nothing is
 * limited. Otherwise most answers are left out, and some say no more than "ask
 * again over TCP", which a forger cannot. A table of fixed size; one thread. */
#ifndef SERVE_DNS_LIMIT_H
#define SERVE_DNS_LIMIT_H

#include "base/clock.h"
#include "base/err.h"
#include "base/siphash.h"
#include "wire/ipaddr.h"

/* What counts as one client: the /24 or the /56 of an address (RFC 6177), as
 * octets that borrow from it. */
struct span
dns_network(const struct ip_addr *a);

enum dns_verdict {
	DNS_LIMIT_PASS,
	DNS_LIMIT_SLIP, /* a truncated answer without records */
	DNS_LIMIT_DROP,
};

struct dns_limit_bucket;

struct dns_limit {
	struct dns_limit_bucket *buckets; /* LIMIT_DNS_PREFIXES */
	struct siphash_key key;
	uint32_t rate, burst; /* answers a second; answers */
};

/* rate 0: as LIMIT_DNS_RATE says, with its burst. Otherwise a burst is what
 * five seconds give. */
enum err
dns_limit_init(struct dns_limit *l, uint32_t rate,
    const struct siphash_key *key) MUST_CHECK;

void
dns_limit_release(struct dns_limit *l);

/* An answer to this address is due: what becomes of it. */
enum dns_verdict
dns_limit_take(
    struct dns_limit *l, const struct ip_addr *to, struct mono_time now);

#endif
