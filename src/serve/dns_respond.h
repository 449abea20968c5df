/* dns_respond.h - one message that came to the server, and what goes back. */
#ifndef SERVE_DNS_RESPOND_H
#define SERVE_DNS_RESPOND_H

#include "serve/dns_secondary.h"
#include "serve/dns_transfer.h"

/* All is borrowed; any number of threads may share one. */
struct dns_responder {
	struct dns_zone *zone;
	const struct clock *clock;
	const struct dns_secondary *secondaries;
	size_t n_secondaries;
};

enum dns_transport { DNS_OVER_UDP, DNS_OVER_TCP };

enum dns_outcome {
	DNS_NO_ANSWER, /* not a query (RFC 1035 4.1.1) */
	DNS_MESSAGE, /* out holds the answer */
	DNS_TRANSFER, /* *transfer gives the answer; the caller frees it */
};

/* Answer the message, from this address, into out, which is empty and has room
 * for DNS_UDP_OCTETS at least. *transfer is set with DNS_TRANSFER only, and
 * over TCP only. */
enum dns_outcome
dns_respond(const struct dns_responder *d, struct span message,
    enum dns_transport over, const struct ip_addr *from, struct buf *out,
    struct dns_transfer **transfer) MUST_CHECK;

/* The same over UDP for one who asks too much: no more than "truncated". False:
 * no answer. */
bool
dns_respond_slip(struct span message, struct buf *out) MUST_CHECK;

#endif
