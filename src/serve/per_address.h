/* per_address.h - how many connections each address has. */
#ifndef SERVE_PER_ADDRESS_H
#define SERVE_PER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/ipaddr.h"

struct per_address;

/* For at most max connections at a time. The seed is secret: strangers choose
 * their addresses. NULL: no memory. */
struct per_address *
per_address_new(size_t max, uint64_t seed) MUST_CHECK;

void
per_address_free(struct per_address *p);

/* One more of that IPv4 address or IPv6 /64, unless it has limit already or
 * there are max of all. */
bool
per_address_add(
    struct per_address *p, struct ip_addr a, size_t limit) MUST_CHECK;

/* One fewer: of one that was added. */
void
per_address_remove(struct per_address *p, struct ip_addr a);

#endif
