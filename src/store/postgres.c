/* PostgreSQL: statements are prepared once a connection and known there by the
 * number of their slot. Parameters travel as text or bytes, so that the server
 * chooses their types; results travel binary. A broken connection is made anew
 * when the next transaction begins. */
#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/num.h"
#include "store/sql.h"

enum {
	NUMBER = 24, /* an int64 as text */
	GRACE_MS = 5000, /* the server times out first */
	SCHEMA_LOCK = 8461, /* of pg_advisory_xact_lock; any number of ours */
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_VARCHAR = 1043,
};

struct postgres {
	struct sql sql; /* first */
	PGconn *db; /* NULL once given up */
	char *where;
};

static struct postgres *
postgres_of(struct sql *sql)
{
	return (struct postgres *)(void *)sql;
}

static bool
is_lost(const struct postgres *c)
{
	return PQstatus(c->db) != CONNECTION_OK;
}

/* The SQLSTATEs that call for something else than giving up: PostgreSQL 15,
 * appendix A. */
static enum err
err_of_state(const char *state)
{
	static const struct {
		const char *state;
		enum err err;
	} rows[] = {
		{ "40001", ERR_STORE_BUSY }, /* serialization_failure */
		{ "40P01", ERR_STORE_BUSY }, /* deadlock_detected */
		{ "55P03", ERR_STORE_BUSY }, /* lock_not_available */
		{ "57014", ERR_STORE_BUSY }, /* query_canceled: time-out */
		{ "53100", ERR_STORE_FULL }, /* disk_full */
		{ "53200", ERR_MEMORY }, /* out_of_memory */
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].state, state) == 0)
			return rows[i].err;
	return ERR_STORE;
}

/* The first line of what the server or libpq says. */
static enum err
fail(struct postgres *c, const PGresult *res, const char *what, struct error *e)
{
	const char *state =
	    res != NULL ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
	    c->db != NULL ? PQerrorMessage(c->db) : "no answer in time";

	if (res != NULL && PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY))
		text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	return error_set(e,
	    is_lost(c)	    ? ERR_STORE_BUSY
	    : state == NULL ? ERR_STORE
			    : err_of_state(state),
	    "%s: %.*s", what, (int)strcspn(text, "\n"), text);
}

static bool
is_good(const PGresult *res)
{
	return res != NULL && (PQresultStatus(res) == PGRES_COMMAND_OK ||
				  PQresultStatus(res) == PGRES_TUPLES_OK);
}

/* Wait for bytes, and give up when none come. The server has time limits of its
 * own; this one is for a server, or a network, that is gone. */
static bool
await(struct postgres *c)
{
	while (PQisBusy(c->db)) {
		struct pollfd p = { .fd = PQsocket(c->db), .events = POLLIN };
		int n = poll(&p, 1, LIMIT_STORE_STATEMENT_MS + GRACE_MS);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || PQconsumeInput(c->db) == 0)
			return false;
	}
	return true;
}

/* The result of what was sent; NULL if the connection is lost, and the
 * connection is then closed, so that no late answer is taken for another's. */
static PGresult *
answer(struct postgres *c, int sent)
{
	PGresult *first = NULL, *more;

	while (sent && await(c)) {
		more = PQgetResult(c->db);
		if (more == NULL)
			return first;
		if (first == NULL || is_good(first)) {
			PQclear(first);
			first = more;
		} else {
			PQclear(more);
		}
	}
	PQclear(first);
	if (!is_lost(c)) {
		/* Too slow, or never sent: what it will do is not known. */
		PQfinish(c->db);
		c->db = NULL;
	}
	return NULL;
}

static enum err
exec(struct sql *sql, const char *text, struct error *e)
{
	struct postgres *c = postgres_of(sql);
	PGresult *res = answer(c, PQsendQuery(c->db, text));
	enum err err = is_good(res) ? ERR_OK : fail(c, res, "store", e);

	PQclear(res);
	return err;
}

