#include "base/span.h"

#include "base/test_table.h"

enum { MOST = 3 };

/* clang-format off */
static const struct {
	const char	*label;
	const char	*a[MOST + 1], *b[MOST + 1]; /* to the first NULL */
	bool		 first_is_in, same;
} sets[] = {
	{ "the same",		{ "x", "y" }, { "x", "y" }, true, true },
	{ "another order",	{ "x", "y" }, { "y", "x" }, true, true },
	{ "one more",		{ "x" }, { "x", "y" }, true, false },
	{ "one less",		{ "x", "y" }, { "x" }, true, false },
	{ "another one",	{ "x", "y" }, { "x", "z" }, true, false },
	{ "case counts",	{ "x" }, { "X" }, false, false },
	{ "a beginning",	{ "x" }, { "xy" }, false, false },
	{ "an empty one",	{ "" }, { "x", "" }, true, false },
	{ "of nothing",		{ "x" }, { NULL }, false, false },
};
/* clang-format on */

static size_t
spans(const char *const *from, struct span *to)
{
	size_t n = 0;

	for (; from[n] != NULL; n++)
		to[n] = span_str(from[n]);
	return n;
}

static void
test_sets(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(sets); i++) {
		struct span a[MOST], b[MOST];
		size_t n_a = spans(sets[i].a, a), n_b = spans(sets[i].b, b);

		t.label = sets[i].label;
		want_bool(&t, "in", span_in(a[0], b, n_b), sets[i].first_is_in);
		want_bool(
		    &t, "same", span_set_eq(a, n_a, b, n_b), sets[i].same);
		want_bool(
		    &t, "back", span_set_eq(b, n_b, a, n_a), sets[i].same);
	}
	assert_true(span_set_eq(NULL, 0, NULL, 0));
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
