#include "io/tlsa_base.h"

#include "base/test_table.h"

static struct span alias[] = { SPAN_INIT("mx.provider.example") };
static struct dns_tlsa one;

/* clang-format off */
static const struct {
	const char	*label;
	bool		 is_alias, secure; /* the address */
	struct span	 want;
	enum dns_result	 tlsa; /* at that name */
	bool		 tlsa_secure;
	bool		 want_host_next;
} cases[] = {
	{ "RFC 7672 2.2.2: no alias, base domain is the host", false, true,
	  SPAN_INIT("mx.example"), DNS_NXDOMAIN, true, false },
	{ "RFC 7672 2.2.2: a secure alias is the base domain", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_OK, true, false },
	{ "an insecure alias moves nothing", true, false,
	  SPAN_INIT("mx.example"), DNS_OK, false, false },
	{ "RFC 7672 2.2.3: nothing at the alias, then the host", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_NXDOMAIN, true, true },
	{ "nothing secure at the alias, then the host", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_OK, false, true },
	{ "RFC 7672 2.1.1: SERVFAIL at the alias is no absence", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_SERVFAIL, false, false },
	{ "bogus at the alias is no absence", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_BOGUS, false, false },
	{ "a time-out at the alias is no absence", true, true,
	  SPAN_INIT("mx.provider.example"), DNS_TIMEOUT, false, false },
};
/* clang-format on */

static void
test_bases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct dns_answer address = { .name = SPAN("mx.example"),
			.result = DNS_OK,
			.secure = cases[i].secure,
			.chain = alias,
			.n_chain = cases[i].is_alias };
		struct dns_answer tlsa = { .result = (uint8_t)cases[i].tlsa,
			.secure = cases[i].tlsa_secure,
			.tlsa = &one,
			.n_tlsa = cases[i].tlsa == DNS_OK };
		struct span base = tlsa_base_first(&address);

		t.label = cases[i].label;
		want_span(&t, "base", base, cases[i].want);
		want_int(&t, "host next",
		    tlsa_base_try_host(&tlsa, base, address.name),
		    cases[i].want_host_next);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
