#include "wire/dns_query.h"

#include "base/test_table.h"
#include "wire/dns.h"

#define ID "\x12\x34"
#define ONE "\0\1\0\0\0\0\0\0" /* a question */
#define ONE_AND(n) "\0\1\0\0\0\0\0" n /* and additional records */
#define ASK "\1a\7eXample\0\0\20\0\1"
#define OPT "\0\0\x29\4\xd0\0\0\0\0\0\0"
#define OPT_DO "\0\0\x29\4\xd0\0\0\x80\0\0\0"
#define TSIG "\1k\0\0\xfa\0\xff\0\0\0\0\0\0"
#define SOA_HEAD "\1a\7example\0\0\6\0\1\0\0\0\0"
#define LABEL63                                                                \
	"\77"                                                                  \
	"a2345678901234567890123456789012345678901234567890123456789012x"
#define LABEL61                                                                \
	"\75"                                                                  \
	"a23456789012345678901234567890123456789012345678901234567890x"
#define LABEL62                                                                \
	"\76"                                                                  \
	"a234567890123456789012345678901234567890123456789012345678901x"

enum { NONE = 0xffff }; /* no answer at all */

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
	uint16_t	 want_rcode;
	struct span	 want_name;
	bool		 want_edns, want_do, want_tsig;
	uint16_t	 want_octets;
} cases[] = {
	{ "a question, its case kept", SPAN_INIT(ID "\0\0" ONE ASK), 0, SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "RFC 6891 6.1.3: EDNS", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK OPT), 0, SPAN_INIT("\1a\7eXample\0"), true, false, false, 1232 },
	{ "RFC 3225 3: DO", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK OPT_DO), 0, SPAN_INIT("\1a\7eXample\0"), true, true, false, 1232 },
	{ "RFC 6891 6.2.3: less than 512 counts as 512",
	  SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\0\1\0\0\0\0\0\0"), 0, SPAN_INIT("\1a\7eXample\0"), true, false, false, 512 },
	{ "the bits of the extended rcode mean nothing in a query",
	  SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\4\xd0\xff\0\x80\0\0\0"), 0, SPAN_INIT("\1a\7eXample\0"), true, true, false, 1232 },
	{ "RFC 6891 6.1.2: an option that nobody knows",
	  SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\4\xd0\0\0\0\0\0\6\xff\0\0\2xy"), 0, SPAN_INIT("\1a\7eXample\0"), true, false, false, 1232 },
	{ "flags of responses are ignored", SPAN_INIT(ID "\7\xff" ONE ASK), 0, SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "the root", SPAN_INIT(ID "\0\0" ONE "\0\0\2\0\1"), 0, SPAN_INIT("\0"), false, false, false, 512 },
	{ "RFC 1035 2.3.4: a name of 255 octets",
	  SPAN_INIT(ID "\0\0" ONE LABEL63 LABEL63 LABEL63 LABEL61 "\0\0\20\0\1"), 0,
	  SPAN_INIT(LABEL63 LABEL63 LABEL63 LABEL61 "\0"), false, false, false, 512 },
	{ "a signature", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK TSIG), 0, SPAN_INIT("\1a\7eXample\0"), false, false, true, 512 },
	{ "EDNS and a signature", SPAN_INIT(ID "\0\0" ONE_AND("\2") ASK OPT TSIG), 0, SPAN_INIT("\1a\7eXample\0"), true, false, true, 1232 },

	{ "nothing", SPAN_INIT(""), NONE, SPAN_INIT(""), false, false, false, 0 },
	{ "half a header", SPAN_INIT(ID "\0\0\0\1\0\0\0\0\0"), NONE, SPAN_INIT(""), false, false, false, 0 },
	{ "a response", SPAN_INIT(ID "\x80\0" ONE ASK), NONE, SPAN_INIT(""), false, false, false, 0 },
	{ "RFC 1035 4.1.1: another opcode (IQUERY)", SPAN_INIT(ID "\x8\0" ONE ASK), DNS_RCODE_NOTIMP, SPAN_INIT(""), false, false, false, 512 },
	{ "NOTIFY, though we have no primary", SPAN_INIT(ID "\x20\0" ONE ASK), DNS_RCODE_NOTIMP, SPAN_INIT(""), false, false, false, 512 },
	{ "UPDATE", SPAN_INIT(ID "\x28\0" ONE ASK), DNS_RCODE_NOTIMP, SPAN_INIT(""), false, false, false, 512 },

	{ "a header alone", SPAN_INIT(ID "\0\0" "\0\0\0\0\0\0\0\0"), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "RFC 9619 4: two questions", SPAN_INIT(ID "\0\0" "\0\2\0\0\0\0\0\0" ASK ASK), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "an answer in a query", SPAN_INIT(ID "\0\0" "\0\1\0\1\0\0\0\0" ASK OPT), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "a question that ends in the name", SPAN_INIT(ID "\0\0" ONE "\1a\7exam"), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "a question that ends behind the name", SPAN_INIT(ID "\0\0" ONE "\1a\0\0\20\0"), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "a question with a pointer", SPAN_INIT(ID "\0\0" ONE "\1a\xc0\0\0\20\0\1"), DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "a label of 64 octets", SPAN_INIT(ID "\0\0" ONE "\100" "a2345678901234567890123456789012345678901234567890123456789012xy\0\0\20\0\1"),
	  DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "a name of 256 octets", SPAN_INIT(ID "\0\0" ONE LABEL63 LABEL63 LABEL63 LABEL62 "\0\0\20\0\1"),
	  DNS_RCODE_FORMERR, SPAN_INIT(""), false, false, false, 512 },
	{ "octets behind the message", SPAN_INIT(ID "\0\0" ONE ASK "x"), DNS_RCODE_FORMERR, SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "fewer records than counted", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK), DNS_RCODE_FORMERR, SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "RFC 6891 6.1.1: two OPT records", SPAN_INIT(ID "\0\0" ONE_AND("\2") ASK OPT OPT), DNS_RCODE_FORMERR, SPAN_INIT("\1a\7eXample\0"), true, false, false, 1232 },
	{ "RFC 6891 6.1.2: OPT that is not at the root", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\1a" OPT), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "an option longer than the record", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\4\xd0\0\0\0\0\0\4\xff\0\0\2"), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "half an option", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\4\xd0\0\0\0\0\0\3\xff\0\0"), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "RFC 6891 6.1.3: another version of EDNS", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\x29\4\xd0\0\1\0\0\0\0"), DNS_RCODE_BADVERS,
	  SPAN_INIT("\1a\7eXample\0"), true, false, false, 1232 },
	{ "RFC 8945 5.2: a signature that is not the last record", SPAN_INIT(ID "\0\0" ONE_AND("\2") ASK TSIG OPT), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "an additional record of another type", SPAN_INIT(ID "\0\0" ONE_AND("\1") ASK "\0\0\1\0\1\0\0\0\0\0\4\1\2\3\4"), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
	{ "an authority record, for TXT", SPAN_INIT(ID "\0\0" "\0\1\0\0\0\1\0\0" ASK SOA_HEAD "\0\0"), DNS_RCODE_FORMERR,
	  SPAN_INIT("\1a\7eXample\0"), false, false, false, 512 },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dns_query q = { .rcode = NONE, .name = SPAN_INIT("") };
		uint16_t want = cases[i].want_rcode;

		t.label = cases[i].label;
		want_bool(&t, "an answer is due",
		    dns_query_read(cases[i].in, &q), want != NONE);
		want_int(&t, "rcode", q.rcode, want);
		want_span(&t, "name", q.name, cases[i].want_name);
		want_bool(&t, "EDNS", q.edns, cases[i].want_edns);
		want_bool(&t, "DO", q.dnssec_ok, cases[i].want_do);
		want_bool(&t, "TSIG", q.has_tsig, cases[i].want_tsig);
		want_int(&t, "octets", q.udp_octets, cases[i].want_octets);
		if (want == DNS_RCODE_NOERROR)
			want_int(&t, "id", q.id, 0x1234);
	}
	assert_int_equal(t.failed, 0);
}

