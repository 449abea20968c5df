#include "serve/dns_limit.h"

#include "base/limits.h"
#include "base/test_table.h"

enum { RATE = 10, BURST = 50 }; /* five seconds' worth */

static const struct siphash_key key = { { 1 } };

static struct ip_addr
address(const char *text)
{
	struct ip_addr a;

	assert_true(ip_parse(span_str(text), &a));
	return a;
}

static struct mono_time
at_ms(int64_t ms)
{
	return mono_after_ms((struct mono_time){ INT64_C(5000000000) }, ms);
}

/* How many of n answers at one moment pass. */
static int
passed(struct dns_limit *l, const char *to, int n, int64_t ms)
{
	struct ip_addr a = address(to);
	int pass = 0;

	for (; n > 0; n--)
		pass += dns_limit_take(l, &a, at_ms(ms)) == DNS_LIMIT_PASS;
	return pass;
}

/* clang-format off */
static const struct {
	const char	*label;
	const char	*to;
	int		 n;
	int64_t		 ms;
	int		 want;
} rows[] = { /* one after the other */
	{ "a burst", "192.0.2.1", 100, 0, BURST },
	{ "the same network", "192.0.2.200", 10, 0, 0 },
	{ "another network", "192.0.3.1", 10, 0, 10 },
	{ "an IPv6 network that begins with the same octets", "c000:200::1", 10, 0, 10 },
	{ "after a second", "192.0.2.1", 100, 1000, RATE },
	{ "after a tenth", "192.0.2.9", 100, 1100, 1 },
	{ "after an hour no more than a burst", "192.0.2.1", 100, 3600000, BURST },
	{ "an IPv6 network", "2001:db8:0:100::1", 100, 3600000, BURST },
	{ "the same /56", "2001:db8:0:1ff::1", 10, 3600000, 0 },
	{ "another /56", "2001:db8:0:200::1", 10, 3600000, 10 },
};
/* clang-format on */

static void
test_rows(void **state)
{
	struct tally t = { .failed = 0 };
	struct dns_limit l;

	(void)state;
	assert_int_equal(dns_limit_init(&l, RATE, &key), ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_int(&t, "passed",
		    passed(&l, rows[i].to, rows[i].n, rows[i].ms),
		    rows[i].want);
	}
	dns_limit_release(&l);
	assert_int_equal(t.failed, 0);
}

/* Traffic at the rate is never limited, however long it lasts. */
static void
test_small_traffic(void **state)
{
	struct dns_limit l;

	(void)state;
	assert_int_equal(dns_limit_init(&l, RATE, &key), ERR_OK);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(passed(&l, "192.0.2.1", 1, i * 100), 1);
	dns_limit_release(&l);
}

static void
test_slip(void **state)
{
	struct ip_addr a = address("192.0.2.1");
	struct dns_limit l;
	int slipped = 0, dropped = 0;

	(void)state;
	assert_int_equal(dns_limit_init(&l, RATE, &key), ERR_OK);
	(void)passed(&l, "192.0.2.1", BURST, 0);
	for (int i = 0; i < 100; i++)
		switch (dns_limit_take(&l, &a, at_ms(0))) {
		case DNS_LIMIT_PASS:
			fail();
			break;
		case DNS_LIMIT_SLIP:
			slipped++;
			break;
		case DNS_LIMIT_DROP:
			dropped++;
			break;
		}
	assert_int_equal(slipped, 100 / LIMIT_DNS_SLIP);
	assert_int_equal(dropped, 100 - slipped);
	dns_limit_release(&l);
}

/* Many more networks than buckets: one that is over its rate is remembered
 * rather than those that ask once. */
static void
test_full_table(void **state)
{
	struct dns_limit l;

	(void)state;
	assert_int_equal(dns_limit_init(&l, RATE, &key), ERR_OK);
	(void)passed(&l, "192.0.2.1", 1000, 0);
	for (unsigned i = 0; i < 4 * LIMIT_DNS_PREFIXES; i++) {
		struct ip_addr a = { IP_V4, { 10, (uint8_t)(i >> 8), (uint8_t)i,
						(uint8_t)(i >> 16) } };

		assert_int_equal(
		    dns_limit_take(&l, &a, at_ms(0)), DNS_LIMIT_PASS);
	}
	assert_int_equal(passed(&l, "192.0.2.1", 10, 0), 0);
	dns_limit_release(&l);
}

/* Rates at both ends. */
static void
test_rates(void **state)
{
	struct dns_limit l;

	(void)state;
	assert_int_equal(dns_limit_init(&l, 0, &key), ERR_OK);
	assert_int_equal(passed(&l, "192.0.2.1", 2000, 0), LIMIT_DNS_BURST);
	dns_limit_release(&l);
	assert_int_equal(dns_limit_init(&l, UINT32_MAX, &key), ERR_OK);
	assert_int_equal(passed(&l, "192.0.2.1", 2000, 0), 2000);
	dns_limit_release(&l);
	assert_int_equal(dns_limit_init(&l, 1, &key), ERR_OK);
	assert_int_equal(passed(&l, "192.0.2.1", 2000, 0), 5);
	assert_int_equal(passed(&l, "192.0.2.1", 2000, 1000), 1);
	dns_limit_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_small_traffic),
		cmocka_unit_test(test_slip),
		cmocka_unit_test(test_full_table),
		cmocka_unit_test(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
