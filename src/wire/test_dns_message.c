/* Names and the question, written, and what is taken for its response. */
#include "wire/dns_message.h"

#include "base/test_table.h"
#include "wire/dns.h"

#define HEAD(flags) "\x12\x34" flags
#define COUNTS "\0\1\0\0\0\0\0\0"
#define QUESTION "\1a\7example\0\0\xf\0\1"
#define LABEL63                                                                \
	"a2345678901234567890123456789012345678901234567890123456789012x"

#define LABEL61 "a23456789012345678901234567890123456789012345678901234567890x"
#define LABEL62 "a234567890123456789012345678901234567890123456789012345678901x"

/* clang-format off */
static const struct {
	const char	*label;
	const char	*text;
	bool		 want;
	struct span	 want_wire;
	const char	*want_text; /* read again; NULL: as text */
} names[] = {
	{ "the root", "", true, SPAN_INIT("\0"), NULL },
	{ "two labels", "a.example", true, SPAN_INIT("\1a\7example\0"), NULL },
	{ "a final dot", "a.example.", true, SPAN_INIT("\1a\7example\0"), "a.example" },
	{ "RFC 4034 6.2: in lower case", "A.Example", true, SPAN_INIT("\1a\7example\0"), "a.example" },
	{ "RFC 1035 5.1: octets by number", "a\\046b\\000\\255.c", true, SPAN_INIT("\5a.b\0\377\1c\0"), NULL },
	{ "a letter by number", "\\065", true, SPAN_INIT("\1a\0"), "a" },
	{ "RFC 1035 2.3.4: a label of 63 octets", LABEL63, true, SPAN_INIT("\77" LABEL63 "\0"), NULL },
	{ "RFC 1035 2.3.4: a name of 255 octets", LABEL63 "." LABEL63 "." LABEL63 "." LABEL61, true,
	  SPAN_INIT("\77" LABEL63 "\77" LABEL63 "\77" LABEL63 "\75" LABEL61 "\0"), NULL },
	{ "a name of 256 octets", LABEL63 "." LABEL63 "." LABEL63 "." LABEL62, false, SPAN_INIT(""), NULL },
	{ "a label of 64 octets", LABEL63 "y", false, SPAN_INIT(""), NULL },
	{ "a dot alone", ".", false, SPAN_INIT(""), NULL },
	{ "an empty label first", ".a", false, SPAN_INIT(""), NULL },
	{ "an empty label inside", "a..b", false, SPAN_INIT(""), NULL },
	{ "two final dots", "a..", false, SPAN_INIT(""), NULL },
	{ "a number beyond an octet", "\\256", false, SPAN_INIT(""), NULL },
	{ "a number cut short", "\\25", false, SPAN_INIT(""), NULL },
	{ "a letter behind a backslash", "\\abc", false, SPAN_INIT(""), NULL },
};
/* clang-format on */

static void
test_names(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		char mem[2 * DNS_NAME_OCTETS];
		struct buf b = buf_init(mem, sizeof mem);
		struct dns_name read;
		struct span text = span_str(names[i].text);

		t.label = names[i].label;
		want_bool(
		    &t, "written", dns_name_write(&b, text), names[i].want);
		want_span(&t, "octets", buf_span(&b), names[i].want_wire);
		want_bool(
		    &t, "parsed", dns_name_parse(text, &read), names[i].want);
		if (names[i].want)
			want_span(&t, "read", dns_name_span(&read),
			    names[i].want_text != NULL
				? span_str(names[i].want_text)
				: text);
	}
	assert_int_equal(t.failed, 0);
}

