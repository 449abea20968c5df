/* SQLite: WAL, so that readers and the one writer do not wait for each other;
 * synchronous=NORMAL, so that a killed program loses nothing, and a power cut
 * at most the last transactions, whole ones. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/sql.h"

struct sqlite {
	struct sql sql; /* first */
	sqlite3 *db;
};

static sqlite3 *
db_of(const struct sql *sql)
{
	return ((const struct sqlite *)(const void *)sql)->db;
}

static enum err
fail(sqlite3 *db, int rc, const char *what, struct error *e)
{
	const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(e, ERR_STORE_BUSY,
		    "%s: another program holds the store (%s)", what, text);
	case SQLITE_FULL:
		return error_set(
		    e, ERR_STORE_FULL, "%s: no room left (%s)", what, text);
	case SQLITE_NOMEM:
		return error_set(e, ERR_MEMORY, "%s: out of memory", what);
	case SQLITE_READONLY:
		return error_set(e, ERR_STORE,
		    "%s: this user may not write %s or its folder: say it "
		    "again as whom it belongs to (%s)",
		    what, sqlite3_db_filename(db, "main"), text);
	case SQLITE_NOTADB:
		return error_set(e, ERR_STORE,
		    "%s: the file is not an SQLite database", what);
	default:
		return error_set(e, ERR_STORE, "%s: %s", what, text);
	}
}

static enum err
fail_errno(const char *path, struct error *e)
{
	char text[128];

	return error_set(e, ERR_CANT_CREATE, "%s: %s", path,
	    strerror_r(errno, text, sizeof text));
}

static enum err
exec_raw(struct sql *sql, const char *text, const char *what, struct error *e)
{
	int rc = sqlite3_exec(db_of(sql), text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ERR_OK : fail(db_of(sql), rc, what, e);
}

static enum err
exec(struct sql *sql, const char *text, struct error *e)
{
	return exec_raw(sql, text, "store", e);
}

/* A new file is for its owner alone; SQLite gives the files beside it the same
 * rights. False, with errno: it was not made. */
static bool
make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0;
}

/* What is there is not opened: to close it would give up the locks of every
 * connection that this process has to it (fcntl(2)), and another process would
 * take itself for the last one and remove the log under us. */
static enum err
make_file_unless_there(const char *path, struct error *e)
{
	struct stat st;

	if (make_file(path))
		return ERR_OK;
	if (errno != EEXIST)
		return fail_errno(path, e);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return fail_errno(path, e);
	}
	return ERR_OK;
}

