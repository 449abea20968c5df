/* dns_message.h - names and records inside a DNS message (RFC 1035 4.1), and
 * the question that we write.
 *
 * A message is hostile bytes: every read says whether it stayed inside, and
 * leaves *at where it was if not. */
#ifndef WIRE_DNS_MESSAGE_H
#define WIRE_DNS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/span.h"

enum {
	DNS_CLASS_IN = 1,
	DNS_CLASS_ANY = 255,
	DNS_NAME_OCTETS = 255, /* RFC 1035 2.3.4 */
	DNS_HEADER_OCTETS = 12, /* RFC 1035 4.1.1 */
	/* What we let a server send over UDP: no fragments on the way (DNS Flag
	 * Day 2020). */
	DNS_UDP_OCTETS = 1232,
	DNS_QUERY_OCTETS = 12 + 255 + 4 + 11, /* the longest query, with OPT */
};

enum dns_rcode {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_NOTAUTH = 9, /* RFC 8945 5.3.2, RFC 5936 2.2.1 */
	DNS_RCODE_BADVERS = 16, /* RFC 6891 9; its upper bits stand in OPT */
};

enum dns_opcode {
	DNS_OPCODE_QUERY = 0,
	DNS_OPCODE_NOTIFY = 4, /* RFC 1996 3.4 */
};

/* The second word of the header (RFC 1035 4.1.1). */
enum {
	DNS_FLAG_QR = 0x8000,
	DNS_MASK_OPCODE = 0x7800,
	DNS_SHIFT_OPCODE = 11,
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_MASK_RCODE = 0x000f,
};

/* RFC 6891 6.1.3, in the lower half of OPT's TTL */
enum { DNS_EDNS_DO = 0x8000 };

/* Of a response. */
struct dns_header {
	bool authoritative; /* AA: from the zone's own data */
	bool truncated; /* TC */
	uint8_t rcode; /* enum dns_rcode, or another of RFC 1035 4.1.1 */
};

/* A name as text, in lower case without a final dot, what is no plain character
 * as \DDD; "" for the root. */
struct dns_name {
	char s[4 * DNS_NAME_OCTETS]; /* every octet as \DDD */
	size_t n;
};

struct dns_record {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl;
	size_t rdata, rdlength; /* where its data stands in the message */
};

/* Numbers in network order. The caller has looked that they are there. */
static inline unsigned
dns_u8(struct span s, size_t at)
{
	return (unsigned char)s.p[at];
}

static inline uint16_t
dns_u16(struct span s, size_t at)
{
	return (uint16_t)(dns_u8(s, at) << 8 | dns_u8(s, at + 1));
}

static inline uint32_t
dns_u32(struct span s, size_t at)
{
	return (uint32_t)dns_u16(s, at) << 16 | dns_u16(s, at + 2);
}

static inline struct span
dns_name_span(const struct dns_name *name)
{
	return (struct span){ name->s, name->n };
}

/* Read the name at *at and move behind it. RFC 1035 4.1.4: a pointer leads to a
 * prior occurrence, so each one must point before the place where reading began
 * or last continued; that rules out loops. */
bool
dns_name_read(struct span message, size_t *at, struct dns_name *out);

/* Read the record at *at and move behind it. RFC 2181 8: a TTL with its highest
 * bit set counts as 0. */
bool
dns_record_read(struct span message, size_t *at, struct dns_record *out);

/* A number in network order. */
static inline void
dns_put_u16(struct buf *b, unsigned n)
{
	buf_putc(b, (char)(n >> 8 & 0xff));
	buf_putc(b, (char)(n & 0xff));
}

/* Put a name in the form that it is digested in: in lower case, not compressed
 * (RFC 4034 6.2). text is as in struct dns_name, a final dot may follow. False,
 * and nothing is put, if it is no name; b may overflow. */
bool
dns_name_write(struct buf *b, struct span text);

/* A name as a person writes it becomes what dns_name_read would give. False if
 * it is none. */
bool
dns_name_parse(struct span text, struct dns_name *out);

/* Write a query to an authoritative server: one question, no recursion desired,
 * and, if edns, EDNS(0) with DNS_UDP_OCTETS (RFC 6891). The name is text as
 * dns_name_read makes it, a final dot or not. False, with the buffer in no
 * defined state: it is no name, or does not fit. */
bool
dns_query_write(struct buf *b, uint16_t id, struct span name, uint16_t type,
    bool edns) MUST_CHECK;

/* Is the message the response to that query: its id and its very question, once
 * (RFC 5452 9.1)? Then *out is its header. */
bool
dns_is_response(struct span message, uint16_t id, struct span name,
    uint16_t type, struct dns_header *out) MUST_CHECK;

#endif
