/* Settings: users, tokens, channels, one's password. What lets somebody in is
 * shown once, the last administrator stays, and all of it is in the audit log.
 */
#include "base/limits.h"
#include "io/bearer.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "web/password.h"
#include "web/test_asked.h"

#define HOSTILE "<script>alert('x')</script>"

static const struct web_channel channels[] = {
	{ SPAN_INIT("ops"), SPAN_INIT("mail"), SPAN_INIT(HOSTILE),
	    SPAN_INIT("warning") },
};
static const struct span cas[] = { SPAN_INIT("https://ca.test/directory"),
	SPAN_INIT("https://other.test/" HOSTILE) };

static void
put_account(
    struct fixture *f, const char *name, enum scope scope, const char *password)
{
	const struct account account = { .name = span_str(name),
		.scope = scope,
		.password = span_str(password),
		.created_at = test_now };

	assert_err(f, account_put(f->s, &account, test_now, &f->e), ERR_OK);
}

static bool
get_account(struct fixture *f, const char *name, struct account *out)
{
	bool found;

	assert_err(f,
	    account_get(f->s, span_str(name), &f->a, out, &found, &f->e),
	    ERR_OK);
	return found;
}

static void
begin(struct fixture *f, struct test_call *tc)
{
	put_account(f, "anna", SCOPE_ADMINISTER, "a hash");
	test_call_init(tc, f);
	tc->config.channels = channels;
	tc->config.n_channels = ROWS(channels);
	tc->config.cas = cas;
	tc->config.n_cas = ROWS(cas);
}

/* "token-add ci (view)", newest first. */
static void
want_audit(struct fixture *f, const char *const *want, size_t n_want)
{
	struct tally t = { .label = "audit" };
	struct audit_entry *all;
	size_t n;

	assert_err(
	    f, audit_list(f->s, 0, 1000, &f->a, &all, &n, &f->e), ERR_OK);
	want_size(&t, "entries", n, n_want);
	for (size_t i = 0; i < n && i < n_want; i++) {
		want_span(&t, "what",
		    arena_printf(&f->a, "%.*s %.*s", (int)all[i].what.n,
			all[i].what.p, (int)all[i].target.n, all[i].target.p),
		    span_str(want[i]));
		want_span(&t, "who", all[i].who, SPAN("anna"));
		want_span(&t, "from", all[i].from, SPAN("192.0.2.7"));
	}
	assert_int_equal(t.failed, 0);
}

/* ---- users ---- */

