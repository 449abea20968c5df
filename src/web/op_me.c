/* Who asks, and his password. */
#include "base/limits.h"
#include "web/done.h"
#include "web/inside.h"
#include "web/login.h"
#include "web/password.h"

enum err
api_me(struct web_call *c, struct error *e)
{
	bool is_person = c->caller.kind == CALLER_PERSON;
	struct json_writer w = { false };
	json_t *root = json_object();

	json_put(&w, root, "kind", json_word(is_person ? "person" : "program"));
	json_put(&w, root, "name", json_text(c->caller.name));
	json_put(&w, root, "scope", json_word(scope_names[c->caller.scope]));
	json_put(&w, root, "csrf",
	    is_person ? json_word(c->caller.csrf) : json_null());
	return call_json(c, &w, root, e);
}

/* ---- another password ---- */

struct change {
	struct web_call *c;
	struct span old_hash, new_hash;
	bool is_overtaken;
};

/* What was checked must still be so: hashing takes its time. */
static enum err
run_change(struct store *s, void *arg, struct error *e)
{
	struct change *k = arg;
	struct web_call *c = k->c;
	struct account account;
	bool found;
	enum err rc = account_get(s, c->caller.name, c->a, &account, &found, e);

	k->is_overtaken =
	    rc == ERR_OK && (!found || !span_eq(account.password, k->old_hash));
	if (rc != ERR_OK || k->is_overtaken)
		return rc;
	rc = account_set_password(s, account.name, k->new_hash, &found, e);
	account.password = k->new_hash;
	if (rc == ERR_OK) /* that ended all of them; this one goes on */
		rc = session_begin(s, c->caller.session, &account, c->now,
		    (struct wall_time){ c->now.s + SESSION_S }, &found, e);
	k->is_overtaken = rc == ERR_OK && !found;
	return rc == ERR_OK && found
		   ? call_audit(c, "password", account.name, e)
		   : rc;
}

static enum err
refuse_old(struct web_call *c, struct error *e)
{
	enum err rc = call_audit(c, "password-failed", c->caller.name, e);

	return rc == ERR_OK ? call_refuse(c, PROBLEM_INPUT,
				  "The old password is another one.")
			    : rc;
}

/* Is it the password of who asks? */
static enum err
check_old(struct web_call *c, struct span old, struct span *hash, bool *good,
    struct error *e)
{
	struct account account;
	bool found;
	enum err rc =
	    account_get(c->store, c->caller.name, c->a, &account, &found, e);

	*good = false;
	if (rc != ERR_OK || !found)
		return rc;
	*hash = account.password;
	return password_check(old, account.password, c->a, good, e);
}

enum err
api_me_password(struct web_call *c, struct error *e)
{
	struct span old = input_text(&c->input, "old", INPUT_REQUIRED);
	struct span new = input_text(&c->input, "new", INPUT_REQUIRED);
	const char *fault = password_fault(new);
	struct change k = { .c = c };
	const struct try one = {
		.account = c->caller.name,
		.client = c->peer,
		.now = clock_mono(c->config->clock),
	};
	int64_t wait_s;
	bool good;
	enum err rc;

	if (fault != NULL)
		input_wrong(&c->input, "the new password %s", fault);
	if (!input_end(c))
		return ERR_OK;
	if (c->caller.kind != CALLER_PERSON)
		return call_refuse(
		    c, PROBLEM_STATE, "A program has no password.");
	wait_s = tries_ask(c->web->tries, &one);
	if (wait_s > 0)
		return login_refuse_often(c, wait_s);
	rc = check_old(c, old, &k.old_hash, &good, e);
	if (rc != ERR_OK)
		return rc;
	if (!good) {
		tries_failed(c->web->tries, &one);
		return refuse_old(c, e);
	}
	tries_succeeded(c->web->tries, &one);
	rc = password_hash(new, c->config->randomness, c->a, &k.new_hash, e);
	if (rc == ERR_OK)
		rc = store_transact(c->store, run_change, &k, e);
	if (rc != ERR_OK)
		return rc;
	if (k.is_overtaken)
		return call_refuse(c, PROBLEM_STATE,
		    "The account has changed meanwhile; try again.");
	return done_say(c, "saved", e);
}
