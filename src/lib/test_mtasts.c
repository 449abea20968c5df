/* Uses the library as a stranger does: the public header, and nothing else of
 * the project. */
#include <mtasts.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool
is(struct mtasts_span s, const char *want)
{
	return s.n == strlen(want) && memcmp(s.p, want, s.n) == 0;
}

static void
test_version(void **state)
{
	(void)state;
	assert_string_equal(mtasts_version(), "0.1.0");
}

static void
test_record(void **state)
{
	struct mtasts_span txt[100];
	struct mtasts_record r;

	(void)state;
	txt[0] = mtasts_str("v=spf1 -all");
	txt[1] = mtasts_str("v=STSv1; id=20160831085700Z;");
	mtasts_record_parse(txt, 2, &r);
	assert_int_equal(r.result, MTASTS_RECORD_OK);
	assert_string_equal(r.id, "20160831085700Z");
	assert_int_equal(r.at, 1);
	mtasts_record_parse(txt, 1, &r);
	assert_int_equal(r.result, MTASTS_RECORD_NONE);
	mtasts_record_parse(NULL, 0, &r);
	assert_int_equal(r.result, MTASTS_RECORD_NONE);
	txt[0] = mtasts_str("v=STSv1; id=1");
	mtasts_record_parse(txt, 2, &r);
	assert_int_equal(r.result, MTASTS_RECORD_MULTIPLE);
	assert_string_equal(r.id, "");
	txt[0] = mtasts_str("v=STSv1; id=a-b");
	mtasts_record_parse(txt, 1, &r);
	assert_int_equal(r.result, MTASTS_RECORD_INVALID);
	assert_int_equal(r.bad_at, 13);
	txt[0] = mtasts_str("v=STSv1; id=12345678901234567890123456789012");
	mtasts_record_parse(txt, 1, &r);
	assert_int_equal(strlen(r.id), 32);
	/* More than anybody looks at. */
	for (size_t i = 0; i < 100; i++)
		txt[i] = mtasts_str("x");
	txt[63] = mtasts_str("v=STSv1; id=1");
	txt[64] = mtasts_str("v=STSv1; id=2");
	mtasts_record_parse(txt, 100, &r);
	assert_int_equal(r.result, MTASTS_RECORD_OK);
	assert_string_equal(r.id, "1");
}

static void
test_policy(void **state)
{
	static const char text[] = "version: STSv1\n"
				   "mode: enforce\n"
				   "mx: mail.a.example\n"
				   "mx: *.B.example\n"
				   "max_age: 604800\n";
	struct mtasts_span body = mtasts_str(text);
	size_t mem_n = MTASTS_POLICY_MEMORY(body.n);
	void *mem = malloc(mem_n);
	struct mtasts_policy p;

	(void)state;
	assert_non_null(mem);
	assert_int_equal(mtasts_policy_parse(body, mem, mem_n, &p), MTASTS_OK);
	assert_true(p.valid && p.strict && p.has_max_age);
	assert_int_equal(p.mode, MTASTS_MODE_ENFORCE);
	assert_int_equal(p.max_age, 604800);
	assert_int_equal(p.n_mx, 2);
	assert_true(is(p.mx[1], "*.b.example"));
	assert_int_equal(p.n_deviations, 1);
	assert_int_equal(p.deviations[0].kind, MTASTS_DEV_MX_UPPERCASE);
	assert_int_equal(p.deviations[0].line, 4);
	assert_int_equal(p.deviations[0].column, 5);
	assert_true(is(p.deviations[0].what, "*.B.example"));
	assert_true(mtasts_policy_covers(&p, mtasts_str("x.b.example.")));
	assert_false(mtasts_policy_covers(&p, mtasts_str("b.example")));

	assert_int_equal(
	    mtasts_policy_parse(mtasts_str("mode: none\n"), mem, mem_n, &p),
	    MTASTS_OK);
	assert_false(p.valid);
	assert_int_equal(
	    mtasts_policy_parse(mtasts_bytes(NULL, 0), mem, mem_n, &p),
	    MTASTS_OK);
	assert_int_equal(p.deviations[0].kind, MTASTS_DEV_EMPTY);
	free(mem);
}

