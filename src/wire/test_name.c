#include "wire/name.h"

#include "base/test_table.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"
#define N253                                                                   \
	L63 "." L63 "." L63 "."                                                \
	    "a234567890123456789012345678901234567890123456789012345678901"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 name;
	bool		 domain, ip, u_label;
	size_t		 labels;
} cases[] = {
	{ "a host",		SPAN_INIT("mx.a.example"), true, false, false, 3 },
	{ "capitals",		SPAN_INIT("MX.A.Example"), true, false, false, 3 },
	{ "RFC 5321 4.1.2: one label", SPAN_INIT("localhost"), true, false, false, 1 },
	{ "RFC 1123 2.1: digits first", SPAN_INIT("3com.example"), true, false, false, 2 },
	{ "RFC 5321 4.1.2: a label of digits", SPAN_INIT("1.2.3"), true, false, false, 3 },
	{ "an A-label",		SPAN_INIT("xn--bcher-kva.example"), true, false, false, 2 },
	{ "RFC 1035 2.3.4: 63 octets", SPAN_INIT(L63 ".example"), true, false, false, 2 },
	{ "RFC 1035 2.3.4: 64 octets", SPAN_INIT("b" L63 ".example"), false, false, false, 2 },
	{ "RFC 1035 2.3.4: 253 octets", SPAN_INIT(N253), true, false, false, 4 },
	{ "RFC 1035 2.3.4: 254 octets", SPAN_INIT(N253 "2"), false, false, false, 4 },
	{ "empty",		SPAN_INIT(""), false, false, false, 0 },
	{ "the root",		SPAN_INIT("."), false, false, false, 0 },
	{ "a final dot",	SPAN_INIT("mx.a.example."), false, false, false, 3 },
	{ "a leading dot",	SPAN_INIT(".a.example"), false, false, false, 3 },
	{ "an empty label",	SPAN_INIT("mx..example"), false, false, false, 3 },
	{ "RFC 5321 4.1.2: an underscore", SPAN_INIT("_mta-sts.a.example"), false, false, false, 3 },
	{ "RFC 5321 4.1.2: '-' first", SPAN_INIT("-a.example"), false, false, false, 2 },
	{ "RFC 5321 4.1.2: '-' last", SPAN_INIT("a-.example"), false, false, false, 2 },
	{ "'-' inside",		SPAN_INIT("a--b.example"), true, false, false, 2 },
	{ "a star",		SPAN_INIT("*.a.example"), false, false, false, 3 },
	{ "a space",		SPAN_INIT("a b.example"), false, false, false, 2 },
	{ "NUL",		SPAN_INIT("a\0.example"), false, false, false, 2 },
	{ "a U-label",		SPAN_INIT("b\xc3\xbc" "cher.example"), false, false, true, 2 },
	{ "an IPv4 address",	SPAN_INIT("192.0.2.1"), false, true, false, 4 },
	{ "out of range",	SPAN_INIT("999.0.2.1"), false, true, false, 4 },
	{ "with a final dot",	SPAN_INIT("192.0.2.1."), false, true, false, 4 },
	{ "four digits",	SPAN_INIT("1920.0.2.1"), true, false, false, 4 },
	{ "five numbers",	SPAN_INIT("1.2.3.4.5"), true, false, false, 5 },
	{ "RFC 5321 4.1.3: IPv4 in brackets", SPAN_INIT("[192.0.2.1]"), false, true, false, 4 },
	{ "RFC 5321 4.1.3: IPv6 with its tag", SPAN_INIT("[IPv6:2001:db8::1]"), false, true, false, 1 },
	{ "IPv6 in brackets",	SPAN_INIT("[2001:db8::1]"), false, true, false, 1 },
	{ "IPv6",		SPAN_INIT("2001:db8::1"), false, true, false, 1 },
	{ "a host in brackets",	SPAN_INIT("[mx.a.example]"), false, false, false, 3 },
	{ "a host and a port",	SPAN_INIT("mx.a.example:25"), false, false, false, 3 },
	{ "a URL",		SPAN_INIT("://a.example"), false, false, false, 2 },
};

