#include "wire/dns_message.h"

#include "base/test_table.h"
#include "wire/dns.h"

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

/* RFC 1035 4.1.1, 4.1.2 */
static void
test_query(void **state)
{
	struct tally t = { .label = "query" };
	struct span want = SPAN("\xab\xcd\0\0\0\1\0\0\0\0\0\0"
				"\1a\7example\0\0\xfc\0\1");
	char mem[64];
	struct buf b;

	(void)state;
	for (size_t n = 0; n <= want.n; n++) {
		b = buf_init(mem, n);
		want_bool(&t, "written",
		    dns_query_write(&b, 0xabcd, SPAN("a.example"), DNS_AXFR),
		    true);
		want_bool(&t, "overflow", b.overflow, n < want.n);
	}
	want_span(&t, "octets", buf_span(&b), want);
	want_bool(&t, "no name",
	    dns_query_write(&b, 0, SPAN("a..example"), DNS_AXFR), false);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
