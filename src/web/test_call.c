#include "web/test_call.h"

#include "base/limits.h"
#include "web/inside.h"

static struct store *
give_store(void *arg)
{
	const struct test_call *t = arg;

	return t->f != NULL ? t->f->s : NULL;
}

static void
tell_failed(void *arg, const struct error *e)
{
	(void)arg;
	if (e != NULL)
		printf("# the store failed: %s\n", e->text);
}

void
test_call_init(struct test_call *t, struct fixture *f)
{
	struct error e;

	*t = (struct test_call){
		.f = f,
		.config = {
			.store = give_store,
			.failed = tell_failed,
			.arg = t,
			.clock = &clock_system,
			.randomness = &randomness_system,
			.origin = SPAN("https://dashboard.test"),
			.stale_s = 3600,
		},
		.now = test_now,
		.scope = SCOPE_ADMINISTER,
	};
	arena_init(&t->a, LIMIT_WEB_MEMORY);
	assert_int_equal(web_new(&t->config, &t->web, &e), ERR_OK);
}

void
test_call_release(struct test_call *t)
{
	web_free(t->web);
	arena_release(&t->a);
}

static void
take_target(struct test_call *t, struct span target)
{
	t->head.path = span_head(target, span_find(target, '?'));
	t->head.query = span_skip(target, t->head.path.n + 1);
	t->head.host = SPAN("dashboard.test");
	t->http = (struct http_request){
		.head = &t->head,
		.secure = true,
		.sni = t->head.host,
	};
	assert_true(ip_parse(SPAN("192.0.2.7"), &t->http.peer));
}

static void
take_route(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e))
{
	struct span captured[ROUTE_CAPTURES] = { SPAN(""), SPAN("") };

	for (size_t i = 0; i < n_routes && t->call.route == NULL; i++)
		if (routes[i].handle == handle &&
		    route_matches(&routes[i], t->head.path, captured))
			t->call.route = &routes[i];
	if (t->call.route == NULL)
		fail_msg("no route of that handler has the path %.*s",
		    (int)t->head.path.n, t->head.path.p);
	t->head.method = t->call.route->method;
	for (size_t i = 0; i < ROUTE_CAPTURES; i++)
		assert_true(input_unescape(
		    captured[i], false, &t->a, &t->call.captured[i]));
}

static void
take_body(struct test_call *t, const char *body)
{
	struct input *in = &t->call.input;
	struct error e = { 0 };
	enum err rc;

	in->a = &t->a;
	if (body == NULL)
		return;
	t->http.body = span_str(body);
	t->http.has_body = true;
	in->is_form = body[0] != '{';
	rc = in->is_form ? fields_parse(t->http.body, &t->a, &in->fields, &e)
			 : input_json(t->http.body, &t->a, &in->fields, &e);
	if (rc != ERR_OK)
		fail_msg("the body is not understood: %s", e.text);
}

static void
take_answer(struct test_call *t)
{
	struct web_call *c = &t->call;
	struct error e;

	t->status = c->status;
	t->type = span_str(c->type != NULL ? c->type : "text/html");
	t->location = c->location;
	t->body = SPAN("");
	if (c->body != NULL)
		assert_int_equal(
		    sink_text(&t->web->sink, &t->body, &e), ERR_OK);
}

void
test_call_begin(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target,
    const char *body)
{
	struct error e;

	arena_release(&t->a);
	t->head = (struct http_head){ .method = HTTP_GET };
	take_target(t, span_str(target));
	t->call = (struct web_call){
		.config = &t->config,
		.web = t->web,
		.store = give_store(t),
		.a = &t->a,
		.now = t->now,
		.http = &t->http,
		.status = 200,
		.caller = {
			.kind = CALLER_PERSON,
			.name = SPAN("anna"),
			.scope = t->scope,
			.csrf = "00000000000000000000000000000000"
				"00000000000000000000000000000000",
		},
		.peer = t->http.peer,
	};
	take_route(t, handle);
	assert_int_equal(
	    fields_parse(t->head.query, &t->a, &t->call.query, &e), ERR_OK);
	take_body(t, body);
}

enum err
test_call_end(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e))
{
	struct error e = { 0 };
	enum err rc = handle(&t->call, &e);

	if (rc != ERR_OK)
		printf(
		    "# the handler of %s: %s\n", t->call.route->path, e.text);
	take_answer(t);
	return rc;
}

enum err
test_call_handler(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target,
    const char *body)
{
	test_call_begin(t, handle, target, body);
	return test_call_end(t, handle);
}

static bool
says(const struct test_call *t, const char *text)
{
	return memmem(t->body.p, t->body.n, text, strlen(text)) != NULL;
}

void
want_said(struct tally *tally, const struct test_call *t, const char *text)
{
	if (says(t, text))
		return;
	tally->failed++;
	printf("# %s: got an answer without '%s':\n%.*s\n", tally->label, text,
	    (int)t->body.n, t->body.p);
}

void
want_unsaid(struct tally *tally, const struct test_call *t, const char *text)
{
	if (!says(t, text))
		return;
	tally->failed++;
	printf("# %s: got an answer with '%s', want one without it:\n%.*s\n",
	    tally->label, text, (int)t->body.n, t->body.p);
}
