/* test_axfr_text.h - for tests only: the answers to a zone transfer, as text.
 *
 * Messages are separated by "|", their items by ";": see axfr_put_item. Each
 * message has its length in front, as on a connection. */
#ifndef WIRE_TEST_AXFR_TEXT_H
#define WIRE_TEST_AXFR_TEXT_H

#include "base/num.h"
#include "base/test_table.h"
#include "wire/dns.h"
#include "wire/dns_message.h"

#define AXFR_ZONE "example.net"
/* How a zone begins and ends. */
#define AXFR_FIRST "Q " AXFR_ZONE ";SOA " AXFR_ZONE " 1"
#define AXFR_LAST "SOA " AXFR_ZONE " 1"

enum { AXFR_ID = 0x1234 };

static inline struct span
axfr_word(struct span *rest, char end)
{
	struct span w = span_head(*rest, span_find(*rest, end));

	*rest = span_skip(*rest, w.n + 1);
	return w;
}

static inline void
axfr_put_name(struct buf *b, struct span name)
{
	assert_true(
	    dns_name_write(b, span_eq(name, SPAN(".")) ? SPAN("") : name));
}

static inline void
axfr_put_u32(struct buf *b, unsigned n)
{
	dns_put_u16(b, n >> 16);
	dns_put_u16(b, n & 0xffff);
}

static inline unsigned
axfr_number(struct span digits)
{
	uint64_t n = 0;

	assert_true(num_parse(digits, UINT16_MAX, &n));
	return (unsigned)n;
}

static inline void
axfr_put_record(
    struct buf *b, struct span owner, unsigned type, struct span data)
{
	axfr_put_name(b, owner);
	dns_put_u16(b, type);
	dns_put_u16(b, DNS_CLASS_IN);
	axfr_put_u32(b, 60);
	dns_put_u16(b, (unsigned)data.n);
	buf_put(b, data);
}

static inline void
axfr_put_soa(struct buf *b, struct span owner, unsigned serial)
{
	char mem[256];
	struct buf data = buf_init(mem, sizeof mem);

	axfr_put_name(&data, SPAN("ns." AXFR_ZONE));
	axfr_put_name(&data, SPAN("hostmaster." AXFR_ZONE));
	axfr_put_u32(&data, serial);
	for (int i = 0; i < 4; i++)
		axfr_put_u32(&data, 3600);
	axfr_put_record(b, owner, DNS_SOA, buf_span(&data));
}

static inline void
axfr_put_mx(struct buf *b, struct span owner, struct span host)
{
	char mem[256];
	struct buf data = buf_init(mem, sizeof mem);

	dns_put_u16(&data, 10);
	axfr_put_name(&data, host);
	axfr_put_record(b, owner, DNS_MX, buf_span(&data));
}

static inline void
axfr_put_question(struct buf *b, struct span name)
{
	axfr_put_name(b, name);
	dns_put_u16(b, DNS_AXFR);
	dns_put_u16(b, DNS_CLASS_IN);
}

struct axfr_text {
	unsigned id, flags, questions, answers;
	struct buf body;
};

/* One item: "Q name", "SOA owner serial", "MX owner host", "A owner",
 * "BADMX owner" and "BADSOA owner" (with broken data), "LOOP" (an owner that
 * points to itself), "ID n", "RCODE n", "QUERY" (no response), "SHORT" (a
 * record more is announced). */
static inline void
axfr_put_item(struct axfr_text *m, struct span item)
{
	struct span what = axfr_word(&item, ' '), owner = axfr_word(&item, ' ');

	if (span_eq(what, SPAN("Q"))) {
		axfr_put_question(&m->body, owner);
		m->questions++;
		return;
	}
	m->answers++;
	if (span_eq(what, SPAN("SOA"))) {
		axfr_put_soa(&m->body, owner, axfr_number(item));
	} else if (span_eq(what, SPAN("MX"))) {
		axfr_put_mx(&m->body, owner, item);
	} else if (span_eq(what, SPAN("A"))) {
		axfr_put_record(&m->body, owner, DNS_A, SPAN("\300\0\2\1"));
	} else if (span_eq(what, SPAN("BADMX"))) {
		axfr_put_record(&m->body, owner, DNS_MX, SPAN("\0\12\77mx"));
	} else if (span_eq(what, SPAN("BADSOA"))) {
		axfr_put_record(&m->body, owner, DNS_SOA, SPAN("\1n\0"));
	} else if (span_eq(what, SPAN("LOOP"))) {
		dns_put_u16(&m->body,
		    0xc000U + DNS_HEADER_OCTETS + (unsigned)m->body.n);
		buf_put(&m->body, SPAN("\0\1\0\1\0\0\0\0\0\0"));
	} else if (!span_eq(what, SPAN("SHORT"))) {
		m->answers--;
	}
	if (span_eq(what, SPAN("ID")))
		m->id = axfr_number(owner);
	if (span_eq(what, SPAN("RCODE")))
		m->flags |= axfr_number(owner);
	if (span_eq(what, SPAN("QUERY")))
		m->flags &= 0x7fff;
}

static inline void
axfr_put_message(struct buf *b, struct span items)
{
	char mem[2048];
	struct axfr_text m = { .id = AXFR_ID,
		.flags = 0x8400,
		.body = buf_init(mem, sizeof mem) };

	while (items.n > 0)
		axfr_put_item(&m, axfr_word(&items, ';'));
	dns_put_u16(b, DNS_HEADER_OCTETS + (unsigned)m.body.n);
	dns_put_u16(b, m.id);
	dns_put_u16(b, m.flags);
	dns_put_u16(b, m.questions);
	dns_put_u16(b, m.answers);
	axfr_put_u32(b, 0);
	buf_put(b, buf_span(&m.body));
	assert_false(b->overflow);
}

#endif
