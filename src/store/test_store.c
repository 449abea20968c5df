#include "store/test_store.h"

#include <dirent.h>
#include <unistd.h>

#include "store/domains.h"
#include "store/work.h"

const struct wall_time test_now = { 1800000000 };

static void
empty_postgres(struct fixture *f)
{
	struct sql *sql;

	assert_err(
	    f, sql_open(&sql_postgres, f->url, false, &sql, &f->e), ERR_OK);
	assert_err(f,
	    sql_exec(
		sql, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &f->e),
	    ERR_OK);
	sql_close(sql);
}

int
fixture_setup_bare(void **state)
{
	struct fixture *f = test_calloc(1, sizeof *f);
	const char *url = getenv("STORE_URL"), *tmp = getenv("TMPDIR");

	*state = f;
	arena_init(&f->a, 16 * 1024 * 1024);
	snprintf(f->dir, sizeof f->dir, "%s/mtasts-store-XXXXXX",
	    tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	f->is_postgres = url != NULL;
	if (url != NULL) {
		snprintf(f->url, sizeof f->url, "%s", url);
		empty_postgres(f);
	} else {
		snprintf(f->url, sizeof f->url, "sqlite:%s/store", f->dir);
	}
	return 0;
}

int
fixture_setup(void **state)
{
	struct fixture *f;

	fixture_setup_bare(state);
	f = *state;
	assert_err(
	    f, store_open(f->url, STORE_USE, test_now, &f->s, &f->e), ERR_OK);
	return 0;
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;
	char path[512];
	DIR *d = opendir(f->dir);
	struct dirent *entry;

	store_free(f->s);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", f->dir, entry->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(f->dir);
	arena_release(&f->a);
	test_free(f);
	return 0;
}

void
assert_err_at(const struct fixture *f, enum err got, enum err want,
    const char *file, int line)
{
	if (got == want)
		return;
	printf("# %s:%d: got '%s' (%s), want '%s'\n", file, line, err_text(got),
	    f->e.text, err_text(want));
	fail();
}

int64_t
fixture_count(struct fixture *f, const struct sql_statement *st)
{
	struct sql_value row;
	struct arena a;
	char mem[64];
	bool got;

	arena_init_fixed(&a, mem, sizeof mem);
	assert_err(f,
	    sql_one(store_sql(f->s), st, NULL, 0, &a, &row, 1, &got, &f->e),
	    ERR_OK);
	assert_true(got && row.type == SQL_INT);
	return row.i;
}

void
fixture_exec(struct fixture *f, const char *text)
{
	struct sql *sql = store_sql(f->s);

	assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, sql_exec(sql, text, &f->e), ERR_OK);
	assert_err(f, sql_commit(sql, &f->e), ERR_OK);
}

int64_t
fixture_domain(struct fixture *f, const char *name)
{
	const struct span names[] = { span_str(name) };
	struct domains_added added;
	struct domain d = { 0 };
	bool found;

	assert_err(
	    f, domains_add(f->s, names, 1, test_now, &added, &f->e), ERR_OK);
	assert_err(
	    f, domains_get(f->s, names[0], &f->a, &d, &found, &f->e), ERR_OK);
	assert_true(found);
	return d.id;
}

int64_t
fixture_worker(struct fixture *f)
{
	int64_t worker;

	assert_err(f,
	    work_join(f->s, SPAN("host/1"), SPAN("monitor"), test_now, &worker,
		&f->e),
	    ERR_OK);
	return worker;
}
