/* Tokens of programs: made, listed, taken back. */
#include "base/limits.h"
#include "base/num.h"
#include "core/account_name.h"
#include "io/bearer.h"
#include "web/done.h"
#include "web/list.h"
#include "web/page_once.h"

enum { DAY_S = 24 * 3600, MOST_DAYS = 3650 };

enum err
api_tokens(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct api_token *all;
	json_t *items;
	size_t n;
	enum err rc = token_list(c->store, c->a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct api_token *t = &all[i];
		json_t *o = json_object();

		json_put(&w, o, "id", json_integer(t->id));
		json_put(&w, o, "name", json_text(t->name));
		json_put(&w, o, "made_by", json_text(t->made_by));
		json_put(&w, o, "scope", json_word(scope_names[t->scope]));
		json_put(&w, o, "may", json_word(scope_names[t->may]));
		json_put(&w, o, "created_at", json_time(t->created_at));
		json_put(&w, o, "until", json_time_or_null(t->until));
		json_put(&w, o, "used_at", json_time_or_null(t->used_at));
		json_add(&w, items, o);
	}
	return list_say(c, &w, items, SPAN(""), e);
}

/* ---- made ---- */

struct making {
	struct web_call *c;
	struct api_token token;
	struct bearer bearer;
};

static void
read_token(struct web_call *c, struct api_token *out)
{
	struct span name = input_text(&c->input, "name", INPUT_REQUIRED);
	const char *fault = account_name_fault(name, c->a);
	int scope = input_word(&c->input, "scope", scope_names, INPUT_REQUIRED);
	int64_t days = input_number(&c->input, "days", 1, MOST_DAYS, 0);

	if (fault != NULL)
		input_wrong(&c->input, "the name %s", fault);
	*out = (struct api_token){
		.name = name,
		.made_by = c->caller.account,
		.scope = scope < 0 ? SCOPE_VIEW : (enum scope)scope,
		.created_at = c->now,
		.until = { days > 0 ? c->now.s + days * DAY_S : 0 },
	};
}

static enum err
run_make(struct store *s, void *arg, struct error *e)
{
	struct making *m = arg;
	struct span target = arena_printf(m->c->a, "%.*s (%s)",
	    (int)m->token.name.n, m->token.name.p, scope_names[m->token.scope]);
	enum err rc = token_put(s, m->bearer.hash, &m->token, &m->token.id, e);

	return rc == ERR_OK && m->token.id > 0
		   ? call_audit(m->c, "token-add", target, e)
		   : rc;
}

static enum err
say_token(struct web_call *c, const struct making *m, struct error *e)
{
	struct span text =
	    arena_printf(c->a, CALLER_TOKEN_MARK "%s", m->bearer.text);
	struct json_writer w = { false };
	json_t *root;

	if (call_is_for_person(c)) {
		page_once(
		    c, &(struct once){
			   .heading = "A token",
			   .what = "A program sends it with every request, as "
				   "\"Authorization: Bearer TOKEN\".",
			   .label = "the token",
			   .text = text,
			   .until = m->token.until,
		       });
		return ERR_OK;
	}
	root = json_object();
	json_put(&w, root, "done", json_word("saved"));
	json_put(&w, root, "id", json_integer(m->token.id));
	json_put(&w, root, "token", json_text(text));
	json_put(&w, root, "until", json_time_or_null(m->token.until));
	return call_json(c, &w, root, e);
}

enum err
api_tokens_add(struct web_call *c, struct error *e)
{
	struct making m = { .c = c };
	enum err rc;

	read_token(c, &m.token);
	if (!input_end(c))
		return ERR_OK;
	if (m.token.scope > c->caller.scope)
		return call_refuse(c, PROBLEM_SCOPE,
		    "Nobody can give more rights than he has.");
	rc = bearer_make(c->config->randomness, &m.bearer, e);
	if (rc == ERR_OK)
		rc = store_transact(c->store, run_make, &m, e);
	if (rc != ERR_OK)
		return rc;
	if (m.token.id == 0)
		return call_refuse(c, PROBLEM_STATE,
		    "The account that it would be of was removed in this "
		    "moment.");
	return say_token(c, &m, e);
}

/* ---- taken back ---- */

struct taking {
	struct web_call *c;
	int64_t id;
	bool found;
};

static enum err
run_take(struct store *s, void *arg, struct error *e)
{
	struct taking *t = arg;
	enum err rc = token_remove(s, t->id, &t->found, e);

	if (rc != ERR_OK || !t->found)
		return rc;
	return call_audit(t->c, "token-remove", t->c->captured[0], e);
}

enum err
api_token_remove(struct web_call *c, struct error *e)
{
	struct taking t = { .c = c };
	uint64_t id = 0;
	enum err rc = ERR_OK;

	if (!input_end(c))
		return ERR_OK;
	if (num_parse(c->captured[0], INT64_MAX, &id)) {
		t.id = (int64_t)id;
		rc = store_transact(c->store, run_take, &t, e);
	}
	if (rc != ERR_OK)
		return rc;
	if (!t.found)
		return call_refuse(
		    c, PROBLEM_MISSING, "There is no such token.");
	return done_say(c, "saved", e);
}
