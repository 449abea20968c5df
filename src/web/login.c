/* Logging in with a name and a password, and out. */
#include "web/login.h"

#include "base/limits.h"
#include "web/inside.h"
#include "web/page.h"
#include "web/password.h"

/* What is compared where there is no such account, so that an answer takes as
 * long: of a password that nobody has, as crypt_gensalt() makes settings. */
static const char nobody[] = "$y$j9T$XqPbtYkz2FIfNDkbKbi13/$"
			     "iWqcYvOZDlCxvyyvXHpDLHxQIvjYxUSnu3KpLYd1Sx3";

static struct span
cookie_of(struct web_call *c, const char *value, int age_s)
{
	struct span name = caller_cookie_name(c->config);

	return arena_printf(c->a,
	    "%.*s=%s; Path=/; Max-Age=%d; %sHttpOnly; SameSite=Lax",
	    (int)name.n, name.p, value, age_s,
	    caller_is_https(c->config) ? "Secure; " : "");
}

/* Of somebody who is known by his session, whoever he is. */
static enum err
end_former(struct web_call *c, struct error *e)
{
	return c->caller.kind == CALLER_PERSON
		   ? session_end(c->store, c->caller.session, e)
		   : ERR_OK;
}

enum err
login_begin(struct web_call *c, const struct account *account,
    const struct bearer *session, const char *what, bool *begun,
    struct error *e)
{
	struct wall_time until = { c->now.s + SESSION_S };
	enum err rc = end_former(c, e);

	*begun = false;
	if (rc == ERR_OK)
		rc = session_begin(
		    c->store, session->hash, account, c->now, until, begun, e);
	if (rc != ERR_OK || !*begun)
		return rc;
	c->caller.kind = CALLER_PERSON;
	c->caller.name = c->caller.account = account->name;
	c->caller.scope = account->scope;
	return call_audit(c, what, account->name, e);
}

enum err
login_answer(struct web_call *c, const struct bearer *session, struct span back)
{
	c->cookie = cookie_of(c, session->text, SESSION_S);
	return call_redirect(c, call_is_local(back) ? back : SPAN("/"));
}

/* ---- the page ---- */

static void
write_field(FILE *f, const char *name, const char *label, const char *type,
    const char *autocomplete, struct span value)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"%s\">%s</label>\n"
	    "<input id=\"%s\" name=\"%s\" type=\"%s\" autocomplete=\"%s\" "
	    "value=\"%.*s\" required></div>\n",
	    name, label, name, name, type, autocomplete, HTML_SPAN(value));
}

/* Why the last try failed; NULL: it is the first one. */
static void
write_page(
    struct web_call *c, struct span name, struct span back, const char *failed)
{
	FILE *f = page_begin(c, SPAN("Log in"), PLACE_NONE);

	html_say(f, "<div class=\"slip\">\n<h1>Log in</h1>\n");
	if (failed != NULL)
		html_say(f, "<p class=\"notice bad\" role=\"alert\">%s</p>\n",
		    failed);
	html_say(
	    f, "<form class=\"card\" method=\"post\" action=\"/login\">\n");
	html_say(f, "<input type=\"hidden\" name=\"back\" value=\"%.*s\">\n",
	    HTML_SPAN(back));
	write_field(f, "name", "Name", "text", "username", name);
	write_field(f, "password", "Password", "password", "current-password",
	    SPAN(""));
	html_say(f,
	    "<div class=\"actions\"><button class=\"primary\">Log in</button>"
	    "</div>\n</form>\n"
	    "<p class=\"dim\">Nobody has a login yet, or yours is lost? "
	    "On the machine of the dashboard <code>mtasts login</code> makes a "
	    "link "
	    "that lets you in once.</p>\n</div>\n");
	page_end(c);
}

enum err
page_login(struct web_call *c, struct error *e)
{
	struct span back = fields_find(&c->query, "back");

	(void)e;
	if (!call_is_local(back))
		back = SPAN("/");
	if (c->caller.kind == CALLER_PERSON)
		return call_redirect(c, back);
	write_page(c, SPAN(""), back, NULL);
	return ERR_OK;
}

/* ---- in ---- */

