#include "wire/ipaddr.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	const char	*want; /* "" if it is no address */
} texts[] = {
	{ "IPv4",		SPAN_INIT("192.0.2.1"), "192.0.2.1" },
	{ "RFC 5952 4.2: shortened", SPAN_INIT("2001:DB8:0:0:0:0:0:1"), "2001:db8::1" },
	{ "RFC 5952 4.2.2: one group stays", SPAN_INIT("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1" },
	{ "RFC 5952 4.2.3: the longest run", SPAN_INIT("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1" },
	{ "RFC 5952 5: IPv4-mapped", SPAN_INIT("::ffff:c000:201"), "::ffff:192.0.2.1" },
	{ "unspecified",	SPAN_INIT("::"), "::" },
	{ "the longest",	SPAN_INIT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
				"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "empty",		SPAN_INIT(""), "" },
	{ "a name",		SPAN_INIT("a.example"), "" },
	{ "out of range",	SPAN_INIT("256.0.2.1"), "" },
	{ "three numbers",	SPAN_INIT("192.0.2"), "" },
	{ "octal",		SPAN_INIT("192.0.02.1"), "" },
	{ "brackets",		SPAN_INIT("[2001:db8::1]"), "" },
	{ "a zone",		SPAN_INIT("fe80::1%eth0"), "" },
	{ "a NUL behind",	SPAN_INIT("192.0.2.1\0"), "" },
	{ "a NUL inside",	SPAN_INIT("192.0.2.1\0x"), "" },
	{ "a space",		SPAN_INIT(" 192.0.2.1"), "" },
	{ "two runs",		SPAN_INIT("1::2::3"), "" },
	{ "too long",		SPAN_INIT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"), "" },
};

static const struct {
	const char	*label;
	struct span	 text;
	bool		 want;
	const char	*inside, *outside;
} prefixes[] = {
	{ "/24",		SPAN_INIT("192.0.2.0/24"), true, "192.0.2.255", "192.0.3.0" },
	{ "/0",			SPAN_INIT("0.0.0.0/0"), true, "203.0.113.1", "2001:db8::1" },
	{ "/32 by default",	SPAN_INIT("192.0.2.1"), true, "192.0.2.1", "192.0.2.2" },
	{ "/32",		SPAN_INIT("192.0.2.1/32"), true, "192.0.2.1", "192.0.2.0" },
	{ "not at an octet",	SPAN_INIT("100.64.0.0/10"), true, "100.127.255.255", "100.128.0.0" },
	{ "IPv6",		SPAN_INIT("2001:db8::/32"), true, "2001:db8:ffff::", "2001:db9::" },
	{ "IPv6 by default",	SPAN_INIT("::1"), true, "::1", "::" },
	{ "IPv6 /0",		SPAN_INIT("::/0"), true, "ff02::1", "192.0.2.1" },
	{ "bits behind",	SPAN_INIT("192.0.2.1/24"), false, "", "" },
	{ "one bit behind",	SPAN_INIT("192.0.3.0/23"), false, "", "" },
	{ "/33",		SPAN_INIT("192.0.2.0/33"), false, "", "" },
	{ "/129",		SPAN_INIT("::/129"), false, "", "" },
	{ "no length",		SPAN_INIT("192.0.2.0/"), false, "", "" },
	{ "a sign",		SPAN_INIT("192.0.2.0/+24"), false, "", "" },
	{ "a mask",		SPAN_INIT("192.0.2.0/255.255.255.0"), false, "", "" },
	{ "no address",		SPAN_INIT("/24"), false, "", "" },
};

/* Both ends of each block, and what lies beside. */
static const struct {
	const char	*label;
	const char	*address;
	bool		 want;
} global[] = {
	{ "RFC 791 3.2: this network", "0.0.0.0", false },
	{ "RFC 791 3.2: its end", "0.255.255.255", false },
	{ "behind it", "1.0.0.0", true },
	{ "before 10/8", "9.255.255.255", true },
	{ "RFC 1918: 10/8", "10.0.0.0", false },
	{ "RFC 1918: 10/8, its end", "10.255.255.255", false },
	{ "behind 10/8", "11.0.0.0", true },
	{ "before 100.64/10", "100.63.255.255", true },
	{ "RFC 6598: carrier NAT", "100.64.0.0", false },
	{ "RFC 6598: its end", "100.127.255.255", false },
	{ "behind 100.64/10", "100.128.0.0", true },
	{ "RFC 1122 3.2.1.3: loopback", "127.0.0.1", false },
	{ "RFC 1122 3.2.1.3: its end", "127.255.255.255", false },
	{ "behind 127/8", "128.0.0.0", true },
	{ "RFC 3927: link-local", "169.254.0.1", false },
	{ "before it", "169.253.255.255", true },
	{ "behind it", "169.255.0.0", true },
	{ "before 172.16/12", "172.15.255.255", true },
	{ "RFC 1918: 172.16/12", "172.16.0.0", false },
	{ "RFC 1918: 172.16/12, its end", "172.31.255.255", false },
	{ "behind 172.16/12", "172.32.0.0", true },
	{ "RFC 6890: protocol assignments", "192.0.0.1", false },
	{ "RFC 7723: PCP anycast", "192.0.0.9", true },
	{ "RFC 8155: TURN anycast", "192.0.0.10", true },
	{ "RFC 7050: NAT64 discovery", "192.0.0.170", false },
	{ "between 192.0.0/24 and 192.0.2/24", "192.0.1.1", true },
	{ "RFC 5737: documentation 1", "192.0.2.1", false },
	{ "RFC 7535: AS112", "192.31.196.1", true },
	{ "RFC 7526: 6to4 relay", "192.88.99.1", false },
	{ "RFC 1918: 192.168/16", "192.168.0.1", false },
	{ "behind it", "192.169.0.0", true },
	{ "RFC 2544: benchmarks", "198.18.0.0", false },
	{ "RFC 2544: their end", "198.19.255.255", false },
	{ "behind them", "198.20.0.0", true },
	{ "RFC 5737: documentation 2", "198.51.100.1", false },
	{ "RFC 5737: documentation 3", "203.0.113.255", false },
	{ "behind it", "203.0.114.0", true },
	{ "before multicast", "223.255.255.255", true },
	{ "RFC 5771: multicast", "224.0.0.1", false },
	{ "RFC 1112 4: reserved", "240.0.0.1", false },
	{ "RFC 919 7: broadcast", "255.255.255.255", false },

	{ "RFC 4291 2.5.2: unspecified", "::", false },
	{ "RFC 4291 2.5.3: loopback", "::1", false },
	{ "RFC 4291 2.5.5.1: IPv4-compatible", "::8.8.8.8", false },
	{ "RFC 4291 2.5.5.2: mapped, global inside", "::ffff:8.8.8.8", true },
	{ "RFC 4291 2.5.5.2: mapped loopback", "::ffff:127.0.0.1", false },
	{ "RFC 4291 2.5.5.2: mapped RFC 1918", "::ffff:10.0.0.1", false },
	{ "RFC 6052: NAT64, global inside", "64:ff9b::8.8.8.8", true },
	{ "RFC 6052: NAT64 of loopback", "64:ff9b::127.0.0.1", false },
	{ "RFC 6052: beside the /96", "64:ff9b:0:0:0:1:808:808", false },
	{ "RFC 8215: local NAT64", "64:ff9b:1::8.8.8.8", false },
	{ "RFC 6666: discard-only", "100::1", false },
	{ "before 2000::/3", "1fff:ffff::1", false },
	{ "global unicast", "2000::1", true },
	{ "a real one", "2a00:1450:4001:81b::200e", true },
	{ "RFC 4380: Teredo", "2001:0:4136:e378::1", false },
	{ "RFC 5180: benchmarks", "2001:2::1", false },
	{ "RFC 7450: AMT", "2001:3::1", true },
	{ "RFC 7535: AS112-v6", "2001:4:112::1", true },
	{ "beside AS112-v6", "2001:4:113::1", false },
	{ "RFC 4843: ORCHID, deprecated", "2001:10::1", false },
	{ "RFC 7343: ORCHIDv2", "2001:20::1", true },
	{ "RFC 9374: DRIP", "2001:30::1", true },
	{ "RFC 2928: the end of 2001::/23", "2001:1ff:ffff::1", false },
	{ "behind 2001::/23", "2001:200::1", true },
	{ "RFC 3849: documentation", "2001:db8::1", false },
	{ "RFC 3849: its end", "2001:db8:ffff:ffff::1", false },
	{ "behind it", "2001:db9::1", true },
	{ "RFC 3056: 6to4, global inside", "2002:808:808::1", true },
	{ "RFC 3056: 6to4 of RFC 1918", "2002:c0a8:101::1", false },
	{ "RFC 3056: 6to4 of loopback", "2002:7f00:1::1", false },
	{ "RFC 9637: documentation", "3fff::1", false },
	{ "RFC 9637: its end", "3fff:fff:ffff::1", false },
	{ "behind it", "3fff:1000::1", true },
	{ "behind 2000::/3", "4000::1", false },
	{ "RFC 9602: SRv6", "5f00::1", false },
	{ "RFC 4193: unique local", "fd00::1", false },
	{ "RFC 4291 2.5.6: link-local", "fe80::1", false },
	{ "RFC 3879: site-local", "fec0::1", false },
	{ "RFC 4291 2.7: multicast", "ff02::1", false },
};
/* clang-format on */

static void
test_text(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct ip_addr ip = { .family = IP_NONE };
		bool ok = ip_parse(texts[i].text, &ip);

		t.label = texts[i].label;
		want_bool(&t, "result", ok, texts[i].want[0] != '\0');
		want_span(&t, "text", span_str(ip_format(ip).s),
		    span_str(texts[i].want));
	}
	assert_int_equal(t.failed, 0);
}

static struct ip_addr
ip_of(const char *s)
{
	struct ip_addr ip;

	assert_true(ip_parse(span_str(s), &ip));
	return ip;
}

static void
test_prefix(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(prefixes); i++) {
		struct ip_prefix p;
		bool ok = ip_prefix_parse(prefixes[i].text, &p);

		t.label = prefixes[i].label;
		want_bool(&t, "result", ok, prefixes[i].want);
		if (!ok || !prefixes[i].want)
			continue;
		want_bool(&t, "inside",
		    ip_in_prefix(ip_of(prefixes[i].inside), p), true);
		want_bool(&t, "outside",
		    ip_in_prefix(ip_of(prefixes[i].outside), p), false);
		want_bool(&t, "none",
		    ip_in_prefix((struct ip_addr){ .family = IP_NONE }, p),
		    false);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_global(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(global); i++) {
		t.label = global[i].label;
		want_bool(&t, global[i].address,
		    ip_is_global(ip_of(global[i].address)), global[i].want);
	}
	assert_int_equal(t.failed, 0);
	assert_false(ip_is_global((struct ip_addr){ .family = IP_NONE }));
}

static void
test_eq(void **state)
{
	struct ip_addr v4 = ip_of("192.0.2.1"), v6 = ip_of("c000:201::");

	(void)state;
	assert_true(ip_eq(v4, v4));
	assert_false(ip_eq(v4, ip_of("192.0.2.2")));
	/* The same four octets, another family. */
	assert_false(ip_eq(v4, v6));
	/* What stands behind an IPv4 address does not count. */
	v6 = v4;
	v6.b[15] = 1;
	assert_true(ip_eq(v4, v6));
}

static void
test_unmapped(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::fffe:192.0.2.1", "::fffe:c000:201" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1" },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct ip_addr a;

		t.label = rows[i].text;
		assert_true(ip_parse(span_str(rows[i].text), &a));
		want_span(&t, "address", span_str(ip_format(ip_unmapped(a)).s),
		    span_str(rows[i].want));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_global),
		cmocka_unit_test(test_unmapped),
		cmocka_unit_test(test_eq),
	};

	return cmocka_run_group_tests_name("ipaddr", tests, NULL, NULL);
}
