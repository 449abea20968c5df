#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/cas.h"
#include "store/domains.h"
#include "store/migrate.h"
#include "store/portfolio.h"
#include "store/test_store.h"

static const struct sql_statement versions = {
	"SELECT COUNT(*) FROM schema_version"
};
static const struct sql_statement when = {
	"SELECT MAX(applied_at) FROM schema_version"
};

static void
open_store(struct fixture *f, enum store_mode mode)
{
	assert_err(f, store_open(f->url, mode, test_now, &f->s, &f->e), ERR_OK);
}

static void
test_made_and_opened_again(void **state)
{
	struct fixture *f = *state;

	open_store(f, STORE_USE);
	store_free(f->s);
	open_store(f, STORE_MIGRATE);
	assert_int_equal(fixture_count(f, &versions), schema_main.version);
	assert_int_equal(fixture_count(f, &when), test_now.s);
}

/* A store of that version; the caller closes it. */
static struct sql *
open_older(struct fixture *f, unsigned version)
{
	const struct sql_driver *driver =
	    f->is_postgres ? &sql_postgres : &sql_sqlite;
	const char *where =
	    f->is_postgres ? f->url : f->url + strlen("sqlite:");
	struct sql *sql;

	assert_err(f, sql_open(driver, where, true, &sql, &f->e), ERR_OK);
	assert_err(
	    f, migrate_to(sql, &schema_main, version, test_now, &f->e), ERR_OK);
	return sql;
}

/* ... with these rows. */
static void
make_older(struct fixture *f, unsigned version, const char *rows)
{
	struct sql *sql = open_older(f, version);

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, sql_exec(sql, rows, &f->e), ERR_OK);
	assert_err(f, sql_commit(sql, &f->e), ERR_OK);
	sql_close(sql);
}

static void
test_older(void **state)
{
	struct fixture *f = *state;
	struct store_health h;

	make_older(f, 1, "INSERT INTO setting VALUES ('a', 'b')");

	assert_err(f, store_open(f->url, STORE_USE, test_now, &f->s, &f->e),
	    ERR_STORE_VERSION);
	assert_non_null(strstr(f->e.text, "mtasts db migrate"));
	open_store(f, STORE_LOOK);
	assert_err(f, store_check(f->s, &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.version, 1);
	assert_int_equal(h.our_version, schema_main.version);
	store_free(f->s);
	open_store(f, STORE_MIGRATE);
	assert_int_equal(fixture_count(f, &versions), schema_main.version);
}

/* What the portfolio is sorted by is known at once, as far as it was before. */
static void
test_before_the_dashboard(void **state)
{
	static const struct {
		const char *name;
		int64_t changed_at;
	} rows[] = {
		{ "loss.example", 0 },
		{ "error.example", 7 },
		{ "warning.example", 0 },
		{ "unknown.example", 5 },
		{ "new.example", 0 },
		{ "ok.example", 0 },
	};
	const struct portfolio_page page = { .sort = PORTFOLIO_WEIGHT,
		.max = 9 };
	struct fixture *f = *state;
	struct domain *list;
	size_t n;
	bool more;

	make_older(f, 3,
	    "INSERT INTO domain (id, name, added_at, verdict, stakes) VALUES"
	    " (1, 'unknown.example', 1, 'unknown', 'enforce'),"
	    " (2, 'warning.example', 1, 'warning', 'enforce'),"
	    " (3, 'error.example', 1, 'error', 'testing'),"
	    " (4, 'ok.example', 1, 'ok', 'enforce'),"
	    " (5, 'loss.example', 1, 'error', 'enforce'),"
	    " (6, 'new.example', 1, '', '');"
	    "INSERT INTO work (domain, due_at, wanted_at, due_records,"
	    " due_authority, due_policy) SELECT id, 1, 1, 1, 1, 1 FROM domain;"
	    "INSERT INTO event (domain, seq, at, kind, text) VALUES"
	    " (1, 1, 5, 'x', ''), (3, 1, 6, 'x', ''), (3, 2, 7, 'x', '')");
	open_store(f, STORE_MIGRATE);
	assert_err(f,
	    portfolio_list(f->s, &page, &f->a, &list, &n, &more, &f->e),
	    ERR_OK);
	assert_int_equal(n, ROWS(rows));
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(span_eq(list[i].name, span_str(rows[i].name)));
		assert_int_equal(
		    list[i].summary.changed_at.s, rows[i].changed_at);
		assert_int_equal(list[i].summary.mode_since.s, 0);
	}
}

