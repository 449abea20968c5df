#include "base/buf.h"

#include "base/test_table.h"

static void
test_put(void **state)
{
	char mem[8];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	buf_put(&b, SPAN("abc"));
	buf_putc(&b, 'd');
	buf_put(&b, SPAN(""));
	buf_put(&b, SPAN("efgh"));
	assert_true(span_eq(buf_span(&b), SPAN("abcdefgh")));
	assert_false(b.overflow);
	buf_put(&b, SPAN(""));
	assert_false(b.overflow);
	buf_putc(&b, 'i');
	assert_true(b.overflow);
	assert_true(span_eq(buf_span(&b), SPAN("abcdefgh")));
}

static void
test_sticky(void **state)
{
	char mem[8];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	buf_put(&b, SPAN("123456789"));
	/* What does not fit is dropped whole, and nothing comes after it. */
	assert_true(b.overflow);
	assert_int_equal(b.n, 0);
	buf_put(&b, SPAN("1"));
	buf_printf(&b, "%d", 2);
	assert_int_equal(b.n, 0);
}

static void
test_printf(void **state)
{
	char mem[8];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	buf_printf(&b, "%s-%d", "ab", 42);
	assert_true(span_eq(buf_span(&b), SPAN("ab-42")));
	buf_printf(&b, "%d", 1234);
	assert_true(b.overflow);
	assert_true(span_eq(buf_span(&b), SPAN("ab-42")));
	b = buf_init(mem, 0);
	buf_printf(&b, "%s", "");
	assert_int_equal(b.n, 0);
	b = buf_init(mem, 0);
	buf_put(&b, SPAN(""));
	assert_false(b.overflow);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_sticky),
		cmocka_unit_test(test_printf),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
