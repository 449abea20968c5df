/* dns_index.h - the labels of a service zone in memory, each with what is
 * published there.
 *
 * A table with an upper bound. While no label has had to go it can be the whole
 * zone, and then what is not in it does not exist: questions for invented names
 * reach nothing behind. Not safe between threads; dns_zone.c has the lock. */
#ifndef SERVE_DNS_INDEX_H
#define SERVE_DNS_INDEX_H

#include "base/err.h"
#include "base/siphash.h"

enum {
	DNS_ID_MAX = 32, /* RFC 8461 3.1 */
};

/* What a name below the zone has beside the addresses of the edge. */
struct dns_entry {
	char id[DNS_ID_MAX];
	uint8_t id_n; /* 0: no TXT record (yet) */
};

struct dns_index_record;

struct dns_index {
	struct dns_index_record **slots; /* NULL: free */
	size_t n_slots; /* a power of two, or 0 */
	size_t n, max; /* labels */
	size_t hand; /* the slot to look at next for one that goes */
	bool evicted; /* a label had to go, at any time */
	struct siphash_key key;
};

/* Room for max labels; takes memory as they come. */
void
dns_index_init(struct dns_index *x, size_t max, const struct siphash_key *key);

void
dns_index_release(struct dns_index *x);

/* Labels are compared octet by octet: the caller brings lower case, 1 to 63
 * octets. */
bool
dns_index_get(
    const struct dns_index *x, struct span label, struct dns_entry *out);

/* Add or replace. ERR_MEMORY, and the label is not there. */
enum err
dns_index_put(struct dns_index *x, struct span label,
    const struct dns_entry *e) MUST_CHECK;

/* Nothing happens if it is not there. */
void
dns_index_remove(struct dns_index *x, struct span label);

#endif
