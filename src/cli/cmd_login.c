/* mtasts login: a link that lets somebody into the dashboard, once. */
#include <stdio.h>

#include "base/escape.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/login_name.h"
#include "cli/open_store.h"
#include "core/account_name.h"
#include "io/bearer.h"
#include "store/accounts.h"
#include "store/audit.h"

/* Long enough to be sent to somebody who is asleep. */
enum { LINK_S = 24 * 3600 };

struct options {
	const char *store, *user, *scope, *url;
};

const struct option_row login_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "user",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, user),
	    .argument = "NAME",
	    .help = "Whom it lets in; an account that is not there is made. "
		    "Default: whoever has the link chooses a name." },
	{ .name = "scope",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, scope),
	    .argument = "WORD",
	    .help = "What a new account may do: view, operate or administer. "
		    "Default: administer." },
	{ .name = "url",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, url),
	    .argument = "URL",
	    .help = "Where the dashboard is. Default: "
		    "http://127.0.0.1:8080." },
	{ 0 },
};

struct making {
	const struct options *o;
	struct arena a;
	struct wall_time now;
	enum scope scope;
	struct bearer link;
};

static enum err
read_scope(const char *word, enum scope *out, struct error *e)
{
	*out = SCOPE_ADMINISTER;
	if (word == NULL)
		return ERR_OK;
	for (int i = 0; i < SCOPES; i++)
		if (strcmp(scope_names[i], word) == 0) {
			*out = (enum scope)i;
			return ERR_OK;
		}
	return error_set(e, ERR_USAGE,
	    "--scope takes view, operate or administer, not \"%.40s\"", word);
}

static enum err
check_name(struct making *m, struct error *e)
{
	const char *fault;

	if (m->o->user == NULL)
		return ERR_OK;
	fault = account_name_fault(span_str(m->o->user), &m->a);
	return fault == NULL ? ERR_OK
			     : error_set(e, ERR_USAGE, "the name %s", fault);
}

/* An account that is there keeps what it may do. */
static enum err
have_account(struct store *s, struct making *m, struct error *e)
{
	struct account account = { .name = span_str(m->o->user),
		.scope = m->scope,
		.password = SPAN("") };
	struct account old;
	bool found;
	enum err rc = account_get(s, account.name, &m->a, &old, &found, e);

	if (rc != ERR_OK)
		return rc;
	if (!found)
		return account_put(s, &account, m->now, e);
	if (m->o->scope != NULL && old.scope != m->scope)
		return error_set(e, ERR_USAGE,
		    "%.64s is there already, and may %s: change that in the "
		    "dashboard",
		    m->o->user, scope_names[old.scope]);
	m->scope = old.scope;
	return ERR_OK;
}

static enum err
note(struct store *s, struct making *m, struct error *e)
{
	const struct audit_entry entry = {
		.at = m->now,
		.who = login_name(&m->a),
		.from = SPAN("command line"),
		.what = SPAN("login-link"),
		.target = span_str(m->o->user != NULL ? m->o->user : ""),
	};

	return audit_put(s, &entry, e);
}

static enum err
make(struct store *s, void *arg, struct error *e)
{
	struct making *m = arg;
	struct wall_time until = { m->now.s + LINK_S };
	enum err rc = m->o->user != NULL ? have_account(s, m, e) : ERR_OK;

	if (rc == ERR_OK)
		rc = link_put(s, m->link.hash,
		    span_str(m->o->user != NULL ? m->o->user : ""), m->scope,
		    m->now, until, e);
	return rc == ERR_OK ? note(s, m, e) : rc;
}

static enum err
run(struct making *m, struct error *e)
{
	struct store *s;
	enum err rc = read_scope(m->o->scope, &m->scope, e);

	if (rc == ERR_OK)
		rc = check_name(m, e);
	if (rc == ERR_OK)
		rc = bearer_make(&randomness_system, &m->link, e);
	if (rc == ERR_OK)
		rc = open_store_kept(m->o->store, &s, e);
	if (rc != ERR_OK)
		return rc;
	rc = store_transact(s, make, m, e);
	store_free(s);
	if (rc == ERR_OK)
		printf("%s/welcome?token=%s\n", m->o->url, m->link.text);
	return rc;
}

int
cmd_login(const struct command *c, int argc, char **argv)
{
	struct options o = { .url = "http://127.0.0.1:8080" };
	struct making m = { .o = &o, .now = clock_wall(&clock_system) };
	struct option_parse p;
	struct error e;
	int status;

	if (!command_begin(c, argc, argv, &o, &p, &status)) {
		option_parse_release(&p);
		return status;
	}
	if (p.n_operands > 0) {
		status = command_usage(c, "takes no operands");
	} else {
		arena_init(&m.a, LIMIT_CHECK_MEMORY);
		status = run(&m, &e) == ERR_OK ? 0 : command_fail(c, &e);
		arena_release(&m.a);
	}
	option_parse_release(&p);
	return status;
}
