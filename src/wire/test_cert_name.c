#include "wire/cert_name.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 dns_id, host;
	bool		 want;
} cases[] = {
	{ "RFC 8461 4.2: the MX host name", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example"), true },
	{ "RFC 8461 4.2: the mail domain is not the host", SPAN_INIT("a.example"), SPAN_INIT("mx.a.example"), false },
	{ "RFC 9525 6.3: case is no difference", SPAN_INIT("MX.a.Example"), SPAN_INIT("mx.A.example"), true },
	{ "the host's final dot is none", SPAN_INIT("mx.a.example"), SPAN_INIT("mx.a.example."), true },
	{ "RFC 9525 6.3: a presented final dot is no name", SPAN_INIT("mx.a.example."), SPAN_INIT("mx.a.example"), false },
	{ "RFC 8461 3.3: a wildcard, one label", SPAN_INIT("*.a.example"), SPAN_INIT("mta-sts.a.example"), true },
	{ "RFC 9525 6.3: a wildcard without case", SPAN_INIT("*.A.EXAMPLE"), SPAN_INIT("mx.a.example"), true },
	{ "RFC 9525 6.3: a wildcard is not two labels", SPAN_INIT("*.a.example"), SPAN_INIT("x.mx.a.example"), false },
	{ "RFC 9525 6.3: a wildcard is not no label", SPAN_INIT("*.a.example"), SPAN_INIT("a.example"), false },
	{ "RFC 9525 6.3: a wildcard is no empty label", SPAN_INIT("*.a.example"), SPAN_INIT(".a.example"), false },
	{ "RFC 9525 6.3: a partial wildcard (reading A22)", SPAN_INIT("m*.a.example"), SPAN_INIT("mx.a.example"), false },
	{ "RFC 9525 6.3: a partial wildcard at the end", SPAN_INIT("*x.a.example"), SPAN_INIT("mx.a.example"), false },
	{ "RFC 9525 6.3: two wildcards", SPAN_INIT("*.*.example"), SPAN_INIT("mx.a.example"), false },
	{ "RFC 9525 6.3: a wildcard further right", SPAN_INIT("mx.*.example"), SPAN_INIT("mx.a.example"), false },
	{ "RFC 9525 6.3: \"*\" alone", SPAN_INIT("*"), SPAN_INIT("localhost"), false },
	{ "RFC 9525 6.3: \"*.\"", SPAN_INIT("*."), SPAN_INIT("localhost"), false },
	{ "RFC 9525 6.3: an A-label under a wildcard", SPAN_INIT("*.a.example"), SPAN_INIT("xn--bcher-kva.a.example"), true },
	{ "RFC 9525 6.3: no wildcard inside an A-label", SPAN_INIT("xn--*.a.example"), SPAN_INIT("xn--bcher-kva.a.example"), false },
	{ "RFC 9525 6.3: a U-label presented", SPAN_INIT("b\xc3\xbc" "cher.example"), SPAN_INIT("b\xc3\xbc" "cher.example"), false },
	{ "RFC 8461 3.3: an address is no DNS-ID", SPAN_INIT("192.0.2.1"), SPAN_INIT("192.0.2.1"), false },
	{ "RFC 8461 3.3: an address under a wildcard", SPAN_INIT("*.0.2.1"), SPAN_INIT("192.0.2.1"), false },
	{ "a NUL inside (the oldest trick)", SPAN_INIT("mx.a.example\0.b.example"), SPAN_INIT("mx.a.example"), false },
	{ "a NUL at the end", SPAN_INIT("mx.a.example\0"), SPAN_INIT("mx.a.example"), false },
	{ "a space", SPAN_INIT("mx.a.example "), SPAN_INIT("mx.a.example"), false },
	{ "empty", SPAN_INIT(""), SPAN_INIT("mx.a.example"), false },
	{ "empty and empty", SPAN_INIT(""), SPAN_INIT(""), false },
	{ "empty host under a wildcard", SPAN_INIT("*.a.example"), SPAN_INIT(""), false },
	{ "a star is no host", SPAN_INIT("*.a.example"), SPAN_INIT("*.a.example"), false },
	{ "a leading dot", SPAN_INIT(".a.example"), SPAN_INIT("mx.a.example"), false },
};
/* clang-format on */

static void
test_match(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		t.label = cases[i].label;
		want_bool(&t, "match",
		    cert_name_match(cases[i].dns_id, cases[i].host),
		    cases[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_any(void **state)
{
	const struct span ids[] = { SPAN("a.example"), SPAN("*.b.example") };

	(void)state;
	assert_true(cert_names_match(ids, 2, SPAN("a.example")));
	assert_true(cert_names_match(ids, 2, SPAN("mx.b.example")));
	assert_false(cert_names_match(ids, 2, SPAN("c.example")));
	assert_false(cert_names_match(NULL, 0, SPAN("a.example")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests_name("cert_name", tests, NULL, NULL);
}
