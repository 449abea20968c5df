#include "base/test_table.h"

#include <zlib.h>

#include "base/limits.h"
#include "io/bearer.h"
#include "store/audit.h"
#include "store/domains.h"
#include "web/percent.h"
#include "web/test_call.h"

/* The fixture, a dashboard over it, and who is logged in. */
struct scene {
	struct fixture *f;
	struct test_call tc;
	struct arena a;
	const char *csrf;
};

static void
set_scene(struct scene *s, void **state, enum scope scope)
{
	s->f = *state;
	arena_init(&s->a, LIMIT_WEB_MEMORY);
	test_call_init(&s->tc, s->f);
	s->tc.scope = scope;
	test_call_log_in(&s->tc);
	s->csrf = test_call_csrf(&s->tc, &s->a);
}

static void
end_scene(struct scene *s)
{
	test_call_release(&s->tc);
	arena_release(&s->a);
}

static void
ask(struct test_call *tc, enum http_method method, const char *target,
    const char *fields, const char *body)
{
	test_call_ask(tc, &(struct test_ask){ method, target, fields, body });
}

/* ---- what there is ---- */

static void
test_addresses(void **state)
{
	static const struct {
		enum http_method method;
		const char *target;
		int status;
		const char *location, *allow; /* NULL: whatever */
	} rows[] = {
		/* clang-format off */
		{ HTTP_GET, "/healthz", 200, "", "" },
		{ HTTP_HEAD, "/healthz", 200, "", "" },
		{ HTTP_GET, "/login", 200, "", "" },
		{ HTTP_GET, "/", 303, "/login?back=%2f", NULL },
		{ HTTP_GET, "/domains/a.example?x=1&y=%20", 303,
		    "/login?back=%2fdomains%2fa%2eexample%3fx%3d1%26y%3d%2520",
		    NULL },
		{ HTTP_GET, "/api/v1/me", 401, "", NULL },
		{ HTTP_POST, "/api/v1/domains", 401, "", NULL },
		{ HTTP_GET, "/nothing", 404, "", NULL },
		{ HTTP_GET, "/healthz/", 404, "", NULL },
		{ HTTP_GET, "//healthz", 404, "", NULL },
		{ HTTP_GET, "*", 404, "", NULL },
		{ HTTP_GET, "/status/", 404, "", NULL },
		{ HTTP_GET, "/static/a/b", 404, "", NULL },
		{ HTTP_GET, "/status/%ff", 404, "", NULL },
		{ HTTP_GET, "/status/a%00b", 404, "", NULL },
		{ HTTP_GET, "/healthz?a=%ff", 400, "", NULL },
		/* Strangers are not told what may be done where. */
		{ HTTP_DELETE, "/api/v1/domains", 401, "", "" },
		/* clang-format on */
	};
	struct test_call tc;
	struct tally t = { 0 };

	test_call_init(&tc, *state);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].target;
		ask(&tc, rows[i].method, rows[i].target, NULL, NULL);
		want_int(&t, "status", tc.status, rows[i].status);
		want_span(
		    &t, "location", tc.location, span_str(rows[i].location));
		if (rows[i].allow != NULL)
			want_span(&t, "allow", test_call_field(&tc, "allow"),
			    span_str(rows[i].allow));
	}
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

static void
test_methods(void **state)
{
	static const struct {
		enum http_method method;
		const char *target, *allow;
	} rows[] = {
		{ HTTP_DELETE, "/api/v1/domains", "GET, HEAD, POST" },
		{ HTTP_POST, "/incidents", "GET, HEAD" },
		{ HTTP_OTHER, "/api/v1/domains/a.example",
		    "GET, HEAD, DELETE" },
		{ HTTP_GET, "/api/v1/bulk", "POST" },
		{ HTTP_GET, "/logout", "POST" },
	};
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state, SCOPE_ADMINISTER);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].target;
		ask(&s.tc, rows[i].method, rows[i].target, NULL, NULL);
		want_int(&t, "status", s.tc.status, 405);
		want_span(&t, "allow", test_call_field(&s.tc, "allow"),
		    span_str(rows[i].allow));
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- what every answer has ---- */