static void
be_quiet(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* A plan is kept with its statement, and may have been made when the tables
 * were small. All our statements take few rows and find each by an index,
 * however large the table is: the plans that read whole tables are switched
 * off. Where a table has one row and no index that plan is taken all the same,
 * and its price, which switching off makes enormous, would have the server
 * compile it each time, for a tenth of a second: compiling is off too. So are
 * helpers: to start them costs more than to count a portfolio alone. */
static enum err
set_up(struct postgres *c, struct error *e)
{
	char text[512];

	PQsetNoticeReceiver(c->db, be_quiet, NULL);
	snprintf(text, sizeof text,
	    "SET statement_timeout = %d; SET lock_timeout = %d;"
	    "SET idle_in_transaction_session_timeout = %d;"
	    "SET default_transaction_isolation = 'read committed';"
	    "SET enable_seqscan = off; SET enable_hashjoin = off;"
	    "SET enable_mergejoin = off; SET jit = off;"
	    "SET max_parallel_workers_per_gather = 0",
	    LIMIT_STORE_STATEMENT_MS, LIMIT_STORE_WAIT_MS,
	    2 * LIMIT_STORE_STATEMENT_MS);
	return exec(&c->sql, text, e);
}

static enum err
connect_to(struct postgres *c, const char *where, struct error *e)
{
	/* What `where` says of them comes later, and wins. */
	static const char *const keys[] = { "client_encoding",
		"connect_timeout", "tcp_user_timeout",
		"fallback_application_name", "dbname", NULL };
	const char *const values[] = { "UTF8", "10", "30000", "mtasts", where,
		NULL };

	c->db = PQconnectdbParams(keys, values, 1);
	if (c->db == NULL)
		return error_set(e, ERR_MEMORY, "opening the store");
	if (is_lost(c))
		return fail(c, NULL, "opening the store", e);
	return set_up(c, e);
}

static void
close_postgres(struct sql *sql)
{
	struct postgres *c = postgres_of(sql);

	PQfinish(c->db);
	free(c->where);
	free(c);
}

/* libpq would repeat all of a malformed URL, its password included. */
static bool
is_url(const char *where)
{
	PQconninfoOption *parsed = PQconninfoParse(where, NULL);
	bool good = parsed != NULL;

	PQconninfoFree(parsed);
	return good;
}

static enum err
open_postgres(const char *where, bool make, struct sql **out, struct error *e)
{
	struct postgres *c;
	enum err err = ERR_MEMORY;

	(void)make; /* the database is made by who runs the server */
	if (!is_url(where))
		return error_set(e, ERR_USAGE, "the store's URL is malformed");
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return error_set(e, ERR_MEMORY, "opening the store");
	c->sql.driver = &sql_postgres;
	c->where = strdup(where);
	if (c->where != NULL)
		err = connect_to(c, where, e);
	if (err != ERR_OK) {
		close_postgres(&c->sql);
		return err;
	}
	*out = &c->sql;
	return ERR_OK;
}

static enum err
reconnect(struct postgres *c, struct error *e)
{
	PQfinish(c->db);
	c->db = NULL;
	for (size_t i = 0; i < SQL_STATEMENTS; i++)
		c->sql.slots[i].handle = NULL;
	return connect_to(c, c->where, e);
}

/* To begin does no harm, so it is tried again where the connection turns out to
 * be broken; nothing else is. */
static enum err
begin(struct sql *sql, enum sql_mode mode, struct error *e)
{
	struct postgres *c = postgres_of(sql);
	const char *text = mode == SQL_READ
			       ? "BEGIN ISOLATION LEVEL REPEATABLE READ, "
				 "READ ONLY"
			       : "BEGIN";
	char lock[64];
	enum err err = is_lost(c) ? reconnect(c, e) : ERR_OK;

	if (err == ERR_OK)
		err = exec(sql, text, e);
	if (err != ERR_OK && is_lost(c)) {
		err = reconnect(c, e);
		if (err == ERR_OK)
			err = exec(sql, text, e);
	}
	if (err != ERR_OK || mode != SQL_SCHEMA)
		return err;
	snprintf(
	    lock, sizeof lock, "SELECT pg_advisory_xact_lock(%d)", SCHEMA_LOCK);
	err = exec(sql, lock, e);
	if (err != ERR_OK)
		sql->driver->rollback(sql);
	return err;
}

static void
rollback(struct sql *sql)
{
	struct postgres *c = postgres_of(sql);
	enum err err;

	if (is_lost(c))
		return; /* the server undoes it on its own */
	err = exec(sql, "ROLLBACK", NULL);
	if (err == ERR_OK)
		return;
	PQfinish(c->db);
	c->db = NULL;
}

/* An error that the server reports on a connection that goes on means that the
 * transaction was undone; so does the answer "ROLLBACK". Where the connection
 * is lost, the commit may have been made or not. */
static enum err
commit(struct sql *sql, struct error *e)
{
	struct postgres *c = postgres_of(sql);
	PGresult *res = answer(c, PQsendQuery(c->db, "COMMIT"));
	enum err err;

	if (is_lost(c))
		err = error_set(e, ERR_UNCERTAIN,
		    "the connection was lost while committing");
	else if (!is_good(res))
		err = fail(c, res, "committing", e);
	else if (strcmp(PQcmdStatus(res), "COMMIT") != 0)
		err = error_set(e, ERR_STORE, "the server did not commit");
	else
		err = ERR_OK;
	PQclear(res);
	return err;
}

static enum err
prepare(struct postgres *c, const struct sql_statement *st, char name[NUMBER],
    struct error *e)
{
	struct sql_slot *slot = sql_slot(&c->sql, st);
	struct arena a;
	PGresult *res;
	char *text;
	enum err err;

	snprintf(name, NUMBER, "s%d", (int)(slot - c->sql.slots));
	if (slot->handle != NULL)
		return ERR_OK;
	arena_init(&a, 64 * 1024);
	text = sql_expand(&a, &sql_postgres, st->text);
	if (text == NULL) {
		err = error_set(e, ERR_MEMORY, "preparing a statement");
	} else {
		res = answer(c, PQsendPrepare(c->db, name, text, 0, NULL));
		err = is_good(res) ? ERR_OK : fail(c, res, "store", e);
		PQclear(res);
	}
	if (err == ERR_OK)
		slot->handle = slot; /* prepared */
	arena_release(&a);
	return err;
}

/* Text is not NUL-terminated here, so it travels as bytes: what the binary form
 * of a text is, and of a bytea. */
static void
bind(const struct sql_value *v, char number[NUMBER], const char **value,
    int *length, int *is_binary)
{
	*value = v->s.p;
	*length = (int)v->s.n;
	*is_binary = 1;
	switch (v->type) {
	case SQL_NULL:
		*value = NULL;
		return;
	case SQL_INT:
		snprintf(number, NUMBER, "%lld", (long long)v->i);
		*value = number;
		*is_binary = 0;
		return;
	case SQL_TEXT:
	case SQL_BLOB:
		return;
	}
}

static PGresult *
send_statement(struct postgres *c, const char *name,
    const struct sql_value *args, size_t n)
{
	char numbers[SQL_PARAMETERS][NUMBER];
	const char *values[SQL_PARAMETERS];
	int lengths[SQL_PARAMETERS], formats[SQL_PARAMETERS];

	for (size_t i = 0; i < n; i++)
		bind(
		    &args[i], numbers[i], &values[i], &lengths[i], &formats[i]);
	return answer(c, PQsendQueryPrepared(
			     c->db, name, (int)n, values, lengths, formats, 1));
}

/* In a transaction a lost connection is the end of it; a single reading
 * statement begins on a new one. */
static enum err
query(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_cursor *out,
    int64_t *changed, struct error *e)
{
	struct postgres *c = postgres_of(sql);
	char name[NUMBER];
	uint64_t touched;
	PGresult *res;
	enum err err = ERR_OK;

	if (sql->mode == SQL_NONE && is_lost(c))
		err = reconnect(c, e);
	if (err == ERR_OK)
		err = prepare(c, st, name, e);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < n; i++)
		if (args[i].s.n > LIMIT_STORE_VALUE)
			return error_set(
			    e, ERR_LIMIT, "a value is too large for the store");
	res = send_statement(c, name, args, n);
	if (!is_good(res)) {
		err = fail(c, res, "store", e);
		PQclear(res);
		return err;
	}
	out->handle = res;
	out->row = -1;
	out->rows = PQntuples(res);
	if (changed != NULL &&
	    num_parse(span_str(PQcmdTuples(res)), INT64_MAX, &touched))
		*changed = (int64_t)touched;
	return ERR_OK;
}

