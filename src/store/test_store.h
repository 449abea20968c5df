/* test_store.h - for tests only: an empty store of either kind.
 *
 * STORE_URL names a PostgreSQL database that the test may empty
 * (test_postgres.sh starts one); without it, the store is an SQLite file. */
#ifndef STORE_TEST_STORE_H
#define STORE_TEST_STORE_H

#include "base/test_table.h"
#include "store/store.h"

struct fixture {
	bool is_postgres;
	char dir[64]; /* for the files of a test */
	char url[512];
	struct store *s; /* opened, of our version */
	struct arena a;
	struct error e;
};

extern const struct wall_time test_now;

/* For cmocka_unit_test_setup_teardown; *state is a struct fixture. */
int
fixture_setup(void **state);
int
fixture_teardown(void **state);

/* The same without a store: nothing is there yet. */
int
fixture_setup_bare(void **state);

/* Says what went wrong. */
#define assert_err(f, got, want) assert_err_at(f, got, want, __FILE__, __LINE__)
void
assert_err_at(const struct fixture *f, enum err got, enum err want,
    const char *file, int line);

/* The number that a statement without parameters answers. */
int64_t
fixture_count(struct fixture *f, const struct sql_statement *st);

/* One statement in a transaction of its own. */
void
fixture_exec(struct fixture *f, const char *text);

/* A domain is added; its id. */
int64_t
fixture_domain(struct fixture *f, const char *name);

/* A worker joins; its number. */
int64_t
fixture_worker(struct fixture *f);

#define RUN(test)                                                              \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
#define RUN_BARE(test)                                                         \
	cmocka_unit_test_setup_teardown(                                       \
	    test, fixture_setup_bare, fixture_teardown)

#endif
