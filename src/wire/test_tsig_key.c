#include "wire/tsig_key.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char		*label;
	struct span		 text;
	enum tsig_key_parse	 want;
	struct span		 want_name;
	enum tsig_algorithm	 want_algorithm;
	struct span		 want_secret;
} cases[] = {
	{ "tsig-keygen",
	  SPAN_INIT("key \"tsig-key\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0\";\n};\n"),
	  TSIG_KEY_OK, SPAN_INIT("tsig-key"), TSIG_SHA256, SPAN_INIT("c2VjcmV0") },
	{ "the members the other way round, with comments, without quotes",
	  SPAN_INIT("# mine\nkey /* of */ Transfer.Example. { // names\n secret c2VjcmV0; # !\n algorithm \"HMAC-SHA512\"; }"),
	  TSIG_KEY_OK, SPAN_INIT("transfer.example"), TSIG_SHA512, SPAN_INIT("c2VjcmV0") },
	{ "all on one line", SPAN_INIT("key a{algorithm hmac-sha384;secret \"AA==\";};"),
	  TSIG_KEY_OK, SPAN_INIT("a"), TSIG_SHA384, SPAN_INIT("AA==") },
	{ "kdig -y", SPAN_INIT("hmac-sha256:a.key:c2VjcmV0\n"),
	  TSIG_KEY_OK, SPAN_INIT("a.key"), TSIG_SHA256, SPAN_INIT("c2VjcmV0") },
	{ "kdig -y, with a final dot and CR LF", SPAN_INIT("\n hmac-sha384:A.key.:c2VjcmV0\r\n\r\n"),
	  TSIG_KEY_OK, SPAN_INIT("a.key"), TSIG_SHA384, SPAN_INIT("c2VjcmV0") },
	{ "keymgr -t",
	  SPAN_INIT("# hmac-sha256:a.key:AA==\nkey:\n  - id: a.key\n    algorithm: hmac-sha256\n    secret: AA==\n"),
	  TSIG_KEY_OK, SPAN_INIT("a.key"), TSIG_SHA256, SPAN_INIT("AA==") },
	{ "a comment that speaks of hmac is no key", SPAN_INIT("# made with hmac-sha256: now\nkey a { algorithm hmac-sha256; secret AA==; };"),
	  TSIG_KEY_OK, SPAN_INIT("a"), TSIG_SHA256, SPAN_INIT("AA==") },

	{ "nothing", SPAN_INIT(""), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "a letter", SPAN_INIT("Dear administrator,\n"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "no secret", SPAN_INIT("key a { algorithm hmac-sha256; };"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "no secret on one line", SPAN_INIT("hmac-sha256:a.key:\n"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "two secrets", SPAN_INIT("key a { secret b; secret c; };"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "a second key", SPAN_INIT("key a { algorithm hmac-sha256; secret b; }; key c {"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "a second line", SPAN_INIT("hmac-sha256:a:AA==\nhmac-sha256:b:AA==\n"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "a quotation without end", SPAN_INIT("key \"a { algorithm hmac-sha256; secret b; };"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "a comment without end", SPAN_INIT("key a { /* algorithm hmac-sha256; secret b; };"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "another statement", SPAN_INIT("key a { algorithm hmac-sha256; colour red; };"), TSIG_KEY_SYNTAX, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "no name", SPAN_INIT("hmac-sha256::AA=="), TSIG_KEY_NAME, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "an empty label", SPAN_INIT("hmac-sha256:a..b:AA=="), TSIG_KEY_NAME, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "RFC 8945 6: hmac-sha1", SPAN_INIT("hmac-sha1:a:AA=="), TSIG_KEY_WEAK, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "RFC 8945 6: hmac-md5", SPAN_INIT("key a { algorithm HMAC-MD5.SIG-ALG.REG.INT; secret b; };"),
	  TSIG_KEY_WEAK, SPAN_INIT(""), 0, SPAN_INIT("") },
	{ "an algorithm that nobody knows", SPAN_INIT("hmac-sha3:a:AA=="), TSIG_KEY_ALGORITHM, SPAN_INIT(""), 0, SPAN_INIT("") },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct tsig_key_text got;
		enum tsig_key_parse rc = tsig_key_parse(cases[i].text, &got);

		t.label = cases[i].label;
		want_int(&t, "result", rc, cases[i].want);
		if (rc != TSIG_KEY_OK || cases[i].want != TSIG_KEY_OK)
			continue;
		want_span(
		    &t, "name", dns_name_span(&got.name), cases[i].want_name);
		want_int(
		    &t, "algorithm", got.algorithm, cases[i].want_algorithm);
		want_span(&t, "secret", got.secret, cases[i].want_secret);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
