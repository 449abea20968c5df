/* A program that dies in the middle: what it committed is there, and nothing
 * else. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/domains.h"
#include "store/test_store.h"

enum { ROUNDS = 8, BATCH = 7 };

static const struct sql_statement put_counter = {
	"INSERT INTO setting (name, value) VALUES ('n', $1)"
	" ON CONFLICT (name) DO UPDATE SET value = $1"
};
static const struct sql_statement counter = {
	"SELECT COALESCE(MAX(CAST(value AS {INT})), 0) FROM setting"
};
static const struct sql_statement domains = { "SELECT COUNT(*) FROM domain" };
static const struct sql_statement work = { "SELECT COUNT(*) FROM work" };

struct step {
	int64_t n;
	struct arena a;
};

/* One counted step: BATCH domains and the counter, all or nothing. */
static enum err
run_step(struct store *s, void *arg, struct error *e)
{
	struct step *step = arg;
	struct span names[BATCH];
	struct domains_added added;
	struct sql_value value =
	    sql_text(arena_printf(&step->a, "%lld", (long long)step->n));
	enum err err;

	for (size_t i = 0; i < BATCH; i++)
		names[i] = arena_printf(
		    &step->a, "d%lld-%zu.example", (long long)step->n, i);
	err = domains_add(s, names, BATCH, test_now, &added, e);
	if (err == ERR_OK)
		err = sql_run(store_sql(s), &put_counter, &value, 1, NULL, e);
	return err;
}

/* Commits step after step and tells each number, until it is killed. */
static void
child(const char *url, int64_t n, int fd)
{
	struct store *s;
	struct step step;

	if (store_open(url, STORE_USE, test_now, &s, NULL) != ERR_OK)
		_exit(1);
	for (;;) {
		step.n = ++n;
		arena_init(&step.a, 64 * 1024);
		if (store_transact(s, run_step, &step, NULL) != ERR_OK ||
		    write(fd, &n, sizeof n) != sizeof n)
			_exit(1);
		arena_release(&step.a);
	}
}

/* The last number that was told before the child died. */
static int64_t
run_and_kill(const char *url, int64_t n, useconds_t after_us)
{
	int64_t told = n, next;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(url, n, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &told, sizeof told), sizeof told);
	usleep(after_us);
	kill(pid, SIGKILL);
	while (read(ends[0], &next, sizeof next) == (ssize_t)sizeof next)
		told = next;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return told;
}

static void
test_kill(void **state)
{
	struct fixture *f = *state;
	int64_t n = 0;

	store_free(f->s); /* no connection is shared with the child */
	f->s = NULL;
	for (int i = 0; i < ROUNDS; i++) {
		/* odd times, so that every part of a step is hit */
		int64_t told =
		    run_and_kill(f->url, n, (useconds_t)(3000 + 1371 * i));

		assert_err(f,
		    store_open(f->url, STORE_USE, test_now, &f->s, &f->e),
		    ERR_OK);
		/* A step under way may be finished by the server after the
		 * child is gone, so the two counts are read as of one moment.
		 */
		assert_err(
		    f, sql_begin(store_sql(f->s), SQL_READ, &f->e), ERR_OK);
		n = fixture_count(f, &counter);
		assert_in_range(n, told, told + 1);
		assert_int_equal(fixture_count(f, &domains), n * BATCH);
		assert_int_equal(fixture_count(f, &work), n * BATCH);
		assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
		/* until it is over: the next child counts on from there */
		assert_err(
		    f, sql_begin(store_sql(f->s), SQL_WRITE, &f->e), ERR_OK);
		assert_err(f,
		    sql_exec(store_sql(f->s),
			f->is_postgres ? "LOCK TABLE setting" : "SELECT 1",
			&f->e),
		    ERR_OK);
		n = fixture_count(f, &counter);
		assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
		store_free(f->s);
		f->s = NULL;
	}
	assert_true(n >= ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