static void
test_users(void **state)
{
	/* clang-format off */
	static const struct asked wrong[] = {
		{ "no name", api_users_add, "/api/v1/users", "{\"scope\":\"view\"}", 400, "name", NULL },
		{ "no scope", api_users_add, "/api/v1/users", "{\"name\":\"ben\"}", 400, "scope", NULL },
		{ "a wrong scope", api_users_add, "/api/v1/users", "{\"name\":\"ben\",\"scope\":\"root\"}", 400, "scope", NULL },
		{ "more than is known", api_users_add, "/api/v1/users", "{\"name\":\"ben\",\"scope\":\"view\",\"password\":\"x\"}", 400, "password", NULL },
		{ "a control", api_users_add, "/api/v1/users", "{\"name\":\"be\\u001bn\",\"scope\":\"view\"}", 400, "printed", NULL },
		{ "spaces", api_users_add, "/api/v1/users", "{\"name\":\" ben\",\"scope\":\"view\"}", 400, "space", NULL },
		{ "like a token", api_users_add, "/api/v1/users", "{\"name\":\"token ben\",\"scope\":\"view\"}", 400, "token", NULL },
		{ "65 octets", api_users_add, "/api/v1/users", "{\"name\":\"12345678901234567890123456789012345678901234567890123456789012345\",\"scope\":\"view\"}", 400, "64", NULL },
		{ "known", api_users_add, "/api/v1/users", "{\"name\":\"anna\",\"scope\":\"view\"}", 409, "conflict", NULL },
		{ "nobody's scope", api_user_change, "/api/v1/users/eve", "{\"scope\":\"view\"}", 404, "not-found", NULL },
		{ "a control in the path", api_user_remove, "/api/v1/users/%01", NULL, 404, "not-found", NULL },
		{ "nobody's link", api_user_link, "/api/v1/users/eve/link", NULL, 404, "not-found", NULL },
		{ "nobody", api_user_remove, "/api/v1/users/eve", NULL, 404, "not-found", NULL },
		{ "one's own rights", api_user_change, "/api/v1/users/anna", "{\"scope\":\"view\"}", 409, "conflict", NULL },
		{ "oneself", api_user_remove, "/api/v1/users/anna", NULL, 409, "conflict", NULL },
	};
	static const struct asked right[] = {
		{ "add", api_users_add, "/api/v1/users", "{\"name\":\"ben\",\"scope\":\"view\"}", 200, "\"link\":\"https://dashboard.test/welcome?", NULL },
		{ "change", api_user_change, "/api/v1/users/ben", "{\"scope\":\"operate\"}", 200, "{\"done\":\"saved\"}", NULL },
		{ "list", api_users, "/api/v1/users", NULL, 200, "\"name\":\"ben\",\"scope\":\"operate\",\"has_password\":false", "hash" },
		{ "a link", api_user_link, "/api/v1/users/ben/link", NULL, 200, "\"link\":\"https://dashboard.test/welcome?", NULL },
		{ "remove", api_user_remove, "/api/v1/users/ben", NULL, 200, "{\"done\":\"saved\"}", NULL },
	};
	static const char *const audit[] = { "user-remove ben", "user-link ben",
		"user-change ben (operate)", "user-add ben (view)" };
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;
	struct account ben;

	begin(f, &tc);
	want_rows(&tc, wrong, ROWS(wrong));
	want_audit(f, NULL, 0);
	want_rows(&tc, right, ROWS(right));
	want_audit(f, audit, ROWS(audit));
	assert_false(get_account(f, "ben", &ben));
	test_call_release(&tc);
}

/* A program may administer too: it must not leave nobody behind. */
static void
test_last(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label;
		enum err (*handle)(struct web_call *c, struct error *e);
		const char *target, *body;
		int status;
	} rows[] = {
		{ "removed", api_user_remove, "/api/v1/users/anna", NULL, 409 },
		{ "less", api_user_change, "/api/v1/users/anna", "{\"scope\":\"operate\"}", 409 },
		{ "the same", api_user_change, "/api/v1/users/anna", "{\"scope\":\"administer\"}", 200 },
		{ "one who never came", api_user_remove, "/api/v1/users/ben", NULL, 200 },
	};
	/* clang-format on */
	struct tally t = { 0 };
	struct fixture *f = *state;
	struct test_call tc;
	struct account anna;

	begin(f, &tc);
	put_account(f, "ben", SCOPE_ADMINISTER, "");
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		test_call_begin(
		    &tc, rows[i].handle, rows[i].target, rows[i].body);
		tc.call.caller.kind = CALLER_PROGRAM;
		want_int(
		    &t, "result", test_call_end(&tc, rows[i].handle), ERR_OK);
		want_int(&t, "status", tc.status, rows[i].status);
	}
	assert_true(get_account(f, "anna", &anna));
	want_int(&t, "scope", anna.scope, SCOPE_ADMINISTER);
	want_span(&t, "password", anna.password, SPAN("a hash"));
	assert_int_equal(t.failed, 0);
	test_call_release(&tc);
}

/* Who was removed in the moment in which his rights were looked at does not
 * come back. */
