/* sql.h - one connection to one database, the same for SQLite and PostgreSQL.
 *
 * A driver is a table of functions. Statements are written once, in plain SQL
 * with parameters $1 $2 ..., and with a handful of tokens in braces where the
 * two differ: {INT}, {BLOB}, {NAME} (text compared byte by byte), {SERIAL_KEY},
 * {STRICT} and {KEYED} (behind a table); {FIND}(text, part), where the part
 * stands in the text, from 1, or 0; and behind a SELECT, for its rows
 * until the end of the transaction: {LOCKED} (nobody else changes them), {KEPT}
 * (nobody deletes them), {SKIP_LOCKED} (those that nobody else has locked).
 *
 * All that is written is written in a transaction. A statement that fails
 * spoils its transaction: nothing but sql_rollback works afterwards, with
 * either driver.
 *
 * ERR_STORE_BUSY: another one held what was needed for too long, or the
 *     connection broke. Nothing was changed, and it may be tried again.
 * ERR_STORE_FULL: no room. Nothing was changed.
 * ERR_UNCERTAIN: only from a commit, whose outcome is not known. The caller
 *     looks; nobody repeats it unseen.
 * ERR_STORE: everything else that the database refused. Nothing was changed.
 * ERR_DATA: a text that is not UTF-8, or holds a NUL; or a row that can be had
 *     and not be read: it is damaged, or of a newer program. The store goes on.
 * ERR_MEMORY: the arena, or the system's memory.
 *
 * A connection, with its cursors, belongs to one thread. Nothing here logs. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BLOB };

struct sql_value {
	enum sql_type type;
	int64_t i; /* SQL_INT */
	struct span s; /* SQL_TEXT, SQL_BLOB; empty otherwise, never NULL */
};

static inline struct sql_value
sql_null(void)
{
	return (struct sql_value){ .type = SQL_NULL, .s = SPAN("") };
}

static inline struct sql_value
sql_int(int64_t i)
{
	return (struct sql_value){ SQL_INT, i, SPAN("") };
}

/* NULL unless it is set. */
static inline struct sql_value
sql_time(bool is_set, struct wall_time t)
{
	return is_set ? sql_int(t.s) : sql_null();
}

static inline struct sql_value
sql_text(struct span s)
{
	return (struct sql_value){ SQL_TEXT, 0, s.n > 0 ? s : SPAN("") };
}

static inline struct sql_value
sql_blob(struct span s)
{
	return (struct sql_value){ SQL_BLOB, 0, s.n > 0 ? s : SPAN("") };
}

/* Statements are constants: one is prepared once in each connection, and known
 * by its address. */
struct sql_statement {
	const char *text;
};

enum sql_mode {
	SQL_NONE, /* outside of transactions */
	SQL_READ, /* one view of everything; changes nothing */
	SQL_WRITE,
	SQL_SCHEMA, /* SQL_WRITE, and only one of it at a time */
};

struct sql_driver;

enum { SQL_STATEMENTS = 512, SQL_PARAMETERS = 32, SQL_COLUMNS = 32 };

/* What every driver's connection begins with. */
struct sql {
	const struct sql_driver *driver;
	enum sql_mode mode;
	bool spoiled; /* a statement of this transaction failed */
	unsigned cursors; /* open */
	struct sql_slot {
		const struct sql_statement *key;
		void *handle; /* the driver's */
	} slots[SQL_STATEMENTS]; /* by hash; prepared statements */
};

struct sql_cursor {
	struct sql *sql;
	void *handle; /* the driver's */
	int row, rows; /* the driver's */
};

/* The driver for a URL as of store.h, and what of it the driver is to open. */
const struct sql_driver *
sql_driver_of(const char *url, const char **where);

/* Open `where` (a path, or what libpq takes). With `make`, a file that is not
 * there is made, for the owner's eyes alone. */
enum err
sql_open(const struct sql_driver *driver, const char *where, bool make,
    struct sql **out, struct error *e) MUST_CHECK;

/* A transaction under way is undone. NULL is fine. */
void
sql_close(struct sql *sql);

enum err
sql_begin(struct sql *sql, enum sql_mode mode, struct error *e) MUST_CHECK;

/* Whatever comes back, the transaction is over. */
enum err
sql_commit(struct sql *sql, struct error *e) MUST_CHECK;

void
sql_rollback(struct sql *sql);

/* Run body in a transaction, or in the one that is under way if that is so.
 * What ends with ERR_STORE_BUSY is tried again, three times in all: body must
 * bear that, and do nothing that is seen outside of the database. */
