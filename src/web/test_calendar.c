#include "web/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "base/test_table.h"

enum { FROM = 20784, DAYS = 100 }; /* 2026-11-27, a Friday, to 2027-03-06 */

/* What stands in one day of them. */
struct row {
	const char *label;
	size_t days;
	size_t at;
	int64_t n; /* 0: nothing anywhere */
	const char *want, *unwanted;
};

/* clang-format off */
static const struct row rows[] = {
	{ "nothing at all", DAYS, 0, 0,
	  "<p class=\"quiet\">Nov 2026 to Mar 2027: none</p>", "<table" },
	{ "one quiet month", 4, 0, 0, "<p class=\"quiet\">Nov 2026: none</p>", " to " },
	{ "something in the first", DAYS, 0, 3,
	  "<p class=\"quiet\">Dec 2026 to Mar 2027: none</p>", "<caption>Dec" },
	{ "something between", DAYS, 40, 3, "<caption>Jan 2027</caption>", "<caption>Feb" },
	{ "and what was before it", DAYS, 40, 3,
	  "<p class=\"quiet\">Nov 2026 to Dec 2026: none</p>", "<caption>Dec" },
	{ "and what comes behind it", DAYS, 40, 3,
	  "<p class=\"quiet\">Feb 2027 to Mar 2027: none</p>", "<caption>Mar" },
	{ "something on the last day", DAYS, DAYS - 1, 3, "<caption>Mar 2027</caption>",
	  "<caption>Feb" },
	{ "many", DAYS, 0, 999, ">999</span>", "k</span>" },
	{ "more", DAYS, 0, 1999, ">1.9k</span>", "1999" },
	{ "most", DAYS, 0, 99999, ">99k</span>", "99999" },
};
/* clang-format on */

static void
test_months(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct calendar_day days[DAYS];
		const struct calendar c = {
			.from = FROM, .n = rows[i].days, .days = days
		};
		char *got;
		size_t n;
		FILE *f = open_memstream(&got, &n);

		assert_non_null(f);
		t.label = rows[i].label;
		for (size_t k = 0; k < DAYS; k++)
			days[k] = (struct calendar_day){ 0, "l0", "none" };
		if (rows[i].n > 0)
			days[rows[i].at] =
			    (struct calendar_day){ rows[i].n, "l1", "some" };
		calendar_write(f, &c);
		fclose(f);
		want_bool(
		    &t, rows[i].want, strstr(got, rows[i].want) != NULL, true);
		want_bool(&t, rows[i].unwanted,
		    strstr(got, rows[i].unwanted) != NULL, false);
		free(got);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_months),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
