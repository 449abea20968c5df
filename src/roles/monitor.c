/* The monitor role: takes what is due, has it looked at, and settles it. */
#include "roles/monitor.h"

#include <unistd.h>

#include "base/limits.h"

enum {
	STACK = 512 * 1024, /* of a looker: libraries' frames with room */
	POLL_MS = 500, /* how often one asks for what is due, on average */
	FULL_MS = 20, /* and after as much as was asked for */
	TURN_MS = 1000, /* a turn in which nothing happens */
	WAIT_MS = 200, /* at a time, before one looks whether to stop */
	RETRY_MAX_MS = 30 * 1000, /* of a store that is out of reach */
	SETTLED_AT_A_TIME = 64, /* before one looks at the clock again */
	BEATS = 4, /* heartbeats within a lease */
	STATISTICS_S = 300,
	CLOCK_STEP_S = 60, /* more than a clock is slewed by */
};

static struct mono_time
mono_now(const struct monitor *m)
{
	return clock_mono(m->line.env->clock);
}

/* ---- the store ---- */

/* What is held true of the hosts was so in the store that failed. */
static void
store_failed(struct monitor *m, const struct error *e)
{
	line_failed(&m->line, e);
	host_cache_empty(m->hosts);
}

/* "I am alive", and so is what I have claimed. */
static enum err
extend_jobs(struct monitor *m, struct arena *a, struct error *e)
{
	struct work_claim *domains =
	    arena_array(a, m->n_jobs + 1, sizeof *domains);
	struct host_claim *hosts = arena_array(a, m->n_jobs + 1, sizeof *hosts);
	size_t n_domains = 0, n_hosts = 0, held;
	enum err rc;

	if (domains == NULL || hosts == NULL)
		return error_plain(e, ERR_MEMORY);
	for (const struct job *j = m->jobs; j != NULL; j = j->next)
		if (j->worker == m->worker) {
			if (j->kind == JOB_DOMAIN)
				domains[n_domains++] = j->domain.claim;
			else
				hosts[n_hosts++] = j->host.claim;
		}
	rc = work_extend(m->line.store, m->worker, domains, n_domains,
	    monitor_lease_end(m), &held, e);
	return rc == ERR_OK ? hosts_extend(m->line.store, m->worker, hosts,
				  n_hosts, monitor_lease_end(m), &held, e)
			    : rc;
}

/* Of a new number nothing is under way. */
static enum err
beat(struct monitor *m, struct error *e)
{
	struct arena a;
	enum err rc = line_beat(&m->line, "monitor", &m->worker, e);

	if (rc != ERR_OK)
		return rc;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = extend_jobs(m, &a, e);
	arena_release(&a);
	return rc;
}

/* ---- the loop ---- */

/* Hosts may take half of the threads at most (of one thread, that): they are
 * slow to answer, and domains shall not wait for them. *full: there may be
 * more. */
enum err
monitor_claim(struct monitor *m, bool *full, struct error *e)
{
	size_t all = (size_t)m->line.env->config->looks, n = 0;
	size_t most = (all + 1) / 2, room = all - m->n_jobs;
	size_t hosts = most > m->n_hosts ? most - m->n_hosts : 0;
	enum err rc = ERR_OK;

	*full = false;
	if (hosts > room)
		hosts = room;
	if (hosts > 0) {
		rc = monitor_claim_hosts(m, hosts, &n, e);
		*full |= n == hosts;
	}
	room = all - m->n_jobs;
	if (rc == ERR_OK && room > 0) {
		rc = monitor_claim_domains(m, room, &n, e);
		/* One that is only busy must not be greedy: it would take
		 * all that becomes due from under the other's hands. */
		*full |= n == room && m->is_behind;
	}
	return rc;
}

static void
say_statistics(struct monitor *m)
{
	log_say(m->line.env->log, LOG_STATISTICS, log_int("rounds", m->rounds),
	    log_int("host-looks", m->host_looks),
	    log_int("in-vain", m->in_vain),
	    log_int("under-way", (int64_t)m->n_jobs));
	m->rounds = m->host_looks = m->in_vain = 0;
}

/* Of several monitors the one that asks takes all that has become due since
 * another one did. At chance moments they share evenly; at regular ones, by how
 * their clocks happen to stand. */
