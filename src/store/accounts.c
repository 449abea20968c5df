#include "store/accounts.h"

#include "base/limits.h"
#include "store/account_row.h"
#include "store/rows.h"
#include "store/word.h"

const char *const scope_names[] = {
	[SCOPE_VIEW] = "view",
	[SCOPE_OPERATE] = "operate",
	[SCOPE_ADMINISTER] = "administer",
	NULL,
};

enum err
scope_read(struct span word, enum scope *out, struct error *e)
{
	size_t i = 0;
	enum err err = word_read(word, scope_names, SCOPES, "scope", &i, e);

	*out = (enum scope)i;
	return err;
}

/* ---- accounts ---- */

static const struct sql_statement count_administrators = {
	"SELECT COUNT(*) FROM account"
	" WHERE scope = 'administer' AND password <> ''"
};

enum err
account_administrators(struct store *s, size_t *out, struct error *e)
{
	struct sql_value row;
	bool got;
	enum err err = sql_numbers(
	    store_sql(s), &count_administrators, NULL, 0, &row, 1, &got, e);

	if (err == ERR_OK)
		*out = (size_t)row.i;
	return err;
}

enum err
accounts_are_there(struct store *s, bool *out, struct error *e)
{
	size_t n = 0;
	enum err err = account_administrators(s, &n, e);

	*out = n > 0;
	return err;
}

static const struct sql_statement hold_administrators = {
	"SELECT CASE WHEN name = $1 THEN 0 ELSE 1 END FROM account"
	" WHERE scope = 'administer' AND password <> '' ORDER BY name {LOCKED}"
};

static enum err
take_other(void *arg, const struct sql_value *row, struct error *e)
{
	bool *others = arg;

	(void)e;
	*others = *others || row[0].i != 0;
	return ERR_OK;
}

enum err
account_hold_administrators(
    struct store *s, struct span but, bool *others, struct error *e)
{
	struct sql_value args[] = { sql_text(but) };
	char mem[64]; /* numbers take nothing of it */
	struct arena a;
	const struct sql_taker taker = { &a, 1, take_other, others };

	arena_init_fixed(&a, mem, sizeof mem);
	*others = false;
	return sql_each(store_sql(s), &hold_administrators, args, 1, &taker, e);
}

static const struct sql_statement put_account = {
	"INSERT INTO account (name, scope, password, created_at)"
	" VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE"
	" SET scope = excluded.scope, password = CASE"
	" WHEN excluded.password = '' THEN account.password"
	" ELSE excluded.password END"
};
static const struct sql_statement end_sessions = {
	"DELETE FROM session WHERE account = $1"
};

static enum err
run_putting(struct sql *sql, void *arg, struct error *e)
{
	const struct sql_value *args = arg;
	enum err err = sql_run(sql, &put_account, args, 4, NULL, e);

	return err == ERR_OK && args[2].s.n > 0
		   ? sql_run(sql, &end_sessions, args, 1, NULL, e)
		   : err;
}

static enum err
check_name(const struct account *account, struct error *e)
{
	if (account->name.n > 0 && account->name.n <= LIMIT_ACCOUNT_NAME)
		return ERR_OK;
	return error_set(e, ERR_LIMIT,
	    "the name of an account has 1 to %d bytes", LIMIT_ACCOUNT_NAME);
}

enum err
account_put(struct store *s, const struct account *account,
    struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_text(account->name),
		sql_scope(account->scope), sql_text(account->password),
		sql_int(now.s) };
	enum err err = check_name(account, e);

	return err == ERR_OK
		   ? sql_transact(store_sql(s), SQL_WRITE, run_putting, args, e)
		   : err;
}

static const struct sql_statement add_account = {
	"INSERT INTO account (name, scope, password, created_at)"
	" VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING"
};

enum err
account_add(struct store *s, const struct account *account,
    struct wall_time now, bool *added, struct error *e)
{
	struct sql_value args[] = { sql_text(account->name),
		sql_scope(account->scope), sql_text(account->password),
		sql_int(now.s) };
	int64_t changed = 0;
	enum err err = check_name(account, e);

	if (err == ERR_OK)
		err = sql_change(
		    store_sql(s), &add_account, args, 4, &changed, e);
	*added = err == ERR_OK && changed > 0;
	return err;
}

static const struct sql_statement set_scope = {
	"UPDATE account SET scope = $2 WHERE name = $1"
};

