/* What befalls a monitor: others, damage, silence, clocks. */
#include "roles/test_watch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "roles/host_cache.h"

/* Told to stop while a mail host keeps us waiting: what has not ended is given
 * back, and due as it was. */
static void
test_given_back(void **state)
{
	struct watch *w = *state;

	watch_domain(w, "a.example");
	atomic_store(&w->waits, true);
	while (w->m.n_hosts == 0 || w->m.n_jobs > w->m.n_hosts) {
		atomic_fetch_add(&w->time.idle_ms, 1000);
		monitor_turn(&w->m, false);
	}
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"
					" WHERE claimed_by IS NOT NULL"),
	    1);
	w->config.drain_s = 0;
	monitor_drain(&w->m);
	assert_int_equal(w->m.n_jobs, 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM worker"), 0);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"
					" WHERE claimed_by IS NOT NULL"),
	    0);
	assert_true(watch_is_due(w));
	atomic_store(&w->waits, false);
}

static void
take_away(struct watch *w)
{
	fixture_exec(w->f, "UPDATE work SET claim = claim + 1, claimed_by = 9");
}

static void
pause_it(struct watch *w)
{
	bool found;

	assert_err(w->f,
	    domains_set_paused(w->f->s, SPAN("a.example"), true,
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
}

static void
remove_it(struct watch *w)
{
	bool found;

	assert_err(w->f,
	    domains_remove(w->f->s, SPAN("a.example"),
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
}

static void
add_again(struct watch *w)
{
	remove_it(w);
	watch_domain(w, "a.example");
}

/* The lease ran out, or a person was faster: nothing is written. */
static void
test_claim_lost(void **state)
{
	static void (*const how[])(
	    struct watch *) = { take_away, pause_it, remove_it, add_again };
	struct watch *w = *state;

	for (size_t i = 0; i < ROWS(how); i++) {
		struct job *j;

		remove_it(w);
		watch_domain(w, "a.example");
		j = watch_one_job(w);
		how[i](w);
		assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
		assert_int_equal(
		    watch_count(w, "SELECT COUNT(*) FROM ledger"), 0);
		assert_int_equal(
		    watch_count(w, "SELECT COUNT(*) FROM observation"), 0);
		assert_int_equal(
		    watch_count(w, "SELECT COUNT(*) FROM mail_host"), 0);
		assert_int_equal(
		    watch_count(w, "SELECT COUNT(*) FROM work"
				   " WHERE checked_at IS NOT NULL"),
		    0);
	}
	watch_run(w); /* as a domain of its own */
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"),
	    1);
}

static void
damage(struct watch *w, const char *set)
{
	fixture_exec(w->f,
	    arena_printf(&w->f->a, set, w->f->is_postgres ? "'\\x00'" : "x'00'")
		.p);
}

/* Rows that cannot be read: the others go on, and what can be is looked at
 * anew. */
static void
test_damaged(void **state)
{
	struct watch *w = *state;

	watch_three(w);
	/* Nothing to be done about a ledger; but b and c behind it are looked
	 * at in the same batch. */
	damage(w, "UPDATE ledger SET state = 'v=99' WHERE domain ="
		  " (SELECT id FROM domain WHERE name = 'a.example')");
	fixture_exec(w->f,
	    "UPDATE work SET due_at = due_at - 900000 WHERE domain ="
	    " (SELECT id FROM domain WHERE name = 'a.example')");
	watch_pass_and_run(w, HOUR);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM work WHERE claimed_by"
			   " IS NULL"),
	    2);
	assert_non_null(w->m.line.store);
	fixture_exec(w->f, "DELETE FROM policy_version");
	fixture_exec(w->f, "DELETE FROM sts_id");
	fixture_exec(w->f, "DELETE FROM mx_set");
	fixture_exec(w->f, "DELETE FROM ledger");

	/* The last observation. */
	damage(w, "UPDATE observation SET json_zlib = %s");
	watch_pass_and_run(w, 15 * MINUTE);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM observation"
					" WHERE LENGTH(json_zlib) > 100"),
	    3);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"),
	    3);

	/* The mail host: long before it would be due. */
	w->m.host_looks = 0;
	damage(w, "UPDATE mail_host SET json_zlib = %s");
	host_cache_empty(w->m.hosts); /* or nobody would notice */
	watch_pass_and_run(w, 15 * MINUTE);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"
					" WHERE LENGTH(json_zlib) > 100"),
	    1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);

	/* And when it is due. */
	damage(w, "UPDATE mail_host SET due_at = 0, json_zlib = %s");
	fixture_exec(w->f, "UPDATE work SET due_at = due_at + 86400");
	watch_run(w);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"
					" WHERE LENGTH(json_zlib) > 100"),
	    1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
}

/* Addresses that take no connection: their queues are full. */
struct silence {
	int fd[9];
	size_t n;
};

static void
be_silent(struct silence *s, const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 0), 0);
	s->fd[s->n++] = fd;
	for (int i = 0; i < 2; i++) {
		fd = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(fd, (struct sockaddr *)&at, sizeof at);
		s->fd[s->n++] = fd;
	}
}

