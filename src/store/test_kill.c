/* A program that dies in the middle: what it committed is there, and nothing
 * else. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/domains.h"
#include "store/incidents.h"
#include "store/outbox.h"
#include "store/test_published.h"
#include "store/work.h"

enum { ROUNDS = 8, BATCH = 7 };

static const struct sql_statement put_counter = {
	"INSERT INTO setting (name, value) VALUES ('n', $1)"
	" ON CONFLICT (name) DO UPDATE SET value = $1"
};
static const struct sql_statement counter = {
	"SELECT COALESCE(MAX(CAST(value AS {INT})), 0) FROM setting"
};
/* What each step leaves behind, so many times. */
static const struct trace {
	const char *what;
	struct sql_statement count;
	int64_t of_step, at_first; /* a step, and the first one besides */
} traces[] = {
	/* clang-format off */
	{ "domains", { "SELECT COUNT(*) FROM domain" }, BATCH, 0 },
	{ "schedules", { "SELECT COUNT(*) FROM work" }, BATCH, 0 },
	{ "finished", { "SELECT COUNT(*) FROM work WHERE checked_at IS NOT NULL AND claimed_by IS NULL" }, BATCH, 0 },
	{ "incidents", { "SELECT COUNT(*) FROM incident" }, 0, 1 },
	{ "counted", { "SELECT CAST(COALESCE(SUM(errors + domains), 0) AS {INT}) FROM incident" }, 2 * BATCH, 0 },
	{ "suffering", { "SELECT COUNT(*) FROM incident_domain" }, BATCH, 0 },
	{ "events", { "SELECT COUNT(*) FROM event" }, BATCH, 0 },
	{ "news", { "SELECT COUNT(*) FROM outbox" }, 1, 1 },
	{ "published", { "SELECT COUNT(*) FROM publication WHERE stage = 'certifying' AND claimed_by IS NULL" }, BATCH, 0 },
	{ "served", { "SELECT COUNT(*) FROM served WHERE id = 'id' AND body_number = number" }, BATCH, 0 },
	{ "bodies", { "SELECT COUNT(*) FROM published_body" }, BATCH, 0 },
	{ "numbers", { "SELECT number FROM change_number" }, 2 * BATCH, 0 },
	/* clang-format on */
};

struct step {
	int64_t n;
	struct arena a;
};

/* What a round writes when it has found something. */
static enum err
end_round(struct store *s, const struct work_claim *claim, struct error *e)
{
	static const struct incident_fault fault = {
		.cause = SPAN_INIT("c"),
		.check = SPAN_INIT("mxcert.expired"),
		.subject = SPAN_INIT("mx.example"),
		.severity = SEVERITY_ERROR,
		.message = SPAN_INIT("The certificate has expired."),
		.remedy = SPAN_INIT("Renew it."),
	};
	const struct wall_time later = { test_now.s + 900 };
	const struct schedule schedule = { .due = { later, later, later } };
	enum incident_event event;
	bool held;
	enum err err = work_finish(s, 1, claim, &schedule, test_now, &held, e);

	return err == ERR_OK && held ? incident_raise(s, claim->domain, &fault,
					   test_now, test_now, &event, e)
				     : err;
}

static enum err
ask_all(struct store *s, struct step *step, struct error *e)
{
	enum publication_asked asked;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < BATCH; i++)
		err = publication_ask(s,
		    arena_printf(
			&step->a, "d%lld-%zu.example", (long long)step->n, i),
		    &test_order,
		    arena_printf(&step->a, "%015lld%zu", (long long)step->n, i),
		    test_now, &asked, e);
	return err;
}

/* A first body and a first id. */
static enum err
end_step(struct store *s, const struct publication_claim *claim,
    struct arena *a, struct error *e)
{
	struct published before, after;
	bool found, held = false;
	enum err err = publication_of(s, claim->domain, a, &before, &found, e);

	if (err != ERR_OK)
		return err;
	after = before;
	after.state.stage = PUBLICATION_CERTIFYING;
	after.state.version = 1;
	after.state.body = SPAN("body");
	snprintf(after.state.id, sizeof after.state.id, "id");
	err = publication_save(s, 1, claim, &before, &after,
	    (struct wall_time){ test_now.s + 900 }, test_now, &held, e);
	return err == ERR_OK && !held ? ERR_STORE : err;
}

