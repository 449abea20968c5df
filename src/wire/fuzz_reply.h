/* fuzz_reply.h - what holds for every reply, whatever the query was. */
#ifndef WIRE_FUZZ_REPLY_H
#define WIRE_FUZZ_REPLY_H

#include "wire/dns_reply.h"
#include "wire/fuzz.h"

/* It is a response with the query's id and question, at most that long; all its
 * records can be read, and nothing follows them. */
static inline void
fuzz_check_reply(struct span m, const struct dns_query *q, size_t octets)
{
	size_t at = DNS_HEADER_OCTETS + dns_query_question(q).n;
	size_t records = (size_t)dns_u16(m, 6) + dns_u16(m, 8) + dns_u16(m, 10);

	assert(m.n <= octets && dns_u16(m, 0) == q->id);
	assert((dns_u16(m, 2) & DNS_FLAG_QR) != 0);
	assert(dns_u16(m, 4) == (q->name.n > 0));
	assert(records >= (size_t)q->edns);
	for (; records > 0; records--) {
		struct dns_record rr;
		bool ok = dns_record_read(m, &at, &rr);

		assert(ok);
	}
	assert(at == m.n);
}

#endif
