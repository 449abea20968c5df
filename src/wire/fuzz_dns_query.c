/* A query, and what can be answered to it. */
#include "wire/fuzz_reply.h"

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
	fuzz_check_reply(
	    dns_reply_end(&r, true, (enum dns_rcode)q.rcode), &q, octets);
	dns_reply_init(&r, mem, DNS_UDP_MIN, 0, &q);
	fuzz_check_reply(dns_reply_truncate(&r), &q, DNS_UDP_MIN);
	return 0;
}
