#include "wire/ipaddr.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/num.h"

static size_t
bits_of(struct ip_addr a)
{
	return a.family == IP_V4 ? 32 : 128;
}

bool
ip_parse(struct span s, struct ip_addr *out)
{
	struct ip_addr ip = { 0 };
	char text[sizeof(struct ip_text)];

	/* inet_pton stops at a NUL, which is no part of an address. */
	if (s.n == 0 || s.n >= sizeof text || span_find(s, '\0') < s.n)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, ip.b) == 1)
		ip.family = IP_V4;
	else if (inet_pton(AF_INET6, text, ip.b) == 1)
		ip.family = IP_V6;
	else
		return false;
	*out = ip;
	return true;
}

/* Are all bits of a behind the first len zero? */
static bool
is_zero_behind(struct ip_addr a, size_t len)
{
	for (size_t i = len; i < bits_of(a); i++)
		if (a.b[i / 8] & (0x80U >> i % 8))
			return false;
	return true;
}

bool
ip_prefix_parse(struct span s, struct ip_prefix *out)
{
	size_t slash = span_find(s, '/');
	struct ip_prefix p;
	uint64_t len;

	if (!ip_parse(span_head(s, slash), &p.net))
		return false;
	len = bits_of(p.net);
	if (slash < s.n && !num_parse(span_skip(s, slash + 1), len, &len))
		return false;
	if (!is_zero_behind(p.net, len))
		return false;
	p.len = (uint8_t)len;
	*out = p;
	return true;
}

struct ip_text
ip_format(struct ip_addr a)
{
	struct ip_text t = { "" };

	if (a.family == IP_V4)
		(void)inet_ntop(AF_INET, a.b, t.s, sizeof t.s);
	else if (a.family == IP_V6)
		(void)inet_ntop(AF_INET6, a.b, t.s, sizeof t.s);
	return t;
}

bool
ip_eq(struct ip_addr a, struct ip_addr b)
{
	if (a.family != b.family)
		return false;
	return a.family == IP_NONE || memcmp(a.b, b.b, bits_of(a) / 8) == 0;
}

bool
ip_in_prefix(struct ip_addr a, struct ip_prefix p)
{
	if (a.family == IP_NONE || a.family != p.net.family)
		return false;
	for (size_t i = 0; i < p.len; i++)
		if ((a.b[i / 8] ^ p.net.b[i / 8]) & (0x80U >> i % 8))
			return false;
	return true;
}

enum reach { REACH_NO, REACH_YES, REACH_INNER };

struct range {
	struct ip_prefix p;
	uint8_t reach; /* enum reach */
	uint8_t inner; /* REACH_INNER: octet where the IPv4 address begins */
};

#define V4(a, b, c, d, len, reach)                                             \
	{                                                                      \
		{ { IP_V4, { a, b, c, d } }, len }, reach, 0                   \
	}
/* The first eight octets; no row needs more but ::1, and that is "no". */
#define V6(a, b, c, d, e, f, g, h, len, reach, inner)                          \
	{                                                                      \
		{ { IP_V6, { a, b, c, d, e, f, g, h } }, len }, reach, inner   \
	}

/* The first row that holds the address decides. IANA's special-purpose
 * registries (RFC 6890) as of 2025; an exception stands above its block. */
