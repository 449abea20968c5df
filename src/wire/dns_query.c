#include "wire/dns_query.h"

#include "wire/dns.h"
#include "wire/name.h"

enum {
	OPT_FIXED = 4, /* code and length of an EDNS option */
	SOA_NUMBERS = 20, /* RFC 1035 3.3.13 */
};

/* The name at *at in wire form, without pointers: before a question there is
 * nothing to point to. */
static bool
read_name(struct span message, size_t *at, struct span *out)
{
	size_t i = *at;

	while (i < message.n) {
		unsigned len = dns_u8(message, i);

		i += len + 1;
		if (len > NAME_MAX_LABEL || i - *at > DNS_NAME_OCTETS)
			return false;
		if (len == 0) {
			*out = (struct span){ message.p + *at, i - *at };
			*at = i;
			return true;
		}
	}
	return false;
}

static bool
read_question(struct span message, size_t *at, struct dns_query *q)
{
	struct span name;
	size_t i = *at;

	if (!read_name(message, &i, &name) || message.n - i < 4)
		return false;
	q->name = name;
	q->type = dns_u16(message, i);
	q->class = dns_u16(message, i + 2);
	*at = i + 4;
	return true;
}

/* RFC 6891 6.1.2: options, none of which we know, fill the data. */
static bool
are_options(struct span data)
{
	while (data.n >= OPT_FIXED) {
		size_t n = OPT_FIXED + dns_u16(data, 2);

		if (n > data.n)
			return false;
		data = span_skip(data, n);
	}
	return data.n == 0;
}

static uint16_t
read_opt(struct span message, const struct dns_record *rr, struct dns_query *q)
{
	struct span data =
	    span_head(span_skip(message, rr->rdata), rr->rdlength);
	/* As it came: a record's ttl is 0 if its highest bit is set. */
	uint32_t ttl = dns_u32(message, rr->rdata - 6);

	/* RFC 6891 6.1.1: one at most, at the root. */
	if (q->edns || rr->owner.n > 0 || !are_options(data))
		return DNS_RCODE_FORMERR;
	q->edns = true;
	q->dnssec_ok = (ttl & DNS_EDNS_DO) != 0;
	if (rr->class > DNS_UDP_MIN)
		q->udp_octets = rr->class;
	return (ttl >> 16 & 0xff) > 0 ? DNS_RCODE_BADVERS : DNS_RCODE_NOERROR;
}

/* RFC 1995 3: the client's SOA record, of which the serial counts. */
static bool
read_version(struct span message, size_t *at, struct dns_query *q)
{
	struct dns_record rr;

	if (q->type != DNS_IXFR || !dns_record_read(message, at, &rr) ||
	    rr.type != DNS_SOA || rr.rdlength < SOA_NUMBERS)
		return false;
	q->has_serial = true;
	q->serial = dns_u32(message, rr.rdata + rr.rdlength - SOA_NUMBERS);
	return true;
}

static uint16_t
read_additional(
    struct span message, size_t *at, unsigned count, struct dns_query *q)
{
	uint16_t rcode = DNS_RCODE_NOERROR;

	for (; count > 0; count--) {
		struct dns_record rr;

		if (!dns_record_read(message, at, &rr))
			return DNS_RCODE_FORMERR;
		if (rr.type == DNS_OPT && rcode == DNS_RCODE_NOERROR)
			rcode = read_opt(message, &rr, q);
		else if (rr.type == DNS_TSIG && count == 1)
			q->has_tsig = true; /* RFC 8945 5.2: the last one */
		else
			return DNS_RCODE_FORMERR;
		if (rcode == DNS_RCODE_FORMERR)
			return rcode;
	}
	return rcode;
}

/* The sections behind the header. */
static uint16_t
read_sections(struct span message, struct dns_query *q)
{
	unsigned authorities = dns_u16(message, 8);
	size_t at = DNS_HEADER_OCTETS;
	uint16_t rcode;

	if (dns_u16(message, 4) != 1 || dns_u16(message, 6) != 0 ||
	    authorities > 1 || !read_question(message, &at, q))
		return DNS_RCODE_FORMERR;
	if (authorities == 1 && !read_version(message, &at, q))
		return DNS_RCODE_FORMERR;
	rcode = read_additional(message, &at, dns_u16(message, 10), q);
	return at == message.n ? rcode : DNS_RCODE_FORMERR;
}

bool
dns_query_read(struct span message, struct dns_query *out)
{
	unsigned flags;

	if (message.n < DNS_HEADER_OCTETS)
		return false;
	flags = dns_u16(message, 2);
	if ((flags & DNS_FLAG_QR) != 0)
		return false;
	*out = (struct dns_query){
		.id = dns_u16(message, 0),
		.recursion_desired = (flags & DNS_FLAG_RD) != 0,
		.opcode =
		    (uint8_t)((flags & DNS_MASK_OPCODE) >> DNS_SHIFT_OPCODE),
		.name = SPAN_INIT(""),
		.udp_octets = DNS_UDP_MIN,
	};
	/* What follows may look otherwise for another opcode. */
	out->rcode = out->opcode == DNS_OPCODE_QUERY
			 ? read_sections(message, out)
			 : DNS_RCODE_NOTIMP;
	return true;
}
