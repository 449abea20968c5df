#include "wire/dns_reply.h"

#include "wire/dns.h"

enum {
	POINTER = 0xc000, /* RFC 1035 4.1.4 */
	STRING_MAX = 255, /* RFC 1035 3.3: a character-string */
	SOA_NUMBERS = 20,
};

void
dns_reply_init(struct dns_reply *r, void *mem, size_t octets, size_t keep,
    const struct dns_query *q)
{
	struct span question = dns_query_question(q);
	size_t opt = q->edns ? DNS_OPT_OCTETS : 0;
	size_t least = DNS_HEADER_OCTETS + question.n + opt;

	*r = (struct dns_reply){ .query = q, .whole = octets - keep };
	if (octets < least + keep)
		r->whole = least;
	r->b = buf_init(mem, r->whole - opt);
	/* The header is written at the end. */
	buf_put(&r->b, SPAN("\0\0\0\0\0\0\0\0\0\0\0\0"));
	buf_put(&r->b, question);
	r->question_end = r->b.n;
}

static size_t
place_octets(struct dns_place p)
{
	return p.labels.n + (p.rest > 0 ? 2 : 0);
}

static void
put_place(struct buf *b, struct dns_place p)
{
	if (p.labels.n > 0)
		buf_put(b, p.labels);
	if (p.rest > 0)
		dns_put_u16(b, POINTER | p.rest);
}

static void
set_u16(char *p, unsigned n)
{
	p[0] = (char)(n >> 8 & 0xff);
	p[1] = (char)(n & 0xff);
}

static void
set_u32(char *p, uint32_t n)
{
	set_u16(p, n >> 16);
	set_u16(p + 2, n & 0xffff);
}

/* All of a record but its data. */
static void
put_head(struct dns_reply *r, struct dns_place owner, uint16_t type,
    uint32_t ttl, size_t rdlength)
{
	char fixed[10];

	put_place(&r->b, owner);
	set_u16(fixed, type);
	set_u16(fixed + 2, DNS_CLASS_IN);
	set_u32(fixed + 4, ttl);
	set_u16(fixed + 8, (unsigned)rdlength);
	buf_put(&r->b, (struct span){ fixed, sizeof fixed });
}

/* The record that began at from is written. An additional one that does not
 * fit is as if it had never been. */
static void
count(struct dns_reply *r, enum dns_section in, size_t from, bool was_full)
{
	if (!r->b.overflow) {
		r->count[in]++;
		return;
	}
	if (in == DNS_ADDITIONAL && !was_full) {
		r->b.n = from;
		r->b.overflow = false;
	}
}

void
dns_reply_address(struct dns_reply *r, enum dns_section in,
    struct dns_place owner, uint32_t ttl, const struct ip_addr *a)
{
	size_t from = r->b.n, n = a->family == IP_V4 ? 4 : 16;
	bool was_full = r->b.overflow;

	put_head(r, owner, a->family == IP_V4 ? DNS_A : DNS_AAAA, ttl, n);
	buf_put(&r->b, (struct span){ (const char *)a->b, n });
	count(r, in, from, was_full);
}

void
dns_reply_txt(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, struct span text)
{
	size_t from = r->b.n, strings = text.n / STRING_MAX + 1;
	bool was_full = r->b.overflow;

	put_head(r, owner, DNS_TXT, ttl, text.n + strings);
	for (; strings > 0; strings--) {
		struct span one = span_head(text, STRING_MAX);

		buf_putc(&r->b, (char)one.n);
		buf_put(&r->b, one);
		text = span_skip(text, one.n);
	}
	count(r, in, from, was_full);
}

void
dns_reply_ns(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, struct dns_place server)
{
	size_t from = r->b.n;
	bool was_full = r->b.overflow;

	put_head(r, owner, DNS_NS, ttl, place_octets(server));
	put_place(&r->b, server);
	count(r, in, from, was_full);
}

void
dns_reply_soa(struct dns_reply *r, enum dns_section in, struct dns_place owner,
    uint32_t ttl, const struct dns_soa *soa)
{
	size_t from = r->b.n;
	bool was_full = r->b.overflow;
	char numbers[SOA_NUMBERS];

	put_head(r, owner, DNS_SOA, ttl,
	    place_octets(soa->primary) + place_octets(soa->mailbox) +
		sizeof numbers);
	put_place(&r->b, soa->primary);
	put_place(&r->b, soa->mailbox);
	set_u32(numbers, soa->serial);
	set_u32(numbers + 4, soa->refresh);
	set_u32(numbers + 8, soa->retry);
	set_u32(numbers + 12, soa->expire);
	set_u32(numbers + 16, soa->minimum);
	buf_put(&r->b, (struct span){ numbers, sizeof numbers });
	count(r, in, from, was_full);
}

/* RFC 6891 6.1.3: the upper bits of the rcode, version 0, DO as it came (RFC
 * 3225 3). */
static void
put_opt(struct dns_reply *r, enum dns_rcode rcode)
{
	char opt[DNS_OPT_OCTETS] = { 0 };

	set_u16(opt + 1, DNS_OPT);
	set_u16(opt + 3, DNS_UDP_OCTETS);
	opt[5] = (char)(rcode >> 4);
	set_u16(opt + 7, r->query->dnssec_ok ? DNS_EDNS_DO : 0);
	buf_put(&r->b, (struct span){ opt, sizeof opt });
	r->count[DNS_ADDITIONAL]++;
}

static struct span
end(struct dns_reply *r, unsigned flags, enum dns_rcode rcode)
{
	const struct dns_query *q = r->query;
	char *head = r->b.p;

	r->b.cap = r->whole;
	if (q->edns)
		put_opt(r, rcode);
	flags |= DNS_FLAG_QR | (unsigned)q->opcode << DNS_SHIFT_OPCODE;
	flags |= q->recursion_desired ? DNS_FLAG_RD : 0;
	set_u16(head, q->id);
	set_u16(head + 2, flags | (rcode & DNS_MASK_RCODE));
	set_u16(head + 4, q->name.n > 0);
	set_u16(head + 6, r->count[DNS_ANSWER]);
	set_u16(head + 8, r->count[DNS_AUTHORITY]);
	set_u16(head + 10, r->count[DNS_ADDITIONAL]);
	return buf_span(&r->b);
}

static void
drop_records(struct dns_reply *r)
{
	r->b.n = r->question_end;
	r->b.overflow = false;
	memset(r->count, 0, sizeof r->count);
}

struct span
dns_reply_end(struct dns_reply *r, bool authoritative, enum dns_rcode rcode)
{
	unsigned flags = authoritative ? DNS_FLAG_AA : 0;

	if (r->b.overflow) {
		drop_records(r);
		flags |= DNS_FLAG_TC;
	}
	return end(r, flags, rcode);
}

struct span
dns_reply_truncate(struct dns_reply *r)
{
	drop_records(r);
	return end(r, DNS_FLAG_TC, DNS_RCODE_NOERROR);
}