static enum err
is_wal(struct sql *sql, bool *out, struct error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(
	    db_of(sql), "PRAGMA journal_mode", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = strcmp((const char *)sqlite3_column_text(st, 0),
			   "wal") == 0;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? ERR_OK
				: fail(db_of(sql), rc, "opening the store", e);
}

/* Only a store that is being made is switched. Of several who make it at once,
 * SQLite lets one through without asking the others to wait. */
static enum err
switch_to_wal(struct sql *sql, struct error *e)
{
	enum { STEP_MS = 20 };
	bool wal = false;
	enum err err = is_wal(sql, &wal, e);

	for (int ms = 0; err == ERR_OK && !wal; ms += STEP_MS) {
		err = exec_raw(
		    sql, "PRAGMA journal_mode = WAL", "making the store", e);
		if (err == ERR_STORE_BUSY && ms < LIMIT_STORE_WAIT_MS) {
			sqlite3_sleep(STEP_MS);
			err = ERR_OK;
		}
		if (err == ERR_OK)
			err = is_wal(sql, &wal, e);
	}
	return err;
}

static enum err
set_up(struct sql *sql, bool make, struct error *e)
{
	enum err err = exec_raw(sql,
	    "PRAGMA foreign_keys = ON;"
	    "PRAGMA synchronous = NORMAL;"
	    "PRAGMA trusted_schema = OFF;"
	    "PRAGMA journal_size_limit = 67108864;",
	    "opening the store", e);

	if (err == ERR_OK && make)
		err = switch_to_wal(sql, e);
	return err;
}

static void
close_sqlite(struct sql *sql)
{
	for (size_t i = 0; i < SQL_STATEMENTS; i++)
		sqlite3_finalize(sql->slots[i].handle);
	sqlite3_close(db_of(sql));
	free(sql);
}

static enum err
open_sqlite(const char *where, bool make, struct sql **out, struct error *e)
{
	char path[PATH_MAX];
	struct sqlite *c;
	int rc, n;
	enum err err;

	/* SQLite gives names with a colon in front a meaning of their own. */
	n = snprintf(
	    path, sizeof path, "%s%s", where[0] == ':' ? "./" : "", where);
	if (where[0] == '\0' || n < 0 || (size_t)n >= sizeof path)
		return error_set(e, ERR_USAGE, "no path, or one too long");
	err = make ? make_file_unless_there(path, e) : ERR_OK;
	if (err != ERR_OK)
		return err;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return error_set(e, ERR_MEMORY, "opening the store");
	c->sql.driver = &sql_sqlite;
	rc = sqlite3_open_v2(
	    path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err = fail(c->db, rc, path, e);
	} else {
		sqlite3_extended_result_codes(c->db, 1);
		sqlite3_busy_timeout(c->db, LIMIT_STORE_WAIT_MS);
		err = set_up(&c->sql, make, e);
	}
	if (err != ERR_OK) {
		close_sqlite(&c->sql);
		return err;
	}
	*out = &c->sql;
	return ERR_OK;
}

/* Who will write says so at once: a reader that becomes a writer later could
 * find that another was faster, and would have to begin again. */
static enum err
begin(struct sql *sql, enum sql_mode mode, struct error *e)
{
	return exec_raw(sql, mode == SQL_READ ? "BEGIN" : "BEGIN IMMEDIATE",
	    "beginning a transaction", e);
}

static void
rollback(struct sql *sql)
{
	/* Some errors have undone the transaction already. */
	if (!sqlite3_get_autocommit(db_of(sql)))
		sqlite3_exec(db_of(sql), "ROLLBACK", NULL, NULL, NULL);
}

/* Where writing or reading the log itself failed, the mark of the commit may be
 * in it, and be found after a crash. */
static enum err
commit(struct sql *sql, struct error *e)
{
	sqlite3 *db = db_of(sql);
	int rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	enum err err;

	if (rc == SQLITE_OK)
		return ERR_OK;
	if ((rc & 0xff) == SQLITE_IOERR)
		err = error_set(e, ERR_UNCERTAIN,
		    "the commit failed half-way: %s", sqlite3_errmsg(db));
	else
		err = fail(db, rc, "committing", e);
	rollback(sql);
	return err;
}

static enum err
prepare(struct sql *sql, const struct sql_statement *st, sqlite3_stmt **out,
    struct error *e)
{
	struct sql_slot *slot = sql_slot(sql, st);
	sqlite3_stmt *made = NULL;
	struct arena a;
	char *text;
	int rc = SQLITE_NOMEM;

	if (slot->handle == NULL) {
		arena_init(&a, 64 * 1024);
		text = sql_expand(&a, &sql_sqlite, st->text);
		if (text != NULL)
			rc = sqlite3_prepare_v3(db_of(sql), text, -1,
			    SQLITE_PREPARE_PERSISTENT, &made, NULL);
		arena_release(&a);
		if (rc != SQLITE_OK)
			return fail(db_of(sql), rc, "store", e);
		slot->handle = made;
	}
	*out = slot->handle;
	return ERR_OK;
}

static int
bind(sqlite3_stmt *st, int at, const struct sql_value *v)
{
	switch (v->type) {
	case SQL_NULL:
		return sqlite3_bind_null(st, at);
	case SQL_INT:
		return sqlite3_bind_int64(st, at, v->i);
	case SQL_TEXT:
		return sqlite3_bind_text64(
		    st, at, v->s.p, v->s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	case SQL_BLOB:
		return sqlite3_bind_blob64(
		    st, at, v->s.p, v->s.n, SQLITE_TRANSIENT);
	}
	return SQLITE_MISUSE;
}

/* The first step is made here, so that what a statement writes is written when
 * it returns, as with PostgreSQL. rows is then the step's result. */
static enum err
query(struct sql *sql, const struct sql_statement *statement,
    const struct sql_value *args, size_t n, struct sql_cursor *out,
    int64_t *changed, struct error *e)
{
	sqlite3 *db = db_of(sql);
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_OK;
	enum err err = prepare(sql, statement, &st, e);

	if (err != ERR_OK)
		return err;
	assert(!sqlite3_stmt_busy(st));
	assert(sql->mode >= SQL_WRITE || sqlite3_stmt_readonly(st));
	assert(sqlite3_bind_parameter_count(st) == (int)n);
	for (size_t i = 0; rc == SQLITE_OK && i < n; i++)
		rc = bind(st, (int)i + 1, &args[i]);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		err = fail(db, rc, "store", e);
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
		return err;
	}
	out->handle = st;
	out->row = -1;
	out->rows = rc;
	if (changed != NULL)
		*changed = sqlite3_changes64(db);
	return ERR_OK;
}

static enum err
next(struct sql_cursor *cur, bool *got, struct error *e)
{
	if (cur->row >= 0 && cur->rows == SQLITE_ROW)
		cur->rows = sqlite3_step(cur->handle);
	cur->row = 0;
	*got = cur->rows == SQLITE_ROW;
	if (cur->rows != SQLITE_ROW && cur->rows != SQLITE_DONE)
		return fail(db_of(cur->sql), cur->rows, "store", e);
	return ERR_OK;
}

static int
columns(const struct sql_cursor *cur)
{
	return sqlite3_column_count(cur->handle);
}

static enum err
column(
    const struct sql_cursor *cur, int i, struct sql_value *out, struct error *e)
{
	sqlite3_stmt *st = cur->handle;
	int type = sqlite3_column_type(st, i);
	const char *p;

	*out = sql_null();
	if (type == SQLITE_NULL)
		return ERR_OK;
	if (type == SQLITE_INTEGER) {
		*out = sql_int(sqlite3_column_int64(st, i));
		return ERR_OK;
	}
	if (type != SQLITE_TEXT && type != SQLITE_BLOB)
		return error_set(e, ERR_STORE, "a column is a fraction");
	out->type = type == SQLITE_TEXT ? SQL_TEXT : SQL_BLOB;
	p = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(st, i)
				: sqlite3_column_blob(st, i);
	out->s.n = (size_t)sqlite3_column_bytes(st, i);
	if (p == NULL && out->s.n > 0)
		return error_set(e, ERR_MEMORY, "reading a column");
	out->s.p = p != NULL ? p : "";
	return ERR_OK;
}

static void
end(struct sql_cursor *cur)
{
	sqlite3_reset(cur->handle);
	sqlite3_clear_bindings(cur->handle);
}

static const struct sql_statement integrity = {
	"SELECT integrity_check FROM pragma_integrity_check(1)"
	" WHERE integrity_check <> 'ok'"
};
static const struct sql_statement orphans = {
	"SELECT 'a row of ' || \"table\" || ' refers to nothing'"
	" FROM pragma_foreign_key_check LIMIT 1"
};

static enum err
check(struct sql *sql, struct arena *a, struct span *out, struct error *e)
{
	struct sql_value row;
	bool got;
	enum err err = sql_one(sql, &integrity, NULL, 0, a, &row, 1, &got, e);

	if (err == ERR_OK && !got)
		err = sql_one(sql, &orphans, NULL, 0, a, &row, 1, &got, e);
	if (err == ERR_OK)
		*out = got ? row.s : SPAN("");
	return err;
}

/* All pages in one step: the copy is of one moment, and writers go on, since
 * the log grows meanwhile. */
static enum err
copy_to(struct sql *sql, const char *path, struct error *e)
{
	sqlite3 *to = NULL;
	sqlite3_backup *b = NULL;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL), last;

	if (rc == SQLITE_OK)
		b = sqlite3_backup_init(to, "main", db_of(sql), "main");
	if (b != NULL) {
		rc = sqlite3_backup_step(b, -1);
		last = sqlite3_backup_finish(b);
		rc = rc == SQLITE_DONE ? last : rc;
	} else if (to != NULL) {
		rc = sqlite3_errcode(to);
	}
	if (sqlite3_close(to) != SQLITE_OK && rc == SQLITE_OK)
		rc = SQLITE_IOERR;
	return rc == SQLITE_OK ? ERR_OK : fail(NULL, rc, "backup", e);
}