static const struct {
	const char	*label;
	struct span	 child, parent;
	bool		 eq, under;
} pairs[] = {
	{ "the same",		SPAN_INIT("a.example"), SPAN_INIT("a.example"), true, true },
	{ "RFC 4343: case",	SPAN_INIT("A.example"), SPAN_INIT("a.EXAMPLE"), true, true },
	{ "a final dot",	SPAN_INIT("a.example."), SPAN_INIT("a.example"), true, true },
	{ "two final dots",	SPAN_INIT("a.example.."), SPAN_INIT("a.example"), false, false },
	{ "below",		SPAN_INIT("mx.a.example"), SPAN_INIT("a.example."), false, true },
	{ "far below",		SPAN_INIT("x.y.a.example"), SPAN_INIT("A.example"), false, true },
	{ "above",		SPAN_INIT("example"), SPAN_INIT("a.example"), false, false },
	{ "a suffix, no label",	SPAN_INIT("aa.example"), SPAN_INIT("a.example"), false, false },
	{ "nothing is below the empty name", SPAN_INIT("a"), SPAN_INIT(""), false, false },
	{ "only ASCII letters fold", SPAN_INIT("\xc3\x9c"), SPAN_INIT("\xc3\xbc"), false, false },
	{ "'@' and '`' are no letters", SPAN_INIT("@"), SPAN_INIT("`"), false, false },
	{ "empty and empty",	SPAN_INIT(""), SPAN_INIT("."), true, true },
};
/* clang-format on */

static void
test_classes(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct span n = cases[i].name;

		t.label = cases[i].label;
		want_bool(&t, "domain", name_is_domain(n), cases[i].domain);
		want_bool(&t, "ip", name_is_ip_literal(n), cases[i].ip);
		want_bool(&t, "u-label", name_has_u_label(n), cases[i].u_label);
		want_size(&t, "labels", name_labels(n), cases[i].labels);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_pairs(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(pairs); i++) {
		struct span a = pairs[i].child, b = pairs[i].parent;

		t.label = pairs[i].label;
		want_bool(&t, "eq", name_eq(a, b), pairs[i].eq);
		want_bool(&t, "eq, the other way", name_eq(b, a), pairs[i].eq);
		want_bool(&t, "under", name_is_under(a, b), pairs[i].under);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_canonical(void **state)
{
	static const struct {
		const char *label;
		struct span name, want;
	} rows[] = {
		{ "case and dot", SPAN_INIT("MX.A.Example."),
		    SPAN_INIT("mx.a.example") },
		{ "already", SPAN_INIT("a.example"), SPAN_INIT("a.example") },
		{ "the root", SPAN_INIT("."), SPAN_INIT("") },
		{ "one dot only", SPAN_INIT("a.."), SPAN_INIT("a.") },
		{ "bytes beyond ASCII stay", SPAN_INIT("\xc3\x9c.Example"),
		    SPAN_INIT("\xc3\x9c.example") },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[64];
		struct arena a;

		arena_init_fixed(&a, mem, sizeof mem);
		t.label = rows[i].label;
		want_span(
		    &t, "name", name_canonical(&a, rows[i].name), rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_parent(void **state)
{
	(void)state;
	assert_true(
	    span_eq(name_parent(SPAN("mx.a.example")), SPAN("a.example")));
	assert_true(span_eq(name_parent(SPAN("example")), SPAN("")));
	assert_true(span_eq(name_parent(SPAN("example.")), SPAN("")));
	assert_true(span_eq(name_parent(SPAN("")), SPAN("")));
}

static void
test_below(void **state)
{
	char mem[64];
	struct arena a;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	assert_true(span_eq(name_below(&a, "mta-sts", SPAN("a.example")),
	    SPAN("mta-sts.a.example")));
	assert_true(span_eq(name_below(&a, "_smtp._tls", SPAN("a.example")),
	    SPAN("_smtp._tls.a.example")));
}

static void
below_in(struct arena *a, const void *arg)
{
	(void)arg;
	(void)name_below(a, "mta-sts", SPAN("a.example"));
}

static void
canonical_in(struct arena *a, const void *arg)
{
	(void)arg;
	(void)name_canonical(a, SPAN("mx.a.example"));
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(canonical_in, NULL);
	sweep_memory(below_in, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_parent),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
