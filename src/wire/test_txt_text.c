#include "wire/txt_text.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	bool		 want;
	const char	*want_strings; /* each in brackets */
	size_t		 want_at;
} cases[] = {
	{ "bare", SPAN_INIT("v=STSv1; id=1"), true, "[v=STSv1; id=1]", 0 },
	{ "bare, with marks inside", SPAN_INIT("a\"b\\c"), true, "[a\"b\\c]", 0 },
	{ "empty", SPAN_INIT(""), true, "[]", 0 },
	{ "RFC 1035 5.1: one string", SPAN_INIT("\"v=STSv1;\""), true, "[v=STSv1;]", 0 },
	{ "RFC 1035 5.1: an empty string", SPAN_INIT("\"\""), true, "[]", 0 },
	{ "RFC 1035 5.1: several strings", SPAN_INIT("\"a\" \"b\"\t\"c\""), true, "[a][b][c]", 0 },
	{ "RFC 1035 5.1: nothing between", SPAN_INIT("\"a\"\"b\""), true, "[a][b]", 0 },
	{ "RFC 1035 5.1: white space behind", SPAN_INIT("\"a\" "), true, "[a]", 0 },
	{ "RFC 1035 5.1: \\X", SPAN_INIT("\"a\\\"b\\\\c\\;\""), true, "[a\"b\\c;]", 0 },
	{ "RFC 1035 5.1: \\DDD", SPAN_INIT("\"\\065\\066\\0677\""), true, "[ABC7]", 0 },
	{ "no end", SPAN_INIT("\"a"), false, "", 2 },
	{ "a mark and nothing", SPAN_INIT("\""), false, "", 1 },
	{ "something bare behind", SPAN_INIT("\"a\" b"), false, "", 4 },
	{ "a backslash at the end", SPAN_INIT("\"a\\"), false, "", 3 },
	{ "\\DDD over 255", SPAN_INIT("\"\\256\""), false, "", 2 },
	{ "two digits", SPAN_INIT("\"\\25\""), false, "", 2 },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char mem[256];
		struct buf b = buf_init(mem, sizeof mem);
		struct dns_txt txt;
		struct arena a;
		size_t at;
		bool ok;

		arena_init(&a, 1 << 16);
		ok = txt_text_parse(cases[i].text, &a, &txt, &at);
		t.label = cases[i].label;
		want_bool(&t, "result", ok, cases[i].want);
		for (size_t k = 0; k < txt.n_strings && ok; k++) {
			buf_putc(&b, '[');
			buf_put(&b, txt.strings[k]);
			buf_putc(&b, ']');
		}
		want_span(&t, "strings", buf_span(&b),
		    span_str(cases[i].want_strings));
		if (!ok)
			want_size(&t, "at", at, cases[i].want_at);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
parse_in(struct arena *a, const void *arg)
{
	struct dns_txt txt;
	size_t at;

	(void)arg;
	assert_true(txt_text_parse(SPAN("\"a\" \"b\" \"c\" \"d\" \"e\""), a,
			&txt, &at) == !a->failed);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(parse_in, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("txt_text", tests, NULL, NULL);
}
