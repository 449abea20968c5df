/* test_zone.h - for tests only: the zone svc.example, queries to it, and
 * answers as text.
 *
 *	svc.example		SOA, NS ns1 and ns.example.org, addresses
 *	ns1, a.deep		hosts
 *	alpha, beta, gamma	entries, beta without an id
 */
#ifndef SERVE_TEST_ZONE_H
#define SERVE_TEST_ZONE_H

#include "serve/dns_zone.h"

struct test_names {
	const char *const *labels; /* in the order of bytes */
	size_t n;
	int finds; /* how often the source was asked for a name */
	bool is_gone; /* it has none of them now */
	bool is_out_of_reach; /* it cannot tell */
};

struct test_zone {
	struct test_names names;
	struct dns_zone *zone;
};

/* index_max labels in memory; loaded: all names have been put. */
void
test_zone_init(struct test_zone *t, size_t index_max, bool loaded);

void
test_zone_release(struct test_zone *t);

/* A configuration for it, to be changed; what it borrows is constant. */
struct dns_zone_config
test_zone_config(struct test_names *names);

/* What a query asks. */
struct test_query {
	const char *name; /* text; letters keep their case */
	uint16_t type;
	uint16_t class; /* 0: IN */
	uint16_t edns; /* its size; 0: no EDNS */
};

/* Write it, with the id 0x1234. */
struct span
test_query_write(char *mem, size_t n, const struct test_query *q);

/* "NOERROR aa | svc.example 300 A 192.0.2.80 | ... | ...": rcode, flags, the
 * three sections without OPT. The names are as dns_name_read makes them. */
struct span
test_reply_text(char *mem, size_t n, struct span message);

#endif