static enum err
next(struct sql_cursor *cur, bool *got, struct error *e)
{
	(void)e;
	if (cur->row < cur->rows)
		cur->row++;
	*got = cur->row < cur->rows;
	return ERR_OK;
}

static int
columns(const struct sql_cursor *cur)
{
	return PQnfields(cur->handle);
}

/* n bytes, most significant first, with a sign. */
static int64_t
read_int(const char *p, int n)
{
	uint64_t u = (signed char)p[0] < 0 ? UINT64_MAX : 0;

	for (int i = 0; i < n; i++)
		u = u << 8 | (unsigned char)p[i];
	return (int64_t)u;
}

static enum err
column(
    const struct sql_cursor *cur, int i, struct sql_value *out, struct error *e)
{
	const PGresult *res = cur->handle;
	const char *p = PQgetvalue(res, cur->row, i);
	int n = PQgetlength(res, cur->row, i);

	*out = sql_null();
	if (PQgetisnull(res, cur->row, i))
		return ERR_OK;
	switch (PQftype(res, i)) {
	case OID_BOOL:
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
		*out = sql_int(read_int(p, n));
		return ERR_OK;
	case OID_TEXT:
	case OID_VARCHAR:
		*out = sql_text((struct span){ p, (size_t)n });
		return ERR_OK;
	case OID_BYTEA:
		*out = sql_blob((struct span){ p, (size_t)n });
		return ERR_OK;
	default:
		return error_set(e, ERR_STORE, "a column has type %u",
		    (unsigned)PQftype(res, i));
	}
}

