#include "store/sql.h"

#include <assert.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

enum { ATTEMPTS = 3 };

struct sql_slot *
sql_slot(struct sql *sql, const struct sql_statement *st)
{
	size_t at = ((uintptr_t)st / sizeof *st * 0x9e3779b97f4a7c15u >> 48) %
		    SQL_STATEMENTS;

	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		struct sql_slot *slot = &sql->slots[(at + i) % SQL_STATEMENTS];

		if (slot->key == NULL)
			slot->key = st;
		if (slot->key == st)
			return slot;
	}
	assert(false && "more statements than SQL_STATEMENTS");
	return NULL;
}

/* The driver's word for the token that rest begins with; *length with its
 * braces. */
static const char *
token_text(const struct sql_driver *driver, struct span rest, size_t *length)
{
	size_t end = span_find(rest, '}');
	struct span name = span_skip(span_head(rest, end), 1);

	*length = end + 1;
	for (const struct sql_token *t = driver->tokens; t->name != NULL; t++)
		if (span_eq(span_str(t->name), name))
			return t->text;
	assert(false && "no such token");
	return "";
}

/* Into out, or only counted where out is NULL. */
static size_t
expand(const struct sql_driver *driver, struct span text, char *out)
{
	size_t n = 0, used;

	for (; text.n > 0; text = span_skip(text, used)) {
		struct span piece = span_head(text, 1);

		used = 1;
		if (text.p[0] == '{')
			piece = span_str(token_text(driver, text, &used));
		if (out != NULL && piece.n > 0)
			memcpy(out + n, piece.p, piece.n);
		if (out != NULL && text.n > 1 && text.p[0] == '$' &&
		    ascii_is_digit((unsigned char)text.p[1]))
			out[n] = driver->parameter;
		n += piece.n;
	}
	return n;
}

char *
sql_expand(struct arena *a, const struct sql_driver *driver, const char *text)
{
	char *out = arena_alloc(a, expand(driver, span_str(text), NULL) + 1);

	if (out != NULL)
		expand(driver, span_str(text), out);
	return out;
}

const struct sql_driver *
sql_driver_of(const char *url, const char **where)
{
	*where = url;
	if (strncmp(url, "postgresql://", 13) == 0 ||
	    strncmp(url, "postgres://", 11) == 0)
		return &sql_postgres;
	if (strncmp(url, "sqlite:", 7) == 0)
		*where = url + 7;
	return &sql_sqlite;
}

enum err
sql_open(const struct sql_driver *driver, const char *where, bool make,
    struct sql **out, struct error *e)
{
	return driver->open(where, make, out, e);
}

void
sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	if (sql->mode != SQL_NONE)
		sql_rollback(sql);
	sql->driver->close(sql);
}

enum err
sql_begin(struct sql *sql, enum sql_mode mode, struct error *e)
{
	enum err err;

	assert(sql->mode == SQL_NONE && mode != SQL_NONE && sql->cursors == 0);
	err = sql->driver->begin(sql, mode, e);
	if (err != ERR_OK)
		return err;
	sql->mode = mode;
	sql->spoiled = false;
	return ERR_OK;
}

enum err
sql_commit(struct sql *sql, struct error *e)
{
	assert(sql->mode != SQL_NONE && sql->cursors == 0);
	if (sql->spoiled) {
		sql_rollback(sql);
		return error_set(
		    e, ERR_STORE, "a statement of the transaction had failed");
	}
	sql->mode = SQL_NONE;
	return sql->driver->commit(sql, e);
}

void
sql_rollback(struct sql *sql)
{
	assert(sql->mode != SQL_NONE && sql->cursors == 0);
	sql->mode = SQL_NONE;
	sql->driver->rollback(sql);
}

enum err
sql_transact(struct sql *sql, enum sql_mode mode,
    enum err (*body)(struct sql *sql, void *arg, struct error *e), void *arg,
    struct error *e)
{
	enum err err = ERR_STORE_BUSY;

	if (sql->mode != SQL_NONE) {
		assert(sql->mode >= mode);
		return body(sql, arg, e);
	}
	for (int i = 0; i < ATTEMPTS && err == ERR_STORE_BUSY; i++) {
		err = sql_begin(sql, mode, e);
		if (err != ERR_OK)
			continue;
		err = body(sql, arg, e);
		if (err == ERR_OK)
			err = sql_commit(sql, e);
		else
			sql_rollback(sql);
	}
	return err;
}

bool
sql_is_text(struct span s)
{
	return span_find(s, '\0') == s.n && utf8_is_valid(s);
}