/* The name appears when the copy is whole, and takes no other file's place. */
static enum err
backup(struct sql *sql, const char *to, struct error *e)
{
	char part[PATH_MAX];
	int n = snprintf(part, sizeof part, "%s.part", to);
	enum err err;

	if (n < 0 || (size_t)n >= sizeof part)
		return error_set(e, ERR_USAGE, "the path is too long");
	err = make_file(part) ? ERR_OK : fail_errno(part, e);
	if (err != ERR_OK)
		return err;
	err = copy_to(sql, part, e);
	if (err == ERR_OK && link(part, to) != 0)
		err = fail_errno(to, e);
	unlink(part);
	return err;
}

/* clang-format off */
static const struct sql_token tokens[] = {
	{ "INT",	"INTEGER" },
	{ "BLOB",	"BLOB" },
	{ "NAME",	"TEXT" },
	{ "SERIAL_KEY",	"INTEGER PRIMARY KEY AUTOINCREMENT" }, /* never again the same */
	{ "STRICT",	" STRICT" },
	{ "KEYED",	" STRICT, WITHOUT ROWID" },
	{ "FIND",	"instr" },
	{ "LOCKED",	"" }, /* there is one writer */
	{ "KEPT",	"" },
	{ "SKIP_LOCKED", "" },
	{ 0 },
};
/* clang-format on */

const struct sql_driver sql_sqlite = {
	.name = "SQLite",
	.tokens = tokens,
	.parameter = '?',
	.open = open_sqlite,
	.close = close_sqlite,
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