static void
test_safety(void **state)
{
	static const char *const targets[] = { "/login", "/", "/nothing",
		"/api/v1/me", "/healthz", "/static/none" };
	static const struct {
		const char *name, *value;
	} fields[] = {
		{ "content-security-policy",
		    "default-src 'none'; script-src 'self'; style-src 'self'; "
		    "img-src 'self' data:; connect-src 'self'; form-action "
		    "'self'; base-uri 'none'; frame-ancestors 'none'" },
		{ "x-content-type-options", "nosniff" },
		{ "referrer-policy", "same-origin" },
		{ "cross-origin-opener-policy", "same-origin" },
		{ "cross-origin-resource-policy", "same-origin" },
		{ "strict-transport-security", "max-age=31536000" },
		{ "cache-control", "no-store" },
	};
	struct test_call tc;
	struct tally t = { 0 };

	test_call_init(&tc, *state);
	for (size_t i = 0; i < ROWS(targets); i++) {
		t.label = targets[i];
		ask(&tc, HTTP_GET, targets[i], NULL, NULL);
		for (size_t j = 0; j < ROWS(fields); j++)
			want_span(&t, fields[j].name,
			    test_call_field(&tc, fields[j].name),
			    span_str(fields[j].value));
	}
	tc.config.origin = SPAN("http://127.0.0.1:8080");
	t.label = "in the clear";
	ask(&tc, HTTP_GET, "/login", NULL, NULL);
	want_span(&t, "HSTS", test_call_field(&tc, "strict-transport-security"),
	    SPAN(""));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

static void
unpack(struct span packed, char *to, size_t room, size_t *n)
{
	z_stream z = { 0 };

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)packed.p;
	z.avail_in = (uInt)packed.n;
	z.next_out = (unsigned char *)to;
	z.avail_out = (uInt)room;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	*n = z.total_out;
	inflateEnd(&z);
}

static void
test_packing(void **state)
{
	static const struct {
		const char *fields;
		bool is_packed;
	} rows[] = {
		{ NULL, false },
		{ "accept-encoding: gzip", true },
		{ "accept-encoding: br, GZIP ; q=0.5", true },
		{ "accept-encoding: gzip;q=0", false },
		{ "accept-encoding: gzip;q=0.000", false },
		{ "accept-encoding: gzip;q=0.01", true },
		{ "accept-encoding: br", false },
	};
	static char plain[64 * 1024], got[64 * 1024];
	struct test_call tc;
	struct tally t = { 0 };
	size_t n_plain = 0, n;

	test_call_init(&tc, *state);
	ask(&tc, HTTP_GET, "/login", NULL, NULL);
	assert_true(tc.body.n > 1024 && tc.body.n < sizeof plain);
	n_plain = tc.body.n;
	memcpy(plain, tc.body.p, n_plain);
	/* Twice, for what is left of the packer's last answer. */
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		bool want = rows[i % ROWS(rows)].is_packed;

		t.label = rows[i % ROWS(rows)].fields;
		ask(&tc, HTTP_GET, "/login", t.label, NULL);
		want_span(&t, "encoding",
		    test_call_field(&tc, "content-encoding"),
		    want ? SPAN("gzip") : SPAN(""));
		want_span(&t, "vary", test_call_field(&tc, "vary"),
		    SPAN("accept-encoding"));
		if (want)
			unpack(tc.body, got, sizeof got, &n);
		else
			memcpy(got, tc.body.p, n = tc.body.n);
		want_span(&t, "body", (struct span){ got, n },
		    (struct span){ plain, n_plain });
	}
	ask(&tc, HTTP_GET, "/healthz", "accept-encoding: gzip", NULL);
	want_span(&t, "short", tc.body, SPAN("ok\n"));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* ---- who may ---- */

