#include "serve/policy_host.h"

#include "base/test_table.h"

static int64_t test_now_ms;

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return (struct mono_time){ test_now_ms * 1000000 };
}

static const struct clock test_clock = { .mono = mono };

#define HOST "mta-sts.a.example"
#define POLICY "/.well-known/mta-sts.txt"
#define CHALLENGE "/.well-known/acme-challenge/"
#define TEXT "version: STSv1\nmode: none\nmax_age: 86400\n"

struct world {
	int asked, tokens;
	uint64_t have;
	uint64_t version;
	bool down, gone;
};

static enum lookup
find(void *arg, struct span host, uint64_t have, struct span *out_body,
    uint64_t *out_version)
{
	struct world *w = arg;

	w->asked++;
	w->have = have;
	if (w->down)
		return LOOKUP_FAILED;
	if (w->gone || !span_eq(host, SPAN(HOST)))
		return LOOKUP_NONE;
	if (have == w->version)
		return LOOKUP_SAME;
	*out_body = w->version == 1 ? SPAN(TEXT) : SPAN(TEXT "x: y\n");
	*out_version = w->version;
	return LOOKUP_FOUND;
}

static enum lookup
challenge(void *arg, struct span host, struct span token, struct span *out_body)
{
	struct world *w = arg;

	w->tokens++;
	if (w->down)
		return LOOKUP_FAILED;
	if (!span_eq(host, SPAN(HOST)) || !span_eq(token, SPAN("to-ke_N")))
		return LOOKUP_NONE;
	*out_body = SPAN("to-ke_N.thumb");
	return LOOKUP_FOUND;
}

static struct policy_host *
new_host(struct world *w)
{
	struct policy_host_config config = {
		.source = { find, challenge, w },
		.clock = &test_clock,
		.max_cache = 64 * 1024,
		.recheck_ms = 1000,
		.seed = 7,
	};
	struct policy_host *p = policy_host_new(&config);

	assert_non_null(p);
	test_now_ms = 0;
	return p;
}

/* clang-format off */
static const struct {
	const char		*label;
	bool			 secure;
	struct span		 sni, host;
	enum http_method	 method;
	struct span		 path, query;
	int			 want;
	struct span		 want_type, want_body; /* of a 200 */
} cases[] = {
	{ "RFC 8461 3.3: the policy", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(POLICY), SPAN_INIT(""),
	  200, SPAN_INIT("text/plain"), SPAN_INIT(TEXT) },
	{ "HEAD", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_HEAD, SPAN_INIT(POLICY), SPAN_INIT(""),
	  200, SPAN_INIT("text/plain"), SPAN_INIT(TEXT) },
	{ "RFC 4343: names have no case", true, SPAN_INIT("MTA-STS.a.example"), SPAN_INIT("mta-sts.A.example."), HTTP_GET,
	  SPAN_INIT(POLICY), SPAN_INIT(""), 200, SPAN_INIT("text/plain"), SPAN_INIT(TEXT) },
	{ "RFC 9110 15.5.6: POST", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_POST, SPAN_INIT(POLICY), SPAN_INIT(""),
	  405, SPAN_INIT(""), SPAN_INIT("") },
	{ "a method that nobody knows", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_OTHER, SPAN_INIT(POLICY), SPAN_INIT(""),
	  405, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 9110 7.4: another host than in the handshake", true, SPAN_INIT(HOST), SPAN_INIT("b.example"), HTTP_GET,
	  SPAN_INIT(POLICY), SPAN_INIT(""), 421, SPAN_INIT(""), SPAN_INIT("") },
	{ "no host (HTTP/1.0)", true, SPAN_INIT(HOST), SPAN_INIT(""), HTTP_GET,
	  SPAN_INIT(POLICY), SPAN_INIT(""), 421, SPAN_INIT(""), SPAN_INIT("") },
	{ "another path", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""),
	  404, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 8461 3.3: paths have a case", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET,
	  SPAN_INIT("/.well-known/MTA-STS.txt"), SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "a longer path", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(POLICY "/"), SPAN_INIT(""),
	  404, SPAN_INIT(""), SPAN_INIT("") },
	{ "nothing is decoded", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT("/%2ewell-known/mta-sts.txt"),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "a query", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(POLICY), SPAN_INIT("x"),
	  404, SPAN_INIT(""), SPAN_INIT("") },
	{ "a certificate without a policy", true, SPAN_INIT("b.example"), SPAN_INIT("b.example"), HTTP_GET,
	  SPAN_INIT(POLICY), SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 8461 3.3: no policy in the clear", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET,
	  SPAN_INIT(POLICY), SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 8555 8.3: a challenge", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(CHALLENGE "to-ke_N"),
	  SPAN_INIT(""), 200, SPAN_INIT("application/octet-stream"), SPAN_INIT("to-ke_N.thumb") },
	{ "a challenge, posted to", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_POST, SPAN_INIT(CHALLENGE "to-ke_N"),
	  SPAN_INIT(""), 405, SPAN_INIT(""), SPAN_INIT("") },
	{ "another token", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(CHALLENGE "other"),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "another host's token", false, SPAN_INIT(""), SPAN_INIT("b.example"), HTTP_GET, SPAN_INIT(CHALLENGE "to-ke_N"),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "no token", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(CHALLENGE),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 8555 8.3: no token of that alphabet", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET,
	  SPAN_INIT(CHALLENGE "../x"), SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "a challenge over TLS", true, SPAN_INIT(HOST), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT(CHALLENGE "to-ke_N"),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
	{ "anything in the clear: no redirect", false, SPAN_INIT(""), SPAN_INIT(HOST), HTTP_GET, SPAN_INIT("/"),
	  SPAN_INIT(""), 404, SPAN_INIT(""), SPAN_INIT("") },
};
/* clang-format on */