struct login {
	struct web_call *c;
	struct bearer session;
	struct account account;
	bool begun;
};

static enum err
let_in(struct store *s, void *arg, struct error *e)
{
	struct login *l = arg;

	(void)s;
	return login_begin(
	    l->c, &l->account, &l->session, "login", &l->begun, e);
}

struct refused {
	struct web_call *c;
	struct span name;
};

static enum err
note_failure(struct store *s, void *arg, struct error *e)
{
	struct refused *r = arg;

	(void)s;
	return call_audit(r->c, "login-failed", r->name, e);
}

/* Whatever the name is, one password is looked at. */
static enum err
look_at(struct web_call *c, struct span name, struct span password,
    struct account *account, bool *good, struct error *e)
{
	struct span hash = span_str(nobody);
	bool found = false, same = false;
	enum err rc = ERR_OK;

	if (name.n <= LIMIT_ACCOUNT_NAME)
		rc = account_get(c->store, name, c->a, account, &found, e);
	if (rc == ERR_OK && found && account->password.n > 0)
		hash = account->password;
	else
		found = false;
	if (rc == ERR_OK)
		rc = password_check(password, hash, c->a, &same, e);
	*good = found && same;
	return rc;
}

static enum err
refuse(struct web_call *c, struct span name, struct span back, struct error *e)
{
	struct refused r = { c, span_head(name, LIMIT_ACCOUNT_NAME) };
	enum err rc = ERR_OK;

	/* A name that is none is not kept: it may be a password. */
	if (name.n <= LIMIT_ACCOUNT_NAME)
		rc = store_transact(c->store, note_failure, &r, e);
	if (rc != ERR_OK)
		return rc;
	write_page(c, name, back, "The name or the password is wrong.");
	c->status = 401;
	return ERR_OK;
}

static enum err
try_login(struct web_call *c, const struct try *one, struct span password,
    struct span back, struct error *e)
{
	struct login l = { .c = c };
	bool good;
	enum err rc = look_at(c, one->account, password, &l.account, &good, e);

	if (rc != ERR_OK)
		return rc;
	if (!good) {
		tries_failed(c->web->tries, one);
		return refuse(c, one->account, back, e);
	}
	tries_succeeded(c->web->tries, one);
	rc = bearer_make(c->config->randomness, &l.session, e);
	if (rc == ERR_OK)
		rc = store_transact(c->store, let_in, &l, e);
	if (rc != ERR_OK)
		return rc;
	return l.begun ? login_answer(c, &l.session, back)
		       : refuse(c, one->account, back, e);
}

enum err
login_refuse_often(struct web_call *c, int64_t wait_s)
{
	c->retry_s = wait_s;
	return call_refuse(c, PROBLEM_OFTEN,
	    "Passwords were wrong too often. Try again in %jd seconds.",
	    (intmax_t)wait_s);
}

enum err
form_login(struct web_call *c, struct error *e)
{
	struct span password =
	    input_text(&c->input, "password", INPUT_REQUIRED);
	struct span back = fields_find(&c->input.fields, "back");
	const struct try one = {
		.account = input_text(&c->input, "name", INPUT_REQUIRED),
		.client = c->peer,
		.now = clock_mono(c->config->clock),
	};
	int64_t wait_s;

	if (!input_end(c))
		return ERR_OK;
	wait_s = tries_ask(c->web->tries, &one);
	if (wait_s > 0)
		return login_refuse_often(c, wait_s);
	return try_login(c, &one, password, back, e);
}

/* ---- out ---- */

static enum err
let_out(struct store *s, void *arg, struct error *e)
{
	struct web_call *c = arg;
	enum err rc = session_end(s, c->caller.session, e);

	return rc == ERR_OK ? call_audit(c, "logout", c->caller.name, e) : rc;
}

enum err
form_logout(struct web_call *c, struct error *e)
{
	enum err rc = ERR_OK;

	if (c->caller.kind == CALLER_PERSON)
		rc = store_transact(c->store, let_out, c, e);
	if (rc != ERR_OK)
		return rc;
	c->cookie = cookie_of(c, "", 0);
	return call_redirect(c, SPAN("/login?said=logged-out"));
}
