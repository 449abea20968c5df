#include "base/test_table.h"

#include "base/limits.h"
#include "web/test_call.h"

enum { MEMORY = LIMIT_WEB_MEMORY };

/* "name=value;..." in the order in which they stand. */
static struct span
flat(struct arena *a, const struct fields *f)
{
	struct span s = SPAN("");

	for (size_t i = 0; i < f->n; i++)
		s = arena_printf(a, "%.*s%.*s=%.*s;", (int)s.n, s.p,
		    (int)f->all[i].name.n, f->all[i].name.p,
		    (int)f->all[i].value.n, f->all[i].value.p);
	return s;
}

static void
test_forms(void **state)
{
	static const struct {
		const char *label;
		struct span in, want;
		enum err rc;
	} rows[] = {
		/* clang-format off */
		{ "nothing", SPAN_INIT(""), SPAN_INIT(""), ERR_OK },
		{ "one", SPAN_INIT("a=b"), SPAN_INIT("a=b;"), ERR_OK },
		{ "several", SPAN_INIT("a=b&a=c&d="), SPAN_INIT("a=b;a=c;d=;"),
		    ERR_OK },
		{ "no value", SPAN_INIT("a"), SPAN_INIT("a=;"), ERR_OK },
		{ "no name", SPAN_INIT("=b&&a=1&"), SPAN_INIT("a=1;"), ERR_OK },
		{ "equals sign in a value", SPAN_INIT("a=b=c"),
		    SPAN_INIT("a=b=c;"), ERR_OK },
		{ "space", SPAN_INIT("a+b=c+d%20e%2B"),
		    SPAN_INIT("a b=c d e+;"), ERR_OK },
		{ "UTF-8", SPAN_INIT("a=%c3%A4"), SPAN_INIT("a=\xc3\xa4;"),
		    ERR_OK },
		{ "separators", SPAN_INIT("a=%26%3d"), SPAN_INIT("a=&=;"),
		    ERR_OK },
		{ "no hex", SPAN_INIT("a=%zz%4&b=%"),
		    SPAN_INIT("a=%zz%4;b=%;"), ERR_OK },
		{ "NUL", SPAN_INIT("a=%00"), SPAN_INIT(""), ERR_DATA },
		{ "NUL as it is", SPAN_INIT("a=\0"), SPAN_INIT(""), ERR_DATA },
		{ "not UTF-8", SPAN_INIT("a=%ff"), SPAN_INIT(""), ERR_DATA },
		{ "not UTF-8 in a name", SPAN_INIT("%c0%80=1"), SPAN_INIT(""),
		    ERR_DATA },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fields f;
		struct error e;
		struct arena a;
		enum err rc;

		t.label = rows[i].label;
		arena_init(&a, MEMORY);
		rc = fields_parse(rows[i].in, &a, &f, &e);
		want_int(&t, "result", rc, rows[i].rc);
		if (rc == ERR_OK)
			want_span(&t, "fields", flat(&a, &f), rows[i].want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_json(void **state)
{
	static const struct {
		const char *label;
		struct span in, want;
		const char *wrong; /* in the error; NULL: none */
	} rows[] = {
		/* clang-format off */
		{ "empty", SPAN_INIT("{}"), SPAN_INIT(""), NULL },
		{ "kinds",
		    SPAN_INIT("{\"a\":\"x\",\"b\":-12,\"c\":true,\"d\":false,"
			"\"e\":null,\"f\":[\"1\",\"2\"],\"g\":[]}"),
		    SPAN_INIT("a=x;b=-12;c=true;d=false;f=1;f=2;g=;"), NULL },
		{ "empty text", SPAN_INIT("{\"a\":\"\"}"), SPAN_INIT("a=;"),
		    NULL },
		{ "nothing", SPAN_INIT(""), SPAN_INIT(""), "no JSON" },
		{ "a list", SPAN_INIT("[]"), SPAN_INIT(""), "no JSON object" },
		{ "a string", SPAN_INIT("\"x\""), SPAN_INIT(""), "no JSON" },
		{ "cut off", SPAN_INIT("{\"a\":"), SPAN_INIT(""), "line 1" },
		{ "something behind it", SPAN_INIT("{} {}"), SPAN_INIT(""),
		    "no JSON" },
		{ "twice", SPAN_INIT("{\"a\":1,\"a\":2}"), SPAN_INIT(""),
		    "no JSON" },
		{ "a fraction", SPAN_INIT("{\"a\":1.5}"), SPAN_INIT(""),
		    "\"a\" is a number with a fraction" },
		{ "too large", SPAN_INIT("{\"a\":99999999999999999999}"),
		    SPAN_INIT(""), "no JSON" },
		{ "an object", SPAN_INIT("{\"a\":{}}"), SPAN_INIT(""),
		    "\"a\" is an object" },
		{ "a list of lists", SPAN_INIT("{\"a\":[[]]}"), SPAN_INIT(""),
		    "\"a\" is a list of something else" },
		{ "a list of numbers", SPAN_INIT("{\"a\":[1]}"), SPAN_INIT(""),
		    "\"a\" is a list of something else" },
		{ "NUL", SPAN_INIT("{\"a\":\"\\u0000\"}"), SPAN_INIT(""),
		    "no JSON" },
		{ "not UTF-8", SPAN_INIT("{\"a\":\"\xff\"}"), SPAN_INIT(""),
		    "no JSON" },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct fields f;
		struct error e = { 0 };
		struct arena a;
		enum err rc;

		t.label = rows[i].label;
		arena_init(&a, MEMORY);
		rc = input_json(rows[i].in, &a, &f, &e);
		want_int(&t, "result", rc,
		    rows[i].wrong == NULL ? ERR_OK : ERR_DATA);
		if (rc == ERR_OK)
			want_span(&t, "fields", flat(&a, &f), rows[i].want);
		else if (rows[i].wrong == NULL ||
			 strstr(e.text, rows[i].wrong) == NULL)
			want_span(&t, "error", span_str(e.text),
			    span_str(rows[i].wrong ? rows[i].wrong : ""));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* Deeper than anybody's stack, and more values than are taken. */
static void
test_ceilings(void **state)
{
	enum { DEEP = 500000, MANY = LIMIT_WEB_FIELDS + 1 };
	static char mem[DEEP * 2 + 16];
	struct buf b = buf_init(mem, sizeof mem);
	struct fields f;
	struct error e;
	struct arena a;

	(void)state;
	arena_init(&a, MEMORY);
	buf_put(&b, SPAN("{\"a\":"));
	for (size_t i = 0; i < DEEP; i++)
		buf_putc(&b, '[');
	assert_int_equal(input_json(buf_span(&b), &a, &f, &e), ERR_DATA);

	b = buf_init(mem, sizeof mem);
	buf_put(&b, SPAN("{\"a\":[\"\""));
	for (size_t i = 1; i < MANY; i++)
		buf_put(&b, SPAN(",\"\""));
	buf_put(&b, SPAN("]}"));
	assert_int_equal(input_json(buf_span(&b), &a, &f, &e), ERR_DATA);
	assert_non_null(strstr(e.text, "more than 20000"));

	b = buf_init(mem, sizeof mem);
	for (size_t i = 0; i < MANY; i++)
		buf_put(&b, SPAN("a=&"));
	assert_int_equal(fields_parse(buf_span(&b), &a, &f, &e), ERR_DATA);
	assert_int_equal(f.n, LIMIT_WEB_FIELDS);
	b.n -= 3;
	assert_int_equal(fields_parse(buf_span(&b), &a, &f, &e), ERR_OK);
	arena_release(&a);
}

static void
parse_form(struct arena *a, const void *arg)
{
	struct fields f;
	struct error e;
	enum err rc = fields_parse(span_str(arg), a, &f, &e);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
parse_json(struct arena *a, const void *arg)
{
	struct fields f;
	struct error e;
	enum err rc = input_json(span_str(arg), a, &f, &e);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(parse_form, "a=1&b=2&c=3&d=%20&e=5&f=6&g=7&h=8&i=9");
	sweep_memory(parse_json, "{\"a\":[\"x\",\"yz\"],\"b\":1,\"c\":true}");
}

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
		    "text=x&word=none&number=-3&flag=on&list=a&list=b",
		    "'x' 0 -3 1 2[a|b|]", "" },
		{ "form, lines", "list=+a+%0D%0A%0D%0A%0Ab%0D%0A",
		    "'' -1 7 1 2[a|b|]", "" },
		{ "form, a text of lines", "text=a%0D%0Ab%0Dc%0D%0A",
		    "'a\nb\rc\n' -1 7 1 0[]", "" },
		{ "form, false", "flag=false", "'' -1 7 0 0[]", "" },
		{ "number as text", "{\"number\":\"3\"}", NULL,
		    "\"number\" is no whole number from -5 to 5" },
		{ "number too large", "number=6", NULL,
		    "\"number\" is no whole number from -5 to 5" },
		{ "number too small", "{\"number\":-6}", NULL,
		    "\"number\" is no whole number from -5 to 5" },
		{ "no number", "number=1x", NULL,
		    "\"number\" is no whole number from -5 to 5" },
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
		arena_init(&a, MEMORY);
		test_call_init(&tc, NULL);
		test_call_begin(
		    &tc, api_domains_add, "/api/v1/domains", rows[i].body);
		text = input_text(in, "text", INPUT_OPTIONAL);
		word = input_word(in, "word", words, INPUT_OPTIONAL);
		number = input_number(in, "number", -5, 5, 7);
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

static void
test_queries(void **state)
{
	struct tally t = { .label = "query" };
	struct fields f;
	struct error e;
	struct arena a;

	(void)state;
	arena_init(&a, MEMORY);
	assert_int_equal(
	    fields_parse(SPAN("a=1&a=2&b=x&c=99&d=-3"), &a, &f, &e), ERR_OK);
	want_span(&t, "the first", fields_find(&f, "a"), SPAN("1"));
	want_span(&t, "none", fields_find(&f, "z"), SPAN(""));
	want_int(&t, "a", fields_number(&f, "a", 0, 9, 5), 1);
	want_int(&t, "b", fields_number(&f, "b", 0, 9, 5), 5);
	want_int(&t, "c", fields_number(&f, "c", 0, 9, 5), 5);
	want_int(&t, "d", fields_number(&f, "d", -9, 9, 5), -3);
	want_int(&t, "z", fields_number(&f, "z", 0, 9, 5), 5);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_asking),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
