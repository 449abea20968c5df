/* Renewal information, and renewal as RFC 9773 has it, at a scripted CA. */
#include "io/acme_renewal.h"

#include "base/test_table.h"
#include "io/get.h"
#include "io/test_acme_desk.h"

/* RFC 9773 A. */
static const char rfc_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt\n"
    "cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS\n"
    "BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu\n"
    "7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf\n"
    "qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B\n"
    "yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb\n"
    "+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK\n"
    "-----END CERTIFICATE-----\n";

static void
test_cert_id(void **state)
{
	struct tally t = { .label = "RFC 9773 4.1" };
	struct acme_leaf leaf = { .cert_id = SPAN("") };
	struct span twice, der = SPAN("");
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	assert_true(acme_leaf_read(span_str(rfc_certificate), &a, &leaf));
	want_span(&t, "certID", leaf.cert_id,
	    SPAN("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));
	assert_false(acme_leaf_read(SPAN("no certificate"), &a, &leaf));
	/* And as it is served: twice the same, end to end. */
	twice = arena_printf(&a, "%s%s", rfc_certificate, rfc_certificate);
	assert_true(acme_chain_der(twice, &a, &der));
	leaf.cert_id = SPAN("");
	assert_true(acme_leaf_read_der(der, &a, &leaf));
	want_span(&t, "certID", leaf.cert_id,
	    SPAN("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));
	want_span(&t, "the second", span_skip(der, der.n / 2),
	    span_head(der, der.n / 2));
	assert_false(acme_leaf_read_der(span_head(der, 99), &a, &leaf));
	assert_false(acme_leaf_read_der(SPAN(""), &a, &leaf));
	assert_false(acme_chain_der(SPAN("no certificate"), &a, &der));
	assert_int_equal(t.failed, 0);
	arena_release(&a);
}

/* ---- at the CA ---- */

/* With a certificate already. */
static void
open_desk(struct test_acme_desk *d)
{
	test_acme_open(d, TEST_ACME_MS);
	assert_int_equal(test_acme_run(d), ERR_OK);
	assert_int_equal(d->o.plan.state, ACME_DONE);
}

static void
renew(struct test_acme_desk *d)
{
	struct wall_time now = clock_wall(&clock_system);

	assert_int_equal(acme_order_renew(&d->o, now, &d->a, &d->e), ERR_OK);
	assert_int_equal(test_acme_run(d), ERR_OK);
	assert_int_equal(d->o.plan.state, ACME_DONE);
}

#define WINDOW                                                                 \
	"{\"suggestedWindow\":{\"start\":\"2027-01-02T04:00:00Z\","            \
	"\"end\":\"2027-01-03T04:00:00Z\"},"                                   \
	"\"explanationURL\":\"https://ca.example/why\"}"

/* clang-format off */
static const struct {
	const char		*label, *window; /* NULL: no ARI */
	enum acme_failure	 want;
	int64_t			 want_start, want_retry_s;
} cases[] = {
	{ "RFC 9773 4.2: a window", WINDOW, ACME_FAILED_NOT, 1798862400, 21600 },
	{ "a CA without", NULL, ACME_FAILED_GONE, 0, 21600 },
	{ "a window that ends before it begins",
	  "{\"suggestedWindow\":{\"start\":\"2027-01-03T04:00:00Z\","
	  "\"end\":\"2027-01-02T04:00:00Z\"}}", ACME_FAILED_PROTOCOL, 0, 21600 },
	{ "no date", "{\"suggestedWindow\":{\"start\":\"soon\",\"end\":\"later\"}}",
	  ACME_FAILED_PROTOCOL, 0, 21600 },
	{ "no window", "{}", ACME_FAILED_PROTOCOL, 0, 21600 },
	{ "no JSON", "soon", ACME_FAILED_PROTOCOL, 0, 21600 },
};
/* clang-format on */

static void
test_ask(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct test_acme_desk d = { .ca = {
						.window = cases[i].window } };
		struct acme_leaf leaf;
		struct renewal_window w;
		struct acme_reply r;
		int64_t retry_s = 0;
		char path[128];

		t.label = cases[i].label;
		open_desk(&d);
		assert_true(acme_leaf_read(d.o.chain, &d.a, &leaf));
		want_int(&t, "rc",
		    acme_renewal_ask(d.client, &leaf, &d.a, &w, &retry_s, &r),
		    ERR_OK);
		want_span(&t, "failure",
		    span_str(acme_failure_names[r.failure]),
		    span_str(acme_failure_names[cases[i].want]));
		want_int(&t, "start", w.start.s, cases[i].want_start);
		want_int(&t, "retry", retry_s, cases[i].want_retry_s);
		/* RFC 9773 4.1: base/certID */
		snprintf(path, sizeof path, "/ari/%.*s", (int)leaf.cert_id.n,
		    leaf.cert_id.p);
		want_int(&t, "asked", test_ca_seen(&d.ca, path),
		    cases[i].window != NULL);
		test_acme_close(&d);
	}
	assert_int_equal(t.failed, 0);
}

static bool
was_said(const struct test_acme_desk *d, struct span cert_id)
{
	char want[256];

	snprintf(want, sizeof want, "\"replaces\":\"%.*s\"", (int)cert_id.n,
	    cert_id.p);
	return strstr(d->ca.payload, want) != NULL;
}

/* RFC 9773 5 */
static void
test_replaces(void **state)
{
	struct test_acme_desk d = { .ca = { .window = WINDOW } };
	struct span first_key;
	struct acme_leaf leaf;

	(void)state;
	open_desk(&d);
	assert_null(strstr(d.ca.payload, "replaces"));
	assert_true(acme_leaf_read(d.o.chain, &d.a, &leaf));
	first_key = arena_span(&d.a, d.o.key);
	renew(&d);
	assert_false(span_eq(d.o.key, first_key));
	assert_true(was_said(&d, leaf.cert_id));
	test_acme_close(&d);
}

static void
test_replaces_without_ari(void **state)
{
	struct test_acme_desk d = { 0 };

	(void)state;
	open_desk(&d);
	renew(&d);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 2);
	assert_null(strstr(d.ca.payload, "replaces"));
	test_acme_close(&d);
}

/* RFC 9773 5: then it is ordered as any other. */
static void
test_replaced_already(void **state)
{
	static const struct test_ca_rule rules[] = {
		{ "/orders", 2, 1,
		    "409 Conflict\r\nReplay-Nonce: again\r\n"
		    "Connection: close\r\n\r\n{\"type\":"
		    "\"urn:ietf:params:acme:error:alreadyReplaced\"}" },
		{ 0 }
	};
	struct test_acme_desk d = { .ca = {
					.window = WINDOW, .rules = rules } };

	(void)state;
	open_desk(&d);
	renew(&d);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 3);
	assert_null(strstr(d.ca.payload, "replaces"));
	test_acme_close(&d);
}

static int
setup(void **state)
{
	(void)state;
	return get_global_init() == ERR_OK ? 0 : -1;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cert_id),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_replaces_without_ari),
		cmocka_unit_test(test_replaced_already),
	};

	return cmocka_run_group_tests_name("acme_renewal", tests, setup, NULL);
}
