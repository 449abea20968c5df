/* Every row of routes.def, asked for by whoever has too few rights for it: he
 * is refused, and nothing is written. */
#include "base/limits.h"
#include "io/bearer.h"
#include "web/test_call.h"

/* Who asks. */
enum asker {
	NOBODY,
	LOST_SESSION, /* a cookie of no session */
	LOST_TOKEN,
	SESSION, /* with all that a page says */
	SESSION_UNMARKED, /* without its CSRF token */
	SESSION_MISMARKED, /* with another one */
	SESSION_ELSEWHERE, /* from a page of somebody else */
	TOKEN,
};

struct scene {
	struct fixture *f;
	struct test_call tc;
	struct arena a;
	const char *session[SCOPES], *csrf[SCOPES], *token[SCOPES];
};

#define NONE_64                                                                \
	"0000000000000000000000000000000000000000000000000000000000000000"

/* ---- who there is ---- */

/* A number that grows with whatever is written. */
static int64_t
writes(struct scene *s)
{
	static const struct sql_statement sqlite = { "SELECT total_changes()" };
	static const struct sql_statement postgres = {
		"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
	};

	return fixture_count(s->f, s->f->is_postgres ? &postgres : &sqlite);
}

static void
make_session(struct scene *s, enum scope scope)
{
	const struct account account = { .name = span_str(scope_names[scope]),
		.scope = scope,
		.password = SPAN("a hash") };
	struct wall_time until = { test_now.s + 3600 };
	struct fixture *f = s->f;
	struct bearer b;
	bool begun;

	assert_err(f, account_put(f->s, &account, test_now, &f->e), ERR_OK);
	assert_err(f, bearer_make(&randomness_system, &b, &f->e), ERR_OK);
	assert_err(f,
	    session_begin(
		f->s, b.hash, &account, test_now, until, &begun, &f->e),
	    ERR_OK);
	s->session[scope] = arena_printf(&s->a, "__Host-mtasts=%s", b.text).p;
	snprintf(s->tc.cookie, sizeof s->tc.cookie, "%s", s->session[scope]);
	s->csrf[scope] = test_call_csrf(&s->tc, &s->a);
	s->tc.cookie[0] = '\0';
}

static void
make_token(struct scene *s, enum scope scope)
{
	const struct api_token token = { .name = SPAN("ci"),
		.made_by = SPAN("administer"),
		.scope = scope,
		.created_at = test_now };
	struct fixture *f = s->f;
	struct bearer b;
	int64_t id;

	assert_err(f, bearer_make(&randomness_system, &b, &f->e), ERR_OK);
	assert_err(f, token_put(f->s, b.hash, &token, &id, &f->e), ERR_OK);
	s->token[scope] = arena_printf(
	    &s->a, "authorization: Bearer %s%s", CALLER_TOKEN_MARK, b.text)
			      .p;
	/* That it was used is written now, and not when it is asked about. */
	test_call_ask(&s->tc, &(struct test_ask){ HTTP_GET, "/api/v1/me",
				  s->token[scope], NULL });
	assert_int_equal(s->tc.status, 200);
}

static void
set_scene(struct scene *s, void **state)
{
	int64_t before;

	*s = (struct scene){ .f = *state };
	arena_init(&s->a, LIMIT_WEB_MEMORY);
	test_call_init(&s->tc, s->f);
	before = writes(s);
	fixture_domain(s->f, "a.example");
	assert_true(writes(s) > before); /* or it could not fail */
	for (enum scope i = 0; i < SCOPES; i++)
		make_session(s, i);
	for (enum scope i = 0; i < SCOPES; i++)
		make_token(s, i);
}

static void
end_scene(struct scene *s)
{
	test_call_release(&s->tc);
	arena_release(&s->a);
}

/* ---- what is asked for ---- */

/* Something that is there, wherever it can be. */
static struct span
part_of(const struct route *r)
{
	return span_starts(span_str(r->path), SPAN("/api/v1/users/"))
		   ? SPAN("view")
	       : span_starts(span_str(r->path), SPAN("/api/v1/tokens/"))
		   ? SPAN("1")
		   : SPAN("a.example");
}

static const char *
target_of(struct scene *s, const struct route *r)
{
	struct span path = span_str(r->path), part = part_of(r);
	struct span out = SPAN("");

	while (path.n > 0) {
		struct span plain = span_head(path, span_find(path, '{'));

		path = span_skip(path, plain.n);
		out = arena_printf(&s->a, "%.*s%.*s", (int)out.n, out.p,
		    (int)plain.n, plain.p);
		if (path.n == 0)
			break;
		out = arena_printf(
		    &s->a, "%.*s%.*s", (int)out.n, out.p, (int)part.n, part.p);
		path = span_skip(path, 2);
	}
	return arena_str(&s->a, out);
}

static const char *
fields_of(struct scene *s, enum asker asker, enum scope scope)
{
	switch (asker) {
	case NOBODY:
	case LOST_SESSION:
	case SESSION_UNMARKED:
		return NULL;
	case LOST_TOKEN:
		return "authorization: Bearer mtasts_" NONE_64;
	case SESSION:
		return arena_printf(&s->a, "x-csrf-token: %s", s->csrf[scope])
		    .p;
	case SESSION_MISMARKED:
		/* of somebody else, who may more */
		return arena_printf(
		    &s->a, "x-csrf-token: %s", s->csrf[(scope + 1) % SCOPES])
		    .p;
	case SESSION_ELSEWHERE:
		return arena_printf(&s->a,
		    "x-csrf-token: %s\norigin: https://evil.test",
		    s->csrf[scope])
		    .p;
	case TOKEN:
		return s->token[scope];
	}
	return NULL;
}

