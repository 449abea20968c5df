/* cert_name.h - is a certificate for this host? DNS-ID only (RFC 9525). */
#ifndef WIRE_CERT_NAME_H
#define WIRE_CERT_NAME_H

#include <stdbool.h>

#include "base/span.h"

/* Does one presented DNS-ID (a dNSName of the SAN) match the host? RFC 9525
 * 6.3: labels compare without ASCII case; "*" counts only as the whole
 * left-most label and stands for exactly one; any other use of it, and a
 * presented name that is no domain name, matches nothing. */
bool
cert_name_match(struct span dns_id, struct span host);

/* Does any of n? */
bool
cert_names_match(const struct span *dns_ids, size_t n, struct span host);

#endif
