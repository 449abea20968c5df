#include "base/escape.h"

#include "base/test_table.h"
#include "base/utf8.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	const char	*want;
} cases[] = {
	{ "plain",		SPAN_INIT("mx: a.example"), "mx: a.example" },
	{ "empty",		SPAN_INIT(""), "" },
	{ "UTF-8 passes",	SPAN_INIT("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f" },
	{ "emoji passes",	SPAN_INIT("\xf0\x9f\x93\xa7"), "\xf0\x9f\x93\xa7" },
	{ "backslash",		SPAN_INIT("a\\b"), "a\\\\b" },
	{ "line end",		SPAN_INIT("a\r\nb"), "a\\x0d\\x0ab" },
	{ "NUL",		SPAN_INIT("a\0b"), "a\\x00b" },
	{ "escape sequence",	SPAN_INIT("\x1b[31m"), "\\x1b[31m" },
	{ "DEL",		SPAN_INIT("\x7f"), "\\x7f" },
	{ "tab",		SPAN_INIT("\t"), "\\x09" },
	{ "invalid UTF-8",	SPAN_INIT("gr\xfc"), "gr\\xfc" },
	{ "overlong",		SPAN_INIT("\xc0\xaf"), "\\xc0\\xaf" },
	{ "cut sequence",	SPAN_INIT("\xe2\x82"), "\\xe2\\x82" },
	{ "C1 control (CSI)",	SPAN_INIT("\xc2\x9b"), "\\xc2\\x9b" },
	{ "bidi override",	SPAN_INIT("\xe2\x80\xae" "abc"), "\\xe2\\x80\\xae" "abc" },
	{ "bidi embedding",	SPAN_INIT("\xe2\x80\xaa"), "\\xe2\\x80\\xaa" },
	{ "bidi isolate",	SPAN_INIT("\xe2\x81\xa6"), "\\xe2\\x81\\xa6" },
	{ "pop isolate",	SPAN_INIT("\xe2\x81\xa9"), "\\xe2\\x81\\xa9" },
	{ "right-to-left mark",	SPAN_INIT("\xe2\x80\x8f"), "\\xe2\\x80\\x8f" },
	{ "zero-width space",	SPAN_INIT("\xe2\x80\x8b"), "\\xe2\\x80\\x8b" },
	{ "line separator",	SPAN_INIT("\xe2\x80\xa8"), "\\xe2\\x80\\xa8" },
	{ "soft hyphen",	SPAN_INIT("\xc2\xad"), "\\xc2\\xad" },
	{ "byte order mark",	SPAN_INIT("\xef\xbb\xbfv"), "\\xef\\xbb\\xbfv" },
	{ "tag character",	SPAN_INIT("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81" },
};
/* clang-format on */

static void
test_escape(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char mem[256];
		struct arena a;

		arena_init_fixed(&a, mem, sizeof mem);
		t.label = cases[i].label;
		want_span(&t, "text",
		    span_str(escape_str(&a, cases[i].text, 1000)),
		    span_str(cases[i].want));
	}
	assert_int_equal(t.failed, 0);
}

/* Whatever comes in, what comes out is UTF-8 without a control. */
static void
test_all_pairs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		char in[2] = { (char)(i >> 8), (char)i }, mem[64];
		struct buf b = buf_init(mem, sizeof mem);
		struct span out;

		escape_put(&b, (struct span){ in, 2 });
		out = buf_span(&b);
		assert_false(b.overflow);
		assert_true(out.n >= 2 && utf8_is_valid(out));
		for (size_t k = 0; k < out.n; k++)
			assert_true((unsigned char)out.p[k] >= 0x20 &&
				    out.p[k] != 0x7f);
	}
}

static void
test_cut(void **state)
{
	char mem[64];
	struct arena a;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	assert_string_equal(escape_str(&a, SPAN("abcdef"), 3), "abc...");
	arena_init_fixed(&a, mem, sizeof mem);
	assert_string_equal(escape_str(&a, SPAN("abc"), 3), "abc");
	/* A cut inside a character shows its beginning as bytes. */
	arena_init_fixed(&a, mem, sizeof mem);
	assert_string_equal(escape_str(&a, SPAN("a\xc3\xbc"), 2), "a\\xc3...");
	arena_init_fixed(&a, mem, 8);
	assert_string_equal(escape_str(&a, SPAN("abcdef"), 6), "");
	assert_true(a.failed);
}

static void
test_print(void **state)
{
	char got[128] = "";
	FILE *f = fmemopen(got, sizeof got, "w");

	(void)state;
	assert_non_null(f);
	escape_print(f, SPAN("a\\\nb\r\x1b[m\xe2\x80\xae"));
	fclose(f);
	assert_string_equal(got, "a\\\nb\\x0d\\x1b[m\\xe2\\x80\\xae");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