static void
end(struct sql_cursor *cur)
{
	PQclear(cur->handle);
}

/* The server guards its pages and references itself. */
static enum err
check(struct sql *sql, struct arena *a, struct span *out, struct error *e)
{
	(void)sql;
	(void)a;
	(void)e;
	*out = SPAN("");
	return ERR_OK;
}

static enum err
backup(struct sql *sql, const char *to, struct error *e)
{
	(void)sql;
	(void)to;
	return error_set(e, ERR_USAGE,
	    "the store is a PostgreSQL database; its backup is made by "
	    "pg_dump");
}

/* clang-format off */
static const struct sql_token tokens[] = {
	{ "INT",	"BIGINT" },
	{ "BLOB",	"BYTEA" },
	{ "NAME",	"TEXT COLLATE \"C\"" },
	{ "SERIAL_KEY",	"BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" },
	{ "STRICT",	"" },
	{ "KEYED",	"" },
	{ "FIND",	"strpos" },
	{ "LOCKED",	"FOR NO KEY UPDATE" },
	{ "KEPT",	"FOR KEY SHARE" },
	{ "SKIP_LOCKED", "FOR UPDATE SKIP LOCKED" },
	{ 0 },
};
/* clang-format on */

const struct sql_driver sql_postgres = {
	.name = "PostgreSQL",
	.tokens = tokens,
	.parameter = '$',
	.open = open_postgres,
	.close = close_postgres,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.exec = exec,
	.query = query,
	.next = next,
	.columns = columns,
	.column = column,
	.end = end,
	.check = check,
	.backup = backup,
};
