#include "base/test_table.h"

#include "base/limits.h"
#include "web/inside.h"
#include "web/test_call.h"

static enum err
refuse_missing(struct web_call *c, struct error *e)
{
	(void)e;
	fprintf(call_body(c), "what was written before");
	c->said = "saved";
	c->is_public = true;
	return call_refuse(c, PROBLEM_MISSING, "<%s> is not here", "x\xff");
}

/* A program gets RFC 9457, a person a page, whatever was written before. */
static void
test_refusals(void **state)
{
	static const struct {
		const char *label;
		enum err (*handler)(struct web_call *c, struct error *e);
		const char *target, *body, *type, *text;
	} rows[] = {
		/* clang-format off */
		{ "a program's GET", api_domain, "/api/v1/domains/a", NULL,
		    "application/problem+json",
		    "{\"type\":\"urn:mtasts:problem:not-found\","
		    "\"title\":\"There is no such thing\",\"status\":404,"
		    "\"detail\":\"<x\xef\xbf\xbd> is not here\"}\n" },
		{ "a program's POST", api_domains_add, "/api/v1/domains", "{}",
		    "application/problem+json", "\"status\":404" },
		{ "a form", api_domains_add, "/api/v1/domains", "a=b",
		    "text/html", "&lt;x\xef\xbf\xbd&gt; is not here" },
		{ "a page", page_domain, "/domains/a", NULL, "text/html",
		    "&lt;x\xef\xbf\xbd&gt; is not here" },
		{ "the login", form_login, "/login", "a=b", "text/html",
		    "<h1>There is no such thing</h1>" },
		{ "OpenAPI", page_openapi, "/api/openapi.json", NULL,
		    "application/problem+json", "\"status\":404" },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct test_call tc;

		t.label = rows[i].label;
		test_call_init(&tc, NULL);
		test_call_begin(
		    &tc, rows[i].handler, rows[i].target, rows[i].body);
		want_int(
		    &t, "result", test_call_end(&tc, refuse_missing), ERR_OK);
		want_int(&t, "status", tc.status, 404);
		want_span(&t, "type", tc.type, span_str(rows[i].type));
		want_said(&t, &tc, rows[i].text);
		want_unsaid(&t, &tc, "before");
		want_bool(&t, "said", tc.call.said != NULL, false);
		want_bool(&t, "public", tc.call.is_public, false);
		test_call_release(&tc);
	}
	assert_int_equal(t.failed, 0);
}

static enum err
say_captured(struct web_call *c, struct error *e)
{
	json_t *o = json_object();
	struct json_writer w = { 0 };

	json_put(&w, o, "first", json_text(c->captured[0]));
	json_put(&w, o, "second", json_text(c->captured[1]));
	json_put(&w, o, "page", json_text(fields_find(&c->query, "page")));
	return call_json(c, &w, o, e);
}

static enum err
fail_json(struct web_call *c, struct error *e)
{
	struct json_writer w = { .failed = true };

	return call_json(c, &w, json_object(), e);
}

static void
test_json(void **state)
{
	struct tally t = { .label = "JSON" };
	struct test_call tc;

	(void)state;
	test_call_init(&tc, NULL);
	test_call_begin(&tc, api_domain_untag,
	    "/api/v1/domains/a%2eb/tags/c+d%20%C3%A4?page=2", NULL);
	want_int(&t, "result", test_call_end(&tc, say_captured), ERR_OK);
	want_span(&t, "body", tc.body,
	    SPAN("{\"first\":\"a.b\",\"second\":\"c+d \xc3\xa4\",\"page\":"
		 "\"2\"}\n"));
	want_span(&t, "type", tc.type, SPAN("application/json"));
	test_call_begin(&tc, api_domain, "/api/v1/domains/a", NULL);
	want_int(&t, "no memory", test_call_end(&tc, fail_json), ERR_MEMORY);
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

static enum err
redirect(struct web_call *c, struct error *e)
{
	(void)e;
	fprintf(call_body(c), "what was written before");
	return call_redirect(c, SPAN("/incidents"));
}

static void
test_redirect(void **state)
{
	struct tally t = { .label = "redirect" };
	struct test_call tc;

	(void)state;
	test_call_init(&tc, NULL);
	test_call_begin(&tc, form_logout, "/logout", "");
	want_int(&t, "result", test_call_end(&tc, redirect), ERR_OK);
	want_int(&t, "status", tc.status, 303);
	want_span(&t, "location", tc.location, SPAN("/incidents"));
	want_span(&t, "body", tc.body, SPAN(""));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* What is too long is not cut, and says nothing in the next answer. */
static void
test_too_long(void **state)
{
	static char block[1024 * 1024];
	struct tally t = { .label = "too long" };
	struct test_call tc;
	struct error e;
	struct span text;

	(void)state;
	test_call_init(&tc, NULL);
	test_call_begin(&tc, page_domain, "/domains/a", NULL);
	for (size_t n = 0; n < LIMIT_WEB_REPLY; n += sizeof block)
		fwrite(block, 1, sizeof block, call_body(&tc.call));
	want_int(&t, "just fits", sink_text(&tc.web->sink, &text, &e), ERR_OK);
	want_size(&t, "length", text.n, LIMIT_WEB_REPLY);
	putc('x', call_body(&tc.call));
	want_int(&t, "over", sink_text(&tc.web->sink, &text, &e), ERR_LIMIT);
	test_call_begin(&tc, page_domain, "/domains/a", NULL);
	putc('y', call_body(&tc.call));
	want_int(&t, "the next", sink_text(&tc.web->sink, &text, &e), ERR_OK);
	want_span(&t, "the next", text, SPAN("y"));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
