#include "base/utf8.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	size_t		 want_n;
	uint32_t	 want_c;
} cases[] = {
	{ "empty",		SPAN_INIT(""), 0, 0 },
	{ "ASCII",		SPAN_INIT("ab"), 1, 'a' },
	{ "NUL",		SPAN_INIT("\0"), 1, 0 },
	{ "two octets, least",	SPAN_INIT("\xc2\x80"), 2, 0x80 },
	{ "two octets, most",	SPAN_INIT("\xdf\xbf"), 2, 0x7ff },
	{ "three, least",	SPAN_INIT("\xe0\xa0\x80"), 3, 0x800 },
	{ "three, most",	SPAN_INIT("\xef\xbf\xbf"), 3, 0xffff },
	{ "before surrogates",	SPAN_INIT("\xed\x9f\xbf"), 3, 0xd7ff },
	{ "behind surrogates",	SPAN_INIT("\xee\x80\x80"), 3, 0xe000 },
	{ "four, least",	SPAN_INIT("\xf0\x90\x80\x80"), 4, 0x10000 },
	{ "four, most",		SPAN_INIT("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
	{ "RFC 3629 3: overlong, two",	SPAN_INIT("\xc0\x80"), 0, 0 },
	{ "RFC 3629 3: overlong '/'",	SPAN_INIT("\xc1\xaf"), 0, 0 },
	{ "RFC 3629 3: overlong, three", SPAN_INIT("\xe0\x9f\xbf"), 0, 0 },
	{ "RFC 3629 3: overlong, four",	SPAN_INIT("\xf0\x8f\xbf\xbf"), 0, 0 },
	{ "RFC 3629 3: surrogate",	SPAN_INIT("\xed\xa0\x80"), 0, 0 },
	{ "RFC 3629 3: last surrogate",	SPAN_INIT("\xed\xbf\xbf"), 0, 0 },
	{ "above 10FFFF",	SPAN_INIT("\xf4\x90\x80\x80"), 0, 0 },
	{ "F5",			SPAN_INIT("\xf5\x80\x80\x80"), 0, 0 },
	{ "FF",			SPAN_INIT("\xff"), 0, 0 },
	{ "continuation alone",	SPAN_INIT("\x80"), 0, 0 },
	{ "cut after one",	SPAN_INIT("\xe2\x82"), 0, 0 },
	{ "cut after lead",	SPAN_INIT("\xf0"), 0, 0 },
	{ "ASCII in the middle", SPAN_INIT("\xe2\x41\x80"), 0, 0 },
};
/* clang-format on */

static void
test_next(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		uint32_t c = 0;
		size_t n = utf8_next(cases[i].text, &c);

		t.label = cases[i].label;
		want_size(&t, "length", n, cases[i].want_n);
		want_size(&t, "code point", n > 0 ? c : 0, cases[i].want_c);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_is_valid(void **state)
{
	(void)state;
	assert_true(utf8_is_valid(SPAN("")));
	assert_true(utf8_is_valid(SPAN("gr\xc3\xbc\xc3\x9f \xf0\x9f\x93\xa7")));
	assert_false(utf8_is_valid(SPAN("gr\xfc\xdf")));
	assert_false(utf8_is_valid(SPAN("ok\xc3")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_is_valid),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
