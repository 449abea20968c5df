#include "wire/media_type.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 value, want_type, want_charset;
	bool		 want_text;
} cases[] = {
	{ "RFC 8461 3.2: text/plain", SPAN_INIT("text/plain"),
	  SPAN_INIT("text/plain"), SPAN_INIT(""), true },
	{ "RFC 8461 3.2: a charset", SPAN_INIT("text/plain; charset=utf-8"),
	  SPAN_INIT("text/plain"), SPAN_INIT("utf-8"), true },
	{ "RFC 9110 8.3.1: without case", SPAN_INIT("Text/PLAIN;Charset=US-ASCII"),
	  SPAN_INIT("Text/PLAIN"), SPAN_INIT("US-ASCII"), true },
	{ "RFC 9110 5.6.6: quoted", SPAN_INIT("text/plain; charset=\"utf-8\""),
	  SPAN_INIT("text/plain"), SPAN_INIT("utf-8"), true },
	{ "RFC 8461 3.2: other parameters are ignored",
	  SPAN_INIT("text/plain; format=flowed; x=\"a;charset=b\"; charset=c"),
	  SPAN_INIT("text/plain"), SPAN_INIT("c"), true },
	{ "RFC 8461 3.2: odd parameters too",
	  SPAN_INIT("text/plain; ;;=; foo; charset"), SPAN_INIT("text/plain"),
	  SPAN_INIT(""), true },
	{ "an escaped quote", SPAN_INIT("text/plain; x=\"\\\";\"; charset=d"),
	  SPAN_INIT("text/plain"), SPAN_INIT("d"), true },
	{ "a quote without an end", SPAN_INIT("text/plain; x=\"a; charset=d"),
	  SPAN_INIT("text/plain"), SPAN_INIT(""), true },
	{ "the first charset", SPAN_INIT("text/plain; charset=a; charset=b"),
	  SPAN_INIT("text/plain"), SPAN_INIT("a"), true },
	{ "white space", SPAN_INIT(" text/plain\t; charset = utf-8 "),
	  SPAN_INIT("text/plain"), SPAN_INIT("utf-8"), true },
	{ "an empty charset", SPAN_INIT("text/plain; charset="),
	  SPAN_INIT("text/plain"), SPAN_INIT(""), true },
	{ "RFC 8461 3.2: HTML", SPAN_INIT("text/html; charset=utf-8"),
	  SPAN_INIT("text/html"), SPAN_INIT("utf-8"), false },
	{ "RFC 8461 3.2: octets", SPAN_INIT("application/octet-stream"),
	  SPAN_INIT("application/octet-stream"), SPAN_INIT(""), false },
	{ "a longer type", SPAN_INIT("text/plainer"), SPAN_INIT("text/plainer"),
	  SPAN_INIT(""), false },
	{ "two types", SPAN_INIT("text/plain, text/html"),
	  SPAN_INIT("text/plain, text/html"), SPAN_INIT(""), false },
	{ "empty", SPAN_INIT(""), SPAN_INIT(""), SPAN_INIT(""), false },
	{ "a semicolon", SPAN_INIT(";"), SPAN_INIT(""), SPAN_INIT(""), false },
	{ "NUL", SPAN_INIT("text/plain\0"), SPAN_INIT("text/plain\0"),
	  SPAN_INIT(""), false },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct media_type m = media_type_parse(cases[i].value);

		t.label = cases[i].label;
		want_span(&t, "type", m.type, cases[i].want_type);
		want_span(&t, "charset", m.charset, cases[i].want_charset);
		want_bool(&t, "text/plain", media_type_is_text_plain(m),
		    cases[i].want_text);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
