#include "base/rfc3339.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	bool		 want;
	int64_t		 want_s;
} cases[] = {
	{ "the epoch", SPAN_INIT("1970-01-01T00:00:00Z"), true, 0 },
	{ "before it", SPAN_INIT("1969-12-31T23:59:59Z"), true, -1 },
	{ "a billion", SPAN_INIT("2001-09-09T01:46:40Z"), true, 1000000000 },
	{ "RFC 3339 5.8: fraction and Z",
	  SPAN_INIT("1985-04-12T23:20:50.52Z"), true, 482196050 },
	{ "RFC 3339 5.8: offset",
	  SPAN_INIT("1996-12-19T16:39:57-08:00"), true, 851042397 },
	{ "RFC 3339 5.8: leap second",
	  SPAN_INIT("1990-12-31T23:59:60Z"), true, 662687999 },
	{ "RFC 3339 5.8: Netherlands",
	  SPAN_INIT("1937-01-01T12:00:27.87+00:20"), true, -1041337173 },
	{ "RFC 3339 5.6: lower case", SPAN_INIT("1970-01-01t00:00:01z"), true, 1 },
	{ "a space for T", SPAN_INIT("1970-01-01 00:00:01Z"), true, 1 },
	{ "29 February", SPAN_INIT("2024-02-29T00:00:00Z"), true, 1709164800 },
	{ "2000 is a leap year", SPAN_INIT("2000-02-29T00:00:00Z"), true,
	  951782400 },
	{ "year 0", SPAN_INIT("0000-01-01T00:00:00Z"), true, -62167219200 },
	{ "year 9999", SPAN_INIT("9999-12-31T23:59:59Z"), true, 253402300799 },

	{ "2023 is no leap year", SPAN_INIT("2023-02-29T00:00:00Z"), false, 0 },
	{ "1900 is no leap year", SPAN_INIT("1900-02-29T00:00:00Z"), false, 0 },
	{ "31 April", SPAN_INIT("2024-04-31T00:00:00Z"), false, 0 },
	{ "month 0", SPAN_INIT("2024-00-01T00:00:00Z"), false, 0 },
	{ "month 13", SPAN_INIT("2024-13-01T00:00:00Z"), false, 0 },
	{ "day 0", SPAN_INIT("2024-01-00T00:00:00Z"), false, 0 },
	{ "hour 24", SPAN_INIT("2024-01-01T24:00:00Z"), false, 0 },
	{ "minute 60", SPAN_INIT("2024-01-01T00:60:00Z"), false, 0 },
	{ "second 61", SPAN_INIT("2024-01-01T00:00:61Z"), false, 0 },
	{ "no zone", SPAN_INIT("2024-01-01T00:00:00"), false, 0 },
	{ "date alone", SPAN_INIT("2024-01-01"), false, 0 },
	{ "empty fraction", SPAN_INIT("2024-01-01T00:00:00.Z"), false, 0 },
	{ "offset without colon", SPAN_INIT("2024-01-01T00:00:00+0100"), false, 0 },
	{ "offset of 24 hours", SPAN_INIT("2024-01-01T00:00:00+24:00"), false, 0 },
	{ "something behind", SPAN_INIT("2024-01-01T00:00:00Z "), false, 0 },
	{ "something before", SPAN_INIT(" 2024-01-01T00:00:00Z"), false, 0 },
	{ "five digits", SPAN_INIT("12024-01-01T00:00:00Z"), false, 0 },
	{ "one digit", SPAN_INIT("2024-1-1T00:00:00Z"), false, 0 },
	{ "sign", SPAN_INIT("+024-01-01T00:00:00Z"), false, 0 },
	{ "empty", SPAN_INIT(""), false, 0 },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct wall_time got = { 77 };
		bool ok = rfc3339_parse(cases[i].text, &got);

		t.label = cases[i].label;
		want_bool(&t, "result", ok, cases[i].want);
		want_int(&t, "time", got.s, ok ? cases[i].want_s : 77);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_parse_day(void **state)
{
	static const struct {
		const char *label;
		struct span text;
		bool want;
		int64_t want_s;
	} rows[] = {
		{ "the epoch", SPAN_INIT("1970-01-01"), true, 0 },
		{ "a day", SPAN_INIT("2026-11-27"), true, 1795737600 },
		{ "29 February", SPAN_INIT("2024-02-29"), true, 1709164800 },
		{ "29 February of none", SPAN_INIT("2023-02-29"), false, 0 },
		{ "with a time", SPAN_INIT("2024-01-01T00:00:00Z"), false, 0 },
		{ "a month", SPAN_INIT("2024-01"), false, 0 },
		{ "one digit", SPAN_INIT("2024-1-1"), false, 0 },
		{ "a blank behind", SPAN_INIT("2024-01-01 "), false, 0 },
		{ "empty", SPAN_INIT(""), false, 0 },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct wall_time got = { 77 };
		bool ok = rfc3339_parse_day(rows[i].text, &got);

		t.label = rows[i].label;
		want_bool(&t, "result", ok, rows[i].want);
		want_int(&t, "time", got.s, ok ? rows[i].want_s : 77);
	}
	assert_int_equal(t.failed, 0);
}

/* A step that is prime to everything in a calendar: all days, all months, all
 * hours come by. */
static void
test_round_trip(void **state)
{
	enum { STEP = 86400 * 17 + 3607 };
	struct tally t = { .label = "round trip" };
	struct civil last = { .year = -1 };

	(void)state;
	for (int64_t s = -62167219200; s <= 253402300799; s += STEP) {
		struct wall_time at = { s }, back = { 0 };
		struct rfc3339 text = rfc3339_format(at);
		struct civil c = civil_from_time(at);

		want_bool(&t, text.text,
		    rfc3339_parse(span_str(text.text), &back), true);
		want_int(&t, text.text, back.s, s);
		want_int(&t, text.text, civil_to_time(c).s, s);
		want_bool(&t, text.text,
		    c.month >= 1 && c.month <= 12 && c.day >= 1 &&
			c.day <= 31 && c.year >= last.year,
		    true);
		last = c;
	}
	assert_int_equal(t.failed, 0);
}

static void
test_days_follow(void **state)
{
	struct civil c = civil_from_time((struct wall_time){ 0 });

	(void)state;
	for (int64_t day = 1; day < 200 * 366; day++) {
		struct civil n =
		    civil_from_time((struct wall_time){ day * 86400 });

		assert_true((n.day == c.day + 1 && n.month == c.month) ||
			    (n.day == 1 && c.day >= 28 &&
				(n.month == c.month + 1 ||
				    (n.month == 1 && c.month == 12 &&
					n.year == c.year + 1))));
		c = n;
	}
}

static void
test_out_of_range(void **state)
{
	(void)state;
	assert_string_equal(
	    rfc3339_format((struct wall_time){ INT64_MAX }).text,
	    "9999-12-31T23:59:59Z");
	assert_string_equal(
	    rfc3339_format((struct wall_time){ INT64_MIN }).text,
	    "0000-01-01T00:00:00Z");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_day),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_days_follow),
		cmocka_unit_test(test_out_of_range),
	};

	return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
