/* dns_secondary.h - a name server that takes the zone from us (RFC 5936). */
#ifndef SERVE_DNS_SECONDARY_H
#define SERVE_DNS_SECONDARY_H

#include "io/endpoint.h"
#include "io/tsig_key_file.h"

struct dns_secondary {
	struct endpoint at; /* where NOTIFY goes */
	/* It may have the zone if it signs with this key, from wherever it
	 * asks; NULL: if it asks from its address. Borrowed. */
	const struct tsig_key *key;
};

#endif
