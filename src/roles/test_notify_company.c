/* Processes that die between telling and writing so, and several on one store.
 */
#include "roles/test_tell.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- crashes and company ---- */

/* In another process: told, and then killed before it could write so. */
static void
die_in_delivery(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out)
{
	(void)c;
	(void)a;
	(void)out;
	(void)!write(STDOUT_FILENO, m->id.p, m->id.n);
	_exit(0);
}

static void
tell_and_die(struct tell *w, int out)
{
	struct notify_channel work = w->work[MAIL];
	struct error e;

	dup2(out, STDOUT_FILENO);
	work.deliver = die_in_delivery;
	if (store_open(w->f->url, STORE_USE, tell_at(w->now), &work.store,
		&e) == ERR_OK)
		(void)!notify_tell(&work, &e);
	_exit(1);
}

/* An incident whose opening was told, and nobody could write so. */
static void
raise_and_die(struct tell *w, int64_t domain, char *id, size_t size)
{
	struct notify_routing routing = { w->f->s, w->worker, &w->config,
		&w->clock };
	int fds[2], status;
	size_t n;
	pid_t pid;

	tell_raise(w, domain, "cause", SEVERITY_ERROR, 0);
	assert_err(w->f, notify_route(&routing, &n, &w->f->e), ERR_OK);
	w->now += MINUTE;
	/* A connection must not be shared with a child. */
	store_free(w->f->s);
	w->f->s = NULL;
	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		tell_and_die(w, fds[1]);
	close(fds[1]);
	assert_true(read(fds[0], id, size - 1) > 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_err(w->f,
	    store_open(w->f->url, STORE_USE, test_now, &w->f->s, &w->f->e),
	    ERR_OK);
	w->work[MAIL].store = w->work[PAGER].store = w->chores.store = w->f->s;
}

static void
test_killed_between(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	char id[96] = "";

	tell_pause(w);
	raise_and_die(w, d, id, sizeof id);
	tell_pass(w, MINUTE);
	tell_want(w, MAIL, 0);
	tell_pass(w, NOTIFY_LEASE_S);
	tell_want(w, MAIL, 1, "LOSS");
	assert_string_equal(w->received[MAIL].told[0].id, id);
	tell_pass(w, HOUR);
	tell_want(w, MAIL, 1, "LOSS");
}

/* Meanwhile it is over. Somebody may have read of the opening, and waits to
 * hear of the end. */
static void
test_killed_between_and_over(void **state)
{
	struct tell *w = *state;
	int64_t d = tell_domain(w, 1);
	char id[96] = "";

	tell_pause(w);
	raise_and_die(w, d, id, sizeof id);
	tell_clear(w, d, "cause");
	tell_pass(w, 2 * NOTIFY_LEASE_S + 10 * MINUTE);
	tell_want(w, MAIL, 2, "LOSS", "RESOLVED");
	assert_string_equal(w->received[MAIL].told[0].id, id);
}

enum { COMPANY = 3, SHARED = 200 };

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

static void
receive_shared(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out)
{
	pthread_mutex_lock(&shared_lock);
	tell_receive(c, m, a, out);
	pthread_mutex_unlock(&shared_lock);
}

struct mate {
	struct tell *w;
	pthread_t thread;
	struct notify_channel work;
	int64_t worker;
	bool failed;
};

/* Routes and tells until nothing is left; the clock stands still. */
static void *
run_mate(void *arg)
{
	struct mate *m = arg;
	struct store *s;
	struct error e;
	size_t n = 1;

	if (store_open(m->w->f->url, STORE_USE, test_now, &s, &e) != ERR_OK) {
		m->failed = true;
		return NULL;
	}
	m->work.store = s;
	m->work.worker = m->worker;
	m->work.deliver = receive_shared;
	for (int i = 0; i < 20 && !m->failed; i++) {
		struct notify_routing routing = { s, m->worker, &m->w->config,
			&m->w->clock };

		m->failed = notify_route(&routing, &n, &e) != ERR_OK ||
			    notify_tell(&m->work, &e) != ERR_OK;
	}
	if (m->failed)
		printf("# %s\n", e.text);
	store_free(s);
	return NULL;
}

/* Several on one store: everything is told, and nothing twice. */
static void
test_company(void **state)
{
	struct tell *w = *state;
	struct mate mates[COMPANY] = { { 0 } };
	struct receiver *mail = &w->received[MAIL];
	int64_t d = tell_domain(w, 1);
	char key[32];

	w->config.burst = 1000;
	tell_pause(w);
	for (int i = 0; i < SHARED; i++) {
		snprintf(key, sizeof key, "change %d", i);
		tell_change(w, d, key);
	}
	w->channels[PAGER].kinds = 0;
	for (int i = 0; i < COMPANY; i++) {
		mates[i].w = w;
		mates[i].work = w->work[MAIL];
		mates[i].worker = fixture_worker(w->f);
		assert_int_equal(
		    pthread_create(&mates[i].thread, NULL, run_mate, &mates[i]),
		    0);
	}
	for (int i = 0; i < COMPANY; i++) {
		pthread_join(mates[i].thread, NULL);
		assert_false(mates[i].failed);
	}
	w->now += MINUTE;
	tell_pass(w, MINUTE);
	assert_int_equal(mail->n, SHARED);
	for (size_t i = 0; i < mail->n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    mail->told[i].id, mail->told[k].id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TELL(test_killed_between),
		TELL(test_killed_between_and_over),
		TELL(test_company),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
