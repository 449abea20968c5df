/* The zone of test_zone.h, asked. */
#include "serve/dns_answer.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_zone.h"
#include "wire/dns.h"

#define NEGATIVE                                                               \
	" | | svc.example 60 ns1.svc.example hostmaster.svc.example 7 3600 "   \
	"600 86400 60 |"
#define SOA                                                                    \
	"NOERROR aa | svc.example 300 ns1.svc.example hostmaster.svc.example " \
	"7 3600 600 86400 60 | |"

enum { HINFO = 13, TKEY = 249, MAILB = 253, CHAOS = 3, CAA = 257 };

/* clang-format off */
static const struct {
	const char	*label;
	struct test_query q;
	const char	*want;
} cases[] = {
	{ "RFC 8461 3.1: the id", { "alpha.svc.example", DNS_TXT, 0, 0 }, "NOERROR aa | alpha.svc.example 300 \"v=STSv1; id=idalpha;\" | |" },
	{ "RFC 4343 3: in any case", { "ALPHA.Svc.Example", DNS_TXT, 0, 0 }, "NOERROR aa | alpha.svc.example 300 \"v=STSv1; id=idalpha;\" | |" },
	{ "A", { "alpha.svc.example", DNS_A, 0, 0 }, "NOERROR aa | alpha.svc.example 300 192.0.2.80 alpha.svc.example 300 192.0.2.81 | |" },
	{ "AAAA", { "alpha.svc.example", DNS_AAAA, 0, 0 }, "NOERROR aa | alpha.svc.example 300 2001:db8::80 | |" },
	{ "RFC 2308 2.2: no such type", { "alpha.svc.example", DNS_MX, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "a type beyond 255", { "alpha.svc.example", CAA, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "RFC 8482 4.1: ANY is one of them", { "alpha.svc.example", DNS_ANY, 0, 0 }, "NOERROR aa | alpha.svc.example 300 \"v=STSv1; id=idalpha;\" | |" },
	{ "no id yet", { "beta.svc.example", DNS_TXT, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "ANY without an id", { "beta.svc.example", DNS_ANY, 0, 0 }, "NOERROR aa | beta.svc.example 300 192.0.2.80 beta.svc.example 300 192.0.2.81 | |" },

	{ "RFC 2308 2.1: no such name", { "delta.svc.example", DNS_TXT, 0, 0 }, "NXDOMAIN aa" NEGATIVE },
	{ "no such name for ANY", { "delta.svc.example", DNS_ANY, 0, 0 }, "NXDOMAIN aa" NEGATIVE },
	{ "nothing is below an entry", { "x.alpha.svc.example", DNS_A, 0, 0 }, "NXDOMAIN aa" NEGATIVE },
	{ "a label with a dot's neighbours is no other", { "alph.svc.example", DNS_A, 0, 0 }, "NXDOMAIN aa" NEGATIVE },

	{ "the apex: SOA", { "svc.example", DNS_SOA, 0, 0 }, SOA },
	{ "RFC 8482 4.1: ANY at the apex", { "svc.example", DNS_ANY, 0, 0 }, SOA },
	{ "RFC 1995 2: IXFR over UDP", { "svc.example", DNS_IXFR, 0, 0 }, SOA },
	{ "the apex: NS, with addresses of those in the zone", { "svc.example", DNS_NS, 0, 0 },
	  "NOERROR aa | svc.example 300 ns1.svc.example svc.example 300 ns.example.org | | ns1.svc.example 300 192.0.2.53" },
	{ "the apex: A", { "svc.example", DNS_A, 0, 0 }, "NOERROR aa | svc.example 300 192.0.2.80 svc.example 300 192.0.2.81 | |" },
	{ "the apex: AAAA", { "svc.example", DNS_AAAA, 0, 0 }, "NOERROR aa | svc.example 300 2001:db8::80 | |" },
	{ "the apex: no TXT", { "svc.example", DNS_TXT, 0, 0 }, "NOERROR aa" NEGATIVE },

	{ "a host", { "NS1.svc.example", DNS_A, 0, 0 }, "NOERROR aa | ns1.svc.example 300 192.0.2.53 | |" },
	{ "a host without such a type", { "ns1.svc.example", DNS_AAAA, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "a host has no id", { "ns1.svc.example", DNS_TXT, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "a host further down", { "a.deep.svc.example", DNS_ANY, 0, 0 }, "NOERROR aa | a.deep.svc.example 300 192.0.2.54 | |" },
	{ "RFC 4592 2.2.2: an empty non-terminal exists", { "deep.svc.example", DNS_A, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "and so it does for ANY", { "deep.svc.example", DNS_ANY, 0, 0 }, "NOERROR aa" NEGATIVE },
	{ "beside a host further down", { "b.deep.svc.example", DNS_A, 0, 0 }, "NXDOMAIN aa" NEGATIVE },
	{ "the end of a label is not the end of a name", { "eep.svc.example", DNS_A, 0, 0 }, "NXDOMAIN aa" NEGATIVE },

	{ "outside of the zone", { "example", DNS_SOA, 0, 0 }, "REFUSED | | |" },
	{ "the root", { "", DNS_NS, 0, 0 }, "REFUSED | | |" },
	{ "another zone", { "alpha.svc.example.org", DNS_TXT, 0, 0 }, "REFUSED | | |" },
	{ "a name that ends as the zone does", { "xsvc.example", DNS_SOA, 0, 0 }, "REFUSED | | |" },
	{ "CHAOS", { "svc.example", DNS_SOA, CHAOS, 0 }, "REFUSED | | |" },
	{ "class ANY", { "svc.example", DNS_SOA, DNS_CLASS_ANY, 0 }, "REFUSED | | |" },
	{ "AXFR is not an answer", { "svc.example", DNS_AXFR, 0, 0 }, "REFUSED | | |" },
	{ "RFC 6895 3.1: other types of questions", { "svc.example", MAILB, 0, 0 }, "NOTIMP | | |" },
	{ "a type that goes with messages", { "alpha.svc.example", TKEY, 0, 0 }, "NOTIMP | | |" },
	{ "OPT as a question", { "svc.example", DNS_OPT, 0, 0 }, "NOTIMP | | |" },
	{ "type 0", { "svc.example", 0, 0, 0 }, "NOTIMP | | |" },
	{ "HINFO is a type as others", { "alpha.svc.example", HINFO, 0, 0 }, "NOERROR aa" NEGATIVE },
};
/* clang-format on */

static struct span
ask(struct dns_zone *zone, const struct test_query *q, char *mem, size_t octets)
{
	char query_mem[512];
	struct dns_query query;
	struct dns_reply r;

	assert_true(dns_query_read(
	    test_query_write(query_mem, sizeof query_mem, q), &query));
	assert_int_equal(query.rcode, DNS_RCODE_NOERROR);
	dns_reply_init(&r, mem, octets, 0, &query);
	return dns_answer(zone, &r);
}

/* All in memory, all from the source, and the question comes back octet by
 * octet. */
static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(cases); i++) {
		char mem[DNS_UDP_OCTETS], text[2048], query_mem[512];
		const struct test_query *q = &cases[i / 2].q;
		struct test_zone z;
		struct span got, query;

		t.label = cases[i / 2].label;
		test_zone_init(&z, 100, i % 2 == 0);
		got = ask(z.zone, q, mem, sizeof mem);
		want_span(&t, i % 2 == 0 ? "loaded" : "from the source",
		    test_reply_text(text, sizeof text, got),
		    span_str(cases[i / 2].want));
		query = test_query_write(query_mem, sizeof query_mem, q);
		want_span(&t, "question",
		    span_skip(span_head(got, query.n), DNS_HEADER_OCTETS),
		    span_skip(query, DNS_HEADER_OCTETS));
		test_zone_release(&z);
	}
	assert_int_equal(t.failed, 0);
}

/* A source that cannot be asked: what is in memory is answered, constants
 * stand, and nobody is told that a name does not exist (RFC 1035 4.1.1). */
static void
test_out_of_reach(void **state)
{
	static const struct {
		const char *label, *name, *want;
	} rows[] = {
		{ "in memory", "alpha.svc.example",
		    "NOERROR aa | alpha.svc.example 300 \"v=STSv1; "
		    "id=idalpha;\" | |" },
		{ "not in memory", "gamma.svc.example", "SERVFAIL | | |" },
		{ "a host", "ns1.svc.example", "NOERROR aa" NEGATIVE },
		{ "below a host", "x.ns1.svc.example", "NXDOMAIN aa" NEGATIVE },
	};
	const struct dns_entry alpha = { "idalpha", 7 };
	struct tally t = { .failed = 0 };
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 100, false);
	z.names.is_out_of_reach = true;
	assert_int_equal(dns_zone_put(z.zone, SPAN("alpha"), &alpha), ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct test_query q = { rows[i].name, DNS_TXT, 0, 0 };
		char mem[DNS_UDP_OCTETS], text[512];

		t.label = rows[i].label;
		want_span(&t, "answer",
		    test_reply_text(
			text, sizeof text, ask(z.zone, &q, mem, sizeof mem)),
		    span_str(rows[i].want));
	}
	test_zone_release(&z);
	assert_int_equal(t.failed, 0);
}

/* RFC 2308 3: the lesser of the SOA record's TTL and its minimum. */
static void
test_negative_ttl(void **state)
{
	struct test_names names = { .n = 0 };
	struct dns_zone_config config = test_zone_config(&names);
	const struct test_query q = { "x.svc.example", DNS_A, 0, 0 };
	struct tally t = { .label = "RFC 2308 3", .failed = 0 };
	char mem[DNS_UDP_OCTETS], text[512];
	struct dns_zone *zone;

	(void)state;
	config.ttl = 30;
	assert_int_equal(
	    dns_zone_new(&config, &randomness_system, &zone, NULL), ERR_OK);
	want_span(&t, "answer",
	    test_reply_text(text, sizeof text, ask(zone, &q, mem, sizeof mem)),
	    SPAN("NXDOMAIN aa | | svc.example 30 ns1.svc.example "
		 "hostmaster.svc.example 7 3600 600 86400 60 |"));
	dns_zone_free(zone);
	assert_int_equal(t.failed, 0);
}

/* RFC 2181 9, RFC 6891 6.2.4: thirteen long names do not fit into 512 octets;
 * what fits is not given alone. */
static void
test_truncation(void **state)
{
	static const struct {
		const char *label;
		size_t octets;
		bool want_whole;
	} rows[] = {
		{ "512 octets", 512, false },
		{ "one octet too few", 12 + 17 + 13 * 74 - 1, false },
		{ "just enough", 12 + 17 + 13 * 74, true },
		{ "1232 octets", 1232, true },
	};
	const struct test_query q = { "svc.example", DNS_NS, 0, 0 };
	struct test_names names = { .n = 0 };
	struct dns_zone_config config = test_zone_config(&names);
	struct tally t = { .failed = 0 };
	struct span servers[LIMIT_DNS_SERVERS];
	struct dns_zone *zone;

	(void)state;
	for (size_t i = 0; i < LIMIT_DNS_SERVERS; i++) /* 62 octets each */
		servers[i] = SPAN("a2345678901234567890123456789012345678901234"
				  "5678.example.org");
	config.servers = servers;
	config.n_servers = LIMIT_DNS_SERVERS;
	assert_int_equal(
	    dns_zone_new(&config, &randomness_system, &zone, NULL), ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[DNS_UDP_OCTETS];
		struct span got = ask(zone, &q, mem, rows[i].octets);

		t.label = rows[i].label;
		want_int(&t, "records", dns_u16(got, 6),
		    rows[i].want_whole ? LIMIT_DNS_SERVERS : 0);
		want_bool(&t, "truncated", (dns_u16(got, 2) & DNS_FLAG_TC) != 0,
		    !rows[i].want_whole);
	}
	dns_zone_free(zone);
	assert_int_equal(t.failed, 0);
}

/* The serial is the one that was set last. */
static void
test_serial(void **state)
{
	const struct test_query q = { "svc.example", DNS_SOA, 0, 0 };
	char mem[DNS_UDP_OCTETS], text[512];
	struct test_zone z;

	(void)state;
	test_zone_init(&z, 100, true);
	dns_zone_set_serial(z.zone, 4294967295);
	test_reply_text(text, sizeof text, ask(z.zone, &q, mem, sizeof mem));
	assert_non_null(strstr(text, " 4294967295 "));
	test_zone_release(&z);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_out_of_reach),
		cmocka_unit_test(test_negative_ttl),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
