#include "base/base64url.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 octets, text;
} pairs[] = {
	{ "RFC 4648 10: nothing", SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 4648 10: f", SPAN_INIT("f"), SPAN_INIT("Zg") },
	{ "RFC 4648 10: fo", SPAN_INIT("fo"), SPAN_INIT("Zm8") },
	{ "RFC 4648 10: foo", SPAN_INIT("foo"), SPAN_INIT("Zm9v") },
	{ "RFC 4648 10: foob", SPAN_INIT("foob"), SPAN_INIT("Zm9vYg") },
	{ "RFC 4648 10: fooba", SPAN_INIT("fooba"), SPAN_INIT("Zm9vYmE") },
	{ "RFC 4648 10: foobar", SPAN_INIT("foobar"), SPAN_INIT("Zm9vYmFy") },
	{ "RFC 7515 C: octets of every kind", SPAN_INIT("\x03\xec\xff\xe0\xc1"),
	  SPAN_INIT("A-z_4ME") },
	{ "a NUL", SPAN_INIT("\0\0\0"), SPAN_INIT("AAAA") },
};

static const struct {
	const char	*label;
	struct span	 text;
} bad[] = {
	{ "padding", SPAN_INIT("Zg==") },
	{ "one character left over", SPAN_INIT("Zm9vY") },
	{ "of the other alphabet: plus", SPAN_INIT("A+z_4ME") },
	{ "of the other alphabet: slash", SPAN_INIT("A-z/4ME") },
	{ "a blank", SPAN_INIT("Zm 9") },
	{ "a line end", SPAN_INIT("Zm9v\n") },
	{ "a NUL", SPAN_INIT("Zm\0v") },
	{ "bits beyond one octet", SPAN_INIT("Zh") },
	{ "bits beyond two octets", SPAN_INIT("Zm9") },
};
/* clang-format on */

static void
test_pairs(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(pairs); i++) {
		struct span back = SPAN("");
		struct arena a;

		t.label = pairs[i].label;
		arena_init(&a, 4096);
		want_span(&t, "text", base64url_encode(&a, pairs[i].octets),
		    pairs[i].text);
		want_bool(&t, "decodes",
		    base64url_decode(&a, pairs[i].text, &back), true);
		want_span(&t, "octets", back, pairs[i].octets);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_bad(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct span out = SPAN("untouched");
		struct arena a;

		t.label = bad[i].label;
		arena_init(&a, 4096);
		want_bool(&t, "decodes",
		    base64url_decode(&a, bad[i].text, &out), false);
		want_span(&t, "out", out, SPAN("untouched"));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
over(struct arena *a, const void *arg)
{
	struct span text = base64url_encode(a, *(const struct span *)arg), back;

	if (!a->failed && base64url_decode(a, text, &back))
		assert_true(span_eq(back, *(const struct span *)arg));
}

static void
test_memory(void **state)
{
	struct span s = SPAN("all of it, or nothing");

	(void)state;
	sweep_memory(over, &s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
