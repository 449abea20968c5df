#include "wire/tlsa.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	uint8_t		 usage, selector, matching;
	size_t		 n;
	enum tlsa_fault	 want;
} cases[] = {
	{ "RFC 7672 3.1.1: 3 1 1", 3, 1, 1, 32, TLSA_USABLE },
	{ "RFC 7672 3.1.1: 3 0 2", 3, 0, 2, 64, TLSA_USABLE },
	{ "RFC 7672 3.1.2: 2 0 1", 2, 0, 1, 32, TLSA_USABLE },
	{ "RFC 7672 3.1.2: 2 1 2", 2, 1, 2, 64, TLSA_USABLE },
	{ "RFC 6698 2.1.3: full data", 3, 1, 0, 294, TLSA_USABLE },
	{ "RFC 7672 3.1.3: PKIX-TA", 0, 0, 1, 32, TLSA_USAGE },
	{ "RFC 7672 3.1.3: PKIX-EE", 1, 1, 1, 32, TLSA_USAGE },
	{ "RFC 6698 7.2: usage 4", 4, 1, 1, 32, TLSA_USAGE },
	{ "RFC 6698 7.2: private usage", 255, 1, 1, 32, TLSA_USAGE },
	{ "RFC 6698 7.3: selector 2", 3, 2, 1, 32, TLSA_SELECTOR },
	{ "RFC 6698 7.3: private selector", 3, 255, 1, 32, TLSA_SELECTOR },
	{ "RFC 6698 7.4: matching 3", 3, 1, 3, 32, TLSA_MATCHING },
	{ "RFC 6698 7.4: private matching", 3, 1, 255, 32, TLSA_MATCHING },
	{ "RFC 6698 2.1.4: SHA-256 too short", 3, 1, 1, 31, TLSA_LENGTH },
	{ "RFC 6698 2.1.4: SHA-256 too long", 3, 1, 1, 33, TLSA_LENGTH },
	{ "RFC 6698 2.1.4: SHA-256 as hexadecimal text", 3, 1, 1, 64, TLSA_LENGTH },
	{ "RFC 6698 2.1.4: SHA-512 too short", 3, 1, 2, 32, TLSA_LENGTH },
	{ "RFC 6698 2.1.4: no data", 3, 1, 0, 0, TLSA_LENGTH },
};
/* clang-format on */

static void
test_check(void **state)
{
	static char data[512];
	struct dns_tlsa all[ROWS(cases)];
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		all[i] = (struct dns_tlsa){ .usage = cases[i].usage,
			.selector = cases[i].selector,
			.matching = cases[i].matching,
			.data = { data, cases[i].n } };
		t.label = cases[i].label;
		want_int(&t, "fault", tlsa_check(&all[i]), cases[i].want);
	}
	assert_int_equal(t.failed, 0);
	assert_int_equal(tlsa_usable(all, ROWS(cases)), 5);
	assert_int_equal(tlsa_usable(NULL, 0), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests_name("tlsa", tests, NULL, NULL);
}
