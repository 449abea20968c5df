/* dns_reply.h - the answer of an authoritative server, written into bounded
 * memory (RFC 1035 4.1, RFC 6891).
 *
 * The question goes back octet by octet, so its case stays; names in records
 * point to it where they can (RFC 1035 4.1.4). What does not fit makes the
 * reply a truncated one without records (RFC 2181 9), but for additional
 * records, which are left out alone. */
#ifndef WIRE_DNS_REPLY_H
#define WIRE_DNS_REPLY_H

#include "wire/dns_query.h"
#include "wire/ipaddr.h"

enum { DNS_OPT_OCTETS = 11 }; /* an OPT record without options */

/* The sections behind the question, in their order. */
enum dns_section {
	DNS_ANSWER,
	DNS_AUTHORITY,
	DNS_ADDITIONAL,
	DNS_SECTIONS,
};

struct dns_reply {
	struct buf b;
	const struct dns_query *query; /* borrowed */
	size_t question_end;
	size_t whole; /* octets that the reply may have, with OPT */
	uint16_t count[DNS_SECTIONS];
};

/* A name to be written: labels in wire form, and where in the message the rest
 * of it stands. rest == 0: labels is a whole name, with the root's octet. */
struct dns_place {
	struct span labels; /* borrowed */
	uint16_t rest;
};

/* RFC 1035 3.3.13 */
struct dns_soa {
	struct dns_place primary, mailbox;
	uint32_t serial, refresh, retry, expire, minimum;
};

/* The question's name. */
static inline struct dns_place
dns_place_question(void)
{
	return (struct dns_place){ SPAN_INIT(""), DNS_HEADER_OCTETS };
}

/* What a reply over UDP may have: what the client takes, but no more than
 * travels in one piece. */
static inline size_t
dns_reply_udp_octets(const struct dns_query *q)
{
	return q->udp_octets < DNS_UDP_OCTETS ? q->udp_octets : DNS_UDP_OCTETS;
}

/* Begin the reply to a query, of at most octets. keep of them stay free at the
 * end for a signature, as far as the question and OPT leave them. mem has room
 * for octets and for DNS_UDP_OCTETS. Both are borrowed. */
void
dns_reply_init(struct dns_reply *r, void *mem, size_t octets, size_t keep,
    const struct dns_query *q);

/* Records, each of class IN. Sections are written in their order. */

/* A or AAAA, by its family. */
void
dns_reply_address(struct dns_reply *r, enum dns_section in,
    struct dns_place owner, uint32_t ttl, const struct ip_addr *a);

/* One TXT record; a text of more than 255 octets in several strings. */
void
dns_reply_txt(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, struct span text);

void
dns_reply_ns(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, struct dns_place server);

void
dns_reply_soa(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, const struct dns_soa *soa);

/* Complete the header, and EDNS if the query has it. The message, in mem. */
struct span
dns_reply_end(struct dns_reply *r, bool authoritative, enum dns_rcode rcode);

/* A reply that is no more than "ask again over TCP". */
struct span
dns_reply_truncate(struct dns_reply *r);

#endif
