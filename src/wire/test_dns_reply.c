#include "wire/dns_reply.h"

#include "base/test_table.h"
#include "wire/dns.h"

#define HEAD "\x12\x34\1\0\0\1\0\0\0\0\0"
#define NAME "\1a\7eXample\3NET\0"
#define QUERY HEAD "\0" NAME "\0\20\0\1"
#define QUERY_EDNS HEAD "\1" NAME "\0\20\0\1\0\0\x29\4\xd0\0\0\x80\0\0\0"
#define QUESTION NAME "\0\20\0\1"
#define OPT "\0\0\x29\4\xd0\0\0\x80\0\0\0"

enum { APEX = DNS_HEADER_OCTETS + 2 }; /* "example.net" in the question */

static const struct ip_addr v4 = { IP_V4, { 192, 0, 2, 1 } };
static const struct ip_addr v6 = { IP_V6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };

static struct dns_query
read_query(struct span message)
{
	struct dns_query q;

	assert_true(dns_query_read(message, &q));
	assert_int_equal(q.rcode, DNS_RCODE_NOERROR);
	return q;
}

static const struct dns_place apex = { SPAN_INIT(""), APEX };
static const struct dns_place www = { SPAN_INIT("\3www"), APEX };
static const struct dns_place foreign = { SPAN_INIT("\2ns\3org\0"), 0 };

static void
put_nothing(struct dns_reply *r)
{
	(void)r;
}

static void
put_addresses(struct dns_reply *r)
{
	dns_reply_address(r, DNS_ANSWER, dns_place_question(), 300, &v4);
	dns_reply_address(r, DNS_ANSWER, www, 1, &v6);
}

static void
put_txt(struct dns_reply *r)
{
	dns_reply_txt(r, DNS_ANSWER, dns_place_question(), 0x01020304,
	    SPAN("v=STSv1; id=1;"));
}

static void
put_servers(struct dns_reply *r)
{
	dns_reply_ns(r, DNS_AUTHORITY, apex, 300, www);
	dns_reply_ns(r, DNS_AUTHORITY, apex, 300, foreign);
	dns_reply_address(r, DNS_ADDITIONAL, www, 300, &v4);
}