#define PLAN(state) "{\"plan\":{\"state\":\"" state "\",\"ca\":0},"
#define OF_ONE                                                                 \
	"\"replaces_at\":\"https://no.example/\",\"directory\":\"" ONE "\","   \
	"\"order\":\"\",\"why\":\"no \\\"directory\\\":\\\"x\\\"\"}"
#define ONE "https://one.example/directory"

struct old_order {
	const char *host;
	int64_t number;
	const char *order;
	int64_t failing_since; /* 0: it does not */
	const char *problem;
};

static void
make_orders(struct fixture *f, const struct old_order *rows, size_t n)
{
	static const struct sql_statement insert = {
		"INSERT INTO certificate (domain, wanted, due_at, chain, host,"
		" number, order_text, failing_since, problem) VALUES"
		" (1, 1, 1, CAST('' AS {BLOB}), $1, $2, $3, $4, $5)"
	};
	struct sql *sql = open_older(f, 4);

	for (size_t i = 0; i < n; i++) {
		const struct old_order *r = &rows[i];
		struct sql_value args[] = { sql_text(span_str(r->host)),
			sql_int(r->number), sql_text(span_str(r->order)),
			sql_time(r->failing_since != 0,
			    (struct wall_time){ r->failing_since }),
			sql_text(span_str(r->problem)) };

		assert_err(
		    f, sql_change(sql, &insert, args, 5, NULL, &f->e), ERR_OK);
	}
	sql_close(sql);
}

