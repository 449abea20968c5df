#include "io/idn.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 text;
	struct span	 want; /* "": refused */
	const char	*want_error; /* is part of the sentence */
} cases[] = {
	{ "ASCII", SPAN_INIT("example.com"), SPAN_INIT("example.com"), NULL },
	{ "capitals and dot", SPAN_INIT("Example.COM."),
	  SPAN_INIT("example.com"), NULL },
	{ "white space round it", SPAN_INIT(" example.com\t"),
	  SPAN_INIT("example.com"), NULL },
	{ "U-label", SPAN_INIT("b\xc3\xbc" "cher.example"),
	  SPAN_INIT("xn--bcher-kva.example"), NULL },
	{ "U-label in capitals", SPAN_INIT("B\xc3\x9c" "CHER.example"),
	  SPAN_INIT("xn--bcher-kva.example"), NULL },
	{ "sharp s is a letter of its own",
	  SPAN_INIT("stra\xc3\x9f" "e.example"),
	  SPAN_INIT("xn--strae-oqa.example"), NULL },
	{ "A-label", SPAN_INIT("XN--bcher-kva.example"),
	  SPAN_INIT("xn--bcher-kva.example"), NULL },
	{ "ideographic full stop",
	  SPAN_INIT("b\xc3\xbc" "cher\xe3\x80\x82" "example"),
	  SPAN_INIT("xn--bcher-kva.example"), NULL },
	{ "empty", SPAN_INIT(""), SPAN_INIT(""), "missing" },
	{ "dot alone", SPAN_INIT("."), SPAN_INIT(""), "\".\"" },
	{ "mail address", SPAN_INIT("a@example.com"), SPAN_INIT(""),
	  "mail address" },
	{ "URL", SPAN_INIT("https://example.com"), SPAN_INIT(""), "URL" },
	{ "IPv4 address", SPAN_INIT("192.0.2.1"), SPAN_INIT(""), "address" },
	{ "IPv6 address", SPAN_INIT("2001:db8::1"), SPAN_INIT(""), "address" },
	{ "underscore", SPAN_INIT("_mta-sts.example.com"), SPAN_INIT(""),
	  "underscore" },
	{ "two dots", SPAN_INIT("example..com"), SPAN_INIT(""), "empty label" },
	{ "dot in front", SPAN_INIT(".example.com"), SPAN_INIT(""),
	  "empty label" },
	{ "hyphen in front", SPAN_INIT("-a.example"), SPAN_INIT(""),
	  "hyphen" },
	{ "label of 64",
	  SPAN_INIT("0123456789012345678901234567890123456789012345678901234567"
	      "890123.example"), SPAN_INIT(""), "63" },
	{ "space inside", SPAN_INIT("exa mple.com"), SPAN_INIT(""),
	  "more than one word" },
	{ "two with a comma", SPAN_INIT("a.example,b.example"), SPAN_INIT(""),
	  "more than one word" },
	{ "exclamation mark", SPAN_INIT("example!.com"), SPAN_INIT(""),
	  "no domain name" },
	{ "not UTF-8", SPAN_INIT("b\xfc" "cher.example"), SPAN_INIT(""),
	  "UTF-8" },
	{ "a character that no label may have",
	  SPAN_INIT("a\xe2\x80\xaf" "b.example"), SPAN_INIT(""), "b.example" },
	{ "NUL inside", SPAN_INIT("a\0b.example"), SPAN_INIT(""), "" },
};
/* clang-format on */

static void
test_domains(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct span got = SPAN("");
		struct error e = { .text = "" };
		enum err rc;
		struct arena a;

		t.label = cases[i].label;
		arena_init(&a, 64 * 1024);
		rc = idn_domain(cases[i].text, &a, &got, &e);
		want_int(
		    &t, "result", rc, cases[i].want.n > 0 ? ERR_OK : ERR_DATA);
		want_span(&t, "domain", got, cases[i].want);
		if (cases[i].want_error != NULL &&
		    strstr(e.text, cases[i].want_error) == NULL)
			want_span(&t, "error", span_str(e.text),
			    span_str(cases[i].want_error));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_domains) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
