/* ipaddr.h - IP addresses and prefixes, and which may be contacted. */
#ifndef WIRE_IPADDR_H
#define WIRE_IPADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/span.h"

enum ip_family { IP_NONE, IP_V4 = 4, IP_V6 = 6 };

struct ip_addr {
	uint8_t family; /* enum ip_family */
	uint8_t b[16]; /* network order; IPv4 in the first four */
};

struct ip_prefix {
	struct ip_addr net;
	uint8_t len; /* bits */
};

struct ip_text {
	char s[46]; /* INET6_ADDRSTRLEN; NUL-terminated, RFC 5952 */
};

/* "192.0.2.1" or "2001:db8::1"; no zone, no brackets. */
bool
ip_parse(struct span s, struct ip_addr *out) MUST_CHECK;

/* "192.0.2.0/24", or an address alone for all its bits. Bits behind the length
 * must be zero. */
bool
ip_prefix_parse(struct span s, struct ip_prefix *out) MUST_CHECK;

/* "" for IP_NONE. */
struct ip_text
ip_format(struct ip_addr a);

bool
ip_eq(struct ip_addr a, struct ip_addr b);

bool
ip_in_prefix(struct ip_addr a, struct ip_prefix p);

/* RFC 4291 2.5.5.2: the IPv4 address in ::ffff:0:0/96; any other as it is. */
struct ip_addr
ip_unmapped(struct ip_addr a);

/* Globally reachable unicast space (RFC 6890 and the IANA special-purpose
 * registries). IPv4 that travels inside IPv6 (mapped, NAT64, 6to4) counts as
 * the IPv4 address inside. */
bool
ip_is_global(struct ip_addr a);

#endif
