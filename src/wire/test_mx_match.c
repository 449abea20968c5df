#include "wire/mx_match.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char		*label;
	struct span		 pattern;
	enum mx_pattern_fault	 want;
} patterns[] = {
	{ "RFC 8461 3.2: Domain", SPAN_INIT("mx.a.example"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: \"*.\" Domain", SPAN_INIT("*.a.example"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: capitals", SPAN_INIT("*.A.Example"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: a single label", SPAN_INIT("localhost"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: a wildcard over a top level", SPAN_INIT("*.com"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: a label of digits", SPAN_INIT("1.a.example"), MX_PATTERN_OK },
	{ "RFC 8461 3.2: A-label", SPAN_INIT("xn--bcher-kva.example"), MX_PATTERN_OK },

	{ "empty", SPAN_INIT(""), MX_PATTERN_SYNTAX },
	{ "a dot", SPAN_INIT("."), MX_PATTERN_SYNTAX },
	{ "RFC 8461 3.2: an empty label", SPAN_INIT("mx..example"), MX_PATTERN_SYNTAX },
	{ "RFC 8461 3.2: an underscore (reading A7)", SPAN_INIT("mx_1.a.example"), MX_PATTERN_SYNTAX },
	{ "RFC 8461 3.2: a hyphen first", SPAN_INIT("-mx.a.example"), MX_PATTERN_SYNTAX },
	{ "a list", SPAN_INIT("mx.a.example,mx.b.example"), MX_PATTERN_SYNTAX },
	{ "a space", SPAN_INIT("mx.a.example mx.b.example"), MX_PATTERN_SYNTAX },
	{ "a URL", SPAN_INIT("://google.com"), MX_PATTERN_SYNTAX },
	{ "a port", SPAN_INIT("mx.a.example:25"), MX_PATTERN_SYNTAX },
	{ "a mail address", SPAN_INIT("@@"), MX_PATTERN_SYNTAX },
	{ "an MX record's data", SPAN_INIT("Priority 10: ALT3.A.EXAMPLE"), MX_PATTERN_SYNTAX },
	{ "a host in brackets", SPAN_INIT("[mx.a.example]"), MX_PATTERN_SYNTAX },
	{ "two final dots", SPAN_INIT("mx.a.example.."), MX_PATTERN_SYNTAX },
	{ "NUL", SPAN_INIT("mx.a.example\0"), MX_PATTERN_SYNTAX },
	{ "Latin-1", SPAN_INIT("b\xfc" "cher.example"), MX_PATTERN_SYNTAX },

	{ "RFC 8461 3.2: a final dot (reading A7)", SPAN_INIT("mx.a.example."), MX_PATTERN_TRAILING_DOT },
	{ "RFC 8461 3.2: a final dot behind a wildcard", SPAN_INIT("*.a.example."), MX_PATTERN_TRAILING_DOT },

	{ "RFC 8461 4.1: \"*\" alone", SPAN_INIT("*"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: \"*.\"", SPAN_INIT("*."), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: a part of a label", SPAN_INIT("alt*.a.example"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: the beginning of a label", SPAN_INIT("*mx.a.example"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: with a dot behind", SPAN_INIT("*mx."), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: two", SPAN_INIT("*.*.a.example"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: two and a dot", SPAN_INIT("*.*."), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: not the first label", SPAN_INIT("mx.*.example"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: doubled", SPAN_INIT("**.a.example"), MX_PATTERN_WILDCARD },
	{ "RFC 8461 4.1: a leading dot, of a draft", SPAN_INIT(".a.example"), MX_PATTERN_WILDCARD },

	{ "RFC 8461 3.2: a U-label (reading A7)", SPAN_INIT("b\xc3\xbc" "cher.example"), MX_PATTERN_U_LABEL },
	{ "RFC 8461 3.2: a U-label behind a wildcard", SPAN_INIT("*.b\xc3\xbc" "cher.example"), MX_PATTERN_U_LABEL },
	{ "an ideographic full stop", SPAN_INIT("a\xe3\x80\x82" "example"), MX_PATTERN_U_LABEL },

	{ "RFC 8461 4.1: an IPv4 address", SPAN_INIT("192.0.2.1"), MX_PATTERN_IP },
	{ "RFC 8461 4.1: an IPv6 address", SPAN_INIT("2001:db8::1"), MX_PATTERN_IP },
	{ "RFC 8461 4.1: an address literal", SPAN_INIT("[192.0.2.1]"), MX_PATTERN_IP },
	{ "RFC 8461 4.1: an address with a dot behind", SPAN_INIT("192.0.2.1."), MX_PATTERN_IP },
	{ "RFC 8461 4.1: an address behind a wildcard", SPAN_INIT("*.192.0.2.1"), MX_PATTERN_IP },
};

static const struct {
	const char	*label;
	struct span	 pattern, host;
	bool		 want, want_loosely;
} matches[] = {
	{ "RFC 8461 4.1: the name", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example"), true, true },
	{ "RFC 8461 4.1: another name", SPAN_INIT("mx.a.example"), SPAN_INIT("mx2.a.example"), false, false },
	{ "RFC 8461 4.1: below the name", SPAN_INIT("a.example"), SPAN_INIT("mx.a.example"), false, false },
	{ "RFC 8461 4.1: a longer end", SPAN_INIT("mx.a.example"), SPAN_INIT("xmx.a.example"), false, false },
	{ "RFC 8461 4.1: case is no difference", SPAN_INIT("MX.a.example"), SPAN_INIT("mx.A.EXAMPLE"), true, true },
	{ "RFC 8461 4.1: the host's final dot is none", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example."), true, true },
	{ "RFC 8461 4.1: two final dots are", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example.."), false, false },
	{ "RFC 8461 4.1: \"*\" is one label", SPAN_INIT("*.a.example"), SPAN_INIT("mx.a.example"), true, true },
	{ "RFC 8461 4.1: \"*\" without case", SPAN_INIT("*.A.example"), SPAN_INIT("MX.a.EXAMPLE."), true, true },
	{ "RFC 8461 4.1: \"*\" is not two labels", SPAN_INIT("*.a.example"), SPAN_INIT("x.mx.a.example"), false, true },
	{ "RFC 8461 4.1: \"*\" is not no label", SPAN_INIT("*.a.example"), SPAN_INIT("a.example"), false, false },
	{ "RFC 8461 4.1: \"*\" is no empty label", SPAN_INIT("*.a.example"), SPAN_INIT(".a.example"), false, false },
	{ "RFC 8461 4.1: \"*\" ends at a label", SPAN_INIT("*.a.example"), SPAN_INIT("mx.aa.example"), false, false },
	{ "RFC 8461 4.1: \"*\" ends at a label, deeper", SPAN_INIT("*.a.example"), SPAN_INIT("x.mxa.example"), false, false },
	{ "RFC 8461 4.1: \"*\" over a single label", SPAN_INIT("*.example"), SPAN_INIT("a.example"), true, true },
	{ "RFC 8461 4.1: \"*\" and an A-label", SPAN_INIT("*.a.example"), SPAN_INIT("xn--bcher-kva.a.example"), true, true },
	{ "RFC 8461 4.1: \"*\" is no star of the host", SPAN_INIT("*.a.example"), SPAN_INIT("*.a.example"), false, false },
	{ "RFC 8461 4.1: a faulty pattern matches nothing", SPAN_INIT("alt*.a.example"), SPAN_INIT("alt1.a.example"), false, false },
	{ "RFC 8461 4.1: not even itself", SPAN_INIT("mx_1.a.example"), SPAN_INIT("mx_1.a.example"), false, false },
	{ "RFC 8461 3.2: a pattern with a final dot (reading A7)", SPAN_INIT("mx.a.example."), SPAN_INIT("mx.a.example."), false, false },
	{ "RFC 8461 4.1: a leading dot is no wildcard", SPAN_INIT(".a.example"), SPAN_INIT("mx.a.example"), false, false },
	{ "RFC 8461 4.1: \"*\" alone matches nothing", SPAN_INIT("*"), SPAN_INIT("example"), false, false },
	{ "RFC 7505 3: a null MX matches nothing", SPAN_INIT("*.a.example"), SPAN_INIT(""), false, false },
	{ "RFC 7505 3: nor as a dot", SPAN_INIT("*.a.example"), SPAN_INIT("."), false, false },
	{ "an address is no host", SPAN_INIT("*.0.2.1"), SPAN_INIT("192.0.2.1"), false, false },
	{ "an address matches no address", SPAN_INIT("192.0.2.1"), SPAN_INIT("192.0.2.1"), false, false },
	{ "RFC 8461 4.1: implicit MX, the domain itself", SPAN_INIT("a.example"), SPAN_INIT("a.example"), true, true },
	{ "NUL does not end a name", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example\0.b.example"), false, false },
};
/* clang-format on */

static void
test_check(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(patterns); i++) {
		t.label = patterns[i].label;
		want_int(&t, "fault", mx_pattern_check(patterns[i].pattern),
		    patterns[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_match(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(matches); i++) {
		struct span p = matches[i].pattern, h = matches[i].host;

		t.label = matches[i].label;
		want_bool(&t, "match", mx_match(p, h), matches[i].want);
		want_bool(&t, "loosely", mx_match_loosely(p, h),
		    matches[i].want_loosely);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests_name("mx_match", tests, NULL, NULL);
}