static enum err
query(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_cursor *out,
    int64_t *changed, struct error *e)
{
	enum err err;

	assert(n <= SQL_PARAMETERS);
	*out = (struct sql_cursor){ 0 };
	if (sql->spoiled && sql->mode != SQL_NONE)
		return error_set(
		    e, ERR_STORE, "a statement of the transaction had failed");
	for (size_t i = 0; i < n; i++)
		if (args[i].type == SQL_TEXT && !sql_is_text(args[i].s))
			return error_set(e, ERR_DATA,
			    "text for the store is not UTF-8, or holds a NUL");
	err = sql->driver->query(sql, st, args, n, out, changed, e);
	if (err != ERR_OK) {
		sql->spoiled = true;
		*out = (struct sql_cursor){ 0 };
		return err;
	}
	out->sql = sql;
	sql->cursors++;
	return ERR_OK;
}

enum err
sql_run(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, int64_t *changed, struct error *e)
{
	struct sql_cursor cur;
	int64_t touched = 0;
	enum err err;

	assert(sql->mode >= SQL_WRITE);
	err = query(sql, st, args, n, &cur, &touched, e);
	sql_end(&cur);
	if (err == ERR_OK && changed != NULL)
		*changed = touched;
	return err;
}

enum err
sql_query(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_cursor *out,
    struct error *e)
{
	return query(sql, st, args, n, out, NULL, e);
}

enum err
sql_next(struct sql_cursor *cur, struct arena *a, struct sql_value *row,
    size_t columns, bool *got, struct error *e)
{
	const struct sql_driver *driver = cur->sql->driver;
	enum err err = driver->next(cur, got, e);

	assert(driver->columns(cur) == (int)columns);
	for (size_t i = 0; err == ERR_OK && *got && i < columns; i++) {
		err = driver->column(cur, (int)i, &row[i], e);
		if (err == ERR_OK)
			row[i].s = arena_span(a, row[i].s);
	}
	if (err == ERR_OK && a->failed)
		err = error_set(e, ERR_MEMORY,
		    "what the store holds needs more memory than it may have");
	if (err != ERR_OK)
		cur->sql->spoiled = true;
	return err;
}

void
sql_end(struct sql_cursor *cur)
{
	if (cur->sql == NULL)
		return;
	cur->sql->driver->end(cur);
	cur->sql->cursors--;
	cur->sql = NULL;
}

enum err
sql_one(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct arena *a,
    struct sql_value *row, size_t columns, bool *got, struct error *e)
{
	struct sql_cursor cur;
	enum err err = sql_query(sql, st, args, n, &cur, e);

	*got = false;
	if (err == ERR_OK)
		err = sql_next(&cur, a, row, columns, got, e);
	sql_end(&cur);
	return err;
}

enum err
sql_numbers(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_value *row,
    size_t columns, bool *got, struct error *e)
{
	char mem[64]; /* numbers take nothing of it */
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	return sql_one(sql, st, args, n, &a, row, columns, got, e);
}

struct change {
	const struct sql_statement *st;
	const struct sql_value *args;
	size_t n;
	int64_t *changed;
};

static enum err
run_change(struct sql *sql, void *arg, struct error *e)
{
	const struct change *c = arg;

	return sql_run(sql, c->st, c->args, c->n, c->changed, e);
}

enum err
sql_change(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, int64_t *changed, struct error *e)
{
	struct change c = { st, args, n, changed };

	return sql_transact(sql, SQL_WRITE, run_change, &c, e);
}

enum err
sql_each(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, const struct sql_taker *to,
    struct error *e)
{
	struct sql_value row[SQL_COLUMNS];
	struct sql_cursor cur;
	bool got = true;
	enum err err = sql_query(sql, st, args, n, &cur, e);

	while (err == ERR_OK) {
		err = sql_next(&cur, to->a, row, to->columns, &got, e);
		if (err != ERR_OK || !got)
			break;
		err = to->take(to->arg, row, e);
	}
	sql_end(&cur);
	return err;
}

enum err
sql_exec(struct sql *sql, const char *text, struct error *e)
{
	struct arena a;
	char *expanded;
	enum err err;

	arena_init(&a, 64 * 1024);
	expanded = sql_expand(&a, sql->driver, text);
	err = expanded != NULL ? sql->driver->exec(sql, expanded, e)
			       : error_set(e, ERR_MEMORY, "a long statement");
	if (err != ERR_OK)
		sql->spoiled = true;
	arena_release(&a);
	return err;
}
