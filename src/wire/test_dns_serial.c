#include "wire/dns_serial.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	uint32_t	 a, b;
	bool		 want;
} cases[] = {
	{ "RFC 1982 3.2: the next one", 1, 2, true },
	{ "the one before", 2, 1, false },
	{ "the same", 7, 7, false },
	{ "across the end", UINT32_MAX, 0, true },
	{ "across the end, back", 0, UINT32_MAX, false },
	{ "as far as it goes", 0, 0x7fffffff, true },
	{ "exactly half the circle: undefined, so no", 0, 0x80000000, false },
	{ "and from the other side", 0x80000000, 0, false },
	{ "beyond half the circle", 0, 0x80000001, false },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		t.label = cases[i].label;
		want_bool(&t, "older",
		    dns_serial_is_older(cases[i].a, cases[i].b), cases[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