static void
test_forgery(void **state)
{
	static const struct {
		const char *label, *fields;
		bool has_csrf;
		int status;
	} rows[] = {
		/* clang-format off */
		{ "a page of ours", "origin: https://dashboard.test\n"
		    "sec-fetch-site: same-origin", true, 303 },
		{ "an old browser", NULL, true, 303 },
		{ "no token", NULL, false, 403 },
		{ "another's token", "x-csrf-token: 0123456789abcdef0123456789abc"
		    "def0123456789abcdef0123456789abcdef", false, 403 },
		{ "no token at all", "x-csrf-token: ", false, 403 },
		{ "another site", "origin: https://evil.test", true, 403 },
		{ "another port", "origin: https://dashboard.test:8443", true,
		    403 },
		{ "in the clear", "origin: http://dashboard.test", true, 403 },
		{ "from nowhere", "origin: null", true, 403 },
		{ "another site, as the browser says",
		    "sec-fetch-site: cross-site", true, 403 },
		{ "a neighbour", "sec-fetch-site: same-site", true, 403 },
		{ "by hand", "sec-fetch-site: none", true, 303 },
		/* clang-format on */
	};
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state, SCOPE_OPERATE);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		ask(&s.tc, HTTP_POST, "/api/v1/domains", rows[i].fields,
		    arena_printf(&s.a, "domains=a.example%s%s",
			rows[i].has_csrf ? "&csrf=" : "",
			rows[i].has_csrf ? s.csrf : "")
			.p);
		want_int(&t, "status", s.tc.status, rows[i].status);
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* Each answer has another mask, and every one of them holds. */
static void
test_masks(void **state)
{
	struct scene s;
	struct tally t = { .label = "masks" };
	const char *second;

	set_scene(&s, state, SCOPE_OPERATE);
	second = test_call_csrf(&s.tc, &s.a);
	want_bool(&t, "other", strcmp(s.csrf, second) != 0, true);
	ask(&s.tc, HTTP_POST, "/api/v1/domains",
	    arena_printf(&s.a, "x-csrf-token: %s", second).p,
	    "{\"domains\":[\"a.example\"]}");
	want_int(&t, "the second", s.tc.status / 100, 2);
	ask(&s.tc, HTTP_POST, "/api/v1/domains",
	    arena_printf(&s.a, "x-csrf-token: %s", s.csrf).p,
	    "{\"domains\":[\"b.example\"]}");
	want_int(&t, "the first", s.tc.status / 100, 2);
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

static void
test_scopes(void **state)
{
	static const struct {
		enum scope scope;
		enum http_method method;
		const char *target, *body;
		int status;
	} rows[] = {
		/* clang-format off */
		{ SCOPE_VIEW, HTTP_GET, "/api/v1/domains", NULL, 200 },
		{ SCOPE_VIEW, HTTP_POST, "/api/v1/domains", "{}", 403 },
		{ SCOPE_OPERATE, HTTP_POST, "/api/v1/domains", "{}", 400 },
		{ SCOPE_OPERATE, HTTP_GET, "/api/v1/users", NULL, 403 },
		{ SCOPE_ADMINISTER, HTTP_GET, "/api/v1/users", NULL, 200 },
		/* clang-format on */
	};
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene s;

		set_scene(&s, state, rows[i].scope);
		t.label = rows[i].target;
		ask(&s.tc, rows[i].method, rows[i].target,
		    arena_printf(&s.a, "x-csrf-token: %s", s.csrf).p,
		    rows[i].body);
		want_int(&t, "status", s.tc.status, rows[i].status);
		end_scene(&s);
	}
	assert_int_equal(t.failed, 0);
}

