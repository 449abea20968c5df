#include <sys/stat.h>
#include <unistd.h>

#include "store/test_store.h"

static const struct sql_statement insert = {
	"INSERT INTO t (i, name, b) VALUES ($2, $1, $3)"
};
static const struct sql_statement all = {
	"SELECT i, name, b FROM t ORDER BY name"
};
static const struct sql_statement count = { "SELECT COUNT(*) FROM t" };
static const struct sql_statement bad = {
	"INSERT INTO t (i, name, b) VALUES ($1, NULL, NULL)"
};
static const struct sql_statement deferred = { "DELETE FROM t WHERE i = $1" };

static const char make_t[] =
    "CREATE TABLE t (i {INT}, name {NAME} NOT NULL, b {BLOB}){STRICT}";

static struct sql *
with_t(struct fixture *f)
{
	fixture_exec(f, make_t);
	return store_sql(f->s);
}

static enum err
put(struct sql *sql, struct span name, int64_t i, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_int(i),
		sql_blob(name) };

	return sql_run(sql, &insert, args, 3, NULL, e);
}

static void
test_values(void **state)
{
	static const struct {
		const char *label;
		struct sql_value i, name, b;
	} rows[] = {
		/* in the order of bytes */
		{ "empty", { SQL_INT, 0, SPAN_INIT("") },
		    { SQL_TEXT, 0, SPAN_INIT("") },
		    { SQL_BLOB, 0, SPAN_INIT("") } },
		{ "hyphen", { SQL_INT, INT64_MAX, SPAN_INIT("") },
		    { SQL_TEXT, 0, SPAN_INIT("a-b") },
		    { SQL_BLOB, 0, SPAN_INIT("\0\xff\0") } },
		{ "dot", { SQL_INT, INT64_MIN, SPAN_INIT("") },
		    { SQL_TEXT, 0, SPAN_INIT("a.b") },
		    { SQL_NULL, 0, SPAN_INIT("") } },
		{ "letter", { SQL_NULL, 0, SPAN_INIT("") },
		    { SQL_TEXT, 0, SPAN_INIT("ab") },
		    { SQL_BLOB, 0, SPAN_INIT("x") } },
		{ "not ASCII", { SQL_INT, -1, SPAN_INIT("") },
		    { SQL_TEXT, 0, SPAN_INIT("\xc3\xa9\xf0\x9f\x93\xac") },
		    { SQL_BLOB, 0, SPAN_INIT("x") } },
	};
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	struct tally t = { 0 };
	struct sql_cursor cur;
	bool got;

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	for (size_t i = ROWS(rows); i-- > 0;) {
		struct sql_value args[] = { rows[i].name, rows[i].i,
			rows[i].b };
		int64_t changed = 0;

		assert_err(
		    f, sql_run(sql, &insert, args, 3, &changed, &f->e), ERR_OK);
		assert_int_equal(changed, 1);
	}
	assert_err(f, sql_commit(sql, &f->e), ERR_OK);
	assert_err(f, sql_query(sql, &all, NULL, 0, &cur, &f->e), ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sql_value row[3];

		t.label = rows[i].label;
		assert_err(
		    f, sql_next(&cur, &f->a, row, 3, &got, &f->e), ERR_OK);
		assert_true(got);
		want_int(&t, "i type", row[0].type, rows[i].i.type);
		want_int(&t, "i", row[0].i, rows[i].i.i);
		want_span(&t, "name", row[1].s, rows[i].name.s);
		want_int(&t, "b type", row[2].type, rows[i].b.type);
		want_span(&t, "b", row[2].s, rows[i].b.s);
	}
	for (int i = 0; i < 2; i++) {
		struct sql_value row[3];

		assert_err(
		    f, sql_next(&cur, &f->a, row, 3, &got, &f->e), ERR_OK);
		assert_false(got);
	}
	sql_end(&cur);
	assert_int_equal(t.failed, 0);
}

static void
test_text_is_text(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, put(sql, SPAN("a\0b"), 1, &f->e), ERR_DATA);
	assert_err(f, put(sql, SPAN("\xc0\x80"), 1, &f->e), ERR_DATA);
	assert_err(f, put(sql, SPAN("good"), 1, &f->e), ERR_OK);
	assert_err(f, sql_commit(sql, &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count), 1);
}

