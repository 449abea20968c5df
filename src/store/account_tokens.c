/* Tokens of programs. */
#include "base/limits.h"
#include "store/account_row.h"
#include "store/rows.h"

enum { USED_S = 3600 }; /* used_at is as exact as that */

/* Whose account goes meanwhile takes the token with it. */
static const struct sql_statement keep_maker = {
	"SELECT 1 FROM account WHERE name = $1 {KEPT}"
};
static const struct sql_statement insert_token = {
	"INSERT INTO api_token (hash, name, made_by, scope, created_at, until)"
	" VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
};

struct putting {
	struct sql_value args[6], id;
};

static enum err
run_putting(struct sql *sql, void *arg, struct error *e)
{
	struct putting *p = arg;
	bool got;
	enum err err =
	    sql_numbers(sql, &keep_maker, &p->args[2], 1, &p->id, 1, &got, e);

	p->id = sql_int(0);
	return err == ERR_OK && got ? sql_numbers(sql, &insert_token, p->args,
					  6, &p->id, 1, &got, e)
				    : err;
}

enum err
token_put(struct store *s, const uint8_t hash[SECRET_HASH],
    const struct api_token *token, int64_t *id, struct error *e)
{
	struct putting p = {
		.args = { sql_hash(hash), sql_text(token->name),
		    sql_text(token->made_by), sql_scope(token->scope),
		    sql_int(token->created_at.s), sql_int(token->until.s) }
	};
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_putting, &p, e);

	if (err == ERR_OK)
		*id = p.id.i;
	return err;
}

#define TOKENS                                                                 \
	"SELECT t.id, t.name, t.made_by, t.scope, t.created_at, t.until,"      \
	" t.used_at, a.scope FROM api_token t"                                 \
	" JOIN account a ON a.name = t.made_by"
enum { TOKEN_COLUMNS_N = 8 };

static enum err
read_token(void *out, const struct sql_value *row, struct error *e)
{
	struct api_token *token = out;
	enum err err;

	*token = (struct api_token){
		.id = row[0].i,
		.name = row[1].s,
		.made_by = row[2].s,
		.created_at = { row[4].i },
		.until = { row[5].i },
		.used_at = { row[6].i },
	};
	err = scope_read(row[3].s, &token->scope, e);
	if (err == ERR_OK)
		err = scope_read(row[7].s, &token->may, e);
	if (token->may > token->scope)
		token->may = token->scope;
	return err;
}

static const struct sql_statement find_token = { TOKENS
	" WHERE t.hash = $1 AND (t.until = 0 OR t.until > $2)" };
static const struct sql_statement token_was_used = {
	"UPDATE api_token SET used_at = $2 WHERE id = $1"
};

enum err
token_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct api_token *out, bool *found,
    struct error *e)
{
	struct sql_value args[] = { sql_hash(hash), sql_int(now.s) };
	struct sql_value row[TOKEN_COLUMNS_N];
	enum err err = sql_one(store_sql(s), &find_token, args, 2, a, row,
	    TOKEN_COLUMNS_N, found, e);

	if (err == ERR_OK && *found)
		err = read_token(out, row, e);
	if (err != ERR_OK || !*found || now.s - out->used_at.s < USED_S)
		return err;
	args[0] = sql_int(out->id);
	return sql_change(store_sql(s), &token_was_used, args, 2, NULL, e);
}

static const struct sql_statement delete_token = {
	"DELETE FROM api_token WHERE id = $1"
};

enum err
token_remove(struct store *s, int64_t id, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(id) };
	int64_t changed = 0;
	enum err err =
	    sql_change(store_sql(s), &delete_token, args, 1, &changed, e);

	*found = err == ERR_OK && changed > 0;
	return err;
}

static const struct sql_statement list_tokens = { TOKENS
	" ORDER BY t.id DESC LIMIT $1" };

enum err
token_list(struct store *s, struct arena *a, struct api_token **out, size_t *n,
    struct error *e)
{
	static const struct rows_kind kind = { TOKEN_COLUMNS_N,
		sizeof(struct api_token), "a list of tokens", read_token };
	struct sql_value args[] = { sql_int(LIMIT_STORE_PAGE) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &kind, &list_tokens, args, 1,
	    LIMIT_STORE_PAGE, a, &list, n, e);

	*out = list;
	return err;
}
