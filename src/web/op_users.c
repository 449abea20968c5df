/* People: added, changed, removed, and let in by a link. */
#include "base/limits.h"
#include "core/account_name.h"
#include "io/bearer.h"
#include "web/done.h"
#include "web/list.h"
#include "web/page_once.h"

enum err
api_users(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct account *all;
	json_t *items;
	size_t n;
	enum err rc = account_list(c->store, c->a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct account *u = &all[i];
		json_t *o = json_object();

		json_put(&w, o, "name", json_text(u->name));
		json_put(&w, o, "scope", json_word(scope_names[u->scope]));
		json_put(
		    &w, o, "has_password", json_boolean(u->password.n > 0));
		json_put(&w, o, "created_at", json_time(u->created_at));
		json_put(&w, o, "seen_at", json_time_or_null(u->seen_at));
		json_add(&w, items, o);
	}
	return list_say(c, &w, items, SPAN(""), e);
}

/* ---- one deed ---- */

enum outcome {
	OUTCOME_DONE,
	OUTCOME_MISSING,
	OUTCOME_KNOWN, /* there is one of that name */
	OUTCOME_SELF,
	OUTCOME_LAST,
};

struct user_op {
	struct web_call *c;
	struct span name;
	enum scope scope; /* to be */
	struct bearer bearer; /* of a link */
	struct wall_time until; /* ... */
	enum outcome outcome;
};

static enum err
refuse(struct web_call *c, enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_DONE:
		break;
	case OUTCOME_MISSING:
		return call_refuse(
		    c, PROBLEM_MISSING, "There is no such user.");
	case OUTCOME_KNOWN:
		return call_refuse(
		    c, PROBLEM_STATE, "There is a user of that name.");
	case OUTCOME_SELF:
		return call_refuse(c, PROBLEM_STATE,
		    "Nobody takes away his own rights: ask another "
		    "administrator.");
	case OUTCOME_LAST:
		return call_refuse(c, PROBLEM_STATE,
		    "This is the last administrator who can log in.");
	}
	return ERR_OK;
}

/* May he lose what he has? */
static enum outcome
may_lose(const struct user_op *d, const struct account *now, bool others)
{
	const struct caller *caller = &d->c->caller;

	if (caller->kind == CALLER_PERSON && span_eq(caller->name, d->name))
		return OUTCOME_SELF;
	if (now->scope == SCOPE_ADMINISTER && now->password.n > 0 && !others)
		return OUTCOME_LAST;
	return OUTCOME_DONE;
}

/* The one that the deed is about. */
static enum err
find(struct store *s, struct user_op *d, struct account *out, struct error *e)
{
	bool found = false;
	enum err rc = account_get(s, d->name, d->c->a, out, &found, e);

	d->outcome = found ? OUTCOME_DONE : OUTCOME_MISSING;
	return rc;
}

/* The same, who is to lose something: nobody becomes the last administrator
 * meanwhile. */
static enum err
hold(struct store *s, struct user_op *d, struct account *out, bool *others,
    struct error *e)
{
	enum err rc = account_hold_administrators(s, d->name, others, e);

	return rc == ERR_OK ? find(s, d, out, e) : rc;
}

/* "anna (operate)" */
static enum err
audit_scope(struct user_op *d, const char *what, struct error *e)
{
	struct span target = arena_printf(d->c->a, "%.*s (%s)", (int)d->name.n,
	    d->name.p, scope_names[d->scope]);

	return call_audit(d->c, what, target, e);
}

static enum err
run(struct web_call *c, struct user_op *d,
    enum err (*body)(struct store *s, void *arg, struct error *e), bool *good,
    struct error *e)
{
	enum err rc = store_transact(c->store, body, d, e);

	*good = rc == ERR_OK && d->outcome == OUTCOME_DONE;
	return rc == ERR_OK && !*good ? refuse(c, d->outcome) : rc;
}

/* ---- links ---- */

static enum err
make_link(struct user_op *d, struct error *e)
{
	d->until.s = d->c->now.s + LIMIT_LINK_S;
	return bearer_make(d->c->config->randomness, &d->bearer, e);
}

static enum err
put_link(struct store *s, struct user_op *d, struct error *e)
{
	return link_put(
	    s, d->bearer.hash, d->name, d->scope, d->c->now, d->until, e);
}

static enum err
say_link(
    struct web_call *c, const struct user_op *d, bool is_new, struct error *e)
{
	struct span link = arena_printf(c->a, "%.*s/welcome?token=%s",
	    (int)c->config->origin.n, c->config->origin.p, d->bearer.text);
	struct json_writer w = { false };
	json_t *root;

	if (call_is_for_person(c)) {
		page_once(c,
		    &(struct once){
			.heading = "A link to log in",
			.what = "It lets whoever has it in, once, to set the "
				"password of the account. Send it to its "
				"owner, and to nobody else.",
			.label = "the link",
			.text = link,
			.until = d->until,
		    });
		return ERR_OK;
	}
	root = json_object();
	json_put(&w, root, "done", json_word("saved"));
	if (is_new) {
		json_put(&w, root, "name", json_text(d->name));
		json_put(&w, root, "scope", json_word(scope_names[d->scope]));
	}
	json_put(&w, root, "link", json_text(link));
	json_put(&w, root, "link_until", json_time(d->until));
	return call_json(c, &w, root, e);
}