enum err
account_set_scope(struct store *s, struct span name, enum scope scope,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_scope(scope) };
	int64_t changed = 0;
	enum err err =
	    sql_change(store_sql(s), &set_scope, args, 2, &changed, e);

	*found = err == ERR_OK && changed > 0;
	return err;
}

static const struct sql_statement delete_links = {
	"DELETE FROM link WHERE account = $1"
};
static const struct sql_statement set_password = {
	"UPDATE account SET password = $2 WHERE name = $1"
};

struct setting_password {
	struct sql_value args[2];
	int64_t changed;
};

static enum err
run_setting_password(struct sql *sql, void *arg, struct error *e)
{
	struct setting_password *p = arg;
	enum err err = sql_run(sql, &set_password, p->args, 2, &p->changed, e);

	if (err == ERR_OK)
		err = sql_run(sql, &end_sessions, p->args, 1, NULL, e);
	return err == ERR_OK ? sql_run(sql, &delete_links, p->args, 1, NULL, e)
			     : err;
}

enum err
account_set_password(struct store *s, struct span name, struct span password,
    bool *found, struct error *e)
{
	struct setting_password p = { { sql_text(name), sql_text(password) },
		0 };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_setting_password, &p, e);

	*found = err == ERR_OK && p.changed > 0;
	return err;
}

#define ACCOUNT_COLUMNS "name, scope, password, created_at, seen_at"
enum { ACCOUNT_COLUMNS_N = 5 };

static enum err
read_account(void *out, const struct sql_value *row, struct error *e)
{
	struct account *account = out;

	*account = (struct account){
		.name = row[0].s,
		.password = row[2].s,
		.created_at = { row[3].i },
		.seen_at = { row[4].i },
	};
	return scope_read(row[1].s, &account->scope, e);
}

/* The account that a statement finds, if any. */
static enum err
find_account(struct store *s, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct arena *a,
    struct account *out, bool *found, struct error *e)
{
	struct sql_value row[ACCOUNT_COLUMNS_N];
	enum err err = sql_one(
	    store_sql(s), st, args, n, a, row, ACCOUNT_COLUMNS_N, found, e);

	return err == ERR_OK && *found ? read_account(out, row, e) : err;
}

static const struct sql_statement get_account = {
	"SELECT " ACCOUNT_COLUMNS " FROM account WHERE name = $1"
};

enum err
account_get(struct store *s, struct span name, struct arena *a,
    struct account *out, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) };

	*found = false;
	if (!sql_is_text(name))
		return ERR_OK;
	return find_account(s, &get_account, args, 1, a, out, found, e);
}

static const struct sql_statement delete_tokens = {
	"DELETE FROM api_token WHERE made_by = $1"
};
static const struct sql_statement delete_account = {
	"DELETE FROM account WHERE name = $1"
};
struct removing {
	struct sql_value name;
	int64_t changed;
};

static enum err
run_removing(struct sql *sql, void *arg, struct error *e)
{
	struct removing *r = arg;
	enum err err =
	    sql_run(sql, &delete_account, &r->name, 1, &r->changed, e);

	if (err == ERR_OK && r->changed > 0)
		err = sql_run(sql, &delete_links, &r->name, 1, NULL, e);
	if (err == ERR_OK && r->changed > 0)
		err = sql_run(sql, &delete_tokens, &r->name, 1, NULL, e);
	return err;
}

enum err
account_remove(struct store *s, struct span name, bool *found, struct error *e)
{
	struct removing r = { sql_text(name), 0 };
	enum err err = ERR_OK;

	if (sql_is_text(name))
		err =
		    sql_transact(store_sql(s), SQL_WRITE, run_removing, &r, e);
	*found = err == ERR_OK && r.changed > 0;
	return err;
}

static const struct sql_statement list_accounts = {
	"SELECT " ACCOUNT_COLUMNS " FROM account ORDER BY name LIMIT $1"
};

enum err
account_list(struct store *s, struct arena *a, struct account **out, size_t *n,
    struct error *e)
{
	static const struct rows_kind kind = { ACCOUNT_COLUMNS_N,
		sizeof(struct account), "a list of accounts", read_account };
	struct sql_value args[] = { sql_int(LIMIT_STORE_PAGE) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &kind, &list_accounts, args, 1,
	    LIMIT_STORE_PAGE, a, &list, n, e);

	*out = list;
	return err;
}

/* ---- sessions ---- */

static const struct sql_statement forget_sessions = {
	"DELETE FROM session WHERE until <= $1"
};
static const struct sql_statement insert_session = {
	"INSERT INTO session (hash, account, until) VALUES ($1, $2, $3)"
};
static const struct sql_statement account_was_seen = {
	"UPDATE account SET seen_at = $2 WHERE name = $1 AND password = $3"
};

