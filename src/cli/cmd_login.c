/* mtasts login: a link that lets somebody in to the dashboard. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/login_name.h"
#include "cli/open_store.h"
#include "core/account_name.h"
#include "io/bearer.h"
#include "store/accounts.h"
#include "store/audit.h"

struct options {
	const char *store, *user, *scope, *origin;
};

const struct option_row login_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "user",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, user),
	    .argument = "NAME",
	    .help = "The account, which is made if it is not there. Without it "
		    "the first one chooses its name." },
	{ .name = "scope",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, scope),
	    .argument = "WORD",
	    .help = "What the account may do: view, operate or administer. "
		    "Default: what it may do, else administer.",
	    .words = "view operate administer" },
	{ .name = "origin",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, origin),
	    .argument = "URL",
	    .help = "Where a browser finds the dashboard. Default: "
		    "http://127.0.0.1:8080." },
	{ 0 },
};

/* A link on its way into the store. */
struct making {
	struct span user; /* "": whoever is the first */
	bool has_scope;
	enum scope scope;
	struct bearer link;
	struct wall_time now;
	struct arena *a;
};

static bool
read_scope(const char *word, struct making *m)
{
	m->scope = SCOPE_ADMINISTER;
	m->has_scope = word != NULL;
	for (int i = 0; word != NULL && i < SCOPES; i++)
		if (strcmp(word, scope_names[i]) == 0) {
			m->scope = (enum scope)i;
			return true;
		}
	return word == NULL;
}

/* Somebody who is there goes in as himself. */
static enum err
need_nobody(struct store *s, struct error *e)
{
	bool any = false;
	enum err rc = accounts_are_there(s, &any, e);

	return rc == ERR_OK && any ? error_set(e, ERR_USAGE,
					 "there are accounts: --user says "
					 "which of them, or a new one")
				   : rc;
}

/* A new one, or the scope of one that is there. */
static enum err
put_account(struct store *s, struct making *m, struct error *e)
{
	struct account account;
	bool found = false;
	enum err rc = account_get(s, m->user, m->a, &account, &found, e);

	if (rc != ERR_OK)
		return rc;
	if (found && (!m->has_scope || m->scope == account.scope)) {
		m->scope = account.scope;
		return ERR_OK;
	}
	account = (struct account){
		.name = m->user, .scope = m->scope, .password = SPAN("")
	};
	return account_put(s, &account, m->now, e);
}

static enum err
note(struct store *s, const struct making *m, struct error *e)
{
	const struct audit_entry entry = {
		.at = m->now,
		.who = login_name(m->a),
		.from = SPAN("mtasts login"),
		.what = SPAN("user-link"),
		.target = m->user,
	};

	return audit_put(s, &entry, e);
}

static enum err
make(struct store *s, void *arg, struct error *e)
{
	struct making *m = arg;
	struct wall_time until = { m->now.s + LIMIT_FIRST_LINK_S };
	enum err rc = m->user.n == 0 ? need_nobody(s, e) : put_account(s, m, e);

	if (rc == ERR_OK)
		rc = link_put(
		    s, m->link.hash, m->user, m->scope, m->now, until, e);
	return rc == ERR_OK ? note(s, m, e) : rc;
}

static enum err
run(const struct options *o, struct making *m, struct error *e)
{
	struct span origin =
	    span_str(o->origin != NULL ? o->origin : "http://127.0.0.1:8080");
	struct store *s;
	enum err rc = open_store_kept(o->store, &s, e);

	if (rc != ERR_OK)
		return rc;
	rc = bearer_make(&randomness_system, &m->link, e);
	if (rc == ERR_OK)
		rc = store_transact(s, make, m, e);
	store_free(s);
	if (rc != ERR_OK)
		return rc;
	if (origin.n > 0 && origin.p[origin.n - 1] == '/')
		origin.n--;
	printf(
	    "%.*s/welcome?token=%s\n", (int)origin.n, origin.p, m->link.text);
	return ERR_OK;
}

/* What is wrong with the words, or NULL. */
static const char *
fault_of(const struct options *o, struct making *m)
{
	const char *fault;

	m->user = span_str(o->user != NULL ? o->user : "");
	if (!read_scope(o->scope, m))
		return "--scope takes view, operate or administer";
	fault = o->user != NULL ? account_name_fault(m->user, m->a) : NULL;
	if (fault != NULL)
		return arena_printf(m->a, "the name %s", fault).p;
	if (o->user == NULL && m->has_scope && m->scope != SCOPE_ADMINISTER)
		return "the first one administers; --scope is for --user";
	return NULL;
}

int
cmd_login(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct option_parse p;
	struct making m = { 0 };
	struct arena a;
	struct error e;
	const char *fault;
	int status = 0;

	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	m.a = &a;
	m.now = clock_wall(&clock_system);
	fault = p.n_operands > 0 ? "takes no operands" : fault_of(&o, &m);
	if (fault != NULL)
		status = command_usage(c, "%s", fault);
	else if (run(&o, &m, &e) != ERR_OK)
		status = command_fail(c, &e);
	arena_release(&a);
out:
	option_parse_release(&p);
	return status;
}
