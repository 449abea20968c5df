/* A query, and what can be answered to it. */
#include "wire/fuzz.h"

#include "wire/dns.h"
#include "wire/dns_reply.h"

static const struct ip_addr address = { IP_V6, { 0x20, 1 } };

static void
put_records(struct dns_reply *r, uint16_t name_n)
{
	const struct dns_place rest = { SPAN_INIT("\3www"),
		(uint16_t)(DNS_HEADER_OCTETS + name_n - 1) };
	const struct dns_soa soa = { .primary = rest, .mailbox = rest };

	dns_reply_txt(
	    r, DNS_ANSWER, dns_place_question(), 1, SPAN("v=STSv1; id=1;"));
	dns_reply_address(r, DNS_ANSWER, rest, 1, &address);
	dns_reply_soa(r, DNS_AUTHORITY, dns_place_question(), 1, &soa);
	dns_reply_ns(r, DNS_AUTHORITY, dns_place_question(), 1, rest);
	for (int i = 0; i < 40; i++)
		dns_reply_address(r, DNS_ADDITIONAL, rest, 1, &address);
}

/* Whatever the query is, the reply is a sound message with its id. */
static void
check_reply(struct span m, const struct dns_query *q, size_t octets)
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	char mem[DNS_UDP_OCTETS];
	struct dns_reply r;
	struct dns_query q;
	size_t octets;

	if (!dns_query_read(in, &q))
		return 0;
	assert(fuzz_is_inside(dns_query_question(&q), in));
	assert(q.rcode != DNS_RCODE_NOERROR || q.name.n > 0);
	assert(q.name.n <= DNS_NAME_OCTETS && q.udp_octets >= DNS_UDP_MIN);
	octets = dns_reply_udp_octets(&q);
	dns_reply_init(&r, mem, octets, 0, &q);
	if (q.rcode == DNS_RCODE_NOERROR)
		put_records(&r, (uint16_t)q.name.n);
	check_reply(
	    dns_reply_end(&r, true, (enum dns_rcode)q.rcode), &q, octets);
	dns_reply_init(&r, mem, DNS_UDP_MIN, 0, &q);
	check_reply(dns_reply_truncate(&r), &q, DNS_UDP_MIN);
	return 0;
}
