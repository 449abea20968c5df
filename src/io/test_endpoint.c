#include "io/endpoint.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label, *text;
	const char	*want; /* NULL: an error */
	int		 want_port;
} cases[] = {
	{ "an address", "192.0.2.1", "192.0.2.1", 53 },
	{ "an address and a port", "192.0.2.1@5353", "192.0.2.1", 5353 },
	{ "IPv6", "2001:db8::1", "2001:db8::1", 53 },
	{ "IPv6 and a port", "2001:db8::1@1", "2001:db8::1", 1 },
	{ "the last port", "192.0.2.1@65535", "192.0.2.1", 65535 },
	{ "port 0", "192.0.2.1@0", NULL, 0 },
	{ "a port beyond the last", "192.0.2.1@65536", NULL, 0 },
	{ "no port behind the mark", "192.0.2.1@", NULL, 0 },
	{ "a port that is none", "192.0.2.1@domain", NULL, 0 },
	{ "two ports", "192.0.2.1@53@53", NULL, 0 },
	{ "nothing", "", NULL, 0 },
	{ "four numbers that are no address", "192.0.2.300", NULL, 0 },
	{ "brackets", "[2001:db8::1]", NULL, 0 },
	{ "a space", "ns 1", NULL, 0 },
	{ "an option", "-ns", NULL, 0 },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct endpoint got[2];
		struct error e;
		size_t n;
		enum err rc =
		    endpoint_find(span_str(cases[i].text), 53, got, 2, &n, &e);

		t.label = cases[i].label;
		want_int(&t, "result", rc,
		    cases[i].want != NULL ? ERR_OK : ERR_DATA);
		if (rc != ERR_OK || cases[i].want == NULL)
			continue;
		want_size(&t, "how many", n, 1);
		want_span(&t, "address", span_str(ip_format(got[0].address).s),
		    span_str(cases[i].want));
		want_int(&t, "port", got[0].port, cases[i].want_port);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
