/* dns_answer.h - what the zone answers to a question. */
#ifndef SERVE_DNS_ANSWER_H
#define SERVE_DNS_ANSWER_H

#include "serve/dns_zone.h"
#include "wire/dns_reply.h"

/* Write the reply to a query that could be read (rcode is DNS_RCODE_NOERROR)
 * behind dns_reply_init, and end it. For AXFR, which has replies of its own,
 * this is REFUSED; for IXFR the SOA record alone, which says "ask over TCP"
 * (RFC 1995 2). */
struct span
dns_answer(struct dns_zone *z, struct dns_reply *r);

/* The records of the zone as they stand in a reply whose question is the apex,
 * or ends in it at octet apex of the message. */

void
dns_answer_soa(struct dns_reply *r, enum dns_section in,
    const struct dns_zone *z, uint16_t apex, uint32_t ttl, uint32_t serial);

void
dns_answer_servers(
    struct dns_reply *r, const struct dns_zone_constants *c, uint16_t apex);

/* All of one family, or with IP_NONE of both. */
void
dns_answer_addresses(struct dns_reply *r, const struct dns_zone_constants *c,
    struct dns_place owner, enum ip_family family);

/* RFC 8461 3.1; nothing if there is no id. */
void
dns_answer_id(struct dns_reply *r, const struct dns_zone_constants *c,
    struct dns_place owner, const struct dns_entry *e);

/* Labels in front of the apex, and the name in short. */
struct dns_place
dns_answer_place(const struct dns_wire_name *name,
    const struct dns_zone_constants *c, uint16_t apex);

#endif