/* Nobody answers: nothing of it is believed, and that is told. */
static void
test_offline(void **state)
{
	static const char *const addresses[] = { "127.0.0.21", "127.0.0.22",
		"127.0.0.23" };
	struct watch *w = *state;
	struct silence silence = { .n = 0 };

	watch_domain(w, "a.example"); /* so that port 25 is known to work */
	watch_run(w);
	fixture_exec(w->f, "UPDATE work SET due_policy = due_policy + 86400,"
			   " due_authority = due_authority + 86400");
	watch_record(w, "d.example", DNS_MX, "10 mx.dead.example");
	for (size_t i = 0; i < ROWS(addresses); i++) {
		watch_record(w, "mx.dead.example", DNS_A, addresses[i]);
		be_silent(&silence, addresses[i], w->smtp.port);
	}
	watch_domain(w, "d.example");
	watch_run(w);
	watch_run(w);
	assert_true(w->m.offline);
	for (int i = 0; i < 5; i++)
		watch_pass_and_run(w, 5 * MINUTE);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
	atomic_fetch_add(&w->time.idle_ms, 31 * MINUTE * 1000);
	watch_pass_and_run(w, 6 * MINUTE);
	assert_int_equal(watch_count(w, OPEN("monitor.offline")), 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 1);
	/* Somebody answers. */
	fixture_exec(w->f, "UPDATE work SET due_policy = 0, due_at = 0");
	watch_run(w);
	watch_run(w);
	assert_false(w->m.offline);
	assert_int_equal(watch_count(w, OPEN("monitor.offline")), 0);
	for (size_t i = 0; i < silence.n; i++)
		close(silence.fd[i]);
}

/* A clock that was a day ahead, and is put back: the day is not lost. */
static void
test_clock_put_back(void **state)
{
	struct watch *w = *state;

	watch_three(w);
	watch_pass_and_run(w, 24 * HOUR);
	watch_pass(w, -24 * HOUR);
	w->m.rounds = w->m.host_looks = 0;
	watch_run(w);
	watch_pass_and_run(w, HOUR + 1);
	assert_true(w->m.rounds >= 3);
	assert_true(w->m.host_looks >= 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
	atomic_store(&w->no_starttls, true);
	watch_pass_and_run(w, 6 * HOUR);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("starttls.missing")), 1);
}

/* One monitor stops in the middle, another takes over; what the first one still
 * brings comes too late. */
static void
test_taken_over(void **state)
{
	struct watch *w = *state;
	struct monitor other;
	struct letter *l;
	bool full;

	watch_begin(w, &other);
	watch_three(w);
	atomic_store(&w->policy, "version: STSv1\nmode: none\n"
				 "max_age: 86400\n");
	watch_pass(w, HOUR + 1);
	assert_err(w->f, monitor_claim(&other, &full, &w->f->e), ERR_OK);
	assert_int_equal(other.n_jobs, 3);
	watch_run(w); /* nothing is due here, until the lease has run out */
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM work"
					" WHERE claimed_by IS NOT NULL"),
	    3);
	w->m.rounds = 0;
	watch_pass_and_run(w, 2 * MINUTE);
	assert_true(w->m.rounds >= 3);
	while (other.n_jobs > 0) {
		l = inbox_take(&other.done, &clock_system,
		    mono_after_ms(clock_mono(&clock_system), 60 * 1000));
		assert_non_null(l);
		assert_err(w->f, monitor_finish(l->tag, &w->f->e), ERR_OK);
	}
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM event"
					" WHERE kind = 'policy-changed'"),
	    2);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM outbox"
					" WHERE kind = 'changed'"),
	    2);
	monitor_release(&other);
}

/* The store is away while looks end: they are made again, and nothing of the
 * monitor's is lost. */
static void
test_store_away(void **state)
{
	struct watch *w = *state;
	struct mono_time from;
	int turns = 0;
	bool full;

	watch_domain(w, "a.example");
	assert_err(w->f, monitor_claim(&w->m, &full, &w->f->e), ERR_OK);
	assert_int_equal(w->m.n_jobs, 1);
	store_free(w->m.line.store);
	w->m.line.store = NULL;
	w->config.store = "/nonexistent/store";
	for (; w->m.n_jobs > 0; turns++)
		monitor_turn(&w->m, false);
	/* It waits, and does not spin. */
	from = clock_mono(&clock_system);
	monitor_turn(&w->m, false);
	assert_true(turns < 100);
	assert_true(mono_ms_until(from, clock_mono(&clock_system)) >= 100);
	assert_null(w->m.line.store);
	w->config.store = w->f->url;
	atomic_fetch_add(&w->time.idle_ms, 60 * 1000);
	watch_run(w);
	assert_non_null(w->m.line.store);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM ledger"), 0);
	watch_pass_and_run(w, 2 * MINUTE);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"),
	    1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM worker"), 1);
}

/* Somebody answers again just before the look is settled: what it did not see
 * is not believed. */
static void
test_online_again(void **state)
{
	struct watch *w = *state;
	struct job *j;

	watch_domain(w, "a.example");
	watch_run(w);
	atomic_store(&w->policy, "gone");
	watch_pass(w, HOUR + 1);
	j = watch_one_job(w);
	w->m.was_offline = true;
	w->m.offline_last = clock_mono(&w->time.clock);
	assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM finding_state"), 0);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM work WHERE failures > 0"), 1);
	watch_pass_and_run(w, AGAIN);
	assert_true(watch_count(w, "SELECT COUNT(*) FROM finding_state") > 0);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_given_back),
		STORY(test_claim_lost),
		STORY(test_damaged),
		STORY(test_clock_put_back),
		STORY(test_taken_over),
		STORY(test_store_away),
		STORY(test_offline),
		STORY(test_online_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
