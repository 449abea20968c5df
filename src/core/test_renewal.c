#include "core/renewal.h"

#include "base/test_table.h"

enum { HOUR = 3600, DAY = 24 * HOUR, FROM = 1800000000 };

/* clang-format off */
static const struct {
	const char	*label;
	int64_t		 life, start, end; /* from the beginning on */
	uint32_t	 random;
	int64_t		 want;
} cases[] = {
	{ "no window: 90 days", 90 * DAY, 0, 0, 0, 60 * DAY },
	{ "no window: 45 days", 45 * DAY, 0, 0, 0, 30 * DAY },
	{ "no window: 6 days", 6 * DAY, 0, 0, 0, 4 * DAY },
	{ "no window: whatever the randomness", 90 * DAY, 0, 0, 12345, 60 * DAY },
	{ "RFC 9773 4.2: its beginning", 90 * DAY, 58 * DAY, 60 * DAY, 0, 58 * DAY },
	{ "RFC 9773 4.2: within it", 90 * DAY, 58 * DAY, 60 * DAY, HOUR, 58 * DAY + HOUR },
	{ "RFC 9773 4.2: before its end", 90 * DAY, 58 * DAY, 60 * DAY,
	  2 * DAY - 1, 60 * DAY - 1 },
	{ "RFC 9773 4.2: never at its end", 90 * DAY, 58 * DAY, 60 * DAY,
	  2 * DAY, 58 * DAY },
	{ "RFC 9773 4.2: in the past, as for a revocation", 90 * DAY, -2 * DAY,
	  -1 * DAY, HOUR, -2 * DAY + HOUR },
	{ "a window behind the end", 90 * DAY, 91 * DAY, 92 * DAY, 0, 60 * DAY },
	{ "a window over the end", 90 * DAY, 89 * DAY, 92 * DAY, 23 * HOUR - 1,
	  90 * DAY - HOUR - 1 },
	{ "RFC 9773 4.2: an end that is not behind the start", 90 * DAY,
	  60 * DAY, 58 * DAY, 0, 60 * DAY },
	{ "RFC 9773 4.2: an empty window", 90 * DAY, 40 * DAY, 40 * DAY, 0, 60 * DAY },
	{ "a life of an hour", HOUR, 0, 0, 0, 2400 },
};

static const struct {
	const char	*label;
	int64_t		 said, want;
} waits[] = {
	{ "RFC 9773 4.3.2: nothing was said", 0, 6 * HOUR },
	{ "RFC 9773 4.3.1: as it says", 2 * HOUR, 2 * HOUR },
	{ "RFC 9773 4.3.1: a second", 1, 60 },
	{ "RFC 9773 4.3.1: a year", 365 * DAY, DAY },
};
/* clang-format on */

static void
test_at(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		bool none = cases[i].start == 0 && cases[i].end == 0;
		struct renewal_window w = { { none ? 0
						   : FROM + cases[i].start },
			{ none ? 0 : FROM + cases[i].end } };
		struct wall_time at = renewal_at((struct wall_time){ FROM },
		    (struct wall_time){ FROM + cases[i].life }, &w,
		    cases[i].random);

		t.label = cases[i].label;
		want_int(&t, "at", at.s - FROM, cases[i].want);
	}
	for (size_t i = 0; i < ROWS(waits); i++) {
		t.label = waits[i].label;
		want_int(&t, "wait", renewal_ask_again_s(waits[i].said),
		    waits[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at),
	};

	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