struct beginning {
	struct sql_value session[3], seen[3];
	int64_t changed;
};

static enum err
run_beginning(struct sql *sql, void *arg, struct error *e)
{
	struct beginning *b = arg;
	enum err err = sql_run(sql, &forget_sessions, &b->seen[1], 1, NULL, e);

	if (err == ERR_OK)
		err =
		    sql_run(sql, &account_was_seen, b->seen, 3, &b->changed, e);
	if (err == ERR_OK && b->changed > 0)
		err = sql_run(sql, &insert_session, b->session, 3, NULL, e);
	return err;
}

enum err
session_begin(struct store *s, const uint8_t hash[SECRET_HASH],
    const struct account *account, struct wall_time now, struct wall_time until,
    bool *begun, struct error *e)
{
	struct beginning b = {
		{ sql_hash(hash), sql_text(account->name), sql_int(until.s) },
		{ sql_text(account->name), sql_int(now.s),
		    sql_text(account->password) },
		0,
	};
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_beginning, &b, e);

	*begun = err == ERR_OK && b.changed > 0;
	return err;
}

static const struct sql_statement find_session = {
	"SELECT " ACCOUNT_COLUMNS
	" FROM session JOIN account ON account.name = session.account"
	" WHERE hash = $1 AND until > $2"
};

enum err
session_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct account *out, bool *found,
    struct error *e)
{
	struct sql_value args[] = { sql_hash(hash), sql_int(now.s) };

	return find_account(s, &find_session, args, 2, a, out, found, e);
}

static const struct sql_statement end_session = {
	"DELETE FROM session WHERE hash = $1"
};

enum err
session_end(struct store *s, const uint8_t hash[SECRET_HASH], struct error *e)
{
	struct sql_value args[] = { sql_hash(hash) };

	return sql_change(store_sql(s), &end_session, args, 1, NULL, e);
}

/* ---- links that let somebody in once ---- */

static const struct sql_statement forget_links = {
	"DELETE FROM link WHERE until <= $1"
};
static const struct sql_statement insert_link = {
	"INSERT INTO link (hash, account, scope, until)"
	" VALUES ($1, $2, $3, $4)"
};

struct linking {
	struct sql_value link[4], now;
};

static enum err
run_linking(struct sql *sql, void *arg, struct error *e)
{
	struct linking *l = arg;
	enum err err = sql_run(sql, &forget_links, &l->now, 1, NULL, e);

	if (err == ERR_OK && l->link[1].s.n > 0)
		err = sql_run(sql, &delete_links, &l->link[1], 1, NULL, e);
	return err == ERR_OK ? sql_run(sql, &insert_link, l->link, 4, NULL, e)
			     : err;
}

enum err
link_put(struct store *s, const uint8_t hash[SECRET_HASH], struct span account,
    enum scope scope, struct wall_time now, struct wall_time until,
    struct error *e)
{
	struct linking l = {
		{ sql_hash(hash), sql_text(account), sql_scope(scope),
		    sql_int(until.s) },
		sql_int(now.s),
	};

	return sql_transact(store_sql(s), SQL_WRITE, run_linking, &l, e);
}

static const struct sql_statement find_link = {
	"SELECT account, scope FROM link WHERE hash = $1 AND until > $2"
};

enum err
link_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct link *out, bool *found,
    struct error *e)
{
	struct sql_value args[] = { sql_hash(hash), sql_int(now.s) }, row[2];
	enum err err =
	    sql_one(store_sql(s), &find_link, args, 2, a, row, 2, found, e);

	if (err != ERR_OK || !*found)
		return err;
	*out = (struct link){ .account = row[0].s };
	return scope_read(row[1].s, &out->scope, e);
}

static const struct sql_statement delete_first_links = {
	"DELETE FROM link WHERE account = ''"
};

enum err
link_end_first(struct store *s, struct error *e)
{
	return sql_change(store_sql(s), &delete_first_links, NULL, 0, NULL, e);
}

static const struct sql_statement take_link = {
	"DELETE FROM link WHERE hash = $1"
};

enum err
link_take(struct store *s, const uint8_t hash[SECRET_HASH], bool *found,
    struct error *e)
{
	struct sql_value args[] = { sql_hash(hash) };
	int64_t changed = 0;
	enum err err =
	    sql_change(store_sql(s), &take_link, args, 1, &changed, e);

	*found = err == ERR_OK && changed > 0;
	return err;
}
