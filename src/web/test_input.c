#include "base/test_table.h"

#include "base/limits.h"
#include "web/test_call.h"

/* What each way of asking makes of a body: the answers, or what is wrong. */
static void
test_asking(void **state)
{
	static const char *const words[] = { "none", "testing", "enforce",
		NULL };
	static const struct {
		const char *label, *body;
		const char *got; /* text word number flag list */
		const char *wrong;
	} rows[] = {
		/* clang-format off */
		{ "JSON, nothing", "{}", "'' -1 7 1 0[]", "" },
		{ "JSON, all", "{\"text\":\"x\",\"word\":\"testing\","
			"\"number\":3,\"flag\":false,\"list\":[\"a\",\"b\"]}",
		    "'x' 1 3 0 2[a|b|]", "" },
		{ "JSON, nulls", "{\"text\":null,\"list\":null}",
		    "'' -1 7 1 0[]", "" },
		{ "JSON, empty list", "{\"list\":[]}", "'' -1 7 1 0[]", "" },
		{ "JSON, one of a list", "{\"list\":\"a\\nb\"}",
		    "'' -1 7 1 1[a\nb|]", "" },
		{ "form, nothing", "text=&word=&number=&flag=&list=",
		    "'' -1 7 1 0[]", "" },
		{ "form, all",
		    "text=x&word=none&number=3&flag=on&list=a&list=b",
		    "'x' 0 3 1 2[a|b|]", "" },
		{ "form, lines", "list=+a+%0D%0A%0D%0A%0Ab%0D%0A",
		    "'' -1 7 1 2[a|b|]", "" },
		{ "form, a text of lines", "text=a%0D%0Ab%0Dc%0D%0A",
		    "'a\nb\rc\n' -1 7 1 0[]", "" },
		{ "form, false", "flag=false", "'' -1 7 0 0[]", "" },
		{ "number as text", "{\"number\":\"3\"}", NULL,
		    "\"number\" is no whole number from 1 to 5" },
		{ "number too large", "number=6", NULL,
		    "\"number\" is no whole number from 1 to 5" },
		{ "number too small", "{\"number\":-6}", NULL,
		    "\"number\" is no whole number from 1 to 5" },
		{ "no number", "number=1x", NULL,
		    "\"number\" is no whole number from 1 to 5" },
		{ "text as number", "{\"text\":3}", NULL,
		    "\"text\" is no string" },
		{ "text as an empty list", "{\"text\":[]}", NULL,
		    "\"text\" is no string" },
		{ "text as a list", "{\"text\":[\"a\",\"b\"]}", NULL,
		    "\"text\" is given several times" },
		{ "flag as text", "{\"flag\":\"true\"}", NULL,
		    "\"flag\" is neither true nor false" },
		{ "another word", "word=x", NULL,
		    "\"word\" is none of none, testing or enforce" },
		{ "list with numbers", "{\"list\":1}", NULL,
		    "\"list\" is no list of strings" },
		{ "list too long", "list=a%0Ab%0Ac%0Ad", NULL,
		    "\"list\" has more than 3 values" },
		{ "list too long, in JSON",
		    "{\"list\":[\"a\",\"b\",\"c\",\"d\"]}", NULL,
		    "\"list\" has more than 3 values" },
		{ "unknown", "{\"text\":\"x\",\"txet\":1}", NULL,
		    "\"txet\" is not known here" },
		{ "unknown in a form, even empty", "other=", NULL,
		    "\"other\" is not known here" },
		{ "the first of two", "number=x&word=y", NULL,
		    "\"word\" is none of none, testing or enforce" },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct test_call tc;
		struct input *in = &tc.call.input;
		struct span got, text, *list;
		struct arena a;
		int64_t number;
		int word;
		bool flag, good;
		size_t n;

		t.label = rows[i].label;
		arena_init(&a, LIMIT_WEB_MEMORY);
		test_call_init(&tc, NULL);
		test_call_begin(
		    &tc, api_domains_add, "/api/v1/domains", rows[i].body);
		text = input_text(in, "text", INPUT_OPTIONAL);
		word = input_word(in, "word", words, INPUT_OPTIONAL);
		number = input_number(in, "number", 1, 5, 7);
		flag = input_flag(in, "flag", true);
		list = input_list(in, "list", 3, INPUT_OPTIONAL, &n);
		got = arena_printf(&a, "'%.*s' %d %jd %d %zu[", (int)text.n,
		    text.p, word, (intmax_t)number, flag, n);
		for (size_t j = 0; j < n; j++)
			got = arena_printf(&a, "%.*s%.*s|", (int)got.n, got.p,
			    (int)list[j].n, list[j].p);
		got = arena_printf(&a, "%.*s]", (int)got.n, got.p);
		good = input_end(&tc.call);
		want_bool(&t, "good", good, rows[i].got != NULL);
		want_span(
		    &t, "wrong", span_str(in->wrong), span_str(rows[i].wrong));
		if (rows[i].got != NULL)
			want_span(&t, "got", got, span_str(rows[i].got));
		else
			want_int(&t, "status", tc.call.status, 400);
		test_call_release(&tc);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_required(void **state)
{
	static const struct {
		const char *body, *wrong;
		bool has;
	} rows[] = {
		{ "{}", "\"text\" is missing", false },
		{ "{\"text\":\"\"}", "\"text\" is empty", true },
		{ "text=", "\"text\" is missing", false },
		{ "text=x", "\"list\" is missing", true },
		{ "text=x&list=%0A%0A", "\"list\" is missing", true },
		{ "{\"text\":\"x\",\"list\":[]}", "\"list\" is missing", true },
		{ "text=x&list=y", "", true },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct test_call tc;
		struct input *in = &tc.call.input;
		size_t n;

		t.label = rows[i].body;
		test_call_init(&tc, NULL);
		test_call_begin(
		    &tc, api_domains_add, "/api/v1/domains", rows[i].body);
		want_bool(&t, "has", input_has(in, "text"), rows[i].has);
		input_text(in, "text", INPUT_REQUIRED);
		input_list(in, "list", 3, INPUT_REQUIRED, &n);
		want_bool(
		    &t, "good", input_end(&tc.call), rows[i].wrong[0] == '\0');
		want_span(
		    &t, "wrong", span_str(in->wrong), span_str(rows[i].wrong));
		test_call_release(&tc);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asking),
		cmocka_unit_test(test_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
