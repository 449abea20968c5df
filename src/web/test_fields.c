#include "base/test_table.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "web/fields.h"
#include "web/percent.h"

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
		rc = fields_json(rows[i].in, &a, &f, &e);
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
	assert_int_equal(fields_json(buf_span(&b), &a, &f, &e), ERR_DATA);

	b = buf_init(mem, sizeof mem);
	buf_put(&b, SPAN("{\"a\":[\"\""));
	for (size_t i = 1; i < MANY; i++)
		buf_put(&b, SPAN(",\"\""));
	buf_put(&b, SPAN("]}"));
	assert_int_equal(fields_json(buf_span(&b), &a, &f, &e), ERR_DATA);
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
	enum err rc = fields_json(span_str(arg), a, &f, &e);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(parse_form, "a=1&b=2&c=3&d=%20&e=5&f=6&g=7&h=8&i=9");
	sweep_memory(parse_json, "{\"a\":[\"x\",\"yz\"],\"b\":1,\"c\":true}");
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
	want_int(&t, "d", fields_number(&f, "d", 0, 9, 5), 5);
	want_int(&t, "z", fields_number(&f, "z", 0, 9, 5), 5);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* Whatever it is, it comes back as it was, and is one value of a query. */
static void
test_percent(void **state)
{
	static const struct {
		struct span in, want;
	} rows[] = {
		{ SPAN_INIT(""), SPAN_INIT("") },
		{ SPAN_INIT("aZ9"), SPAN_INIT("aZ9") },
		{ SPAN_INIT("a b+c"), SPAN_INIT("a%20b%2bc") },
		{ SPAN_INIT("&=%#?/\r\n"),
		    SPAN_INIT("%26%3d%25%23%3f%2f%0d%0a") },
		{ SPAN_INIT("\xc3\xa4"), SPAN_INIT("%c3%a4") },
	};
	struct tally t = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span got = percent_escape(rows[i].in, &a), back;

		t.label = rows[i].want.p;
		want_span(&t, "escaped", got, rows[i].want);
		want_bool(
		    &t, "undone", percent_decode(got, true, &a, &back), true);
		want_span(&t, "as it was", back, rows[i].in);
	}
	want_span(&t, "what is plain stays",
	    percent_encode(SPAN("ab-"), ascii_is_alnum, &a), SPAN("ab%2d"));
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
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
