/* dns_counts.h - what a server has done. */
#ifndef SERVE_DNS_COUNTS_H
#define SERVE_DNS_COUNTS_H

#include <stdint.h>

/* What has happened since the server began, for its role to tell. */
struct dns_counts {
	uint64_t queries; /* over UDP and TCP */
	uint64_t slipped, dropped; /* answers that the rate did not allow */
	uint64_t unsent; /* answers that the system did not take */
	uint64_t connections, pushed_out; /* TCP; closed to make room */
	uint64_t transfers;
};

#endif