static enum err
publish_all(struct store *s, struct step *step, struct error *e)
{
	struct publication_claim *claims;
	size_t n = 0;
	enum err err = ask_all(s, step, e);

	if (err == ERR_OK)
		err = publication_claim(s, 1, test_now,
		    (struct wall_time){ test_now.s + 60 }, BATCH, &step->a,
		    &claims, &n, e);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = end_step(s, &claims[i], &step->a, e);
	return err;
}

static enum err
add_domains(struct store *s, struct step *step, struct error *e)
{
	struct span names[BATCH];
	struct domains_added added;

	for (size_t i = 0; i < BATCH; i++)
		names[i] = arena_printf(
		    &step->a, "d%lld-%zu.example", (long long)step->n, i);
	return domains_add(s, names, BATCH, test_now, &added, e);
}

/* One counted step: BATCH domains, their first round and what is published for
 * them, a piece of news, and the counter, all or nothing. */
static enum err
run_step(struct store *s, void *arg, struct error *e)
{
	struct step *step = arg;
	struct sql_value value =
	    sql_text(arena_printf(&step->a, "%lld", (long long)step->n));
	const struct news news = { .key = value.s,
		.kind = NEWS_TEST,
		.text = SPAN(""),
		.tell_at = test_now };
	struct work_claim *claims;
	size_t n = 0;
	enum err err = add_domains(s, step, e);

	if (err == ERR_OK)
		err = work_claim(s, 1, test_now,
		    (struct wall_time){ test_now.s + 60 }, BATCH, &step->a,
		    &claims, &n, e);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = end_round(s, &claims[i], e);
	if (err == ERR_OK)
		err = publish_all(s, step, e);
	if (err == ERR_OK)
		err = outbox_put(s, &news, test_now, e);
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
		arena_init(&step.a, 256 * 1024);
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
want_whole_steps(struct fixture *f, int64_t n)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(traces); i++) {
		t.label = traces[i].what;
		want_int(&t, "rows", fixture_count(f, &traces[i].count),
		    n * traces[i].of_step + (n > 0) * traces[i].at_first);
	}
	assert_int_equal(t.failed, 0);
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
		want_whole_steps(f, n);
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

/* Another process, begun before there was a connection that it might share; it
 * opens the store when it is told to, and says how many domains it saw. */
static pid_t
begin_visitor(const char *url, int *out_go)
{
	static const struct sql_statement domains = {
		"SELECT COUNT(*) FROM domain"
	};
	struct fixture f = { .s = NULL };
	int ends[2];
	char go;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	*out_go = ends[1];
	if (pid > 0) {
		close(ends[0]);
		return pid;
	}
	close(ends[1]);
	if (read(ends[0], &go, 1) != 1 ||
	    store_open(url, STORE_USE, test_now, &f.s, &f.e) != ERR_OK)
		_exit(100);
	arena_init(&f.a, 64 * 1024);
	go = (char)fixture_count(&f, &domains);
	store_free(f.s);
	_exit(go);
}

static int
visit(pid_t visitor, int go)
{
	int status;

	assert_int_equal(write(go, "", 1), 1);
	close(go);
	assert_int_equal(waitpid(visitor, &status, 0), visitor);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A process with several connections, as the notify role has them, and others
 * that come and go: whoever goes must not take himself for the last one, for
 * that one clears up, and what is written afterwards is lost. */
static void
test_visitors(void **state)
{
	struct fixture *f = *state;
	struct store *second;
	pid_t visitors[2];
	int go[2];

	for (int i = 0; i < 2; i++)
		visitors[i] = begin_visitor(f->url, &go[i]);
	assert_err(
	    f, store_open(f->url, STORE_USE, test_now, &f->s, &f->e), ERR_OK);
	fixture_domain(f, "first.example");
	assert_err(
	    f, store_open(f->url, STORE_USE, test_now, &second, &f->e), ERR_OK);
	assert_int_equal(visit(visitors[0], go[0]), 1);
	fixture_domain(f, "second.example");
	assert_int_equal(visit(visitors[1], go[1]), 2);
	store_free(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_kill),
		RUN_BARE(test_visitors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