static void
test_removed_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct account anna;
	bool found, added;

	put_account(f, "anna", SCOPE_ADMINISTER, "a hash");
	assert_err(
	    f, account_remove(f->s, SPAN("anna"), &found, &f->e), ERR_OK);
	assert_err(f,
	    account_set_scope(f->s, SPAN("anna"), SCOPE_VIEW, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_false(get_account(f, "anna", &anna));
	put_account(f, "anna", SCOPE_ADMINISTER, "a hash");
	assert_err(f,
	    account_add(f->s,
		&(struct account){ .name = SPAN("anna"),
		    .scope = SCOPE_VIEW,
		    .password = SPAN("other") },
		test_now, &added, &f->e),
	    ERR_OK);
	assert_false(added);
	assert_true(get_account(f, "anna", &anna));
	assert_int_equal(anna.scope, SCOPE_ADMINISTER);
	assert_true(span_eq(anna.password, SPAN("a hash")));
}

/* ---- what is shown once ---- */

/* What stands between a text and the first octet that is not of a secret. */
static struct span
find_secret(struct fixture *f, const struct test_call *tc, const char *behind)
{
	const char *at = memmem(tc->body.p, tc->body.n, behind, strlen(behind));
	struct span rest;
	size_t n = 0;

	assert_non_null(at);
	rest = span_skip(tc->body, (size_t)(at - tc->body.p) + strlen(behind));
	while (n < rest.n && strchr("\"<& ", rest.p[n]) == NULL)
		n++;
	return arena_span(&f->a, span_head(rest, n));
}

/* No page and no list says it again; the store knows it by its hash. */
static void
want_hidden(struct test_call *tc, struct span secret)
{
	/* clang-format off */
	const struct asked rows[] = {
		{ "settings", page_settings, "/settings", NULL, 200, NULL, secret.p },
		{ "users", api_users, "/api/v1/users", NULL, 200, NULL, secret.p },
		{ "tokens", api_tokens, "/api/v1/tokens", NULL, 200, NULL, secret.p },
		{ "audit", api_audit, "/api/v1/audit", NULL, 200, NULL, secret.p },
	};
	/* clang-format on */

	want_rows(tc, rows, ROWS(rows));
}

static struct span
as_text(struct fixture *f, struct span s)
{
	return arena_printf(&f->a, "%.*s", (int)s.n, s.p);
}

static void
test_link_once(void **state)
{
	struct fixture *f = *state;
	uint8_t hash[BEARER_HASH];
	struct test_call tc;
	struct link link;
	struct span text;
	bool found;

	begin(f, &tc);
	assert_int_equal(test_call_handler(&tc, api_users_add, "/api/v1/users",
			     "name=ben&scope=operate"),
	    ERR_OK);
	assert_int_equal(tc.status, 200);
	assert_null(tc.call.said); /* not led back: the page is the answer */
	text = as_text(
	    f, find_secret(f, &tc, "https://dashboard.test/welcome?token="));
	assert_true(bearer_hash(text, hash));
	assert_err(f,
	    link_find(f->s, hash, test_now, &f->a, &link, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_true(span_eq(link.account, SPAN("ben")));
	want_hidden(&tc, text);
	test_call_release(&tc);
}

/* Whoever sends it is that program. */
static void
want_let_in(struct fixture *f, struct test_call *tc, struct span token)
{
	test_call_begin(tc, api_me, "/api/v1/me", NULL);
	tc->call.caller = (struct caller){ .kind = CALLER_NOBODY };
	tc->head.fields[0] = (struct http_field){ SPAN("authorization"),
		arena_printf(&f->a, "Bearer mtasts_%s", token.p) };
	tc->head.n_fields = 1;
	assert_err(f, caller_find(&tc->call, &f->e), ERR_OK);
	assert_int_equal(tc->call.caller.kind, CALLER_PROGRAM);
	assert_int_equal(tc->call.caller.scope, SCOPE_OPERATE);
}

static void
test_token_once(void **state)
{
	static const char *const audit[] = { "token-remove 1",
		"token-add <b>ci</b> (operate)" };
	/* clang-format off */
	static const struct asked after[] = {
		{ "listed", api_tokens, "/api/v1/tokens", NULL, 200, "\"made_by\":\"anna\",\"scope\":\"operate\",\"may\":\"operate\"", NULL },
		{ "escaped", page_settings, "/settings", NULL, 200, "&lt;b&gt;ci&lt;/b&gt;", "<b>ci" },
		{ "another", api_token_remove, "/api/v1/tokens/7", NULL, 404, "not-found", NULL },
		{ "no number", api_token_remove, "/api/v1/tokens/x", NULL, 404, "not-found", NULL },
		{ "revoked", api_token_remove, "/api/v1/tokens/1", NULL, 200, "{\"done\":\"saved\"}", NULL },
		{ "gone", api_token_remove, "/api/v1/tokens/1", NULL, 404, "not-found", NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	uint8_t hash[BEARER_HASH];
	struct api_token token;
	struct test_call tc;
	struct span text;
	bool found;

	begin(f, &tc);
	assert_int_equal(
	    test_call_handler(&tc, api_tokens_add, "/api/v1/tokens",
		"name=%3Cb%3Eci%3C/b%3E&scope=operate&days=2"),
	    ERR_OK);
	assert_int_equal(tc.status, 200);
	assert_null(tc.call.said);
	text = as_text(f, find_secret(f, &tc, "mtasts_"));
	assert_true(bearer_hash(text, hash));
	assert_err(f,
	    token_find(f->s, hash, test_now, &f->a, &token, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_int_equal(token.until.s, test_now.s + 2 * 86400);
	want_hidden(&tc, text);
	want_let_in(f, &tc, text);
	want_rows(&tc, after, ROWS(after));
	want_audit(f, audit, ROWS(audit));
	test_call_release(&tc);
}

static void
test_tokens_wrong(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "no name", api_tokens_add, "/api/v1/tokens", "{\"scope\":\"view\"}", 400, "name", NULL },
		{ "no scope", api_tokens_add, "/api/v1/tokens", "{\"name\":\"ci\"}", 400, "scope", NULL },
		{ "no days", api_tokens_add, "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"view\",\"days\":0}", 400, "days", NULL },
		{ "too many days", api_tokens_add, "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"view\",\"days\":3651}", 400, "days", NULL },
		{ "days as words", api_tokens_add, "/api/v1/tokens", "name=ci&scope=view&days=ten", 400, "days", NULL },
		{ "none", api_tokens, "/api/v1/tokens", NULL, 200, "\"items\":[]", NULL },
		{ "for ever", api_tokens_add, "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"view\"}", 200, "\"until\":null", NULL },
	};
	static const struct asked above[] = {
		{ "more than one has", api_tokens_add, "/api/v1/tokens", "{\"name\":\"ci\",\"scope\":\"administer\"}", 403, "not-allowed", NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	want_rows(&tc, rows, ROWS(rows));
	tc.scope = SCOPE_OPERATE;
	want_rows(&tc, above, ROWS(above));
	test_call_release(&tc);
}

/* A token that makes another one makes it for the account that it is of
 * itself: no rights outlive those of a person. */
static void
test_token_of_token(void **state)
{
	struct fixture *f = *state;
	struct api_token *all;
	struct test_call tc;
	bool found;
	size_t n;

	begin(f, &tc);
	test_call_begin(&tc, api_tokens_add, "/api/v1/tokens",
	    "{\"name\":\"child\",\"scope\":\"view\"}");
	tc.call.caller.kind = CALLER_PROGRAM;
	tc.call.caller.name = SPAN("ci");
	assert_int_equal(test_call_end(&tc, api_tokens_add), ERR_OK);
	assert_int_equal(tc.status, 200);
	assert_err(f, token_list(f->s, &f->a, &all, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
	assert_true(span_eq(all[0].made_by, SPAN("anna")));
	assert_err(
	    f, account_remove(f->s, SPAN("anna"), &found, &f->e), ERR_OK);
	assert_int_equal(
	    test_call_handler(&tc, api_tokens_add, "/api/v1/tokens",
		"{\"name\":\"late\",\"scope\":\"view\"}"),
	    ERR_OK);
	assert_int_equal(tc.status, 409);
	assert_err(f, token_list(f->s, &f->a, &all, &n, &f->e), ERR_OK);
	assert_int_equal(n, 0);
	test_call_release(&tc);
}

/* ---- channels, CAs, the page ---- */

static void
test_channels(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "before", api_channels, "/api/v1/channels", NULL, 200, "\"last_test\":null", NULL },
		{ "the page before", page_settings, "/settings", NULL, 200, "&lt;script&gt;alert", "data-live" },
		{ "unknown", api_channel_test, "/api/v1/channels/pager/test", NULL, 404, "not-found", NULL },
		{ "hostile", api_channel_test, "/api/v1/channels/%3Cb%3E/test", NULL, 404, "not-found", NULL },
		{ "more than is known", api_channel_test, "/api/v1/channels/ops/test", "{\"to\":\"eve\"}", 400, "to", NULL },
		{ "a test", api_channel_test, "/api/v1/channels/ops/test", NULL, 200, "testing-channel", NULL },
		{ "under way", api_channels, "/api/v1/channels", NULL, 200, "\"state\":\"waiting\"", NULL },
		{ "the page lives", page_settings, "/settings", NULL, 200, "data-live", "<script>alert" },
		{ "CAs", api_cas, "/api/v1/cas", NULL, 200, "{\"directory\":\"https://ca.test/directory\",\"configured\":true,", NULL },
	};
	/* clang-format on */
	static const char *const audit[] = { "channel-test ops" };
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	want_rows(&tc, rows, ROWS(rows));
	want_audit(f, audit, ROWS(audit));
	test_call_release(&tc);
}

/* Who may not administer sees nothing of it, who may only look no button. */
static void
test_page_scope(void **state)
{
	static const char *const parts[] = { "id=\"users\"", "id=\"tokens\"",
		"id=\"audit\"", "/channels/ops/test", "/me/password" };
	static const size_t seen[] = { [SCOPE_VIEW] = 4, [SCOPE_OPERATE] = 3 };
	struct tally t = { 0 };
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	for (enum scope s = SCOPE_VIEW; s < SCOPES; s++) {
		t.label = scope_names[s];
		tc.scope = s;
		assert_int_equal(
		    test_call_handler(&tc, page_settings, "/settings", NULL),
		    ERR_OK);
		for (size_t i = 0; i < ROWS(parts); i++)
			if (s == SCOPE_ADMINISTER || i >= seen[s])
				want_said(&t, &tc, parts[i]);
			else
				want_unsaid(&t, &tc, parts[i]);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&tc);
}

static void
test_audit(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "a page", api_audit, "/api/v1/audit?max=2", NULL, 200, "\"next\":\"59\"", "\"id\":58" },
		{ "the next", api_audit, "/api/v1/audit?max=2&after=59", NULL, 200, "\"id\":58", "\"id\":59" },
		{ "a wrong place", api_audit, "/api/v1/audit?after=-1", NULL, 400, "after", NULL },
		{ "the page", page_settings, "/settings", NULL, 200, "&lt;script&gt;", "<script>alert" },
		{ "further", page_settings, "/settings", NULL, 200, "?audit=11\"", NULL },
		{ "the last", page_settings, "/settings?audit=11", NULL, 200, "From the beginning", "rel=\"next\"" },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	for (int i = 0; i < 60; i++) {
		const struct audit_entry entry = { .at = test_now,
			.who = SPAN(HOSTILE),
			.from = SPAN("192.0.2.9"),
			.what = SPAN("login-failed"),
			.target = SPAN(HOSTILE) };

		assert_err(f, audit_put(f->s, &entry, &f->e), ERR_OK);
	}
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* ---- one's password ---- */

static void
test_password(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "short", api_me_password, "/api/v1/me/password", "{\"old\":\"correct horse battery\",\"new\":\"short\"}", 400, "12", NULL },
		{ "no old one", api_me_password, "/api/v1/me/password", "{\"new\":\"a better horse battery\"}", 400, "old", NULL },
		{ "another", api_me_password, "/api/v1/me/password", "{\"old\":\"wrong horse battery\",\"new\":\"a better horse battery\"}", 400, "old password", NULL },
		{ "changed", api_me_password, "/api/v1/me/password", "{\"old\":\"correct horse battery\",\"new\":\"a better horse battery\"}", 200, "{\"done\":\"saved\"}", "horse" },
		{ "the old one", api_me_password, "/api/v1/me/password", "{\"old\":\"correct horse battery\",\"new\":\"a third horse battery\"}", 400, "old password", NULL },
		{ "who", api_me, "/api/v1/me", NULL, 200, "\"kind\":\"person\",\"name\":\"anna\",\"scope\":\"administer\"", NULL },
	};
	/* clang-format on */
	static const char *const audit[] = { "password-failed anna",
		"password anna", "password-failed anna" };
	static const uint8_t own[SECRET_HASH], other[SECRET_HASH] = { 1 };
	struct wall_time until = { test_now.s + 3600 };
	struct fixture *f = *state;
	struct test_call tc;
	struct account anna;
	struct span hash;
	bool found;

	begin(f, &tc);
	assert_err(f,
	    password_hash(SPAN("correct horse battery"), &randomness_system,
		&f->a, &hash, &f->e),
	    ERR_OK);
	put_account(f, "anna", SCOPE_ADMINISTER, as_text(f, hash).p);
	assert_true(get_account(f, "anna", &anna));
	assert_err(f,
	    session_begin(f->s, own, &anna, test_now, until, &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    session_begin(f->s, other, &anna, test_now, until, &found, &f->e),
	    ERR_OK);
	want_rows(&tc, rows, ROWS(rows));
	want_audit(f, audit, ROWS(audit));
	assert_err(f,
	    session_find(f->s, own, test_now, &f->a, &anna, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(f,
	    session_find(f->s, other, test_now, &f->a, &anna, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	test_call_release(&tc);
}

/* Who sits at somebody's desk guesses no faster than a stranger at the login.
 */
static void
test_password_tries(void **state)
{
	static const char body[] = "{\"old\":\"wrong horse battery\","
				   "\"new\":\"a better horse battery\"}";
	struct fixture *f = *state;
	struct test_call tc;
	struct span hash;

	begin(f, &tc);
	assert_err(f,
	    password_hash(SPAN("correct horse battery"), &randomness_system,
		&f->a, &hash, &f->e),
	    ERR_OK);
	put_account(f, "anna", SCOPE_ADMINISTER, as_text(f, hash).p);
	for (int i = 0; i < 6; i++) {
		assert_err(f,
		    test_call_handler(
			&tc, api_me_password, "/api/v1/me/password", body),
		    ERR_OK);
		assert_int_equal(tc.status, i < 5 ? 400 : 429);
	}
	test_call_release(&tc);
}

static void
test_program_password(void **state)
{
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	test_call_begin(&tc, api_me_password, "/api/v1/me/password",
	    "{\"old\":\"correct horse battery\",\"new\":\"another horse "
	    "battery\"}");
	tc.call.caller.kind = CALLER_PROGRAM;
	assert_int_equal(test_call_end(&tc, api_me_password), ERR_OK);
	assert_int_equal(tc.status, 409);
	test_call_release(&tc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_users),
		RUN(test_last),
		RUN(test_removed_meanwhile),
		RUN(test_link_once),
		RUN(test_token_once),
		RUN(test_tokens_wrong),
		RUN(test_token_of_token),
		RUN(test_channels),
		RUN(test_page_scope),
		RUN(test_audit),
		RUN(test_password),
		RUN(test_password_tries),
		RUN(test_program_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