static const char *
cookie_of(const struct scene *s, enum asker asker, enum scope scope)
{
	switch (asker) {
	case NOBODY:
	case LOST_TOKEN:
	case TOKEN:
		break;
	case LOST_SESSION:
		return "__Host-mtasts=" NONE_64;
	case SESSION:
	case SESSION_UNMARKED:
	case SESSION_MISMARKED:
	case SESSION_ELSEWHERE:
		return s->session[scope];
	}
	return "";
}

static void
ask(struct scene *s, const struct route *r, enum asker asker, enum scope scope,
    const char *body)
{
	snprintf(s->tc.cookie, sizeof s->tc.cookie, "%s",
	    cookie_of(s, asker, scope));
	test_call_ask(&s->tc, &(struct test_ask){ r->method, target_of(s, r),
				  fields_of(s, asker, scope), body });
}

/* As a form, which cannot be a PUT or a DELETE by itself. */
static void
ask_by_form(
    struct scene *s, const struct route *r, enum asker asker, enum scope scope)
{
	struct route form = *r;
	const char *body = "x=y";

	if (r->method == HTTP_PUT)
		body = "method=PUT";
	if (r->method == HTTP_DELETE)
		body = "method=DELETE";
	form.method = HTTP_POST;
	ask(s, &form, asker, scope, body);
}

/* ---- what must not happen ---- */

static bool
is_operation(const struct route *r)
{
	return r->kind == ROUTE_API && r->method != HTTP_GET;
}

static void
want_refused(struct tally *t, struct scene *s, const struct route *r,
    enum asker asker, enum scope scope, int status)
{
	int64_t before = writes(s);

	t->label = arena_printf(&s->a, "%s %s, asker %d, scope %s",
	    is_operation(r) ? "operation" : "page", r->path, asker,
	    scope_names[scope])
		       .p;
	ask(s, r, asker, scope, is_operation(r) ? "{}" : NULL);
	want_int(t, "status", s->tc.status, status);
	if (is_operation(r)) {
		ask_by_form(s, r, asker, scope);
		want_int(t, "status of a form", s->tc.status,
		    status == 401 ? 303 : status);
	}
	want_int(t, "writes", writes(s) - before, 0);
}

static void
test_strangers(void **state)
{
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state);
	for (size_t i = 0; i < n_routes; i++) {
		const struct route *r = &routes[i];

		if (r->kind != ROUTE_API && r->kind != ROUTE_PAGE)
			continue;
		for (enum asker who = NOBODY; who <= LOST_TOKEN; who++)
			want_refused(&t, &s, r, who, SCOPE_VIEW,
			    r->kind == ROUTE_API ? 401 : 303);
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

static void
test_smaller_scopes(void **state)
{
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state);
	for (size_t i = 0; i < n_routes; i++)
		for (enum scope has = SCOPE_VIEW; has < routes[i].scope;
		     has++) {
			want_refused(&t, &s, &routes[i], SESSION, has, 403);
			want_refused(&t, &s, &routes[i], TOKEN, has, 403);
		}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* What another site makes a browser send, in the name of whoever may. */
static void
test_forged(void **state)
{
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state);
	for (size_t i = 0; i < n_routes; i++) {
		const struct route *r = &routes[i];

		if (!is_operation(r) && r->kind != ROUTE_FORM)
			continue;
		want_refused(
		    &t, &s, r, SESSION_ELSEWHERE, SCOPE_ADMINISTER, 403);
		if (r->kind == ROUTE_FORM)
			continue; /* see test_login.c */
		want_refused(
		    &t, &s, r, SESSION_UNMARKED, SCOPE_ADMINISTER, 403);
		want_refused(
		    &t, &s, r, SESSION_MISMARKED, SCOPE_ADMINISTER, 403);
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* And whoever may is heard: the rows above refuse for no other reason. */
static void
test_enough(void **state)
{
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state);
	for (size_t i = 0; i < n_routes; i++) {
		const struct route *r = &routes[i];
		const char *body = is_operation(r) ? "{\"x\":1}" : NULL;

		if (r->kind != ROUTE_API && r->kind != ROUTE_PAGE)
			continue;
		t.label = r->path;
		ask(&s, r, SESSION, r->scope, body);
		want_bool(&t, "a session is heard",
		    s.tc.status == 401 || s.tc.status == 403 ||
			s.tc.status >= 500 || s.tc.status == 303,
		    false);
		if (is_operation(r))
			want_int(&t, "what is not known", s.tc.status, 400);
		ask(&s, r, TOKEN, r->scope, body);
		want_bool(&t, "a token is heard",
		    s.tc.status == 401 || s.tc.status == 403 ||
			s.tc.status >= 500 || s.tc.status == 303,
		    false);
	}
	end_scene(&s);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_strangers),
		RUN(test_smaller_scopes),
		RUN(test_forged),
		RUN(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
