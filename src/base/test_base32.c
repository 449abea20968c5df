#include "base/base32.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 octets, want;
} rows[] = {
	{ "RFC 4648 10: nothing", SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 4648 10: f", SPAN_INIT("f"), SPAN_INIT("my") },
	{ "RFC 4648 10: fo", SPAN_INIT("fo"), SPAN_INIT("mzxq") },
	{ "RFC 4648 10: foo", SPAN_INIT("foo"), SPAN_INIT("mzxw6") },
	{ "RFC 4648 10: foob", SPAN_INIT("foob"), SPAN_INIT("mzxw6yq") },
	{ "RFC 4648 10: fooba", SPAN_INIT("fooba"), SPAN_INIT("mzxw6ytb") },
	{ "RFC 4648 10: foobar", SPAN_INIT("foobar"), SPAN_INIT("mzxw6ytboi") },
	{ "80 bits are 16 characters", SPAN_INIT("\xff\xff\xff\xff\xff\0\0\0\0\0"),
	  SPAN_INIT("77777777aaaaaaaa") },
};
/* clang-format on */

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[64];
		struct buf b = buf_init(mem, sizeof mem);

		t.label = rows[i].label;
		base32_put(&b, rows[i].octets);
		want_span(&t, "text", buf_span(&b), rows[i].want);
		want_bool(&t, "overflow", b.overflow, false);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_too_small(void **state)
{
	char mem[15];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	base32_put(&b, SPAN("0123456789"));
	assert_true(b.overflow);
	assert_true(b.n <= sizeof mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