/* The promised memory is enough for the worst of each kind. */
static void
test_policy_memory(void **state)
{
	enum { MAX = 65536 };
	char *body = malloc(MAX + 100);

	(void)state;
	assert_non_null(body);
	for (size_t want = 64; want <= MAX; want *= 2) {
		size_t mem_n = MTASTS_POLICY_MEMORY(want);
		char *mem = malloc(mem_n);
		struct mtasts_policy p;
		size_t n = 0, i = 0;

		assert_non_null(mem);
		/* The most patterns, and a deviation in each line. */
		while (n < want)
			n += (size_t)snprintf(body + n, 20, "mx:%zX\n", i++);
		assert_int_equal(mtasts_policy_parse(
				     mtasts_bytes(body, want), mem, mem_n, &p),
		    MTASTS_OK);
		assert_true(p.n_mx + 2 >= i);
		for (n = 0; n < want; n++)
			body[n] = n % 2 ? '\n' : 'x';
		assert_int_equal(mtasts_policy_parse(
				     mtasts_bytes(body, want), mem, mem_n, &p),
		    MTASTS_OK);
		free(mem);
	}
	free(body);
}

static void
test_no_memory(void **state)
{
	struct mtasts_span body = mtasts_str(
	    "version: STSv1\nmode: enforce\nmx: MX.a.example\nmax_age: 1\n");
	struct mtasts_policy p;
	enum mtasts_status s = MTASTS_NO_MEMORY;

	(void)state;
	for (size_t n = 0; s != MTASTS_OK; n++) {
		char *mem = malloc(n > 0 ? n : 1);

		assert_non_null(mem);
		assert_true(n < MTASTS_POLICY_MEMORY(body.n));
		s = mtasts_policy_parse(body, mem, n, &p);
		assert_true(p.valid == (s == MTASTS_OK));
		free(mem);
	}
	assert_int_equal(
	    mtasts_policy_parse(body, NULL, 0, &p), MTASTS_NO_MEMORY);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(mtasts_mode_name(MTASTS_MODE_TESTING), "testing");
	assert_string_equal(mtasts_mode_name(MTASTS_MODE_UNSET), "");
	assert_string_equal(mtasts_mode_name((enum mtasts_mode)99), "");
	assert_string_equal(
	    mtasts_deviation_name(MTASTS_DEV_BARE_CR), "BARE_CR");
	assert_string_equal(
	    mtasts_deviation_name(MTASTS_DEV_MX_DUPLICATE), "MX_DUPLICATE");
	assert_string_equal(
	    mtasts_deviation_name((enum mtasts_deviation_kind)99), "");
}

static void
test_match(void **state)
{
	struct mtasts_span ids[2];

	(void)state;
	ids[0] = mtasts_str("a.example");
	ids[1] = mtasts_str("*.a.example");
	assert_true(mtasts_mx_pattern_is_valid(ids[1]));
	assert_false(mtasts_mx_pattern_is_valid(mtasts_str("*")));
	assert_true(mtasts_mx_match(ids[1], mtasts_str("MX.a.example")));
	assert_false(mtasts_mx_match(ids[1], mtasts_str("x.mx.a.example")));
	assert_true(mtasts_cert_match(ids, 2, mtasts_str("mx.a.example")));
	assert_false(mtasts_cert_match(ids, 1, mtasts_str("mx.a.example")));
	assert_false(mtasts_cert_match(NULL, 0, mtasts_str("a.example")));
}

