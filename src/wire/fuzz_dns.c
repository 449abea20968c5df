#include "wire/fuzz.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "wire/dns.h"
#include "wire/dns_message.h"

/* The first octet of the input picks the type and whether a header and a
 * question stand before the rest, which then is the answer section. */
static const uint16_t types[] = { DNS_A, DNS_NS, DNS_CNAME, DNS_MX, DNS_TXT,
	DNS_AAAA, DNS_TLSA, DNS_CAA };

/* Whatever name was read can be asked for, and comes out as it went in. */
static void
check_query(struct span name)
{
	char mem[DNS_QUERY_OCTETS];
	struct buf b = buf_init(mem, sizeof mem);
	size_t at = DNS_HEADER_OCTETS;
	struct dns_name again;
	bool written = dns_query_write(&b, 1, name, DNS_A, true);

	assert(written);
	assert(dns_name_read(buf_span(&b), &at, &again));
	assert(span_eq(dns_name_span(&again), name));
}

static void
check_name(struct span s)
{
	assert(s.p != NULL && s.n <= 4 * 255);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		assert(c > 0x20 && c < 0x7f && ascii_lower(c) == c);
	}
	check_query(s);
}

static void
check_records(const struct dns_answer *d)
{
	assert(d->n_mx <= LIMIT_MX_HOSTS && d->n_txt <= LIMIT_TXT_RECORDS &&
	       d->n_addr <= LIMIT_ADDRESSES &&
	       d->n_tlsa <= LIMIT_TLSA_RECORDS && d->n_ns <= LIMIT_NS_RECORDS &&
	       d->n_caa <= LIMIT_CAA_RECORDS);
	for (size_t i = 0; i < d->n_mx; i++) {
		check_name(d->mx[i].host);
		assert(i == 0 ||
		       d->mx[i - 1].preference < d->mx[i].preference ||
		       (d->mx[i - 1].preference == d->mx[i].preference &&
			   !span_eq(d->mx[i - 1].host, d->mx[i].host)));
	}
	for (size_t i = 0; i < d->n_ns; i++)
		check_name(d->ns[i]);
	for (size_t i = 0; i < d->n_txt; i++) {
		assert(d->txt[i].n_strings > 0);
		for (size_t k = 0; k < d->txt[i].n_strings; k++)
			assert(d->txt[i].strings[k].n <= 255);
	}
	for (size_t i = 0; i < d->n_caa; i++)
		assert(d->caa[i].tag.n > 0);
	for (size_t i = 0; i < d->n_addr; i++)
		assert(d->addr[i].family == (d->type == DNS_A ? IP_V4 : IP_V6));
}

static void
check(const struct dns_answer *d, bool failed)
{
	size_t records =
	    d->n_mx + d->n_txt + d->n_addr + d->n_tlsa + d->n_ns + d->n_caa;

	assert(d->result != DNS_UNASKED && d->result != DNS_BOGUS &&
	       d->result != DNS_TIMEOUT);
	assert(!failed || d->result == DNS_SERVFAIL);
	assert(d->ttl <= INT32_MAX);
	if (d->result == DNS_OK && d->type != DNS_CNAME)
		assert(records > 0);
	if (d->result != DNS_OK)
		assert(records == 0);
	if (d->result == DNS_MALFORMED)
		assert(d->n_chain == 0);
	assert(d->n_chain <= LIMIT_CNAME_CHAIN);
	for (size_t i = 0; i < d->n_chain; i++)
		check_name(d->chain[i]);
	check_records(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char head[] = "\0\0\x81\x80\0\1\0\0\0\0\0\0"
				   "\1a\7example\0\0\0\0\1";
	struct span in = fuzz_input(data, n);
	unsigned pick = fuzz_octet(&in);
	uint16_t type = types[pick % 8];
	size_t head_n = pick & 8 ? sizeof head - 1 : 0;
	struct dns_header header;
	struct dns_answer d;
	struct arena a;
	char *packet = malloc(head_n + in.n + 1);

	assert(packet != NULL);
	memcpy(packet, head, head_n);
	memcpy(packet + head_n, in.p, in.n);
	if (head_n > 0) {
		packet[3] = (char)(pick & 16 ? 0x83 : 0x80);
		packet[7] = (char)(1 + (pick >> 5));
		packet[head_n - 4] = (char)(type >> 8);
		packet[head_n - 3] = (char)(type & 0xff);
	}
	in = (struct span){ packet, head_n + in.n };
	if (dns_is_response(in, 0, SPAN("a.example"), type, &header))
		assert(header.rcode < 16);
	arena_init(&a, 16 << 20);
	dns_read(in, SPAN("a.example"), type, &a, &d);
	check(&d, a.failed);
	arena_release(&a);
	arena_init(&a, n * 7 % 2048);
	dns_read(in, SPAN("a.example"), type, &a, &d);
	check(&d, a.failed);
	arena_release(&a);
	free(packet);
	return 0;
}
