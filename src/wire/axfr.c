#include "wire/axfr.h"

#include "wire/dns.h"

enum {
	QR = 0x80, /* in the first octet of the flags */
	OPCODE = 0x78,
};

struct axfr
axfr_init(struct span zone, uint16_t id)
{
	return (struct axfr){ .zone = zone, .id = id };
}

/* RFC 5936 2.2.1: the question stands in the first message and may stand in
 * the others. Servers that say no may leave it out. */
static enum axfr_step
read_question(struct axfr *x)
{
	struct span m = x->message;
	struct dns_name name;
	unsigned questions = dns_u16(m, 4);

	if (questions == 0)
		return AXFR_OK;
	if (questions > 1 || !dns_name_read(m, &x->at, &name) ||
	    m.n - x->at < 4)
		return AXFR_FORMAT;
	if (!span_eq(dns_name_span(&name), x->zone) ||
	    dns_u16(m, x->at) != DNS_AXFR ||
	    dns_u16(m, x->at + 2) != DNS_CLASS_IN)
		return AXFR_OTHER_QUERY;
	x->at += 4;
	return AXFR_OK;
}

enum axfr_step
axfr_message(struct axfr *x, struct span message)
{
	x->message = message;
	x->at = DNS_HEADER_OCTETS;
	x->left = 0;
	if (message.n < DNS_HEADER_OCTETS || (dns_u8(message, 2) & QR) == 0 ||
	    (dns_u8(message, 2) & OPCODE) != 0)
		return AXFR_FORMAT;
	if (dns_u16(message, 0) != x->id)
		return AXFR_OTHER_QUERY;
	x->rcode = dns_u8(message, 3) & 15;
	if (x->rcode != 0)
		return AXFR_RCODE;
	x->left = dns_u16(message, 6);
	return read_question(x);
}

static bool
read_soa(struct span message, const struct dns_record *rr, struct axfr_soa *out)
{
	size_t at = rr->rdata, end = rr->rdata + rr->rdlength;
	struct span s = span_head(message, end);

	if (!dns_name_read(s, &at, &out->primary) ||
	    !dns_name_read(s, &at, &out->mailbox) ||
	    end - at != sizeof out->numbers)
		return false;
	memcpy(out->numbers, s.p + at, sizeof out->numbers);
	return true;
}

static bool
is_same_soa(const struct axfr_soa *a, const struct axfr_soa *b)
{
	return span_eq(
		   dns_name_span(&a->primary), dns_name_span(&b->primary)) &&
	       span_eq(
		   dns_name_span(&a->mailbox), dns_name_span(&b->mailbox)) &&
	       memcmp(a->numbers, b->numbers, sizeof a->numbers) == 0;
}

/* The first one begins the zone, the second one ends it. */
static enum axfr_step
take_soa(struct axfr *x, const struct dns_record *rr)
{
	struct axfr_soa soa;

	if (!read_soa(x->message, rr, &soa))
		return AXFR_FORMAT;
	if (!span_eq(dns_name_span(&rr->owner), x->zone))
		return AXFR_OTHER_ZONE;
	if (!x->begun) {
		x->soa = soa;
		x->begun = true;
		return AXFR_OK;
	}
	if (!is_same_soa(&x->soa, &soa))
		return AXFR_SOA_CHANGED;
	x->done = true;
	return AXFR_OK;
}

enum axfr_step
axfr_next(struct axfr *x, struct dns_record *out)
{
	while (x->left > 0) {
		enum axfr_step step;

		if (x->done)
			return AXFR_BEHIND_END;
		if (!dns_record_read(x->message, &x->at, out))
			return AXFR_FORMAT;
		x->left--;
		if (out->type != DNS_SOA)
			return x->begun ? AXFR_OK : AXFR_NO_ZONE;
		step = take_soa(x, out);
		if (step != AXFR_OK)
			return step;
	}
	if (x->done)
		return AXFR_DONE;
	return x->begun ? AXFR_MORE : AXFR_NO_ZONE;
}