enum err
sql_transact(struct sql *sql, enum sql_mode mode,
    enum err (*body)(struct sql *sql, void *arg, struct error *e), void *arg,
    struct error *e) MUST_CHECK;

/* Can it be a SQL_TEXT: is it UTF-8, without a NUL? Strangers ask for what is
 * not, and then it is not here. */
bool
sql_is_text(struct span s);

/* Run a statement that writes and has no rows; *changed rows were touched
 * (NULL: not wanted). */
enum err
sql_run(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, int64_t *changed,
    struct error *e) MUST_CHECK;

/* Run a statement that has rows. On success the cursor is open until sql_end,
 * which must come before the transaction's end and before the same statement is
 * run again. */
enum err
sql_query(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_cursor *out,
    struct error *e) MUST_CHECK;

/* The next row into `columns` values, as many as the statement has. Their spans
 * live in the arena. *got says whether there was one. */
enum err
sql_next(struct sql_cursor *cur, struct arena *a, struct sql_value *row,
    size_t columns, bool *got, struct error *e) MUST_CHECK;

/* A cursor that sql_query did not open may be ended if it is all zero. */
void
sql_end(struct sql_cursor *cur);

/* sql_query, the first row (if *got) and sql_end in one. */
enum err
sql_one(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct arena *a,
    struct sql_value *row, size_t columns, bool *got,
    struct error *e) MUST_CHECK;

/* The same for a row of numbers alone. */
enum err
sql_numbers(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct sql_value *row,
    size_t columns, bool *got, struct error *e) MUST_CHECK;

/* sql_run as a transaction, or in the one that is under way. */
enum err
sql_change(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, int64_t *changed,
    struct error *e) MUST_CHECK;

/* What is to be done with each row: `columns` values, their spans in the
 * arena. The same statement is not to be run from there. */
struct sql_taker {
	struct arena *a;
	size_t columns;
	enum err (*take)(
	    void *arg, const struct sql_value *row, struct error *e);
	void *arg;
};

/* sql_query, sql_next for every row and sql_end in one; the first error ends
 * it. */
enum err
sql_each(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, const struct sql_taker *to,
    struct error *e) MUST_CHECK;

/* Run text that is not kept: definitions of tables, settings. Rows are
 * dropped. */
enum err
sql_exec(struct sql *sql, const char *text, struct error *e) MUST_CHECK;

/* ---- for drivers ---- */

struct sql_token {
	const char *name; /* without braces */
	const char *text;
};

struct sql_driver {
	const char *name; /* as in a message: "SQLite" */
	const struct sql_token *tokens; /* up to one without a name */
	char parameter; /* what stands before a parameter's number */
	enum err (*open)(
	    const char *where, bool make, struct sql **out, struct error *e);
	void (*close)(struct sql *sql);
	enum err (*begin)(struct sql *sql, enum sql_mode mode, struct error *e);
	enum err (*commit)(struct sql *sql, struct error *e);
	void (*rollback)(struct sql *sql);
	enum err (*exec)(struct sql *sql, const char *text, struct error *e);
	/* *changed is set if it is not NULL. Statement text is as it stands. */
	enum err (*query)(struct sql *sql, const struct sql_statement *st,
	    const struct sql_value *args, size_t n, struct sql_cursor *out,
	    int64_t *changed, struct error *e);
	enum err (*next)(struct sql_cursor *cur, bool *got, struct error *e);
	int (*columns)(const struct sql_cursor *cur);
	/* *out borrows from the cursor, until the next row. */
	enum err (*column)(const struct sql_cursor *cur, int i,
	    struct sql_value *out, struct error *e);
	void (*end)(struct sql_cursor *cur);
	/* What the database finds wrong with itself; empty if nothing. */
	enum err (*check)(struct sql *sql, struct arena *a, struct span *out,
	    struct error *e);
	enum err (*backup)(struct sql *sql, const char *to, struct error *e);
};

extern const struct sql_driver sql_sqlite;
extern const struct sql_driver sql_postgres;

/* The slot of a statement; its handle is NULL where it is not yet prepared. */
struct sql_slot *
sql_slot(struct sql *sql, const struct sql_statement *st);

/* text with the driver's own words, NUL-terminated; NULL without memory. */
char *
sql_expand(struct arena *a, const struct sql_driver *driver,
    const char *text) MUST_CHECK;

#endif