static const struct {
	const char *label, *name;
	struct span want; /* from the question's name on; "": refused */
} written[] = {
	{ "a name", "a.example",
	    SPAN_INIT(QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0") },
	{ "a final dot", "a.example.",
	    SPAN_INIT(QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0\0") },
	{ "the root", "",
	    SPAN_INIT("\0\0\xf\0\1\0\0\x29\x04\xd0\0\0\0\0\0\0") },
	{ "RFC 1035 5.1: a dot inside a label", "a\\046b",
	    SPAN_INIT("\3a.b\0\0\xf\0\1\0\0\x29\x04\xd0\0\0\0\0\0\0") },
	{ "an empty label", "a..example", SPAN_INIT("") },
	{ "a dot alone", ".", SPAN_INIT("") },
	{ "RFC 1035 2.3.4: a label of 64", "x" LABEL63 ".example",
	    SPAN_INIT("") },
	{ "RFC 1035 2.3.4: 256 octets",
	    LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, SPAN_INIT("") },
	{ "an escape cut short", "a\\04", SPAN_INIT("") },
	{ "an escape that is none", "a\\0x6", SPAN_INIT("") },
	{ "an escape beyond an octet", "a\\256", SPAN_INIT("") },
};

static void
test_write(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(written); i++) {
		char mem[DNS_QUERY_OCTETS];
		struct buf b = buf_init(mem, sizeof mem);
		bool ok = dns_query_write(
		    &b, 0x1234, span_str(written[i].name), DNS_MX, true);

		t.label = written[i].label;
		want_bool(&t, "written", ok, written[i].want.n > 0);
		if (!ok)
			continue;
		want_span(&t, "header", span_head(buf_span(&b), 12),
		    SPAN(HEAD("\0\0") "\0\1\0\0\0\0\0\1"));
		want_span(&t, "question", span_skip(buf_span(&b), 12),
		    written[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* The longest name fits; nothing shorter than that is enough for it. */
static void
test_write_bounds(void **state)
{
	static const char name[] = LABEL63
	    "." LABEL63 "." LABEL63
	    ".a234567890123456789012345678901234567890123456789012345678901";
	char mem[DNS_QUERY_OCTETS];

	(void)state;
	for (size_t cap = 0; cap <= sizeof mem; cap++) {
		struct buf b = buf_init(mem, cap);

		assert_int_equal(
		    dns_query_write(&b, 1, span_str(name), DNS_TXT, true),
		    cap == sizeof mem);
	}
}

static void
test_without_edns(void **state)
{
	char mem[DNS_QUERY_OCTETS];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	assert_true(
	    dns_query_write(&b, 0x1234, SPAN("a.example"), DNS_MX, false));
	assert_true(span_eq(
	    buf_span(&b), SPAN(HEAD("\0\0") "\0\1\0\0\0\0\0\0" QUESTION)));
}

static const struct {
	const char *label;
	struct span message;
	bool want, want_aa, want_tc;
	uint8_t want_rcode;
} responses[] = {
	{ "authoritative", SPAN_INIT(HEAD("\x84\0") COUNTS QUESTION),
	    .want = true, .want_aa = true },
	{ "truncated", SPAN_INIT(HEAD("\x86\0") COUNTS QUESTION), .want = true,
	    .want_aa = true, .want_tc = true },
	{ "refused", SPAN_INIT(HEAD("\x80\5") COUNTS QUESTION), .want = true,
	    .want_rcode = DNS_RCODE_REFUSED },
	{ "RFC 4343: in another case",
	    SPAN_INIT(HEAD("\x80\0") COUNTS "\1A\7EXAMPLE\0\0\xf\0\1"),
	    .want = true },
	{ "another id", SPAN_INIT("\x12\x35\x84\0" COUNTS QUESTION),
	    .want = false },
	{ "a query", SPAN_INIT(HEAD("\0\0") COUNTS QUESTION), .want = false },
	{ "another opcode", SPAN_INIT(HEAD("\xa0\0") COUNTS QUESTION),
	    .want = false },
	{ "no question", SPAN_INIT(HEAD("\x84\0") "\0\0\0\0\0\0\0\0"),
	    .want = false },
	{ "two questions",
	    SPAN_INIT(HEAD("\x84\0") "\0\2\0\0\0\0\0\0" QUESTION QUESTION),
	    .want = false },
	{ "another name",
	    SPAN_INIT(HEAD("\x84\0") COUNTS "\1b\7example\0\0\xf\0\1"),
	    .want = false },
	{ "another type",
	    SPAN_INIT(HEAD("\x84\0") COUNTS "\1a\7example\0\0\x10\0\1"),
	    .want = false },
	{ "another class",
	    SPAN_INIT(HEAD("\x84\0") COUNTS "\1a\7example\0\0\xf\0\3"),
	    .want = false },
	{ "cut off", SPAN_INIT(HEAD("\x84\0") COUNTS "\1a\7exam"),
	    .want = false },
	{ "a header cut off", SPAN_INIT(HEAD("\x84\0") "\0\1"), .want = false },
	{ "nothing", SPAN_INIT(""), .want = false },
};

static void
test_response(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(responses); i++) {
		struct dns_header h = { 0 };

		t.label = responses[i].label;
		want_bool(&t, "is one",
		    dns_is_response(responses[i].message, 0x1234,
			SPAN("a.example"), DNS_MX, &h),
		    responses[i].want);
		want_bool(&t, "AA", h.authoritative, responses[i].want_aa);
		want_bool(&t, "TC", h.truncated, responses[i].want_tc);
		want_int(&t, "RCODE", h.rcode, responses[i].want_rcode);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_bounds),
		cmocka_unit_test(test_without_edns),
		cmocka_unit_test(test_response),
	};

	return cmocka_run_group_tests_name("dns_message", tests, NULL, NULL);
}