static void
test_tlsa(void **state)
{
	(void)state;
	assert_int_equal(mtasts_tlsa_check(3, 1, 1, 32), MTASTS_TLSA_USABLE);
	assert_int_equal(mtasts_tlsa_check(1, 1, 1, 32), MTASTS_TLSA_BAD_USAGE);
	assert_int_equal(
	    mtasts_tlsa_check(3, 2, 1, 32), MTASTS_TLSA_BAD_SELECTOR);
	assert_int_equal(
	    mtasts_tlsa_check(3, 1, 3, 32), MTASTS_TLSA_BAD_MATCHING);
	assert_int_equal(
	    mtasts_tlsa_check(3, 1, 1, 31), MTASTS_TLSA_BAD_LENGTH);
}

static void
test_tlsrpt(void **state)
{
	static char text[65536];
	struct mtasts_span txt = mtasts_str(
	    "v=TLSRPTv1; rua=mailto:a@a.example,https://a.example/,x");
	struct mtasts_tlsrpt r;
	int n;

	(void)state;
	mtasts_tlsrpt_parse(&txt, 1, &r);
	assert_int_equal(r.result, MTASTS_TLSRPT_OK);
	assert_int_equal(r.n_rua, 3);
	assert_int_equal(r.n_usable, 2);
	assert_true(is(r.rua[1].uri, "https://a.example/"));
	assert_false(r.rua[2].usable);
	txt = mtasts_str("v=TLSRPTv1;");
	mtasts_tlsrpt_parse(&txt, 1, &r);
	assert_int_equal(r.result, MTASTS_TLSRPT_INVALID);
	mtasts_tlsrpt_parse(&txt, 0, &r);
	assert_int_equal(r.result, MTASTS_TLSRPT_NONE);
	/* More destinations than there is room for. */
	n = snprintf(text, sizeof text, "v=TLSRPTv1; rua=x");
	for (int i = 0; i < 1000; i++)
		n += snprintf(
		    text + n, sizeof text - (size_t)n, ",mailto:%d@a", i);
	txt = mtasts_str(text);
	mtasts_tlsrpt_parse(&txt, 1, &r);
	assert_int_equal(r.result, MTASTS_TLSRPT_OK);
	assert_int_equal(r.n_rua, MTASTS_RUA_MAX);
	assert_int_equal(r.n_usable, MTASTS_RUA_MAX - 1);
}

static void
test_smtp(void **state)
{
	struct mtasts_span in =
	    mtasts_str("250-mx.a.example\r\n250 STARTTLS\r\n220 more");
	char mem[MTASTS_SMTP_MEMORY(64)];
	enum mtasts_smtp_result result;
	struct mtasts_smtp_reply r;

	(void)state;
	assert_int_equal(
	    mtasts_smtp_parse(in, mem, sizeof mem, &result, &r), MTASTS_OK);
	assert_int_equal(result, MTASTS_SMTP_DONE);
	assert_int_equal(r.code, 250);
	assert_int_equal(r.size, 32);
	assert_true(is(r.text, "mx.a.example\nSTARTTLS"));
	assert_true(mtasts_smtp_offers(r.text, mtasts_str("starttls")));
	in.n = 20;
	assert_int_equal(
	    mtasts_smtp_parse(in, mem, sizeof mem, &result, &r), MTASTS_OK);
	assert_int_equal(result, MTASTS_SMTP_MORE);
	assert_int_equal(mtasts_smtp_parse(mtasts_str("SSH-2.0"), mem,
			     sizeof mem, &result, &r),
	    MTASTS_OK);
	assert_int_equal(result, MTASTS_SMTP_SYNTAX);
	assert_int_equal(mtasts_smtp_parse(mtasts_str("220 mx.a.example\n"),
			     mem, 8, &result, &r),
	    MTASTS_NO_MEMORY);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_policy_memory),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_tlsa),
		cmocka_unit_test(test_tlsrpt),
		cmocka_unit_test(test_smtp),
	};

	return cmocka_run_group_tests_name("libmtasts", tests, NULL, NULL);
}