/* clang-format off */
static const struct range ranges[] = {
	V4(0, 0, 0, 0,		 8, REACH_NO),	/* RFC 791: this network */
	V4(10, 0, 0, 0,		 8, REACH_NO),	/* RFC 1918 */
	V4(100, 64, 0, 0,	10, REACH_NO),	/* RFC 6598: carrier NAT */
	V4(127, 0, 0, 0,	 8, REACH_NO),	/* RFC 1122: loopback */
	V4(169, 254, 0, 0,	16, REACH_NO),	/* RFC 3927: link-local */
	V4(172, 16, 0, 0,	12, REACH_NO),	/* RFC 1918 */
	V4(192, 0, 0, 9,	32, REACH_YES),	/* RFC 7723: PCP anycast */
	V4(192, 0, 0, 10,	32, REACH_YES),	/* RFC 8155: TURN anycast */
	V4(192, 0, 0, 0,	24, REACH_NO),	/* RFC 6890: protocols */
	V4(192, 0, 2, 0,	24, REACH_NO),	/* RFC 5737: documentation */
	V4(192, 88, 99, 0,	24, REACH_NO),	/* RFC 7526: 6to4 relays */
	V4(192, 168, 0, 0,	16, REACH_NO),	/* RFC 1918 */
	V4(198, 18, 0, 0,	15, REACH_NO),	/* RFC 2544: benchmarks */
	V4(198, 51, 100, 0,	24, REACH_NO),	/* RFC 5737 */
	V4(203, 0, 113, 0,	24, REACH_NO),	/* RFC 5737 */
	V4(224, 0, 0, 0,	 4, REACH_NO),	/* RFC 5771: multicast */
	V4(240, 0, 0, 0,	 4, REACH_NO),	/* RFC 1112: reserved */
	V4(0, 0, 0, 0,		 0, REACH_YES),

	/* RFC 4291 2.5.5.2: IPv4-mapped. Its ten zero octets and ffff are told
	 * by is_mapped, since a row has eight. RFC 6052: NAT64. */
	V6(0, 0x64, 0xff, 0x9b, 0, 1, 0, 0,	48, REACH_NO, 0), /* RFC 8215 */
	V6(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0,	96, REACH_INNER, 12),
	V6(0x20, 0x02, 0, 0, 0, 0, 0, 0,	16, REACH_INNER, 2), /* 6to4 */
	/* RFC 2928: 2001::/23, IETF protocol assignments, Teredo among them */
	V6(0x20, 0x01, 0, 3, 0, 0, 0, 0,	32, REACH_YES, 0), /* AMT */
	V6(0x20, 0x01, 0, 4, 0x01, 0x12, 0, 0,	48, REACH_YES, 0), /* AS112 */
	V6(0x20, 0x01, 0, 0x20, 0, 0, 0, 0,	28, REACH_YES, 0), /* ORCHIDv2 */
	V6(0x20, 0x01, 0, 0x30, 0, 0, 0, 0,	28, REACH_YES, 0), /* RFC 9374 */
	V6(0x20, 0x01, 0, 0, 0, 0, 0, 0,	23, REACH_NO, 0),
	V6(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,	32, REACH_NO, 0), /* RFC 3849 */
	V6(0x3f, 0xff, 0, 0, 0, 0, 0, 0,	20, REACH_NO, 0), /* RFC 9637 */
	V6(0x20, 0, 0, 0, 0, 0, 0, 0,		 3, REACH_YES, 0), /* unicast */
};
/* clang-format on */

/* RFC 4291 2.5.5.2: ::ffff:0:0/96 */
static bool
is_mapped(struct ip_addr a)
{
	static const uint8_t head[12] = { [10] = 0xff, [11] = 0xff };

	return a.family == IP_V6 && memcmp(a.b, head, sizeof head) == 0;
}

static struct ip_addr
inner_v4(struct ip_addr a, size_t at)
{
	struct ip_addr v4 = { .family = IP_V4 };

	memcpy(v4.b, a.b + at, 4);
	return v4;
}

struct ip_addr
ip_unmapped(struct ip_addr a)
{
	return is_mapped(a) ? inner_v4(a, 12) : a;
}

bool
ip_is_global(struct ip_addr a)
{
	a = ip_unmapped(a);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0];) {
		const struct range *r = &ranges[i++];

		if (!ip_in_prefix(a, r->p))
			continue;
		if (r->reach != REACH_INNER)
			return r->reach == REACH_YES;
		a = inner_v4(a, r->inner);
		i = 0;
	}
	return false;
}