/* RFC 1035 4.1.1 */
static void
test_recursion_desired(void **state)
{
	struct dns_query q;

	(void)state;
	assert_true(dns_query_read(SPAN(ID "\1\0" ONE ASK), &q));
	assert_true(q.recursion_desired);
	assert_true(dns_query_read(SPAN(ID "\0\0" ONE ASK), &q));
	assert_false(q.recursion_desired);
	assert_int_equal(q.type, DNS_TXT);
	assert_int_equal(q.class, DNS_CLASS_IN);
}

#define IXFR "\1a\7example\0\0\xfb\0\1"
/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
	uint16_t	 want_rcode;
	bool		 want_serial;
} versions[] = {
	{ "RFC 1995 3: the client's version", SPAN_INIT(ID "\0\0" "\0\1\0\0\0\1\0\0" IXFR SOA_HEAD "\0\x16\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), 0, true },
	{ "none", SPAN_INIT(ID "\0\0" ONE IXFR), 0, false },
	{ "one without numbers", SPAN_INIT(ID "\0\0" "\0\1\0\0\0\1\0\0" IXFR SOA_HEAD "\0\2\0\0"), DNS_RCODE_FORMERR, false },
	{ "another record", SPAN_INIT(ID "\0\0" "\0\1\0\0\0\1\0\0" IXFR "\0\0\1\0\1\0\0\0\0\0\4\1\2\3\4"), DNS_RCODE_FORMERR, false },
	{ "two", SPAN_INIT(ID "\0\0" "\0\1\0\0\0\2\0\0" IXFR SOA_HEAD "\0\0" SOA_HEAD "\0\0"), DNS_RCODE_FORMERR, false },
};
/* clang-format on */

static void
test_versions(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(versions); i++) {
		struct dns_query q;

		t.label = versions[i].label;
		want_bool(&t, "read", dns_query_read(versions[i].in, &q), true);
		want_int(&t, "rcode", q.rcode, versions[i].want_rcode);
		want_bool(&t, "there", q.has_serial, versions[i].want_serial);
		want_int(
		    &t, "serial", q.serial, versions[i].want_serial ? 7 : 0);
	}
	assert_int_equal(t.failed, 0);
}

/* A whole query, cut everywhere: no octet beyond its end is read, and nothing
 * but the whole is answered. */
static void
test_cut(void **state)
{
	const struct span whole = SPAN(ID "\0\0" ONE_AND("\2") ASK OPT TSIG);
	struct tally t = { .label = "cut", .failed = 0 };

	(void)state;
	for (size_t n = 0; n <= whole.n; n++) {
		char *mem = test_malloc(n > 0 ? n : 1);
		struct dns_query q = { .rcode = NONE };

		memcpy(mem, whole.p, n);
		want_bool(&t, "read",
		    dns_query_read((struct span){ mem, n }, &q), n >= 12);
		want_bool(
		    &t, "sound", q.rcode == DNS_RCODE_NOERROR, n == whole.n);
		test_free(mem);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_recursion_desired),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
