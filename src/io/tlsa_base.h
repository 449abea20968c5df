/* tlsa_base.h - at which name an MX host's TLSA records stand (RFC 7672 2.2.2
 * and 2.2.3). Pure. */
#ifndef IO_TLSA_BASE_H
#define IO_TLSA_BASE_H

#include <stdbool.h>

#include "base/arena.h"
#include "wire/dns.h"

/* "_25._tcp.<base>", in memory of a. */
struct span
tlsa_name(struct arena *a, struct span base);

/* The base domain at which tlsa was asked; "" if it was not. */
struct span
tlsa_base_of(const struct dns_answer *tlsa);

/* The first TLSA base domain to try, given what a lookup of the host's
 * addresses said: what the host is an alias of, if every CNAME on the way is
 * secure, else the host. Borrows from address. */
struct span
tlsa_base_first(const struct dns_answer *address);

/* After the lookup at base: is the host itself to be tried next? Not if secure
 * records were found, nor if the lookup failed: then nothing may be concluded
 * from another name. */
bool
tlsa_base_try_host(
    const struct dns_answer *tlsa, struct span base, struct span host);

#endif