/* A failed statement takes its transaction with it. */
static void
test_spoiled(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	struct sql_value one = sql_int(1);

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, put(sql, SPAN("x"), 1, &f->e), ERR_OK);
	assert_err(f, sql_run(sql, &bad, &one, 1, NULL, &f->e), ERR_STORE);
	assert_err(f, put(sql, SPAN("y"), 2, &f->e), ERR_STORE);
	assert_err(f, sql_commit(sql, &f->e), ERR_STORE);
	assert_int_equal(fixture_count(f, &count), 0);

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, put(sql, SPAN("x"), 1, &f->e), ERR_OK);
	sql_rollback(sql);
	assert_int_equal(fixture_count(f, &count), 0);
}

struct tries {
	int calls;
	int busy; /* so many of them say so */
};

static enum err
try_body(struct sql *sql, void *arg, struct error *e)
{
	struct tries *t = arg;
	enum err err = put(sql, SPAN("x"), t->calls++, e);

	if (err == ERR_OK && t->calls <= t->busy)
		return error_set(e, ERR_STORE_BUSY, "not now");
	return err;
}

static void
test_transact_tries_again(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	struct tries twice = { 0, 2 }, always = { 0, 99 };

	assert_err(
	    f, sql_transact(sql, SQL_WRITE, try_body, &twice, &f->e), ERR_OK);
	assert_int_equal(twice.calls, 3);
	assert_int_equal(fixture_count(f, &count), 1);
	assert_err(f, sql_transact(sql, SQL_WRITE, try_body, &always, &f->e),
	    ERR_STORE_BUSY);
	assert_int_equal(always.calls, 3);
	assert_int_equal(fixture_count(f, &count), 1);
}

/* One view of everything for as long as the transaction lasts, and no lock that
 * a writer would wait for. */
static void
test_reader_sees_one_moment(void **state)
{
	struct fixture *f = *state, other = *f;
	struct sql *sql = with_t(f);

	assert_err(f, store_open(f->url, STORE_USE, test_now, &other.s, &f->e),
	    ERR_OK);
	assert_err(f, sql_begin(sql, SQL_READ, &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count), 0);
	fixture_exec(&other, "INSERT INTO t VALUES (1, 'a', NULL)");
	assert_int_equal(fixture_count(f, &count), 0);
	assert_err(f, sql_commit(sql, &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count), 1);
	store_free(other.s);
}

static void
test_memory(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	struct sql_value row[3];
	struct arena small;
	char mem[16];
	bool got;

	fixture_exec(
	    f, "INSERT INTO t VALUES (1, 'much too long for it', NULL)");
	arena_init_fixed(&small, mem, sizeof mem);
	assert_err(f, sql_one(sql, &all, NULL, 0, &small, row, 3, &got, &f->e),
	    ERR_MEMORY);
	assert_int_equal(fixture_count(f, &count), 1);
}

/* A full disk: the transaction is gone as a whole, and what was there stays. */
static void
test_full(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	enum err err = ERR_OK;

	assert_err(
	    f, sql_exec(sql, "PRAGMA max_page_count = 90", &f->e), ERR_OK);
	fixture_exec(f, "INSERT INTO t VALUES (1, 'before', NULL)");
	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	for (int i = 0; i < 100000 && err == ERR_OK; i++)
		err = put(sql, SPAN("a text that takes its room"), i, &f->e);
	assert_err(f, err, ERR_STORE_FULL);
	sql_rollback(sql);
	assert_int_equal(fixture_count(f, &count), 1);
	fixture_exec(f, "INSERT INTO t VALUES (2, 'after', NULL)");
	assert_int_equal(fixture_count(f, &count), 2);
}

