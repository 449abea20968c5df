/* Renewal information, and renewal as RFC 9773 has it, at a scripted CA. */
#include "io/acme_renewal.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "io/acme_jws.h"
#include "io/acme_order.h"
#include "io/get.h"
#include "io/test_ca.h"

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
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	assert_true(acme_leaf_read(span_str(rfc_certificate), &a, &leaf));
	want_span(&t, "certID", leaf.cert_id,
	    SPAN("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));
	assert_false(acme_leaf_read(SPAN("no certificate"), &a, &leaf));
	assert_int_equal(t.failed, 0);
	arena_release(&a);
}

/* ---- at the CA ---- */

static enum err
show(void *arg, const struct acme_answer *answers, size_t n, struct error *e)
{
	(void)arg;
	(void)answers;
	(void)n;
	(void)e;
	return ERR_OK;
}

static void
hide(void *arg, const struct acme_order *o)
{
	(void)arg;
	(void)o;
}

static enum err
save(void *arg, const struct acme_order *o, struct error *e)
{
	(void)arg;
	(void)o;
	(void)e;
	return ERR_OK;
}

static const struct acme_hooks hooks = {
	.show = show, .hide = hide, .save = save
};

struct desk {
	struct test_ca ca;
	struct acme_client *client;
	struct acme_env env;
	struct arena a;
	EVP_PKEY *account;
	struct acme_order o;
	struct error e;
};

static void
run(struct desk *d)
{
	assert_int_equal(
	    acme_order_run(&d->o, &d->env,
		mono_after_ms(clock_mono(&clock_system), 3000), &d->a, &d->e),
	    ERR_OK);
	assert_int_equal(d->o.plan.state, ACME_DONE);
}

static void
open_desk(struct desk *d)
{
	struct acme_client_options o = { .clock = &clock_system,
		.user_agent = "mtasts/test",
		.limit_ms = 3000,
		.eab_kid = SPAN(""),
		.eab_key = SPAN("") };
	struct span name = SPAN("a.example");

	test_ca_start(&d->ca);
	arena_init(&d->a, LIMIT_ACME_MEMORY);
	assert_int_equal(acme_key_new(&d->account, &d->e), ERR_OK);
	o.trust = d->ca.trust;
	o.directory = d->ca.directory;
	o.key = d->account;
	assert_int_equal(acme_client_new(&o, &d->client, &d->e), ERR_OK);
	d->env = (struct acme_env){ .cas = &d->client,
		.n_cas = 1,
		.hooks = &hooks,
		.clock = &clock_system,
		.random = &randomness_system };
	assert_int_equal(
	    acme_order_init(&d->o, &name, 1, &d->a, &d->e), ERR_OK);
	run(d);
}

static void
close_desk(struct desk *d)
{
	acme_order_wipe(&d->o);
	acme_client_free(d->client);
	EVP_PKEY_free(d->account);
	test_ca_stop(&d->ca);
	arena_release(&d->a);
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
		struct desk d = { .ca = { .window = cases[i].window } };
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
		close_desk(&d);
	}
	assert_int_equal(t.failed, 0);
}

static bool
was_said(const struct desk *d, struct span cert_id)
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
	struct desk d = { .ca = { .window = WINDOW } };
	struct span first_key;
	struct acme_leaf leaf;

	(void)state;
	open_desk(&d);
	assert_null(strstr(d.ca.payload, "replaces"));
	assert_true(acme_leaf_read(d.o.chain, &d.a, &leaf));
	first_key = arena_span(&d.a, d.o.key);
	assert_int_equal(
	    acme_order_renew(&d.o, clock_wall(&clock_system), &d.a, &d.e),
	    ERR_OK);
	assert_false(span_eq(d.o.key, first_key));
	run(&d);
	assert_true(was_said(&d, leaf.cert_id));
	close_desk(&d);
}

static void
test_replaces_without_ari(void **state)
{
	struct desk d = { 0 };

	(void)state;
	open_desk(&d);
	assert_int_equal(
	    acme_order_renew(&d.o, clock_wall(&clock_system), &d.a, &d.e),
	    ERR_OK);
	run(&d);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 2);
	assert_null(strstr(d.ca.payload, "replaces"));
	close_desk(&d);
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
	struct desk d = { .ca = { .window = WINDOW, .rules = rules } };

	(void)state;
	open_desk(&d);
	assert_int_equal(
	    acme_order_renew(&d.o, clock_wall(&clock_system), &d.a, &d.e),
	    ERR_OK);
	run(&d);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 3);
	assert_null(strstr(d.ca.payload, "replaces"));
	close_desk(&d);
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
