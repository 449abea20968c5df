/* tlsa.h - TLSA records for SMTP (RFC 6698, RFC 7672). */
#ifndef WIRE_TLSA_H
#define WIRE_TLSA_H

#include <stdbool.h>

#include "wire/dns.h"

enum tlsa_fault {
	TLSA_USABLE,
	TLSA_USAGE, /* PKIX-TA(0), PKIX-EE(1), or unassigned: not for SMTP */
	TLSA_SELECTOR, /* neither Cert(0) nor SPKI(1) */
	TLSA_MATCHING, /* neither Full(0), SHA-256(1) nor SHA-512(2) */
	TLSA_LENGTH, /* the data is not as long as its digest */
};

/* RFC 7672 3.1.3: usages 0 and 1 are undefined for SMTP and treated as
 * unusable. */
enum tlsa_fault
tlsa_check(const struct dns_tlsa *t);

/* How many of n are usable. */
size_t
tlsa_usable(const struct dns_tlsa *t, size_t n);

#endif
