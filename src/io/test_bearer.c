#include "base/test_table.h"

#include "io/bearer.h"

static bool
fill_up(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = (uint8_t)i;
	return true;
}

static bool
fill_nothing(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	(void)buf;
	(void)n;
	return false;
}

/* What is shown is found by what was kept of it. */
static void
test_made(void **state)
{
	static const struct randomness known = { fill_up };
	struct tally t = { .label = "made" };
	struct bearer b, other;
	uint8_t hash[BEARER_HASH];
	struct error e;

	(void)state;
	assert_int_equal(bearer_make(&known, &b, &e), ERR_OK);
	want_span(&t, "text", span_str(b.text),
	    SPAN("000102030405060708090a0b0c0d0e0f"
		 "101112131415161718191a1b1c1d1e1f"));
	assert_true(bearer_hash(span_str(b.text), hash));
	assert_memory_equal(hash, b.hash, sizeof hash);
	assert_int_equal(bearer_make(&randomness_system, &other, &e), ERR_OK);
	assert_memory_not_equal(other.hash, b.hash, sizeof b.hash);
	assert_int_equal(t.failed, 0);
}

static void
test_no_randomness(void **state)
{
	static const struct randomness none = { fill_nothing };
	struct bearer b;
	struct error e;

	(void)state;
	assert_int_equal(bearer_make(&none, &b, &e), ERR_SYSTEM);
}

static void
test_shown(void **state)
{
#define HALF "0123456789abcdef0123456789abcdef"
	static const struct {
		const char *label;
		struct span text;
		bool want;
	} rows[] = {
		{ "good", SPAN_INIT(HALF HALF), true },
		{ "nothing", SPAN_INIT(""), false },
		{ "too short", SPAN_INIT(HALF), false },
		{ "too long", SPAN_INIT(HALF HALF "0"), false },
		{ "no digit",
		    SPAN_INIT(HALF "g123456789abcdef"
				   "0123456789abcdef"),
		    false },
		{ "a NUL",
		    SPAN_INIT(HALF "\0"
				   "123456789abcdef"
				   "0123456789abcdef"),
		    false },
	};
	struct tally t = { 0 };
	uint8_t hash[BEARER_HASH];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_bool(&t, "is one", bearer_hash(rows[i].text, hash),
		    rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_no_randomness),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