static struct span
field(const struct http_response *r, struct span name)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (span_eq(r->fields[i].name, name))
			return r->fields[i].value;
	return SPAN("");
}

static void
check(struct tally *t, size_t i, const struct http_response *r)
{
	want_int(t, "status", r->status, cases[i].want);
	want_span(t, "location", field(r, SPAN("location")), SPAN(""));
	want_span(t, "allow", field(r, SPAN("allow")),
	    cases[i].want == 405 ? SPAN("GET, HEAD") : SPAN(""));
	if (cases[i].want != 200)
		return;
	want_span(t, "body", r->body, cases[i].want_body);
	want_span(
	    t, "type", field(r, SPAN("content-type")), cases[i].want_type);
}

static void
test_cases(void **state)
{
	struct world w = { .version = 1 };
	struct policy_host *p = new_host(&w);
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct http_head head;
		struct http_request request = { .head = &head,
			.body = SPAN(""),
			.secure = cases[i].secure,
			.sni = cases[i].sni };
		struct http_response r = { .body = SPAN("") };

		http_head_init(&head);
		head.method = cases[i].method;
		head.path = cases[i].path;
		head.query = cases[i].query;
		head.host = cases[i].host;
		w.tokens = 0;
		policy_host_handle(p, &request, &r);
		t.label = cases[i].label;
		check(&t, i, &r);
		/* Who has us ask for a token pays with his connection. */
		want_bool(&t, "close", r.close, w.tokens > 0);
	}
	assert_int_equal(t.failed, 0);
	policy_host_free(p);
}

/* The status; *body is the response's. */
static int
get(struct policy_host *p, struct span host, struct span *body)
{
	struct http_head head;
	struct http_request request = {
		.head = &head, .body = SPAN(""), .secure = true, .sni = host
	};
	struct http_response r = { .body = SPAN("") };

	http_head_init(&head);
	head.method = HTTP_GET;
	head.path = SPAN(POLICY);
	head.host = host;
	policy_host_handle(p, &request, &r);
	*body = r.body;
	return r.status;
}

static void
test_remembers(void **state)
{
	struct world w = { .version = 1 };
	struct policy_host *p = new_host(&w);
	struct span body;

	(void)state;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	w.version = 2;
	test_now_ms = 999;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_int_equal(body.n, sizeof TEXT - 1);
	assert_int_equal(w.asked, 1);
	test_now_ms = 1000;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_int_equal(body.n, sizeof TEXT - 1 + 5);
	assert_int_equal(w.have, 1);
	test_now_ms = 2000;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_int_equal(w.have, 2);
	assert_int_equal(body.n, sizeof TEXT - 1 + 5);
	policy_host_free(p);
}

/* The last good policy is served while the store is down, and not when it says
 * that there is none. */
static void
test_store_down(void **state)
{
	struct world w = { .version = 1 };
	struct policy_host *p = new_host(&w);
	struct span body;

	(void)state;
	w.down = true;
	assert_int_equal(get(p, SPAN(HOST), &body), 503);
	w.down = false;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	w.down = true;
	test_now_ms = 1000;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_true(span_eq(body, SPAN(TEXT)));
	w.down = false;
	w.gone = true;
	test_now_ms = 2000;
	assert_int_equal(get(p, SPAN(HOST), &body), 404);
	policy_host_free(p);
}

/* What was forgotten is asked about again at once, from the beginning. */
static void
test_forget(void **state)
{
	struct world w = { .version = 1 };
	struct policy_host *p = new_host(&w);
	struct span body;

	(void)state;
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	w.version = 2;
	policy_host_forget(p, SPAN("mta-sts.b.example"));
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_true(span_eq(body, SPAN(TEXT)));
	policy_host_forget(p, SPAN(HOST));
	assert_int_equal(get(p, SPAN(HOST), &body), 200);
	assert_true(span_eq(body, SPAN(TEXT "x: y\n")));
	assert_int_equal(w.have, 0);
	assert_int_equal(w.asked, 2);
	policy_host_free(p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_remembers),
		cmocka_unit_test(test_store_down),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests_name("policy_host", tests, NULL, NULL);
}
