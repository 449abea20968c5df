#include "web/test_call.h"

#include "base/limits.h"
#include "io/bearer.h"
#include "web/inside.h"
#include "web/percent.h"

static struct store *
give_store(void *arg)
{
	const struct test_call *t = arg;

	return t->f != NULL ? t->f->s : NULL;
}

static void
tell_failed(void *arg, const struct error *e)
{
	struct test_call *t = arg;

	if (e == NULL)
		return;
	t->failures++;
	printf("# it was told: %s\n", e->text);
}

static struct wall_time
moment_wall(const struct clock *c)
{
	return ((const struct test_moment *)c)->wall;
}

static struct mono_time
moment_mono(const struct clock *c)
{
	return ((const struct test_moment *)c)->mono;
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
			.clock = &t->moment.clock,
			.randomness = &randomness_system,
			.origin = SPAN("https://dashboard.test"),
			.stale_s = 3600,
		},
		.now = test_now,
		.scope = SCOPE_ADMINISTER,
		.moment = { { moment_wall, moment_mono }, test_now, { 0 } },
	};
	assert_true(ip_parse(SPAN("192.0.2.7"), &t->peer));
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
		.peer = t->peer,
	};
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
		assert_true(percent_decode(
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
			 : fields_json(t->http.body, &t->a, &in->fields, &e);
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
			.account = SPAN("anna"),
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

/* ---- the whole way ---- */

static void
add_field(struct test_call *t, struct span name, struct span value)
{
	assert_true(t->head.n_fields < LIMIT_HTTP_FIELDS);
	t->head.fields[t->head.n_fields++] = (struct http_field){ name, value };
}

static void
add_fields(struct test_call *t, struct span lines)
{
	while (lines.n > 0) {
		struct span line = span_head(lines, span_find(lines, '\n'));
		struct span name = span_head(line, span_find(line, ':'));

		add_field(t, name, span_skip(line, name.n + 2));
		lines = span_skip(lines, line.n + 1);
	}
}

/* A test may say it by itself, and then something else. */
static void
add_type(struct test_call *t, const char *body)
{
	if (http_head_find(&t->head, SPAN("content-type")).n == 0)
		add_field(t, SPAN("content-type"),
		    body[0] == '{' ? SPAN("application/json")
				   : SPAN("application/x-www-form-urlencoded"));
}

void
test_call_ask(struct test_call *t, const struct test_ask *ask)
{
	t->head = (struct http_head){ .method = ask->method };
	take_target(t, span_str(ask->target));
	add_fields(t, span_str(ask->fields != NULL ? ask->fields : ""));
	if (t->cookie[0] != '\0')
		add_field(t, SPAN("cookie"), span_str(t->cookie));
	if (ask->body != NULL) {
		t->http.has_body = true;
		t->http.body_unread = t->is_unread;
		t->http.body = t->is_unread ? SPAN("") : span_str(ask->body);
		add_type(t, ask->body);
	}
	t->http.secure = !t->is_clear;
	t->response = (struct http_response){ .body = SPAN("") };
	web_handle(t->web, &t->http, &t->response);
	t->status = t->response.status;
	t->body = t->response.body;
	t->type = test_call_field(t, "content-type");
	t->location = test_call_field(t, "location");
}

struct span
test_call_field(const struct test_call *t, const char *name)
{
	for (size_t i = 0; i < t->response.n_fields; i++)
		if (span_eq(t->response.fields[i].name, span_str(name)))
			return t->response.fields[i].value;
	return SPAN("");
}

void
test_call_log_in(struct test_call *t)
{
	struct account anna = {
		.name = SPAN("anna"), .scope = t->scope, .password = SPAN("")
	};
	struct wall_time until = { t->moment.wall.s + 3600 };
	struct span name = caller_cookie_name(&t->config);
	struct bearer session;
	struct error e;
	bool known;

	assert_int_equal(bearer_make(&randomness_system, &session, &e), ERR_OK);
	assert_int_equal(
	    account_put(t->f->s, &anna, t->moment.wall, &e), ERR_OK);
	assert_int_equal(
	    account_get(t->f->s, anna.name, &t->a, &anna, &known, &e), ERR_OK);
	assert_int_equal(session_begin(t->f->s, session.hash, &anna,
			     t->moment.wall, until, &known, &e),
	    ERR_OK);
	assert_true(known);
	snprintf(t->cookie, sizeof t->cookie, "%.*s=%s", (int)name.n, name.p,
	    session.text);
}

const char *
test_call_csrf(struct test_call *t, struct arena *a)
{
	static const char before[] = "name=\"csrf\" value=\"";
	const char *at;

	test_call_ask(t, &(struct test_ask){ HTTP_GET, "/", NULL, NULL });
	at = memmem(t->body.p, t->body.n, before, sizeof before - 1);
	assert_non_null(at);
	return arena_printf(a, "%.64s", at + sizeof before - 1).p;
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