static struct mono_time
next_poll(const struct monitor *m, struct mono_time now, bool full)
{
	return mono_after_ms(now,
	    full ? FULL_MS : POLL_MS / 2 + monitor_random(m) % (POLL_MS + 1));
}

/* A clock that was put back leaves all that was planned before as far ahead as
 * it went back. So may one that ran here before us. */
static void
note_clock(struct monitor *m)
{
	int64_t ahead = monitor_now(m).s - mono_now(m).ns / 1000000000;

	if (ahead < m->pace.ahead_s - CLOCK_STEP_S) {
		log_say(m->line.env->log, LOG_CLOCK_BACK,
		    log_int("seconds", m->pace.ahead_s - ahead));
		m->pace.must_hurry = true;
	}
	m->pace.ahead_s = ahead;
}

/* Half as long again as the longest interval: that is more than any jitter. */
static enum err
hurry(struct monitor *m, struct error *e)
{
	const struct cadence *c = &m->line.env->config->cadence;
	int64_t longest = c->host_every_s;
	struct wall_time now = monitor_now(m);
	enum err rc;

	if (!m->pace.must_hurry)
		return ERR_OK;
	for (enum look k = 0; k < LOOKS; k++)
		if (c->every_s[k] > longest)
			longest = c->every_s[k];
	if (c->backoff_max_s > longest)
		longest = c->backoff_max_s;
	rc = work_hurry(m->line.store, now,
	    (struct wall_time){ now.s + longest * 3 / 2 + 1 }, e);
	m->pace.must_hurry = rc != ERR_OK;
	return rc;
}

/* What has its time, apart from jobs that end. */
static enum err
keep_pace(struct monitor *m, bool stopping, struct error *e)
{
	struct pace *p = &m->pace;
	struct mono_time now = mono_now(m);
	bool full = false;
	enum err rc = ERR_OK;

	if (mono_ms_until(now, p->beat) <= 0) {
		p->beat = mono_after_ms(
		    now, (int64_t)m->line.env->config->lease_s * 1000 / BEATS);
		rc = beat(m, e);
	}
	note_clock(m);
	if (rc == ERR_OK)
		rc = hurry(m, e);
	if (rc == ERR_OK)
		rc = monitor_tell_offline(m, e);
	if (rc == ERR_OK && !stopping && mono_ms_until(now, p->poll) <= 0 &&
	    m->n_jobs < m->line.env->config->looks) {
		rc = monitor_claim(m, &full, e);
		p->poll = next_poll(m, now, full);
		if (rc == ERR_OK)
			line_worked(&m->line);
	}
	if (mono_ms_until(now, p->statistics) <= 0) {
		p->statistics = mono_after_ms(now, STATISTICS_S * 1000);
		say_statistics(m);
	}
	return rc;
}

static enum err
settle(struct job *j, struct error *e)
{
	if (j->err != ERR_OK)
		return error_plain(e, j->err);
	switch (j->kind) {
	case JOB_DOMAIN:
		return monitor_settle_domain(j, e);
	case JOB_HOST:
		break;
	}
	return monitor_settle_host(j, e);
}

void
monitor_say_damaged(
    const struct monitor *m, struct span name, const struct error *e)
{
	log_say(m->line.env->log, LOG_DAMAGED, log_text("name", name),
	    log_error(e));
}

enum err
monitor_pass_over(
    struct monitor *m, struct span name, enum err rc, const struct error *e)
{
	if (rc == ERR_OK || store_has_failed(rc))
		return rc;
	log_say(m->line.env->log, LOG_ROUND_FAILED, log_text("name", name),
	    log_error(e));
	return ERR_OK;
}

static struct span
job_name(const struct job *j)
{
	return j->kind == JOB_DOMAIN ? j->domain.claim.name
				     : j->host.claim.name;
}

enum err
monitor_finish(struct job *j, struct error *e)
{
	struct monitor *m = j->m;
	enum err rc = m->line.store == NULL ? ERR_OK : settle(j, e);

	rc = monitor_pass_over(m, job_name(j), rc, e);
	job_free(j);
	return rc;
}

