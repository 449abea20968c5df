#include "wire/caa.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 rdata;
	uint8_t		 want_flags;
	struct span	 want_tag, want_value;
} records[] = {
	{ "RFC 8659 4.1: issue", SPAN_INIT("\0\5issueca.example"), 0,
	  SPAN_INIT("issue"), SPAN_INIT("ca.example") },
	{ "RFC 8659 4.5: critical", SPAN_INIT("\x80\3tbsUnknown"), 128,
	  SPAN_INIT("tbs"), SPAN_INIT("Unknown") },
	{ "an empty value", SPAN_INIT("\0\5issue"), 0,
	  SPAN_INIT("issue"), SPAN_INIT("") },
	{ "a value of any octets", SPAN_INIT("\0\1a\0\xff"), 0,
	  SPAN_INIT("a"), SPAN_INIT("\0\xff") },
};

static const struct {
	const char	*label;
	struct span	 value;
} no_records[] = {
	{ "RFC 8659 4.1: no tag", SPAN_INIT("\0\0ca.example") },
	{ "RFC 8659 4.1: a tag that is longer than the data",
	  SPAN_INIT("\0\6issue") },
	{ "RFC 8659 4.1: a tag with a hyphen", SPAN_INIT("\0\3a-b") },
	{ "RFC 8659 4.1: a tag with a NUL", SPAN_INIT("\0\3a\0b") },
	{ "flags alone", SPAN_INIT("\0") },
	{ "nothing", SPAN_INIT("") },
};

static const struct {
	const char	*label;
	struct span	 value;
	struct span	 want_name;
	const char	*want_parameters; /* "name=value " each */
} issuers[] = {
	{ "RFC 8659 4.2: a name", SPAN_INIT("ca1.example.net"),
	  SPAN_INIT("ca1.example.net"), "" },
	{ "RFC 8659 4.2: with a parameter",
	  SPAN_INIT("ca1.example.net; account=230123"),
	  SPAN_INIT("ca1.example.net"), "account=230123 " },
	{ "RFC 8657 3: an account", SPAN_INIT(
	  "example.com; accounturi=https://example.com/account/1234"),
	  SPAN_INIT("example.com"), "accounturi=https://example.com/account/1234 " },
	{ "two parameters", SPAN_INIT("a.example;x=1;y=2"),
	  SPAN_INIT("a.example"), "x=1 y=2 " },
	{ "white space wherever it may be",
	  SPAN_INIT(" \ta.example \t; x = 1 ; y = 2 "),
	  SPAN_INIT("a.example"), "x=1 y=2 " },
	{ "an empty value of a parameter", SPAN_INIT("a.example; x="),
	  SPAN_INIT("a.example"), "x= " },
	{ "a semicolon at the end", SPAN_INIT("a.example; x=1;"),
	  SPAN_INIT("a.example"), "x=1 " },
	{ "a semicolon behind the name", SPAN_INIT("a.example;"),
	  SPAN_INIT("a.example"), "" },
	{ "RFC 8659 4.2: nobody", SPAN_INIT(";"), SPAN_INIT(""), "" },
	{ "RFC 8659 4.2: nobody, empty", SPAN_INIT(""), SPAN_INIT(""), "" },
	{ "RFC 8659 4.2: nobody, with parameters", SPAN_INIT("; x=1"),
	  SPAN_INIT(""), "x=1 " },
};

static const struct {
	const char	*label;
	struct span	 value;
} no_issuers[] = {
	{ "RFC 8659 4.2: malformed", SPAN_INIT("%%%%%") },
	{ "a final dot", SPAN_INIT("a.example.") },
	{ "an empty label", SPAN_INIT("a..example") },
	{ "a label that begins with a hyphen", SPAN_INIT("-a.example") },
	{ "a label that ends with a hyphen", SPAN_INIT("a-.example") },
	{ "an underscore", SPAN_INIT("a_b.example") },
	{ "two names", SPAN_INIT("a.example b.example") },
	{ "a parameter without a value", SPAN_INIT("a.example; x") },
	{ "a parameter without a name", SPAN_INIT("a.example; =1") },
	{ "a parameter's name with a hyphen", SPAN_INIT("a.example; x-y=1") },
	{ "white space in a value", SPAN_INIT("a.example; x=1 2") },
	{ "an octet that is no ASCII", SPAN_INIT("a.example; x=\xc3\xa4") },
	{ "a NUL", SPAN_INIT("a.example\0") },
	{ "a NUL in a value", SPAN_INIT("a.example; x=\0") },
	{ "two semicolons", SPAN_INIT("a.example;; x=1") },
};
/* clang-format on */

static void
test_records(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(records); i++) {
		struct dns_caa c = { .tag = SPAN(""), .value = SPAN("") };

		t.label = records[i].label;
		want_bool(&t, "read", caa_read(records[i].rdata, &c), true);
		want_int(&t, "flags", c.flags, records[i].want_flags);
		want_span(&t, "tag", c.tag, records[i].want_tag);
		want_span(&t, "value", c.value, records[i].want_value);
	}
	for (size_t i = 0; i < ROWS(no_records); i++) {
		struct dns_caa c;

		t.label = no_records[i].label;
		want_bool(&t, "read", caa_read(no_records[i].value, &c), false);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_issuers(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(issuers); i++) {
		struct caa_issuer c = { SPAN(""), SPAN("") };
		struct caa_parameter p;
		char mem[256];
		struct buf b = buf_init(mem, sizeof mem);

		t.label = issuers[i].label;
		want_bool(
		    &t, "read", caa_issuer_read(issuers[i].value, &c), true);
		want_span(&t, "name", c.name, issuers[i].want_name);
		while (caa_parameter_next(&c.parameters, &p))
			buf_printf(&b, "%.*s=%.*s ", (int)p.name.n, p.name.p,
			    (int)p.value.n, p.value.p);
		want_size(&t, "left over", c.parameters.n, 0);
		want_span(&t, "parameters", buf_span(&b),
		    span_str(issuers[i].want_parameters));
	}
	for (size_t i = 0; i < ROWS(no_issuers); i++) {
		struct caa_issuer c;

		t.label = no_issuers[i].label;
		want_bool(&t, "read", caa_issuer_read(no_issuers[i].value, &c),
		    false);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_issuers),
	};

	return cmocka_run_group_tests_name("caa", tests, NULL, NULL);
}
