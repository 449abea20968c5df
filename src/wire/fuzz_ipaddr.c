#include "wire/fuzz.h"

#include "wire/ipaddr.h"

static void
check_address(struct ip_addr ip)
{
	struct ip_text text = ip_format(ip);
	struct ip_addr again;
	struct ip_addr mapped = { .family = IP_V6,
		.b = { [10] = 0xff, [11] = 0xff } };

	assert(ip_parse(span_str(text.s), &again));
	assert(ip_eq(ip, again));
	if (ip.family != IP_V4)
		return;
	memcpy(mapped.b + 12, ip.b, 4);
	assert(ip_is_global(mapped) == ip_is_global(ip));
}

static void
check_prefix(struct ip_prefix p)
{
	assert(ip_in_prefix(p.net, p));
	assert(p.len <= (p.net.family == IP_V4 ? 32 : 128));
	p.len = 0;
	assert(ip_in_prefix(p.net, p));
}

/* The input as text, and its first octets as an address. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct ip_addr ip = { .family = n >= 16 ? IP_V6 : IP_V4 };
	struct ip_prefix p;

	memcpy(ip.b, in.p, n >= 16 ? 16 : n < 4 ? n : 4);
	check_address(ip);
	if (ip_parse(in, &ip))
		check_address(ip);
	if (ip_prefix_parse(in, &p))
		check_prefix(p);
	return 0;
}