void
monitor_turn(struct monitor *m, bool stopping)
{
	struct letter *l;
	struct error e;
	enum err rc = ERR_OK;
	struct mono_time until = mono_after_ms(mono_now(m), WAIT_MS);
	unsigned settled = 0;

	monitor_note_offline(m);
	if (line_is_up(&m->line))
		rc = keep_pace(m, stopping, &e);
	if (m->line.store != NULL && !stopping &&
	    m->n_jobs < m->line.env->config->looks)
		until = mono_earlier(until, m->pace.poll);
	while (rc == ERR_OK && settled++ < SETTLED_AT_A_TIME &&
	       (l = inbox_take(&m->done, m->line.env->clock, until)) != NULL) {
		rc = monitor_finish(l->tag, &e);
		until = mono_now(m); /* whatever else is there already */
	}
	if (rc != ERR_OK)
		store_failed(m, &e);
}

void
monitor_drain(struct monitor *m)
{
	struct mono_time end = mono_after_ms(
	    mono_now(m), (int64_t)m->line.env->config->drain_s * 1000);

	while (m->n_jobs > 0 && mono_ms_until(mono_now(m), end) > 0)
		monitor_turn(m, true);
	say_statistics(m);
	line_leave(&m->line, m->worker);
	if (m->n_jobs > 0)
		log_say(m->line.env->log, LOG_GIVEN_BACK,
		    log_int("jobs", (int64_t)m->n_jobs));
}

/* ---- beginning and end ---- */

static enum err
set_up_collector(struct monitor *m, struct error *e)
{
	const struct config *c = m->line.env->config;
	struct collect_options o;

	collect_options_init(&o);
	o.clock = m->line.env->clock;
	o.randomness = m->line.env->randomness;
	o.allow_net = c->allow_net.all;
	o.n_allow_net = c->allow_net.n;
	o.resolvers = c->resolvers.items;
	o.n_resolvers = c->resolvers.n;
	o.trust_anchor = c->trust_anchor;
	o.ca_file = c->ca_file;
	o.ehlo_name = c->ehlo_name;
	o.user_agent = c->user_agent;
	o.workers = (unsigned)c->talks;
	return collector_new(&o, &m->collector, e);
}

enum err
monitor_begin(struct monitor *m, struct error *e)
{
	enum err rc = inbox_init(&m->done);

	if (gethostname(m->machine, sizeof m->machine - 1) != 0)
		m->machine[0] = '?';
	m->offline_told = true;
	m->has_inbox = rc == ERR_OK;
	if (rc == ERR_OK)
		rc = pool_new(
		    (unsigned)m->line.env->config->looks, STACK, &m->lookers);
	if (rc == ERR_OK)
		rc = host_cache_new(&m->hosts);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	m->pace = (struct pace){ .beat = mono_after_ms(mono_now(m),
				     (int64_t)m->line.env->config->lease_s *
					 1000 / BEATS),
		.statistics = mono_after_ms(mono_now(m), STATISTICS_S * 1000),
		.ahead_s = INT64_MIN / 2,
		.must_hurry = true };
	rc = store_open(m->line.env->config->store, STORE_USE, monitor_now(m),
	    &m->line.store, e);
	return rc == ERR_OK ? line_beat(&m->line, "monitor", &m->worker, e)
			    : rc;
}

void
monitor_release(struct monitor *m)
{
	pool_free(m->lookers);
	while (m->jobs != NULL)
		job_free(m->jobs);
	collector_free(m->collector);
	host_cache_free(m->hosts);
	line_close(&m->line);
	if (m->has_inbox)
		inbox_release(&m->done);
}

int
role_monitor(const struct role_env *env)
{
	struct monitor m = { .line = {
				 .env = env, .last_wait_ms = RETRY_MAX_MS } };
	struct error e;
	enum err rc = set_up_collector(&m, &e);

	if (rc == ERR_OK)
		rc = monitor_begin(&m, &e);
	if (rc != ERR_OK) {
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
		monitor_release(&m);
		return err_exit_status(rc);
	}
	if (!collector_validates(m.collector))
		log_say(env->log, LOG_NO_DNSSEC,
		    log_text("resolver", SPAN("strips DNSSEC")));
	while (!stop_is_pulled(env->stop))
		monitor_turn(&m, false);
	monitor_drain(&m);
	if (m.n_jobs > 0)
		_exit(0); /* with the threads where they are */
	monitor_release(&m);
	return 0;
}
