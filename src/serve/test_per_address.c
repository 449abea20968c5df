#include "serve/per_address.h"

#include "base/test_table.h"

static struct ip_addr
ip(const char *text)
{
	struct ip_addr a;

	assert_true(ip_parse(span_str(text), &a));
	return a;
}

/* clang-format off */
static const struct {
	const char	*label, *a, *b;
	bool		 want_same;
} pairs[] = {
	{ "the same", "192.0.2.1", "192.0.2.1", true },
	{ "neighbours", "192.0.2.1", "192.0.2.2", false },
	{ "one /64", "2001:db8::1", "2001:db8::ffff:1:2:3", true },
	{ "two /64", "2001:db8:0:1::1", "2001:db8:0:2::1", false },
	{ "IPv4 and what looks like it", "192.0.2.1", "c000:201::", false },
};
/* clang-format on */

static void
test_same(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(pairs); i++) {
		struct per_address *p = per_address_new(10, 7);

		assert_non_null(p);
		t.label = pairs[i].label;
		want_bool(
		    &t, "one", per_address_add(p, ip(pairs[i].a), 1), true);
		want_bool(&t, "another", per_address_add(p, ip(pairs[i].b), 1),
		    !pairs[i].want_same);
		per_address_free(p);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_limits(void **state)
{
	struct per_address *p = per_address_new(3, 7);

	(void)state;
	assert_true(per_address_add(p, ip("192.0.2.1"), 2));
	assert_true(per_address_add(p, ip("192.0.2.1"), 2));
	assert_false(per_address_add(p, ip("192.0.2.1"), 2));
	assert_true(per_address_add(p, ip("192.0.2.2"), 2));
	assert_false(per_address_add(p, ip("192.0.2.3"), 2));
	per_address_remove(p, ip("192.0.2.1"));
	assert_true(per_address_add(p, ip("192.0.2.3"), 2));
	per_address_remove(p, ip("192.0.2.3"));
	assert_true(per_address_add(p, ip("192.0.2.1"), 2));
	per_address_free(p);
}

/* Addresses come and go; the table, as full as it gets, counts as an array. */
static void
test_model(void **state)
{
	enum { ADDRESSES = 40, MAX = 64, STEPS = 20000 };
	struct per_address *p = per_address_new(MAX, 3);
	int model[ADDRESSES] = { 0 }, all = 0;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		struct ip_addr a = { .family = IP_V4, .b = { 10 } };
		int k;

		x = x * 1664525 + 1013904223;
		k = (int)(x >> 16) % ADDRESSES;
		a.b[3] = (uint8_t)k;
		if (x >> 8 & 1) {
			bool room = model[k] < 5 && all < MAX;

			assert_int_equal(per_address_add(p, a, 5), room);
			model[k] += room;
			all += room;
		} else if (model[k] > 0) {
			per_address_remove(p, a);
			model[k]--;
			all--;
		}
	}
	per_address_free(p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests_name("per_address", tests, NULL, NULL);
}
