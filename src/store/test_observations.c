#include <zlib.h>

#include "base/limits.h"
#include "store/observations.h"
#include "store/packed.h"
#include "store/test_store.h"

static void
put(struct fixture *f, int64_t domain, struct span json, int64_t at)
{
	assert_err(f,
	    observation_put(
		f->s, domain, json, (struct wall_time){ at }, &f->e),
	    ERR_OK);
}

static struct span
get(struct fixture *f, int64_t domain, int64_t want_at)
{
	struct wall_time at;
	struct span json = SPAN("");
	bool found;

	assert_err(f,
	    observation_get(f->s, domain, &f->a, &json, &at, &found, &f->e),
	    ERR_OK);
	assert_int_equal(found, want_at != 0);
	if (found)
		assert_int_equal(at.s, want_at);
	return json;
}

static void
test_last_one(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");

	get(f, a, 0);
	put(f, a, SPAN("{\"n\": 1}"), 10);
	put(f, b, SPAN("{\"n\": \"\xc3\xbc\"}"), 20);
	assert_true(span_eq(get(f, a, 10), SPAN("{\"n\": 1}")));
	put(f, a, SPAN("{\"n\": 2}"), 30);
	assert_true(span_eq(get(f, a, 30), SPAN("{\"n\": 2}")));
	assert_true(span_eq(get(f, b, 20), SPAN("{\"n\": \"\xc3\xbc\"}")));
}

static void
test_large(void **state)
{
	enum { SIZE = 1000 * 1000 };
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example");
	char *text = test_malloc(SIZE);
	uint32_t random = 1;

	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1664525 + 1013904223;
		text[i] = (char)(random >> 24);
	}
	put(f, a, (struct span){ text, SIZE }, 10);
	assert_true(span_eq(get(f, a, 10), (struct span){ text, SIZE }));
	test_free(text);
}

/* What the text costs in the store. */
static void
test_is_compressed(void **state)
{
	static const struct sql_statement length = {
		"SELECT CAST(LENGTH(json_zlib) AS {INT}) FROM observation"
	};
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example");
	char text[20000];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "{\"result\": \"ok\"}, "[i % 18];
	put(f, a, (struct span){ text, sizeof text }, 10);
	assert_in_range(fixture_count(f, &length), 20, 400);
}

static void
test_damaged(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label, *hex;
	} rows[] = {
		{ "nothing",		"" },
		{ "no zlib",		"7b7d7b7d7b7d" },
		{ "cut short",		"789cabae05" },
		{ "more behind",	"789cabae0500017500f900" },
		{ "another checksum",	"789cabae0500017500f8" },
		{ "a bit is wrong",	"789cffae0500017500f9" },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct tally t = { 0 };
	int64_t a = fixture_domain(f, "a.example");
	struct wall_time at;
	struct span json;
	bool found;

	put(f, a, SPAN("{}"), 10);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		fixture_exec(
		    f, arena_printf(&f->a,
			   f->is_postgres
			       ? "UPDATE observation SET json_zlib = '\\x%s'"
			       : "UPDATE observation SET json_zlib = x'%s'",
			   rows[i].hex)
			   .p);
		want_int(&t, "error",
		    observation_get(f->s, a, &f->a, &json, &at, &found, &f->e),
		    ERR_DATA);
		want_bool(
		    &t, "says so", strstr(f->e.text, "damaged") != NULL, true);
	}
	assert_int_equal(t.failed, 0);
}

/* As much as is allowed, and one byte more: a small blob either way. */
static void
test_limit(void **state)
{
	enum { MORE = LIMIT_STORE_TEXT + 1 };
	struct fixture *f = *state;
	struct arena big;
	struct span zeros = { test_calloc(1, MORE), MORE }, packed, text;
	Bytef bomb[LIMIT_STORE_TEXT / 500];
	uLongf n = sizeof bomb;

	arena_init(&big, 3 * (size_t)LIMIT_STORE_TEXT);
	assert_err(f, packed_write(zeros, &big, &packed, &f->e), ERR_LIMIT);
	assert_err(f,
	    packed_write(span_head(zeros, MORE - 1), &big, &packed, &f->e),
	    ERR_OK);
	assert_err(f, packed_read(packed, &big, &text, &f->e), ERR_OK);
	assert_true(span_eq(text, span_head(zeros, MORE - 1)));
	assert_err(f, packed_read(packed, &f->a, &text, &f->e), ERR_MEMORY);
	assert_int_equal(
	    compress2(bomb, &n, (const Bytef *)zeros.p, MORE, 6), Z_OK);
	assert_err(f,
	    packed_read(
		(struct span){ (const char *)bomb, n }, &big, &text, &f->e),
	    ERR_DATA);
	arena_release(&big);
	test_free((void *)(uintptr_t)zeros.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_last_one),
		RUN(test_large),
		RUN(test_is_compressed),
		RUN(test_damaged),
		RUN(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
