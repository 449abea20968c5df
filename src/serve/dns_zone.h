/* dns_zone.h - the service zone: what there is to answer.
 *
 * Constant are the apex (SOA, NS, the addresses of the edge) and the hosts
 * below it that name servers need. All other names are one label below the
 * apex: each has the edge's addresses and, if it has an id, the TXT record of
 * RFC 8461 3.1. They come from a source, that is asked for what the index in
 * front of it does not have.
 *
 * Any thread may call any function here, dns_zone_free apart. */
#ifndef SERVE_DNS_ZONE_H
#define SERVE_DNS_ZONE_H

#include "io/random.h"
#include "serve/dns_index.h"
#include "serve/lookup.h"
#include "wire/dns_message.h"
#include "wire/ipaddr.h"

struct dns_zone;

/* Where the names are kept. Both are called from any thread that answers, and
 * should take no longer than a look into a database of one's own. label is in
 * lower case and may hold any octet. LOOKUP_FOUND, NONE or FAILED: a name that
 * could not be looked up must not be said not to exist. */
struct dns_source {
	enum lookup (*find)(
	    void *arg, struct span label, struct dns_entry *out);
	/* For a transfer: the first label behind after in the order of bytes,
	 * the first of all behind "". label has room for 63 octets. */
	enum lookup (*next)(void *arg, struct span after, char *label,
	    size_t *label_n, struct dns_entry *out);
	void *arg;
};

/* A name of more constant records, below the apex, at any depth. The source has
 * no entry of that name. */
struct dns_zone_host {
	struct span name;
	struct ip_addr address;
};

/* All names are text. Everything is copied but what the source stands on. */
struct dns_zone_config {
	struct span name;
	struct span primary; /* SOA: the first server */
	struct span mailbox; /* SOA: who is responsible, the @ as a dot */
	const struct span *servers; /* NS, at most LIMIT_DNS_SERVERS */
	size_t n_servers;
	const struct dns_zone_host *hosts; /* at most LIMIT_DNS_HOSTS */
	size_t n_hosts;
	const struct ip_addr *addresses; /* at most LIMIT_DNS_ADDRESSES */
	size_t n_addresses;
	uint32_t serial;
	uint32_t ttl; /* s, of all records */
	uint32_t negative_ttl; /* s, SOA minimum (RFC 2308 4) */
	uint32_t refresh, retry, expire; /* s, for secondaries */
	size_t index_max; /* labels in memory */
	struct dns_source source;
};

/* ERR_USAGE with a sentence if the configuration cannot be, ERR_LIMIT if it is
 * too large, ERR_MEMORY, ERR_SYSTEM without randomness. */
enum err
dns_zone_new(const struct dns_zone_config *config,
    const struct randomness *random, struct dns_zone **out,
    struct error *e) MUST_CHECK;

void
dns_zone_free(struct dns_zone *z);

/* ---- what changes ---- */

/* A label has this entry now. For all labels in turn, when the zone is loaded,
 * and for each that changes. ERR_MEMORY: the source is asked for it. */
enum err
dns_zone_put(struct dns_zone *z, struct span label,
    const struct dns_entry *entry) MUST_CHECK;

/* A label is no more. */
void
dns_zone_remove(struct dns_zone *z, struct span label);

/* All that the source has, has been put. As long as all of it fits into the
 * index, nobody asks the source for names that do not exist. */
void
dns_zone_loaded(struct dns_zone *z);

/* The version that is served. Set it when all that belongs to it has been put;
 * secondaries take it if it is later than theirs (RFC 1982 3.2). */
void
dns_zone_set_serial(struct dns_zone *z, uint32_t serial);

uint32_t
dns_zone_serial(const struct dns_zone *z);

/* ---- what is read, by the modules that answer ---- */

/* A name in wire form, in lower case, with the root's octet. */
struct dns_wire_name {
	unsigned char n;
	char p[DNS_NAME_OCTETS];
};

struct dns_constant_host {
	struct dns_wire_name name;
	struct ip_addr address;
};

/* What does not change while the zone lives. */
struct dns_zone_constants {
	struct dns_wire_name apex, primary, mailbox;
	struct dns_wire_name *servers;
	size_t n_servers;
	struct dns_constant_host *hosts;
	size_t n_hosts;
	struct ip_addr *addresses;
	size_t n_addresses;
	uint32_t ttl, negative_ttl, refresh, retry, expire;
};

const struct dns_zone_constants *
dns_zone_constants(const struct dns_zone *z);

/* label is in lower case. As the source's. */
enum lookup
dns_zone_find(
    struct dns_zone *z, struct span label, struct dns_entry *out) MUST_CHECK;
enum lookup
dns_zone_next(struct dns_zone *z, struct span after, char *label,
    size_t *label_n, struct dns_entry *out) MUST_CHECK;

static inline struct span
dns_wire_span(const struct dns_wire_name *name)
{
	return (struct span){ name->p, name->n };
}

/* Is a name the same as another or below it; both in wire form and in lower
 * case. *out_labels is then what stands in front, empty if it is the same. */
bool
dns_wire_is_under(
    struct span name, struct span parent, struct span *out_labels);

#endif