static void
test_file_is_private(void **state)
{
	static const char *const names[] = { "store", "store-wal",
		"store-shm" };
	struct fixture *f = *state;
	char path[512];
	struct stat st;

	fixture_exec(f, make_t);
	for (size_t i = 0; i < ROWS(names); i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* The server ends all connections but that of the one who asks. */
static void
cut(struct fixture *f)
{
	static const struct sql_statement others = {
		"SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
		" WHERE datname = current_database()"
		" AND pid <> pg_backend_pid()"
	};
	static const struct sql_statement left = {
		"SELECT COUNT(*) FROM pg_stat_activity"
		" WHERE datname = current_database()"
		" AND pid <> pg_backend_pid()"
	};
	struct fixture other = *f;

	assert_err(f, store_open(f->url, STORE_LOOK, test_now, &other.s, &f->e),
	    ERR_OK);
	fixture_count(&other, &others);
	while (fixture_count(&other, &left) > 0)
		usleep(1000);
	store_free(other.s);
}

static enum err
cut_body(struct sql *sql, void *arg, struct error *e)
{
	struct fixture *f = arg;
	enum err err = put(sql, SPAN("x"), 1, e);

	if (err != ERR_OK || f->e.code == ERR_LIMIT)
		return err;
	f->e.code = ERR_LIMIT; /* only once */
	cut(f);
	return put(sql, SPAN("y"), 2, e);
}

static void
test_broken_connection(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);

	cut(f);
	fixture_exec(f, "INSERT INTO t VALUES (1, 'between', NULL)");
	assert_int_equal(fixture_count(f, &count), 1);
	/* in the middle: all of it once more, and what there is, once */
	assert_err(f, sql_transact(sql, SQL_WRITE, cut_body, f, NULL), ERR_OK);
	assert_int_equal(fixture_count(f, &count), 2);
}

/* The connection dies in COMMIT: nobody knows, and nobody tries again. */
static void
test_uncertain(void **state)
{
	struct fixture *f = *state;
	struct tries t = { 0, 0 };

	with_t(f);
	fixture_exec(f,
	    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
	    "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid());"
	    " PERFORM pg_sleep(1); RETURN NULL; END'");
	fixture_exec(f, "CREATE CONSTRAINT TRIGGER dying AFTER INSERT ON t"
			" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
			" EXECUTE FUNCTION die()");
	assert_err(f,
	    sql_transact(store_sql(f->s), SQL_WRITE, try_body, &t, &f->e),
	    ERR_UNCERTAIN);
	assert_int_equal(t.calls, 1);
	/* the next transaction finds a connection again */
	fixture_exec(f, "DROP TRIGGER dying ON t");
	assert_int_equal(fixture_count(f, &count), 0);
}

/* A constraint that fails at the commit is known to have failed. */
static void
test_failed_commit(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = with_t(f);
	struct sql_value none = sql_int(0);

	fixture_exec(f, "CREATE TABLE p (i {INT} PRIMARY KEY)");
	fixture_exec(f, "CREATE TABLE c (i {INT} REFERENCES p (i)"
			" DEFERRABLE INITIALLY DEFERRED)");
	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, put(sql, SPAN("x"), 1, &f->e), ERR_OK);
	assert_err(f, sql_run(sql, &deferred, &none, 1, NULL, &f->e), ERR_OK);
	assert_err(f, sql_exec(sql, "INSERT INTO c VALUES (7)", &f->e), ERR_OK);
	assert_err(f, sql_commit(sql, &f->e), ERR_STORE);
	assert_int_equal(fixture_count(f, &count), 0);
	fixture_exec(f, "INSERT INTO t VALUES (1, 'a', NULL)");
}

static void
test_wrong_places(void **state)
{
	static const struct {
		const char *label, *url;
		enum err want;
	} rows[] = {
		{ "no such folder", "/nonexistent/store", ERR_CANT_CREATE },
		{ "nothing", "", ERR_USAGE },
		{ "a folder", "/", ERR_CANT_CREATE },
		{ "malformed", "postgresql://u:secret@[::1/x", ERR_USAGE },
		{ "no server", "postgresql:///x?host=/nonexistent",
		    ERR_STORE_BUSY },
	};
	struct tally t = { 0 };
	struct error e;
	struct store *s;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		e = (struct error){ 0 };
		want_int(&t, "error",
		    store_open(rows[i].url, STORE_USE, test_now, &s, &e),
		    rows[i].want);
		want_bool(&t, "says why", e.text[0] != '\0', true);
		want_bool(&t, "and no password",
		    strstr(e.text, "secret") == NULL, true);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_foreign_file(void **state)
{
	struct fixture *f = *state;
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/text", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	assert_err(
	    f, store_open(path, STORE_USE, test_now, &f->s, &f->e), ERR_STORE);
	assert_non_null(strstr(f->e.text, "not an SQLite database"));
}

/* clang-format off */
#define OF_BOTH								\
	RUN(test_values),						\
	RUN(test_text_is_text),						\
	RUN(test_spoiled),						\
	RUN(test_transact_tries_again),					\
	RUN(test_reader_sees_one_moment),				\
	RUN(test_memory),						\
	RUN(test_failed_commit)
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest sqlite[] = {
		OF_BOTH,
		RUN(test_full),
		RUN(test_file_is_private),
		RUN_BARE(test_wrong_places),
		RUN_BARE(test_foreign_file),
	};
	const struct CMUnitTest postgres[] = {
		OF_BOTH,
		RUN(test_broken_connection),
		RUN(test_uncertain),
	};

	if (getenv("STORE_URL") != NULL)
		return cmocka_run_group_tests(postgres, NULL, NULL);
	return cmocka_run_group_tests(sqlite, NULL, NULL);
}