/* ---- add ---- */

static enum err
run_add(struct store *s, void *arg, struct error *e)
{
	struct user_op *d = arg;
	struct account account = { .name = d->name,
		.scope = d->scope,
		.password = SPAN(""),
		.created_at = d->c->now };
	bool added;
	enum err rc = account_add(s, &account, d->c->now, &added, e);

	if (rc != ERR_OK)
		return rc;
	d->outcome = added ? OUTCOME_DONE : OUTCOME_KNOWN;
	if (!added)
		return ERR_OK;
	rc = put_link(s, d, e);
	return rc == ERR_OK ? audit_scope(d, "user-add", e) : rc;
}

static enum scope
read_scope(struct web_call *c)
{
	int scope = input_word(&c->input, "scope", scope_names, INPUT_REQUIRED);

	return scope < 0 ? SCOPE_VIEW : (enum scope)scope;
}

enum err
api_users_add(struct web_call *c, struct error *e)
{
	struct user_op d = { .c = c,
		.name = input_text(&c->input, "name", INPUT_REQUIRED),
		.scope = read_scope(c) };
	const char *fault = account_name_fault(d.name, c->a);
	bool good;
	enum err rc;

	if (fault != NULL)
		input_wrong(&c->input, "the name %s", fault);
	if (!input_end(c))
		return ERR_OK;
	rc = make_link(&d, e);
	if (rc == ERR_OK)
		rc = run(c, &d, run_add, &good, e);
	return rc == ERR_OK && good ? say_link(c, &d, true, e) : rc;
}

/* ---- another link ---- */

static enum err
run_link(struct store *s, void *arg, struct error *e)
{
	struct user_op *d = arg;
	struct account account;
	enum err rc = find(s, d, &account, e);

	if (rc != ERR_OK || d->outcome != OUTCOME_DONE)
		return rc;
	d->scope = account.scope;
	rc = put_link(s, d, e);
	return rc == ERR_OK ? call_audit(d->c, "user-link", d->name, e) : rc;
}

enum err
api_user_link(struct web_call *c, struct error *e)
{
	struct user_op d = { .c = c, .name = c->captured[0] };
	bool good;
	enum err rc;

	if (!input_end(c))
		return ERR_OK;
	rc = make_link(&d, e);
	if (rc == ERR_OK)
		rc = run(c, &d, run_link, &good, e);
	return rc == ERR_OK && good ? say_link(c, &d, false, e) : rc;
}

/* ---- change ---- */

static enum err
run_change(struct store *s, void *arg, struct error *e)
{
	struct user_op *d = arg;
	struct account account;
	bool others, found;
	enum err rc = hold(s, d, &account, &others, e);

	if (rc == ERR_OK && d->outcome == OUTCOME_DONE &&
	    d->scope < account.scope)
		d->outcome = may_lose(d, &account, others);
	if (rc != ERR_OK || d->outcome != OUTCOME_DONE)
		return rc;
	rc = account_set_scope(s, d->name, d->scope, &found, e);
	d->outcome = found ? OUTCOME_DONE : OUTCOME_MISSING;
	return rc == ERR_OK && found ? audit_scope(d, "user-change", e) : rc;
}

enum err
api_user_change(struct web_call *c, struct error *e)
{
	struct user_op d = {
		.c = c, .name = c->captured[0], .scope = read_scope(c)
	};
	bool good;
	enum err rc;

	if (!input_end(c))
		return ERR_OK;
	rc = run(c, &d, run_change, &good, e);
	return rc == ERR_OK && good ? done_say(c, "saved", e) : rc;
}

/* ---- remove ---- */

static enum err
run_remove(struct store *s, void *arg, struct error *e)
{
	struct user_op *d = arg;
	struct account account;
	bool others, found;
	enum err rc = hold(s, d, &account, &others, e);

	if (rc == ERR_OK && d->outcome == OUTCOME_DONE)
		d->outcome = may_lose(d, &account, others);
	if (rc != ERR_OK || d->outcome != OUTCOME_DONE)
		return rc;
	rc = account_remove(s, d->name, &found, e);
	d->outcome = found ? OUTCOME_DONE : OUTCOME_MISSING;
	return rc == ERR_OK && found
		   ? call_audit(d->c, "user-remove", d->name, e)
		   : rc;
}

enum err
api_user_remove(struct web_call *c, struct error *e)
{
	struct user_op d = { .c = c, .name = c->captured[0] };
	bool good;
	enum err rc;

	if (!input_end(c))
		return ERR_OK;
	rc = run(c, &d, run_remove, &good, e);
	return rc == ERR_OK && good ? done_say(c, "saved", e) : rc;
}