static void
put_soa(struct dns_reply *r)
{
	const struct dns_soa soa = { .primary = www,
		.mailbox = foreign,
		.serial = 1,
		.refresh = 2,
		.retry = 3,
		.expire = 4,
		.minimum = 0xfffefdfc };

	dns_reply_soa(r, DNS_AUTHORITY, apex, 60, &soa);
}

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 query;
	void		(*put)(struct dns_reply *r);
	bool		 aa;
	enum dns_rcode	 rcode;
	struct span	 want;
} cases[] = {
	{ "RFC 1035 4.1.1: the question as it came, RD copied", SPAN_INIT(QUERY), put_nothing, true, DNS_RCODE_NOERROR,
	  SPAN_INIT("\x12\x34\x85\0\0\1\0\0\0\0\0\0" QUESTION) },
	{ "an rcode, not from our own data", SPAN_INIT(QUERY), put_nothing, false, DNS_RCODE_REFUSED,
	  SPAN_INIT("\x12\x34\x81\5\0\1\0\0\0\0\0\0" QUESTION) },
	{ "RFC 6891 6.1.1: EDNS answers EDNS; RFC 3225 3: DO copied", SPAN_INIT(QUERY_EDNS), put_nothing, true, DNS_RCODE_NOERROR,
	  SPAN_INIT("\x12\x34\x85\0\0\1\0\0\0\0\0\1" QUESTION OPT) },
	{ "RFC 6891 6.1.3: the upper bits of the rcode", SPAN_INIT(QUERY_EDNS), put_nothing, false, DNS_RCODE_BADVERS,
	  SPAN_INIT("\x12\x34\x81\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\4\xd0\1\0\x80\0\0\0") },
	{ "RFC 1035 4.1.4: owners point to the question", SPAN_INIT(QUERY), put_addresses, true, DNS_RCODE_NOERROR,
	  SPAN_INIT("\x12\x34\x85\0\0\1\0\2\0\0\0\0" QUESTION
	      "\xc0\xc\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"
	      "\3www\xc0\xe\0\x1c\0\1\0\0\0\1\0\20\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1") },
	{ "TXT", SPAN_INIT(QUERY), put_txt, true, DNS_RCODE_NOERROR,
	  SPAN_INIT("\x12\x34\x85\0\0\1\0\1\0\0\0\0" QUESTION "\xc0\xc\0\20\0\1\1\2\3\4\0\xf\xe" "v=STSv1; id=1;") },
	{ "NS, inside the zone and outside of it", SPAN_INIT(QUERY), put_servers, true, DNS_RCODE_NOERROR,
	  SPAN_INIT("\x12\x34\x85\0\0\1\0\0\0\2\0\1" QUESTION
	      "\xc0\xe\0\2\0\1\0\0\1\x2c\0\6\3www\xc0\xe"
	      "\xc0\xe\0\2\0\1\0\0\1\x2c\0\x8\2ns\3org\0"
	      "\3www\xc0\xe\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1") },
	{ "RFC 1035 3.3.13: SOA", SPAN_INIT(QUERY), put_soa, true, DNS_RCODE_NXDOMAIN,
	  SPAN_INIT("\x12\x34\x85\3\0\1\0\0\0\1\0\0" QUESTION
	      "\xc0\xe\0\6\0\1\0\0\0\x3c\0\x22\3www\xc0\xe\2ns\3org\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\xff\xfe\xfd\xfc") },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dns_query q = read_query(cases[i].query);
		struct dns_reply r;
		char mem[DNS_UDP_OCTETS];

		t.label = cases[i].label;
		dns_reply_init(&r, mem, sizeof mem, 0, &q);
		cases[i].put(&r);
		want_span(&t, "message",
		    dns_reply_end(&r, cases[i].aa, cases[i].rcode),
		    cases[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* RFC 1035 3.3: strings of up to 255 octets. */
static void
test_long_txt(void **state)
{
	struct dns_query q = read_query(SPAN(QUERY));
	char mem[DNS_UDP_OCTETS], text[256];
	struct dns_reply r;
	struct span got;

	(void)state;
	memset(text, 'x', sizeof text);
	dns_reply_init(&r, mem, sizeof mem, 0, &q);
	dns_reply_txt(&r, DNS_ANSWER, dns_place_question(), 0,
	    (struct span){ text, sizeof text });
	got = span_skip(dns_reply_end(&r, true, DNS_RCODE_NOERROR),
	    sizeof QUERY - 1 + 2 + 8);
	assert_int_equal(dns_u16(got, 0), 256 + 2);
	assert_int_equal(dns_u8(got, 2), 255);
	assert_int_equal(dns_u8(got, 3 + 255), 1);
	assert_int_equal(got.n, 2 + 1 + 255 + 1 + 1);
}

/* Addresses until the reply is full: whole records up to the very last octet,
 * and one more makes it a truncated one (RFC 2181 9). */
static void
fill(struct tally *t, struct span query, enum dns_section in, size_t octets,
    size_t fit)
{
	struct dns_query q = read_query(query);
	size_t empty = sizeof QUERY - 1 + (q.edns ? DNS_OPT_OCTETS : 0);

	for (size_t n = 0; n <= fit + 1; n++) {
		char mem[DNS_UDP_OCTETS];
		struct dns_reply r;
		struct span got;
		bool all = n <= fit, added = in == DNS_ADDITIONAL;

		dns_reply_init(&r, mem, octets, 0, &q);
		for (size_t i = 0; i < n; i++)
			dns_reply_address(
			    &r, in, dns_place_question(), 300, &v4);
		got = dns_reply_end(&r, true, DNS_RCODE_NOERROR);
		want_bool(t, "truncated", (dns_u16(got, 2) & DNS_FLAG_TC) != 0,
		    !all && !added);
		want_size(t, "octets", got.n,
		    empty + 16 * (all	     ? n
				     : added ? fit
					     : 0));
		want_size(t, "at most", got.n <= octets, true);
	}
}

static void
test_truncation(void **state)
{
	struct tally t = { .failed = 0 };
	size_t octets = sizeof QUERY - 1 + 16 * 30; /* 30 fit exactly */

	(void)state;
	t.label = "without EDNS";
	fill(&t, SPAN(QUERY), DNS_ANSWER, octets, 30);
	t.label = "one octet less";
	fill(&t, SPAN(QUERY), DNS_ANSWER, octets - 1, 29);
	t.label = "with EDNS, which needs room";
	fill(&t, SPAN(QUERY_EDNS), DNS_ANSWER, octets + DNS_OPT_OCTETS, 30);
	t.label = "RFC 2181 9: additional records are left out";
	fill(&t, SPAN(QUERY), DNS_ADDITIONAL, octets, 30);
	assert_int_equal(t.failed, 0);
}

/* Answers that did not fit are not made good by additional records that do. */
static void
test_truncated_stays(void **state)
{
	struct dns_query q = read_query(SPAN(QUERY));
	char mem[DNS_UDP_OCTETS];
	struct dns_reply r;
	struct span got;

	(void)state;
	dns_reply_init(&r, mem, 512, 0, &q);
	for (int i = 0; i < 40; i++)
		dns_reply_address(&r, DNS_ANSWER, dns_place_question(), 1, &v6);
	dns_reply_address(&r, DNS_ADDITIONAL, dns_place_question(), 1, &v4);
	got = dns_reply_end(&r, true, DNS_RCODE_NOERROR);
	assert_int_equal(dns_u16(got, 2) & DNS_FLAG_TC, DNS_FLAG_TC);
	assert_int_equal(got.n, sizeof QUERY - 1);
}

/* What is kept for a signature stays free, and the question fits in any case.
 */
static void
test_keep(void **state)
{
	struct dns_query q = read_query(SPAN(QUERY_EDNS));
	char mem[DNS_UDP_OCTETS];
	struct dns_reply r;

	(void)state;
	dns_reply_init(&r, mem, 512, 100, &q);
	while (!r.b.overflow)
		dns_reply_address(&r, DNS_ANSWER, dns_place_question(), 1, &v4);
	assert_true(r.b.n <= 512 - 100 - DNS_OPT_OCTETS);
	dns_reply_init(&r, mem, 512, 500, &q);
	assert_int_equal(dns_reply_end(&r, true, DNS_RCODE_NOERROR).n,
	    sizeof QUERY_EDNS - 1);
}

/* RFC 6891 6.2.4, and no fragments. */
static void
test_udp_octets(void **state)
{
	struct dns_query q = { .udp_octets = 512 };

	(void)state;
	assert_int_equal(dns_reply_udp_octets(&q), 512);
	q.udp_octets = 1000;
	assert_int_equal(dns_reply_udp_octets(&q), 1000);
	q.udp_octets = 4096;
	assert_int_equal(dns_reply_udp_octets(&q), 1232);
}

static void
test_truncate(void **state)
{
	struct dns_query q = read_query(SPAN(QUERY));
	struct tally t = { .label = "truncate", .failed = 0 };
	char mem[DNS_UDP_OCTETS];
	struct dns_reply r;

	(void)state;
	dns_reply_init(&r, mem, 512, 0, &q);
	put_txt(&r);
	want_span(&t, "message", dns_reply_truncate(&r),
	    SPAN("\x12\x34\x83\0\0\1\0\0\0\0\0\0" QUESTION));
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_txt),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_truncated_stays),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_udp_octets),
		cmocka_unit_test(test_truncate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
