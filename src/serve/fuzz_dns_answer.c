/* A query of any kind, answered from a zone. */
#include "wire/fuzz_reply.h"

#include "serve/dns_answer.h"

static bool
fill(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	memset(buf, 1, n);
	return true;
}

/* Every label of an even length exists. */
static enum lookup
find(void *arg, struct span label, struct dns_entry *out)
{
	(void)arg;
	assert(label.n >= 1 && label.n <= 63);
	*out = (struct dns_entry){ .id = "1", .id_n = label.n % 4 == 0 };
	return label.n % 3 == 0	  ? LOOKUP_NONE
	       : label.n % 3 == 1 ? LOOKUP_FAILED
				  : LOOKUP_FOUND;
}

static struct dns_zone *
make_zone(void)
{
	static const struct randomness same = { fill };
	static const struct span servers[] = { SPAN_INIT("ns1.svc.example"),
		SPAN_INIT("ns.example.org") };
	static const struct dns_zone_host hosts[] = {
		{ SPAN_INIT("ns1.svc.example"), { IP_V4, { 192, 0, 2, 1 } } },
		{ SPAN_INIT("a.b.svc.example"), { IP_V4, { 192, 0, 2, 1 } } },
	};
	static const struct ip_addr address = { IP_V6, { 0x20, 1 } };
	const struct dns_zone_config config = { .name =
						    SPAN_INIT("svc.example"),
		.primary = servers[0],
		.mailbox = SPAN_INIT("x.svc.example"),
		.servers = servers,
		.n_servers = 2,
		.hosts = hosts,
		.n_hosts = 2,
		.addresses = &address,
		.n_addresses = 1,
		.index_max = 8,
		.source = { .find = find } };
	struct dns_zone *zone = NULL;
	enum err rc = dns_zone_new(&config, &same, &zone, NULL);

	assert(rc == ERR_OK);
	return zone;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct dns_zone *zone = make_zone();
	char mem[DNS_UDP_OCTETS];
	struct dns_query q;
	struct dns_reply r;

	if (dns_query_read(fuzz_input(data, n), &q) &&
	    q.rcode == DNS_RCODE_NOERROR) {
		dns_reply_init(&r, mem, dns_reply_udp_octets(&q), 0, &q);
		fuzz_check_reply(
		    dns_answer(zone, &r), &q, dns_reply_udp_octets(&q));
	}
	dns_zone_free(zone);
	return 0;
}