/* Orders that were there before are counted at once, as they stand. */
static void
test_before_orders(void **state)
{
	/* clang-format off */
	static const struct old_order rows[] = {
		{ "never-asked",	0, "", 0, "" },
		{ "at-rest",		1, "", 0, "" },
		{ "chosen",		0, PLAN("wanted") OF_ONE, 0, "" },
		{ "there",		0, PLAN("pending") OF_ONE, 0, "" },
		{ "renewed",		2, PLAN("valid") OF_ONE, 0, "" },
		{ "refused",		0, PLAN("wanted") OF_ONE, 77, "One: no." },
		{ "nobody",		0, PLAN("wanted") "\"directory\":\"\"}", 78, "Not here." },
	};
	static const struct {
		const char *directory;
		int64_t waiting, under_way, failing;
		const char *reason;
		int64_t at;
	} want[] = {
		{ "", 1, 0, 1, "Not here.", 78 },
		{ ONE, 1, 2, 1, "One: no.", 77 },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct tally t = { 0 };
	struct ca_state *cas;
	size_t n;

	make_orders(f, rows, ROWS(rows));
	open_store(f, STORE_MIGRATE);
	assert_err(f, cas_look(f->s, test_now, &f->a, &cas, &n, &f->e), ERR_OK);
	assert_int_equal(n, ROWS(want));
	for (size_t i = 0; i < n; i++) {
		t.label = want[i].directory;
		want_span(&t, "directory", cas[i].directory, span_str(t.label));
		want_int(&t, "waiting", cas[i].waiting, want[i].waiting);
		want_int(&t, "under way", cas[i].under_way, want[i].under_way);
		want_int(&t, "failing", cas[i].failing, want[i].failing);
		assert_int_equal(cas[i].n_reasons, 1);
		want_span(&t, "reason", cas[i].reasons->text,
		    span_str(want[i].reason));
		want_int(&t, "at", cas[i].reasons->last_at.s, want[i].at);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_newer(void **state)
{
	static const enum store_mode modes[] = { STORE_USE, STORE_MIGRATE };
	struct fixture *f = *state;

	open_store(f, STORE_USE);
	fixture_exec(
	    f, "INSERT INTO schema_version VALUES (999, 'from later', 1)");
	store_free(f->s);
	f->s = NULL;
	for (size_t i = 0; i < ROWS(modes); i++) {
		f->e = (struct error){ 0 };
		assert_err(f,
		    store_open(f->url, modes[i], test_now, &f->s, &f->e),
		    ERR_STORE_VERSION);
		assert_non_null(strstr(f->e.text, "999"));
		assert_non_null(strstr(f->e.text, "newer"));
	}
	open_store(f, STORE_LOOK);
	assert_int_equal(fixture_count(f, &versions), schema_main.version + 1);
}

static void
test_nothing_is_made_by_a_look(void **state)
{
	struct fixture *f = *state;
	enum err err = store_open(f->url, STORE_LOOK, test_now, &f->s, &f->e);
	struct store_health h;

	if (f->is_postgres) {
		assert_err(f, err, ERR_OK);
		assert_err(f, store_check(f->s, &f->a, &h, &f->e), ERR_OK);
		assert_int_equal(h.version, 0);
	} else {
		assert_err(f, err, ERR_STORE);
		assert_int_not_equal(
		    access(f->url + strlen("sqlite:"), F_OK), 0);
	}
}

struct opener {
	const char *url;
	struct store *s;
	enum err err;
	struct error e;
};

static void *
run_opener(void *arg)
{
	struct opener *o = arg;

	o->err = store_open(o->url, STORE_USE, test_now, &o->s, &o->e);
	return NULL;
}

/* All find a store of our version, whoever made it. */
static void
test_many_at_once(void **state)
{
	enum { OPENERS = 6 };
	struct fixture *f = *state;
	struct opener o[OPENERS] = { 0 };
	pthread_t threads[OPENERS];

	for (size_t i = 0; i < OPENERS; i++) {
		o[i].url = f->url;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run_opener, &o[i]), 0);
	}
	for (size_t i = 0; i < OPENERS; i++) {
		pthread_join(threads[i], NULL);
		f->e = o[i].e;
		assert_err(f, o[i].err, ERR_OK);
		store_free(o[i].s);
	}
	open_store(f, STORE_LOOK);
	assert_int_equal(fixture_count(f, &versions), schema_main.version);
}

static void
test_check(void **state)
{
	struct fixture *f = *state;
	struct span name = SPAN("good.example");
	struct domains_added added;
	struct store_health h;

	open_store(f, STORE_USE);
	assert_err(
	    f, domains_add(f->s, &name, 1, test_now, &added, &f->e), ERR_OK);
	assert_err(f, store_check(f->s, &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.version, schema_main.version);
	assert_int_equal(h.fault.n, 0);
	assert_string_equal(
	    h.database, f->is_postgres ? "PostgreSQL" : "SQLite");
	fixture_exec(f, "DELETE FROM work");
	assert_err(f, store_check(f->s, &f->a, &h, &f->e), ERR_OK);
	assert_true(span_eq(h.fault, SPAN("no schedule for good.example")));
}

/* Bytes of the file are overwritten behind SQLite's back. */
static void
test_damage(void **state)
{
	struct fixture *f = *state;
	struct store_health h;
	enum err err;
	FILE *file;

	open_store(f, STORE_USE);
	store_free(f->s);
	f->s = NULL;
	file = fopen(f->url + strlen("sqlite:"), "r+");
	assert_non_null(file);
	fseek(file, 3 * 4096, SEEK_SET);
	for (int i = 0; i < 4096; i++)
		fputc(0x55, file);
	fclose(file);
	open_store(f, STORE_LOOK);
	err = store_check(f->s, &f->a, &h, &f->e);
	if (err == ERR_OK)
		assert_true(h.fault.n > 0);
	else
		assert_err(f, err, ERR_STORE);
}

static void
test_backup(void **state)
{
	struct fixture *f = *state;
	struct span name = SPAN("good.example");
	struct domains_added added;
	struct domain d;
	struct stat st;
	char to[512];
	bool found;

	snprintf(to, sizeof to, "%s/copy", f->dir);
	open_store(f, STORE_USE);
	assert_err(
	    f, domains_add(f->s, &name, 1, test_now, &added, &f->e), ERR_OK);
	if (f->is_postgres) {
		assert_err(f, store_backup(f->s, to, &f->e), ERR_USAGE);
		assert_non_null(strstr(f->e.text, "pg_dump"));
		return;
	}
	assert_err(f, store_backup(f->s, to, &f->e), ERR_OK);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* no other file's place is taken */
	assert_err(f, store_backup(f->s, to, &f->e), ERR_CANT_CREATE);
	store_free(f->s);
	assert_err(
	    f, store_open(to, STORE_USE, test_now, &f->s, &f->e), ERR_OK);
	assert_err(
	    f, domains_get(f->s, name, &f->a, &d, &found, &f->e), ERR_OK);
	assert_true(found);
}

/* clang-format off */
#define OF_BOTH								\
	RUN_BARE(test_made_and_opened_again),				\
	RUN_BARE(test_older),						\
	RUN_BARE(test_before_the_dashboard),				\
	RUN_BARE(test_before_orders),					\
	RUN_BARE(test_newer),						\
	RUN_BARE(test_nothing_is_made_by_a_look),			\
	RUN_BARE(test_many_at_once),					\
	RUN_BARE(test_check),						\
	RUN_BARE(test_backup)
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest sqlite[] = {
		OF_BOTH,
		RUN_BARE(test_damage),
	};
	const struct CMUnitTest postgres[] = { OF_BOTH };

	if (getenv("STORE_URL") != NULL)
		return cmocka_run_group_tests(postgres, NULL, NULL);
	return cmocka_run_group_tests(sqlite, NULL, NULL);
}
