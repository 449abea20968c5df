/* Orders at a CA that plays a script. */
#include "io/test_acme_desk.h"

#include <openssl/crypto.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "base/test_table.h"
#include "io/acme_account.h"
#include "io/acme_csr.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_saved.h"
#include "io/get.h"

enum { LIMIT_MS = TEST_ACME_MS, SHORT_MS = 150 };

/* ---- one row an order ---- */

#define PROBLEM(status, more, type, detail)                                    \
	status "\r\nReplay-Nonce: again\r\n" more "Connection: close\r\n"      \
	       "Content-Type: application/problem+json\r\n\r\n"                \
	       "{\"type\":\"urn:ietf:params:acme:error:" type "\","            \
	       "\"detail\":\"" detail "\",\"more\":[1,2]}"
#define OK(body)                                                               \
	"200 OK\r\nReplay-Nonce: again\r\nConnection: close\r\n\r\n" body
#define AUTHZ(status, challenges)                                              \
	OK("{\"status\":\"" status "\",\"identifier\":{\"type\":\"dns\","      \
	   "\"value\":\"a.example\"},\"challenges\":[" challenges "]}")

enum { MINUTE = 60, HOUR = 3600 };

/* clang-format off */
static const struct {
	const char		*label;
	struct test_ca_rule	 rules[4];
	size_t			 padding;
	const char		*pad;
	bool			 hangs;
	enum acme_state		 want_state;
	enum acme_failure	 want_failure;
	const char		*want_why; /* a part of it */
	const char		*want_type; /* of the problem */
	int64_t			 want_wait_s; /* least; jitter takes a tenth */
	const char		*want_path; /* was asked for ... */
	int			 want_times; /* ... so often */
} cases[] = {
	{ .label = "all is well", .want_state = ACME_DONE,
	  .want_path = "/orders", .want_times = 1 },
	{ .label = "RFC 8555 6.5: a bad nonce, once",
	  .rules = { { "/orders", 1, 1, PROBLEM("400 Bad Request", "", "badNonce", "no") } },
	  .want_state = ACME_DONE, .want_path = "/orders", .want_times = 2 },
	{ .label = "RFC 8555 6.5: nine bad nonces",
	  .rules = { { "/finalize", 1, 9, PROBLEM("400 Bad Request", "", "badNonce", "no") } },
	  .want_state = ACME_DONE, .want_path = "/finalize", .want_times = 10 },
	{ .label = "bad nonces without end",
	  .rules = { { "/orders", 1, 0, PROBLEM("400 Bad Request", "", "badNonce", "no") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_SERVER,
	  .want_why = "no", .want_type = "badNonce", .want_wait_s = MINUTE,
	  .want_path = "/orders", .want_times = LIMIT_ACME_NONCES },
	{ .label = "RFC 8555 6.5.1: a nonce that is none",
	  .rules = { { "/nonce", 1, 0, "200 OK\r\nReplay-Nonce: a\"b\r\nContent-Length: 0\r\n\r\n" } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "no nonce", .want_wait_s = 10 * MINUTE },
	{ .label = "RFC 8555 6.6: a rate limit with Retry-After",
	  .rules = { { "/orders", 1, 0, PROBLEM("429 Too Many Requests",
	    "Retry-After: 7200\r\n", "rateLimited", "too many orders") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_RATE,
	  .want_why = "too many orders", .want_type = "rateLimited",
	  .want_wait_s = 2 * HOUR, .want_path = "/orders", .want_times = 1 },
	{ .label = "a rate limit without",
	  .rules = { { "/orders", 1, 0, PROBLEM("429 Too Many Requests",
	    "", "rateLimited", "too many orders") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_RATE,
	  .want_why = "too many orders", .want_type = "rateLimited",
	  .want_wait_s = HOUR },
	{ .label = "RFC 9110 15.6.4: down for maintenance",
	  .rules = { { "/dir", 1, 0,
	    "503 Service Unavailable\r\nRetry-After: 600\r\nConnection: close\r\n\r\n<html>" } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_SERVER,
	  .want_why = "503", .want_wait_s = 600 },
	{ .label = "it hangs up", .rules = { { "/dir", 1, 0, NULL } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_REACH,
	  .want_why = "mpty reply", .want_wait_s = MINUTE },
	{ .label = "it is silent", .rules = { { "/dir", 1, 0, "" } },
	  .hangs = true, .want_state = ACME_WANTED,
	  .want_failure = ACME_FAILED_REACH, .want_why = "timed out",
	  .want_wait_s = MINUTE },
	{ .label = "a redirect is not followed",
	  .rules = { { "/dir", 1, 0, "302 Found\r\nLocation: /dir2\r\nConnection: close\r\n\r\n" } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "redirects are not followed", .want_wait_s = 10 * MINUTE,
	  .want_path = "/dir2", .want_times = 0 },
	{ .label = "a directory that is none", .rules = { { "/dir", 1, 0, OK("[]") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "directory", .want_wait_s = 10 * MINUTE },
	{ .label = "a directory that says a thing twice",
	  .rules = { { "/dir", 1, 0, OK("{\"newNonce\":\"a\",\"newNonce\":\"b\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "directory", .want_wait_s = 10 * MINUTE },
	{ .label = "a directory of long names",
	  .rules = { { "/dir", 1, 0, OK("{\"newNonce\":\"") } },
	  .padding = LIMIT_ACME_ANSWER - 4096 - 64, .pad = "x",
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "directory", .want_wait_s = 10 * MINUTE },
	{ .label = "a directory that leads to another protocol",
	  .rules = { { "/dir", 1, 0, OK("{\"newNonce\":\"file:///etc/passwd\","
	    "\"newAccount\":\"http://127.0.0.1/\",\"newOrder\":\"http://127.0.0.1/\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_REACH,
	  .want_why = "rotocol", .want_wait_s = MINUTE },
	{ .label = "a body without end", .rules = { { "/dir", 1, 0, OK("{") } },
	  .padding = 2 * LIMIT_ACME_ANSWER, .want_state = ACME_WANTED,
	  .want_failure = ACME_FAILED_PROTOCOL, .want_why = "too long",
	  .want_wait_s = 10 * MINUTE },
	{ .label = "a field without end", .rules = { { "/dir", 1, 0, "200 OK\r\nX: " } },
	  .padding = 2 * LIMIT_ACME_ANSWER, .want_state = ACME_WANTED,
	  .want_failure = ACME_FAILED_REACH, .want_wait_s = MINUTE },
	{ .label = "fields without end",
	  .rules = { { "/dir", 1, 0, "200 OK\r\n" } },
	  .padding = 2 * LIMIT_HTTP_HEADERS, .pad = "X: 0123456789abcdef0123456789abcdef\r\n",
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "too long", .want_wait_s = 10 * MINUTE },
	{ .label = "RFC 8555 7.3.4: an account must be bound",
	  .rules = { { "/accounts", 1, 0, PROBLEM("403 Forbidden", "",
	    "externalAccountRequired", "bind it") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_ACCOUNT,
	  .want_why = "bind it", .want_type = "externalAccountRequired",
	  .want_wait_s = HOUR },
	{ .label = "RFC 8555 7.3: an account without a URL",
	  .rules = { { "/accounts", 1, 0, OK("{}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "without a URL", .want_wait_s = 10 * MINUTE },
	{ .label = "RFC 8555 7.4: a name that it will not have",
	  .rules = { { "/orders", 1, 0, PROBLEM("400 Bad Request", "",
	    "rejectedIdentifier", "not this one") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_NAME,
	  .want_why = "not this one", .want_type = "rejectedIdentifier",
	  .want_wait_s = HOUR },
	{ .label = "an order without a URL",
	  .rules = { { "/orders", 1, 0, OK("{\"status\":\"pending\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "without a URL", .want_wait_s = 10 * MINUTE },
	{ .label = "an order without authorizations",
	  .rules = { { "/orders", 1, 0,
	    "201 Created\r\nLocation: https://127.0.0.1/o\r\nConnection: close\r\n\r\n"
	    "{\"status\":\"pending\"}" } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "no authorizations", .want_wait_s = 10 * MINUTE },
	{ .label = "an order in no state that there is",
	  .rules = { { "/order", 1, 0, OK("{\"status\":\"perhaps\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "order is none", .want_wait_s = 10 * MINUTE },
	{ .label = "an order that is forgotten",
	  .rules = { { "/order", 1, 0, PROBLEM("404 Not Found", "", "malformed", "no such order") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_GONE,
	  .want_why = "no such order", .want_type = "malformed", .want_wait_s = MINUTE },
	{ .label = "RFC 8555 7.1.6: valid, without a certificate",
	  .rules = { { "/order", 1, 0, OK("{\"status\":\"valid\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "impossible URL", .want_wait_s = 10 * MINUTE },
	{ .label = "RFC 8555 8: no challenge over HTTP",
	  .rules = { { "/authz", 1, 0, AUTHZ("pending",
	    "{\"type\":\"dns-01\",\"status\":\"pending\",\"url\":\"x\",\"token\":\"y\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "no challenge", .want_wait_s = 10 * MINUTE,
	  .want_path = "/challenge", .want_times = 0 },
	{ .label = "RFC 8555 8.3: a token that is a path",
	  .rules = { { "/authz", 1, 0, AUTHZ("pending",
	    "{\"type\":\"http-01\",\"status\":\"pending\",\"url\":\"x\",\"token\":\"../../x\"}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "no challenge", .want_wait_s = 10 * MINUTE,
	  .want_path = "/challenge", .want_times = 0 },
	{ .label = "a name that nobody asked for",
	  .rules = { { "/authz", 1, 0, OK("{\"status\":\"pending\",\"identifier\":"
	    "{\"type\":\"dns\",\"value\":\"victim.example\"},\"challenges\":"
	    "[{\"type\":\"http-01\",\"status\":\"pending\",\"url\":\"x\",\"token\":\"y\"}]}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "not asked for", .want_wait_s = 10 * MINUTE },
	{ .label = "RFC 8555 7.1.6: the name is not proven",
	  .rules = { { "/order", 1, 0, OK("{\"status\":\"invalid\"}") },
	    { "/authz", 2, 0, AUTHZ("invalid", "{\"type\":\"http-01\",\"status\":\"invalid\","
	      "\"error\":{\"type\":\"urn:ietf:params:acme:error:connection\","
	      "\"detail\":\"cannot connect to 192.0.2.1\"}}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROOF,
	  .want_why = "cannot connect to 192.0.2.1", .want_type = "connection",
	  .want_wait_s = 5 * MINUTE },
	{ .label = "RFC 8659 4: CAA, as the CA sees it",
	  .rules = { { "/order", 1, 0, OK("{\"status\":\"invalid\"}") },
	    { "/authz", 2, 0, AUTHZ("invalid", "{\"type\":\"http-01\",\"status\":\"invalid\","
	      "\"error\":{\"type\":\"urn:ietf:params:acme:error:caa\","
	      "\"detail\":\"CAA record forbids\"}}") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_CAA,
	  .want_why = "CAA record forbids", .want_type = "caa",
	  .want_wait_s = 15 * MINUTE },
	{ .label = "RFC 8555 7.1.6: the order's own error",
	  .rules = { { "/finalize", 1, 0, OK("{\"status\":\"invalid\",\"error\":"
	    "{\"type\":\"urn:ietf:params:acme:error:serverInternal\",\"detail\":\"oh\"}}") } },
	  .want_state = ACME_READY, .want_failure = ACME_FAILED_SERVER,
	  .want_why = "oh", .want_type = "serverInternal", .want_wait_s = MINUTE },
	{ .label = "RFC 8555 7.4: the request is refused",
	  .rules = { { "/finalize", 1, 0, PROBLEM("400 Bad Request", "", "badCSR", "a weak key") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_REQUEST,
	  .want_why = "a weak key", .want_type = "badCSR", .want_wait_s = HOUR },
	{ .label = "RFC 8555 7.4: finalised already",
	  .rules = { { "/finalize", 2, 0, PROBLEM("403 Forbidden", "", "orderNotReady", "no") },
	    { "/order", 2, 1, OK("{\"status\":\"ready\"}") } },
	  .want_state = ACME_DONE },
	{ .label = "a certificate that is none",
	  .rules = { { "/cert", 1, 0, OK("-----BEGIN CERTIFICATE-----\nAAAA\n") } },
	  .want_state = ACME_WANTED, .want_failure = ACME_FAILED_PROTOCOL,
	  .want_why = "certificate is none", .want_wait_s = 10 * MINUTE },
	{ .label = "it fails once while the certificate is fetched",
	  .rules = { { "/cert", 1, 1, PROBLEM("500 Internal Server Error", "", "serverInternal", "oh") } },
	  .want_state = ACME_VALID, .want_failure = ACME_FAILED_SERVER,
	  .want_why = "oh", .want_type = "serverInternal", .want_wait_s = MINUTE },
};
/* clang-format on */

static bool
contains(struct span s, const char *part)
{
	return part == NULL || memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static void
want_outcome(struct tally *t, const struct test_acme_desk *d,
    struct wall_time began, size_t i)
{
	static const char prefix[] = "urn:ietf:params:acme:error:";
	const struct acme_order *o = &d->o;
	struct span type = o->problem.type;

	want_span(t, "state", span_str(acme_state_names[o->plan.state]),
	    span_str(acme_state_names[cases[i].want_state]));
	want_span(t, "failure", span_str(acme_failure_names[o->failure]),
	    span_str(acme_failure_names[cases[i].want_failure]));
	if (!contains(o->why, cases[i].want_why))
		want_span(t, "why", o->why, span_str(cases[i].want_why));
	want_span(t, "type", span_skip(type, sizeof prefix - 1),
	    span_str(cases[i].want_type != NULL ? cases[i].want_type : ""));
	/* The jitter is at its least; what went before took its time. */
	if (cases[i].want_wait_s > 0 &&
	    (o->plan.next.s < began.s + cases[i].want_wait_s * 9 / 10 ||
		o->plan.next.s >
		    clock_wall(&clock_system).s + cases[i].want_wait_s))
		want_int(
		    t, "wait", o->plan.next.s - began.s, cases[i].want_wait_s);
	if (cases[i].want_path != NULL)
		want_int(t, cases[i].want_path,
		    test_ca_seen(&d->ca, cases[i].want_path),
		    cases[i].want_times);
	if (type.n > 0)
		want_bool(t, "word for word",
		    contains(o->problem.text, cases[i].want_type), true);
}

static void
test_cases(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct test_acme_desk d = { .ca = { .rules = cases[i].rules,
						.padding = cases[i].padding,
						.pad = cases[i].pad } };
		struct wall_time began = clock_wall(&clock_system);

		t.label = cases[i].label;
		test_acme_open(&d, cases[i].hangs ? SHORT_MS : LIMIT_MS);
		want_int(&t, "rc", test_acme_run(&d), ERR_OK);
		want_outcome(&t, &d, began, i);
		test_acme_close(&d);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- what the caller sees ---- */

static void
test_hooks(void **state)
{
	struct test_acme_desk d = { 0 };
	struct span thumb;
	char want[256];

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.plan.state, ACME_DONE);
	/* RFC 8555 8.3: the token, and the key authorization. */
	assert_string_equal(d.told.token, "t0ken_-");
	thumb = acme_thumbprint(acme_jwk(d.account, &d.a), &d.a);
	snprintf(want, sizeof want, "t0ken_-.%.*s", (int)thumb.n, thumb.p);
	assert_string_equal(d.told.text, want);
	assert_int_equal(d.told.shown, 1);
	assert_int_equal(d.told.hidden, 2); /* and at the end */
	assert_int_equal(d.told.asked, 1);
	/* The key was safe before the first request that rests on it. */
	assert_memory_equal(d.told.first_key, d.o.key.p, d.o.key.n);
	assert_string_equal(d.ca.payload,
	    "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.example\"}]}");
	test_acme_close(&d);
}

static void
test_hooks_that_fail(void **state)
{
	struct test_acme_desk d = { 0 };

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	d.told.no_save = true;
	assert_int_equal(test_acme_run(&d), ERR_STORE);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 0);
	d.told.no_save = false;
	d.told.no_show = true;
	assert_int_equal(test_acme_run(&d), ERR_STORE);
	assert_int_equal(test_ca_seen(&d.ca, "/challenge"), 0);
	d.told.no_show = false;
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.plan.state, ACME_DONE);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 1);
	test_acme_close(&d);
}

static void
test_caa_forbids(void **state)
{
	struct test_acme_desk d = { .told = { .forbidden = true } };

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.failure, ACME_FAILED_CAA);
	assert_true(span_eq(d.o.why, SPAN("CAA says no")));
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 0);
	test_acme_close(&d);
}

/* A certificate for another key is one for somebody else. */
static void
test_another_key(void **state)
{
	struct test_acme_desk d = { 0 };
	struct span name = SPAN("a.example");
	struct acme_order other;
	int64_t wait_ms;

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	while (d.o.plan.state != ACME_VALID)
		assert_int_equal(
		    acme_order_step(&d.o, &d.env, &d.a, &wait_ms, &d.e),
		    ERR_OK);
	assert_int_equal(acme_order_init(&other, &name, 1, &d.a, &d.e), ERR_OK);
	d.o.key = other.key;
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.failure, ACME_FAILED_PROTOCOL);
	assert_true(contains(d.o.why, "another key"));
	assert_int_equal(d.o.chain.n, 0);
	test_acme_close(&d);
}

/* ---- saved and read back, between any two steps ---- */

static void
test_saved(void **state)
{
	struct test_acme_desk d = { 0 };
	int64_t wait_ms;
	int steps = 0;

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	for (; d.o.plan.state != ACME_DONE && steps < 20; steps++) {
		struct span text = SPAN(""), again = SPAN("");
		struct acme_order back;

		assert_int_equal(
		    acme_order_step(&d.o, &d.env, &d.a, &wait_ms, &d.e),
		    ERR_OK);
		assert_int_equal(acme_saved_write(&d.o, &d.a, &text), ERR_OK);
		assert_false(contains(text, "PRIVATE"));
		assert_int_equal(
		    acme_saved_read(text, d.o.key, &d.a, &back, &d.e), ERR_OK);
		assert_int_equal(acme_saved_write(&back, &d.a, &again), ERR_OK);
		assert_true(span_eq(text, again));
		/* Another process goes on. */
		d.o = back;
		test_acme_restart(&d, LIMIT_MS);
	}
	assert_int_equal(d.o.plan.state, ACME_DONE);
	assert_int_equal(test_ca_seen(&d.ca, "/orders"), 1);
	assert_int_equal(test_ca_seen(&d.ca, "/finalize"), 1);
	test_acme_close(&d);
}

static void
test_saved_damaged(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "{\"plan\":{}}",
		"{\"plan\":{\"state\":\"pending\",\"ca\":9}}", "nonsense" };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_ACME_MEMORY);
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct acme_order o;
		struct error e = { .text = "" };

		assert_int_equal(
		    acme_saved_read(span_str(texts[i]), SPAN("k"), &a, &o, &e),
		    ERR_DATA);
		assert_true(e.text[0] != '\0');
	}
	arena_release(&a);
}

/* ---- several CAs ---- */

static void
test_fall_back(void **state)
{
	static const struct test_ca_rule limit[] = {
		{ "/orders", 1, 0,
		    PROBLEM("429 Too Many Requests", "Retry-After: 7200\r\n",
			"rateLimited", "no more") },
		{ 0 }
	};
	struct test_acme_desk first = { .ca = { .rules = limit } },
			      second = { 0 };
	struct acme_client *both[2];
	struct span text = SPAN("");

	(void)state;
	test_acme_open(&first, LIMIT_MS);
	test_acme_open(&second, LIMIT_MS);
	both[0] = first.client;
	both[1] = second.client;
	first.env.cas = both;
	first.env.n_cas = 2;
	assert_int_equal(test_acme_run(&first), ERR_OK);
	assert_int_equal(first.o.plan.state, ACME_DONE);
	assert_int_equal(first.o.plan.ca, 1);
	/* The first is not forgotten, and not asked before its time. */
	assert_true(first.o.plan.cas[0].not_before.s >
		    clock_wall(&clock_system).s + 7000);
	assert_int_equal(acme_order_renew(&first.o, clock_wall(&clock_system),
			     &first.a, &first.e),
	    ERR_OK);
	assert_int_equal(test_acme_run(&first), ERR_OK);
	assert_int_equal(first.o.plan.ca, 1);
	assert_int_equal(test_ca_seen(&first.ca, "/orders"), 1);
	assert_int_equal(acme_saved_write(&first.o, &first.a, &text), ERR_OK);
	test_acme_close(&first);
	test_acme_close(&second);
}

/* The configuration changed while an order stood. */
static void
test_places_change(void **state)
{
	struct test_acme_desk first = { 0 }, second = { 0 };
	struct acme_client *both[2];
	int64_t wait_ms;

	(void)state;
	test_acme_open(&first, LIMIT_MS);
	test_acme_open(&second, LIMIT_MS);
	while (first.o.plan.state != ACME_READY)
		assert_int_equal(acme_order_step(&first.o, &first.env, &first.a,
				     &wait_ms, &first.e),
		    ERR_OK);
	both[0] = second.client;
	both[1] = first.client;
	first.env.cas = both;
	first.env.n_cas = 2;
	assert_int_equal(
	    acme_order_step(&first.o, &first.env, &first.a, &wait_ms, &first.e),
	    ERR_OK);
	assert_int_equal(first.o.plan.ca, 1);
	assert_int_equal(test_ca_seen(&first.ca, "/finalize"), 1);

	/* Its CA is gone altogether, and with it the order. */
	first.env.n_cas = 1;
	assert_int_equal(test_acme_run(&first), ERR_OK);
	assert_int_equal(first.o.plan.state, ACME_DONE);
	assert_int_equal(test_ca_seen(&second.ca, "/orders"), 1);
	assert_true(span_eq(first.o.directory, span_str(second.ca.directory)));
	test_acme_close(&first);
	test_acme_close(&second);
}

/* A CA that has forgotten the account is told of it again. */
static void
test_account_forgotten(void **state)
{
	static const struct test_ca_rule rules[] = {
		{ "/orders", 1, 1,
		    PROBLEM(
			"400 Bad Request", "", "accountDoesNotExist", "who") },
		{ 0 }
	};
	struct test_acme_desk d = { .ca = { .rules = rules } };

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.failure, ACME_FAILED_ACCOUNT);
	d.o.plan.next.s = 0; /* the wait is over */
	d.o.plan.cas[0].not_before.s = 0;
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.plan.state, ACME_DONE);
	assert_int_equal(test_ca_seen(&d.ca, "/accounts"), 2);
	test_acme_close(&d);
}

/* RFC 8555 8: a name that fails again and again is left alone for an hour. */
static void
test_failures_an_hour(void **state)
{
	static const struct test_ca_rule invalid[] = {
		{ "/order", 1, 0, OK("{\"status\":\"invalid\"}") },
		{ "/authz", 1, 0,
		    AUTHZ("invalid",
			"{\"type\":\"http-01\",\"error\":{\"type\":"
			"\"urn:ietf:params:acme:error:dns\"}}") },
		{ 0 }
	};
	struct test_acme_desk d = { .ca = { .rules = invalid } };
	struct wall_time began = clock_wall(&clock_system);

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	for (int i = 0; i < ACME_TRIES_MAX; i++) {
		d.o.plan.next.s = 0; /* the wait is over */
		d.o.plan.cas[0].not_before.s = 0;
		d.o.plan.cas[0].failures = 0;
		assert_int_equal(test_acme_run(&d), ERR_OK);
		assert_int_equal(d.o.failure, ACME_FAILED_PROOF);
	}
	assert_true(d.o.plan.next.s >= began.s + HOUR);
	assert_int_equal(d.told.hidden, ACME_TRIES_MAX);
	test_acme_close(&d);
}

/* ---- the account ---- */

/* RFC 8555 7.3.5: the old key signs what the new one has signed. */
static void
test_rekey(void **state)
{
	static const struct test_ca_rule refused[] = {
		{ "/key", 2, 1,
		    PROBLEM(
			"409 Conflict", "", "malformed", "that key has one") },
		{ 0 }
	};
	struct test_acme_desk d = { .ca = { .rules = refused } };
	struct span want, payload = SPAN("");
	struct acme_reply r;
	EVP_PKEY *to = NULL;
	json_t *inner;

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(acme_key_new(&to, &d.e), ERR_OK);
	assert_int_equal(acme_account_rekey(d.client, to, &d.a, &r), ERR_OK);
	assert_int_equal(r.failure, ACME_FAILED_NOT);
	assert_ptr_equal(acme_client_key(d.client), to);
	inner = acme_json_read(span_str(d.ca.payload));
	assert_true(base64url_decode(
	    &d.a, acme_json_text(inner, "payload", &d.a), &payload));
	want = acme_client_account(d.client);
	assert_true(contains(payload,
	    arena_printf(&d.a, "\"account\":\"%.*s\"", (int)want.n, want.p).p));
	want = acme_jwk(d.account, &d.a);
	assert_true(contains(payload,
	    arena_printf(&d.a, "\"oldKey\":%.*s", (int)want.n, want.p).p));
	json_decref(inner);

	/* Refused: the key stays. */
	assert_int_equal(
	    acme_account_rekey(d.client, d.account, &d.a, &r), ERR_OK);
	assert_int_equal(r.failure, ACME_FAILED_REQUEST);
	assert_ptr_equal(acme_client_key(d.client), to);
	test_acme_close(&d);
	EVP_PKEY_free(to);
}

/* RFC 8555 7.6 */
static void
test_revoke(void **state)
{
	static const struct test_ca_rule already[] = {
		{ "/revoke", 2, 1,
		    PROBLEM(
			"400 Bad Request", "", "alreadyRevoked", "it was") },
		{ "/revoke", 3, 1,
		    PROBLEM("403 Forbidden", "", "unauthorized", "no") },
		{ 0 }
	};
	static const enum acme_failure want[] = { ACME_FAILED_NOT,
		ACME_FAILED_NOT, ACME_FAILED_ACCOUNT };
	struct test_acme_desk d = { .ca = { .rules = already } };
	struct span der = SPAN("");
	struct acme_reply r;

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(test_acme_run(&d), ERR_OK);
	for (size_t i = 0; i < ROWS(want); i++) {
		assert_int_equal(acme_account_revoke(d.client, d.o.chain,
				     ACME_REASON_SUPERSEDED, &d.a, &r),
		    ERR_OK);
		assert_int_equal(r.failure, want[i]);
	}
	assert_true(acme_leaf_der(d.o.chain, &d.a, &der));
	der = base64url_encode(&d.a, der);
	assert_string_equal(d.ca.payload,
	    arena_printf(&d.a, "{\"certificate\":\"%.*s\",\"reason\":4}",
		(int)der.n, der.p)
		.p);
	assert_int_equal(acme_account_revoke(d.client, SPAN("none"),
			     ACME_REASON_NONE, &d.a, &r),
	    ERR_DATA);
	test_acme_close(&d);
}

/* What we end ourselves is nobody's failure. */
static void
test_stop(void **state)
{
	struct test_acme_desk d = { 0 };
	struct acme_client_options o;
	struct acme_client *c;
	struct stop stop;
	int64_t wait_ms;

	(void)state;
	test_acme_open(&d, LIMIT_MS);
	assert_int_equal(stop_init(&stop), ERR_OK);
	o = (struct acme_client_options){ .stop = &stop,
		.trust = d.ca.trust,
		.user_agent = "mtasts/test",
		.limit_ms = LIMIT_MS,
		.directory = d.ca.directory,
		.key = d.account,
		.eab_kid = SPAN(""),
		.eab_key = SPAN("") };
	assert_int_equal(acme_client_new(&o, &c, &d.e), ERR_OK);
	d.env.cas = &c;
	d.env.stop = &stop;
	stop_pull(&stop);
	assert_int_equal(
	    acme_order_step(&d.o, &d.env, &d.a, &wait_ms, &d.e), ERR_OK);
	assert_int_equal(d.o.failure, ACME_FAILED_NOT);
	assert_int_equal(d.o.plan.next.s, 0);
	assert_int_equal(d.o.plan.cas[0].failures, 0);
	assert_int_equal(test_acme_run(&d), ERR_OK);
	assert_int_equal(d.o.plan.state, ACME_WANTED);
	acme_client_free(c);
	stop_release(&stop);
	test_acme_close(&d);
}

static void
test_names(void **state)
{
	static const struct span bad[] = { SPAN_INIT(""),
		SPAN_INIT("*.a.example"), SPAN_INIT("192.0.2.1"),
		SPAN_INIT("a_b.example"), SPAN_INIT("a..example"),
		SPAN_INIT("a\0.example") };
	struct acme_order o;
	struct arena a;
	struct error e;

	(void)state;
	arena_init(&a, LIMIT_ACME_MEMORY);
	for (size_t i = 0; i < ROWS(bad); i++)
		assert_int_equal(
		    acme_order_init(&o, &bad[i], 1, &a, &e), ERR_DATA);
	assert_int_equal(acme_order_init(&o, bad, 0, &a, &e), ERR_LIMIT);
	assert_int_equal(
	    acme_order_init(&o, bad, LIMIT_ACME_NAMES + 1, &a, &e), ERR_LIMIT);
	arena_release(&a);
}

static int
setup(void **state)
{
	(void)state;
	/* The environment must not choose where we connect. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	return get_global_init() == ERR_OK ? 0 : -1;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_hooks_that_fail),
		cmocka_unit_test(test_caa_forbids),
		cmocka_unit_test(test_another_key),
		cmocka_unit_test(test_saved),
		cmocka_unit_test(test_saved_damaged),
		cmocka_unit_test(test_fall_back),
		cmocka_unit_test(test_places_change),
		cmocka_unit_test(test_account_forgotten),
		cmocka_unit_test(test_failures_an_hour),
		cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_revoke),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("acme_order", tests, setup, NULL);
}
