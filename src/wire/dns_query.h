/* dns_query.h - a query as it reaches a server: hostile bytes, read once.
 *
 * One question, EDNS(0) (RFC 6891), a TSIG record at the end, and for IXFR the
 * client's SOA record (RFC 1995 3). Whatever else there is makes the query one
 * that is refused, with the rcode for it. */
#ifndef WIRE_DNS_QUERY_H
#define WIRE_DNS_QUERY_H

#include "wire/dns_message.h"

enum {
	/* RFC 1035 4.2.1: what one may send over UDP who says nothing; and RFC
	 * 6891 6.2.3: smaller sizes count as this one. */
	DNS_UDP_MIN = 512,
};

struct dns_query {
	uint16_t id;
	bool recursion_desired; /* to be copied (RFC 1035 4.1.1) */
	uint8_t opcode; /* enum dns_opcode, or another */
	/* Why it cannot be answered, or DNS_RCODE_NOERROR. Then name, type and
	 * class are there. */
	uint16_t rcode; /* enum dns_rcode */

	/* The question's name in wire form, in the case that it came in, with
	 * the root's octet; not compressed. It stands behind the header.
	 * Empty: there is none that could be read. Borrowed. */
	struct span name;
	uint16_t type, class;

	bool edns; /* an OPT record was there */
	bool dnssec_ok; /* DO */
	uint16_t udp_octets; /* what the client takes, at least DNS_UDP_MIN */

	bool has_tsig; /* of what kind, tsig_find tells */
	bool has_serial; /* IXFR: the version that the client has */
	uint32_t serial;
};

/* Read a message that came to a server. False: it is not answered at all,
 * because it is a response or too short to say what it is; two servers would
 * answer each other without end. */
bool
dns_query_read(struct span message, struct dns_query *out) MUST_CHECK;

/* The question as it came: name, type and class; empty if there is none. */
static inline struct span
dns_query_question(const struct dns_query *q)
{
	return (struct span){ q->name.p, q->name.n > 0 ? q->name.n + 4 : 0 };
}

#endif
