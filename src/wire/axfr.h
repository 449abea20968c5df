/* axfr.h - the answer to a zone transfer (RFC 5936 2.2): a stream of messages
 * that hold one zone, from its SOA record to the same SOA record.
 *
 * Pure, and keeps nothing of the zone but that record. For every message that
 * arrives: axfr_message, then axfr_next until it gives no record. After a fault
 * the stream is over. */
#ifndef WIRE_AXFR_H
#define WIRE_AXFR_H

#include "wire/dns_message.h"

enum axfr_step {
	AXFR_OK, /* a sound header, or a record */
	AXFR_MORE, /* this message is read; another one follows */
	AXFR_DONE, /* the zone is whole */

	/* faults */
	AXFR_FORMAT, /* no DNS message, or one that breaks its format */
	AXFR_OTHER_QUERY, /* another id or question: not what was asked */
	AXFR_RCODE, /* the server says no: see rcode */
	AXFR_NO_ZONE, /* does not begin with an SOA record */
	AXFR_OTHER_ZONE, /* an SOA record of another zone, at any place */
	AXFR_SOA_CHANGED, /* begins and ends with different SOA records */
	AXFR_BEHIND_END, /* goes on behind the last SOA record */
};

/* RFC 1035 3.3.13 */
struct axfr_soa {
	struct dns_name primary, mailbox;
	char numbers[20]; /* serial, refresh, retry, expire, minimum */
};

struct axfr {
	struct span zone; /* borrowed; canonical */
	uint16_t id;
	bool begun, done;
	struct axfr_soa soa; /* the first one */
	uint8_t rcode; /* of the message at hand: enum dns_rcode, or another */

	struct span message; /* the one at hand, borrowed */
	size_t at;
	unsigned left; /* records of its answer section */
};

/* What follows a query for zone with this id. */
struct axfr
axfr_init(struct span zone, uint16_t id);

/* Begin with the next message, which is borrowed until the one after. AXFR_OK,
 * or a fault. */
enum axfr_step
axfr_message(struct axfr *x, struct span message) MUST_CHECK;

/* The next record of it, the two SOA records apart. With AXFR_OK only is there
 * one in *out; its owner need not be below the zone. */
enum axfr_step
axfr_next(struct axfr *x, struct dns_record *out) MUST_CHECK;

#endif