/* A token is shown in a field, with its mark, and needs no CSRF token. */
static void
test_tokens(void **state)
{
	struct test_call tc;
	struct fixture *f = *state;
	struct api_token token = { .name = SPAN("ci"),
		.made_by = SPAN("anna"),
		.scope = SCOPE_OPERATE,
		.created_at = test_now,
		.until = { test_now.s + 100 } };
	const struct account anna = { .name = token.made_by,
		.scope = SCOPE_ADMINISTER };
	struct tally t = { .label = "tokens" };
	struct bearer b;
	const char *good;
	int64_t id;
	bool found;

	test_call_init(&tc, f);
	assert_err(f, account_put(f->s, &anna, test_now, &f->e), ERR_OK);
	assert_err(f, bearer_make(&randomness_system, &b, &f->e), ERR_OK);
	assert_err(f, token_put(f->s, b.hash, &token, &id, &f->e), ERR_OK);
	good = arena_printf(
	    &f->a, "authorization: Bearer %s%s", CALLER_TOKEN_MARK, b.text)
		   .p;
	ask(&tc, HTTP_POST, "/api/v1/domains", good,
	    "{\"domains\":[\"a.example\"]}");
	want_int(&t, "good", tc.status / 100, 2);
	ask(&tc, HTTP_GET, "/api/v1/users", good, NULL);
	want_int(&t, "too small", tc.status, 403);
	ask(&tc, HTTP_GET, "/api/v1/domains",
	    arena_printf(&f->a, "authorization: Bearer %s", b.text).p, NULL);
	want_int(&t, "without its mark", tc.status, 401);
	want_span(&t, "challenge", test_call_field(&tc, "www-authenticate"),
	    SPAN("Bearer"));
	ask(&tc, HTTP_GET, "/api/v1/domains", "authorization: Bearer x", NULL);
	want_int(&t, "none", tc.status, 401);
	ask(&tc, HTTP_GET, "/api/v1/domains", "authorization: Basic YTpi",
	    NULL);
	want_int(&t, "another scheme", tc.status, 401);
	assert_err(f,
	    account_set_scope(f->s, anna.name, SCOPE_VIEW, &found, &f->e),
	    ERR_OK);
	ask(&tc, HTTP_POST, "/api/v1/domains", good,
	    "{\"domains\":[\"b.example\"]}");
	want_int(&t, "its maker may less", tc.status, 403);
	tc.moment.wall.s += 101;
	ask(&tc, HTTP_GET, "/api/v1/domains", good, NULL);
	want_int(&t, "expired", tc.status, 401);
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* A token that is shown beside a cookie is what counts. */
static void
test_token_and_cookie(void **state)
{
	struct scene s;
	struct tally t = { .label = "both" };

	set_scene(&s, state, SCOPE_ADMINISTER);
	ask(&s.tc, HTTP_GET, "/api/v1/domains", "authorization: Bearer x",
	    NULL);
	want_int(&t, "status", s.tc.status, 401);
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- bodies ---- */

static void
test_bodies(void **state)
{
	static const struct {
		const char *label, *fields, *body;
		bool is_unread;
		int status;
	} rows[] = {
		/* clang-format off */
		{ "text", "content-type: text/plain", "{}", false, 415 },
		{ "several parts", "content-type: multipart/form-data", "x=1",
		    false, 415 },
		{ "JSON with a charset",
		    "content-type: application/json; charset=utf-8", "{}",
		    false, 400 },
		{ "too long", NULL, "{}", true, 413 },
		{ "no JSON", NULL, "{", false, 400 },
		{ "a form that is no UTF-8", NULL, "domains=%ff", false, 400 },
		{ "no body", NULL, NULL, false, 400 },
		/* clang-format on */
	};
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state, SCOPE_OPERATE);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		s.tc.is_unread = rows[i].is_unread;
		ask(&s.tc, HTTP_POST, "/api/v1/domains",
		    arena_printf(&s.a, "x-csrf-token: %s%s%s", s.csrf,
			rows[i].fields != NULL ? "\n" : "",
			rows[i].fields != NULL ? rows[i].fields : "")
			.p,
		    rows[i].body);
		want_int(&t, "status", s.tc.status, rows[i].status);
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- forms ---- */

/* Where a form that was carried out leads: to a page of ours, whatever it or
 * somebody else says. */
static void
test_ways_back(void **state)
{
	static const struct {
		const char *back, *fields, *location;
	} rows[] = {
		/* clang-format off */
		{ "/domains/a", NULL, "/domains/a?said=added" },
		{ "/?tag=x&said=old&page=2", NULL, "/?tag=x&page=2&said=added" },
		{ "/settings#people", NULL, "/settings?said=added#people" },
		{ "//evil.test", NULL, "/?said=added" },
		{ "/\\evil.test", NULL, "/?said=added" },
		{ "/%5Cevil.test", NULL, "/?said=added" },
		{ "https://evil.test/", NULL, "/?said=added" },
		{ "javascript:alert(1)", NULL, "/?said=added" },
		{ "/a%0D%0Aset-cookie:x", NULL, "/?said=added" },
		{ "", NULL, "/?said=added" },
		{ "", "referer: https://dashboard.test/incidents",
		    "/incidents?said=added" },
		{ "", "referer: https://dashboard.test.evil.test/x",
		    "/?said=added" },
		{ "", "referer: https://evil.test/x", "/?said=added" },
		/* clang-format on */
	};
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state, SCOPE_OPERATE);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span back = SPAN("");

		t.label =
		    rows[i].fields != NULL ? rows[i].fields : rows[i].back;
		/* Those with a percent sign are encoded once, as they stand. */
		back = strchr(rows[i].back, '%') != NULL
			   ? span_str(rows[i].back)
			   : percent_escape(span_str(rows[i].back), &s.a);
		ask(&s.tc, HTTP_POST, "/api/v1/domains", rows[i].fields,
		    arena_printf(&s.a, "domains=w%zu.example&csrf=%s&back=%.*s",
			i, s.csrf, (int)back.n, back.p)
			.p);
		want_int(&t, "status", s.tc.status, 303);
		want_span(
		    &t, "location", s.tc.location, span_str(rows[i].location));
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* A form that failed says why, on a page with a way back. */
static void
test_failed_form(void **state)
{
	struct scene s;
	struct tally t = { .label = "failed" };

	set_scene(&s, state, SCOPE_OPERATE);
	ask(&s.tc, HTTP_POST, "/api/v1/domains", NULL,
	    arena_printf(&s.a, "csrf=%s&back=/incidents?a=%%22%%3Cb", s.csrf)
		.p);
	want_int(&t, "status", s.tc.status, 400);
	want_said(&t, &s.tc, "&quot;domains&quot; is missing");
	want_said(&t, &s.tc, "<a href=\"/incidents?a=&quot;&lt;b\">Back</a>");
	ask(&s.tc, HTTP_POST, "/api/v1/domains", NULL,
	    arena_printf(&s.a, "csrf=%s&back=/incidents", s.csrf).p);
	want_said(&t, &s.tc, "<a href=\"/incidents\">Back</a>");
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* A session that has ended leads to the login, and then back. */
static void
test_form_without_login(void **state)
{
	struct test_call tc;
	struct tally t = { .label = "no login" };

	test_call_init(&tc, *state);
	ask(&tc, HTTP_POST, "/api/v1/domains",
	    "referer: https://dashboard.test/incidents",
	    "domains=a.example&back=//evil.test");
	want_int(&t, "status", tc.status, 303);
	want_span(
	    &t, "location", tc.location, SPAN("/login?back=%2fincidents"));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* PUT and DELETE by a form that is sent by POST; by nothing else. */
static void
test_method_of_form(void **state)
{
	struct scene s;
	struct domain d;
	bool found;
	struct tally t = { .label = "DELETE" };

	set_scene(&s, state, SCOPE_OPERATE);
	fixture_domain(s.f, "a.example");
	ask(&s.tc, HTTP_POST, "/api/v1/domains/a.example",
	    arena_printf(&s.a, "x-csrf-token: %s", s.csrf).p,
	    "{\"method\":\"DELETE\"}");
	want_int(&t, "JSON", s.tc.status, 405);
	ask(&s.tc, HTTP_POST, "/api/v1/domains/a.example?method=DELETE", NULL,
	    arena_printf(&s.a, "csrf=%s", s.csrf).p);
	want_int(&t, "the query", s.tc.status, 405);
	ask(&s.tc, HTTP_POST, "/api/v1/domains/a.example", NULL,
	    arena_printf(&s.a, "csrf=%s&method=delete", s.csrf).p);
	want_int(&t, "another word", s.tc.status, 405);
	ask(&s.tc, HTTP_POST, "/api/v1/domains/a.example", NULL,
	    "method=DELETE");
	want_int(&t, "forged", s.tc.status, 403);
	ask(&s.tc, HTTP_POST, "/api/v1/domains/a.example", NULL,
	    arena_printf(&s.a, "csrf=%s&method=DELETE&back=/", s.csrf).p);
	want_int(&t, "good", s.tc.status, 303);
	assert_err(s.f,
	    domains_get(
		s.f->s, SPAN("a.example"), &s.f->a, &d, &found, &s.f->e),
	    ERR_OK);
	want_bool(&t, "still there", found, false);
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- behind a proxy ---- */

static void
test_proxies(void **state)
{
	static const struct {
		const char *label, *peer, *fields, *want;
	} rows[] = {
		/* clang-format off */
		{ "no proxy", "192.0.2.9", "x-forwarded-for: 203.0.113.1",
		    "192.0.2.9" },
		{ "a proxy", "10.0.0.1", "x-forwarded-for: 203.0.113.1",
		    "203.0.113.1" },
		{ "what a stranger put there", "10.0.0.1",
		    "x-forwarded-for: 198.51.100.1, 203.0.113.1",
		    "203.0.113.1" },
		{ "two proxies", "10.0.0.1",
		    "x-forwarded-for: 203.0.113.1 , 10.0.0.2", "203.0.113.1" },
		{ "in two fields", "10.0.0.1", "x-forwarded-for: 203.0.113.1\n"
		    "X-Forwarded-For: 10.0.0.2", "203.0.113.1" },
		{ "nothing", "10.0.0.1", NULL, "10.0.0.1" },
		{ "no address", "10.0.0.1", "x-forwarded-for: 203.0.113.1, x",
		    "10.0.0.1" },
		{ "with a port", "10.0.0.1", "x-forwarded-for: 203.0.113.1:80",
		    "203.0.113.1" },
		{ "IPv6", "10.0.0.1", "x-forwarded-for: 2001:db8::1",
		    "2001:db8::1" },
		{ "IPv6 with a port", "10.0.0.1",
		    "x-forwarded-for: [2001:db8::1]:80", "2001:db8::1" },
		{ "IPv6 in brackets", "10.0.0.1",
		    "x-forwarded-for: [2001:db8::1]", "2001:db8::1" },
		{ "IPv4 as IPv6", "10.0.0.1",
		    "x-forwarded-for: ::ffff:203.0.113.1", "203.0.113.1" },
		{ "a proxy's as IPv6", "10.0.0.1",
		    "x-forwarded-for: 203.0.113.1, ::ffff:10.0.0.2",
		    "203.0.113.1" },
		{ "no end", "10.0.0.1", "x-forwarded-for: [2001:db8::1",
		    "10.0.0.1" },
		{ "a bracket", "10.0.0.1", "x-forwarded-for: [", "10.0.0.1" },
		{ "a colon", "10.0.0.1", "x-forwarded-for: :", "10.0.0.1" },
		{ "empty", "10.0.0.1", "x-forwarded-for: ,", "10.0.0.1" },
		{ "proxies alone", "10.0.0.1", "x-forwarded-for: 10.0.0.3",
		    "10.0.0.3" },
		/* clang-format on */
	};
	const struct ip_prefix proxies[] = {
		{ { .family = IP_V4, .b = { 10 } }, 8 },
	};
	struct fixture *f = *state;
	struct test_call tc;
	struct tally t = { 0 };

	test_call_init(&tc, f);
	tc.config.proxies = proxies;
	tc.config.n_proxies = 1;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct audit_entry *last;
		size_t n;

		t.label = rows[i].label;
		tc.moment.mono.ns += 60 * INT64_C(1000000000); /* tries.h */
		assert_true(ip_parse(span_str(rows[i].peer), &tc.peer));
		ask(&tc, HTTP_POST, "/login", rows[i].fields,
		    "name=anna&password=no+such+password");
		want_int(&t, "status", tc.status, 401);
		assert_err(
		    f, audit_list(f->s, 0, 1, &f->a, &last, &n, &f->e), ERR_OK);
		assert_int_equal(n, 1);
		want_span(&t, "from", last[0].from, span_str(rows[i].want));
	}
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* Nobody is asked for his password past the proxy, which has the TLS. */
static void
test_in_the_clear(void **state)
{
	static const struct {
		const char *label, *peer, *target;
		int status;
		const char *location;
	} rows[] = {
		/* clang-format off */
		{ "the login", "192.0.2.9", "/login?back=%2fx", 303,
		    "https://dashboard.test/login?back=%2fx" },
		{ "a link", "192.0.2.9", "/welcome?token=x", 303,
		    "https://dashboard.test/welcome?token=x" },
		{ "a page", "192.0.2.9", "/", 303, "https://dashboard.test/" },
		{ "by the proxy", "10.0.0.1", "/login", 200, "" },
		{ "a program", "192.0.2.9", "/api/v1/me", 401, "" },
		{ "health", "192.0.2.9", "/healthz", 200, "" },
		/* clang-format on */
	};
	const struct ip_prefix proxies[] = {
		{ { .family = IP_V4, .b = { 10 } }, 8 },
	};
	struct test_call tc;
	struct tally t = { 0 };

	test_call_init(&tc, *state);
	tc.config.proxies = proxies;
	tc.config.n_proxies = 1;
	tc.is_clear = true;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		assert_true(ip_parse(span_str(rows[i].peer), &tc.peer));
		ask(&tc, HTTP_GET, rows[i].target, NULL, NULL);
		want_int(&t, "status", tc.status, rows[i].status);
		want_span(
		    &t, "location", tc.location, span_str(rows[i].location));
	}
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* ---- when something is out of order ---- */

static void
test_without_store(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *type, *text;
	} rows[] = {
		/* clang-format off */
		{ "/healthz", 503, "text/plain; charset=utf-8",
		    "the store is out of reach\n" },
		{ "/", 503, "text/html; charset=utf-8",
		    "The store is out of reach" },
		{ "/login", 503, "text/html; charset=utf-8",
		    "The store is out of reach" },
		{ "/api/v1/me", 503, "application/problem+json",
		    "urn:mtasts:problem:store" },
		/* clang-format on */
	};
	struct test_call tc;
	struct tally t = { 0 };

	(void)state;
	test_call_init(&tc, NULL);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].target;
		ask(&tc, HTTP_GET, rows[i].target, NULL, NULL);
		want_int(&t, "status", tc.status, rows[i].status);
		want_span(&t, "type", tc.type, span_str(rows[i].type));
		want_said(&t, &tc, rows[i].text);
	}
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* What is wrong with the store is told its owner, and nobody else. */
static void
test_broken_store(void **state)
{
	struct scene s;
	struct tally t = { .label = "broken" };

	set_scene(&s, state, SCOPE_VIEW);
	fixture_exec(s.f, "DROP TABLE session");
	ask(&s.tc, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "status", s.tc.status, 503);
	want_unsaid(&t, &s.tc, "session");
	want_int(&t, "told", s.tc.failures, 1);
	ask(&s.tc, HTTP_GET, "/api/v1/domains", NULL, NULL);
	want_int(&t, "status", s.tc.status, 503);
	want_unsaid(&t, &s.tc, "session");
	want_int(&t, "told", s.tc.failures, 2);
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

static void
test_overdue(void **state)
{
	struct fixture *f = *state;
	struct test_call tc;
	struct tally t = { .label = "overdue" };

	test_call_init(&tc, f);
	fixture_domain(f, "a.example");
	ask(&tc, HTTP_GET, "/healthz", NULL, NULL);
	want_int(&t, "in time", tc.status, 200);
	tc.moment.wall.s += tc.config.stale_s + 1;
	ask(&tc, HTTP_GET, "/healthz", NULL, NULL);
	want_int(&t, "overdue", tc.status, 503);
	want_span(
	    &t, "body", tc.body, SPAN("domains are not looked at any more\n"));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_addresses),
		RUN(test_methods),
		RUN(test_safety),
		RUN(test_packing),
		RUN(test_forgery),
		RUN(test_masks),
		RUN(test_scopes),
		RUN(test_tokens),
		RUN(test_token_and_cookie),
		RUN(test_bodies),
		RUN(test_ways_back),
		RUN(test_failed_form),
		RUN(test_form_without_login),
		RUN(test_method_of_form),
		RUN(test_proxies),
		RUN(test_in_the_clear),
		RUN(test_without_store),
		RUN(test_broken_store),
		RUN(test_overdue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
