#include "base/num.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	uint64_t	 max;
	bool		 want;
	uint64_t	 want_value;
} numbers[] = {
	{ "zero",		SPAN_INIT("0"), 10, true, 0 },
	{ "leading zeros",	SPAN_INIT("0007"), 10, true, 7 },
	{ "at the maximum",	SPAN_INIT("10"), 10, true, 10 },
	{ "above the maximum",	SPAN_INIT("11"), 10, false, 0 },
	{ "maximum below a digit", SPAN_INIT("7"), 5, false, 0 },
	{ "zero as maximum",	SPAN_INIT("0"), 0, true, 0 },
	{ "one above zero",	SPAN_INIT("1"), 0, false, 0 },
	{ "empty",		SPAN_INIT(""), 10, false, 0 },
	{ "sign",		SPAN_INIT("+1"), 10, false, 0 },
	{ "minus",		SPAN_INIT("-1"), 10, false, 0 },
	{ "space",		SPAN_INIT(" 1"), 10, false, 0 },
	{ "space behind",	SPAN_INIT("1 "), 10, false, 0 },
	{ "decimal",		SPAN_INIT("1.0"), 10, false, 0 },
	{ "hexadecimal",	SPAN_INIT("0x1"), 10, false, 0 },
	{ "NUL inside",		SPAN_INIT("1\0"), 10, false, 0 },
	{ "colon, behind '9'",	SPAN_INIT(":"), 100, false, 0 },
	{ "slash, before '0'",	SPAN_INIT("/"), 100, false, 0 },
	{ "Arabic digits",	SPAN_INIT("\xd9\xa1"), 100, false, 0 },
	{ "largest",		SPAN_INIT("18446744073709551615"), UINT64_MAX,
				true, UINT64_MAX },
	{ "largest and one",	SPAN_INIT("18446744073709551616"), UINT64_MAX,
				false, 0 },
	{ "largest and a digit", SPAN_INIT("184467440737095516150"),
				UINT64_MAX, false, 0 },
	{ "far too many digits",
	  SPAN_INIT("99999999999999999999999999999999999999999999"),
				UINT64_MAX, false, 0 },
};

static const struct {
	const char	*label;
	struct span	 text;
	uint64_t	 max;
	bool		 want;
	uint64_t	 want_value;
} durations[] = {
	{ "bare",	SPAN_INIT("90"), 1000, true, 90 },
	{ "seconds",	SPAN_INIT("90s"), 1000, true, 90 },
	{ "minutes",	SPAN_INIT("2m"), 1000, true, 120 },
	{ "hours",	SPAN_INIT("1h"), 3600, true, 3600 },
	{ "days",	SPAN_INIT("1d"), 100000, true, 86400 },
	{ "weeks",	SPAN_INIT("2w"), 31557600, true, 1209600 },
	{ "at most",	SPAN_INIT("1h"), 3599, false, 0 },
	{ "no number",	SPAN_INIT("s"), 1000, false, 0 },
	{ "empty",	SPAN_INIT(""), 1000, false, 0 },
	{ "unknown unit", SPAN_INIT("1y"), 1000, false, 0 },
	{ "two units",	SPAN_INIT("1ms"), 1000, false, 0 },
	{ "upper case",	SPAN_INIT("1H"), 100000, false, 0 },
	{ "overflow",	SPAN_INIT("18446744073709551615w"), UINT64_MAX, false,
			0 },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(numbers); i++) {
		uint64_t got = 77;
		bool ok = num_parse(numbers[i].text, numbers[i].max, &got);

		t.label = numbers[i].label;
		want_bool(&t, "result", ok, numbers[i].want);
		want_bool(&t, "value", true,
		    got == (ok ? numbers[i].want_value : 77));
	}
	assert_int_equal(t.failed, 0);
}

static void
test_duration(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(durations); i++) {
		uint64_t got = 77;
		bool ok = num_parse_duration(
		    durations[i].text, durations[i].max, &got);

		t.label = durations[i].label;
		want_bool(&t, "result", ok, durations[i].want);
		want_bool(&t, "value", true,
		    got == (ok ? durations[i].want_value : 77));
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static const struct {
	uint64_t	 s;
	struct span	 want;
} written[] = {
	{ 1,		SPAN_INIT("1s") },
	{ 61,		SPAN_INIT("61s") },
	{ 120,		SPAN_INIT("2m") },
	{ 3600,		SPAN_INIT("1h") },
	{ 172800,	SPAN_INIT("2d") },
	{ 604800,	SPAN_INIT("1w") },
	{ 31557600,	SPAN_INIT("8766h") },
};
/* clang-format on */

static void
test_put_duration(void **state)
{
	struct tally t = { .label = "written" };

	(void)state;
	for (size_t i = 0; i < ROWS(written); i++) {
		char mem[32];
		struct buf b = buf_init(mem, sizeof mem);
		uint64_t back = 0;

		num_put_duration(&b, written[i].s);
		want_span(&t, "text", buf_span(&b), written[i].want);
		want_bool(&t, "is read again", true,
		    num_parse_duration(buf_span(&b), UINT64_MAX, &back) &&
			back == written[i].s);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_put_duration),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
