/* The monitor role: takes what is due, has it looked at, and settles it. */
#include "roles/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "core/settings.h"

enum {
	STACK = 512 * 1024, /* of a looker: libraries' frames with room */
	POLL_MS = 500, /* how often one asks for what is due, on average */
	FULL_MS = 20, /* and after as much as was asked for */
	TURN_MS = 1000, /* a turn in which nothing happens */
	WAIT_MS = 200, /* at a time, before one looks whether to stop */
	RETRY_MIN_MS = 1000, /* a store that is out of reach */
	RETRY_MAX_MS = 30 * 1000,
	SETTLED_AT_A_TIME = 64, /* before one looks at the clock again */
	BEATS = 4, /* heartbeats within a lease */
	STATISTICS_S = 300,
	WORKER_NAME = 256,
};

/* ---- jobs ---- */

struct job *
job_new(struct monitor *m, enum job_kind kind)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->m = m;
	j->kind = kind;
	j->worker = m->worker;
	j->letter.tag = j;
	arena_init(&j->arena, LIMIT_CHECK_MEMORY);
	j->next = m->jobs;
	j->at = &m->jobs;
	if (j->next != NULL)
		j->next->at = &j->next;
	m->jobs = j;
	m->n_jobs++;
	m->n_hosts += kind == JOB_HOST;
	return j;
}

void
job_free(struct job *j)
{
	*j->at = j->next;
	if (j->next != NULL)
		j->next->at = j->at;
	j->m->n_jobs--;
	j->m->n_hosts -= j->kind == JOB_HOST;
	arena_release(&j->arena);
	free(j);
}

static void
run_job(struct pool_job *pool_job)
{
	struct job *j = (struct job *)pool_job;

	switch (j->kind) {
	case JOB_DOMAIN:
		monitor_look_at_domain(j);
		break;
	case JOB_HOST:
		monitor_look_at_host(j);
		break;
	}
	inbox_put(&j->m->done, &j->letter);
}

/* It never ran; the list of jobs has it. */
static void
drop_job(struct pool_job *pool_job)
{
	(void)pool_job;
}

bool
job_send(struct job *j)
{
	j->pool_job.run = run_job;
	j->pool_job.drop = drop_job;
	return pool_submit(j->m->lookers, &j->pool_job) == ERR_OK;
}

/* ---- time and chance ---- */

struct wall_time
monitor_now(const struct monitor *m)
{
	return clock_wall(m->env->clock);
}

struct wall_time
monitor_lease_end(const struct monitor *m)
{
	return (struct wall_time){ monitor_now(m).s +
				   (int64_t)m->env->config->lease_s };
}

/* Jitter only: without randomness everything keeps its exact time. */
uint32_t
monitor_random(const struct monitor *m)
{
	uint32_t n = 0;

	if (!randomness_fill(m->env->randomness, &n, sizeof n))
		n = 0;
	return n;
}

static struct mono_time
mono_now(const struct monitor *m)
{
	return clock_mono(m->env->clock);
}

/* ---- the store ---- */

static enum err
join(struct monitor *m, struct error *e)
{
	char host[64] = "?", name[WORKER_NAME];
	enum err rc;

	(void)gethostname(host, sizeof host - 1);
	snprintf(name, sizeof name, "%s/%ld", host, (long)getpid());
	rc = work_join(m->store, span_str(name), SPAN("monitor"),
	    monitor_now(m), &m->worker, e);
	if (rc == ERR_OK)
		log_say(m->env->log, LOG_JOINED, log_int("worker", m->worker),
		    log_text("name", span_str(name)));
	return rc;
}

static enum err
open_store(struct monitor *m, struct error *e)
{
	enum err rc = store_open(
	    m->env->config->store, STORE_USE, monitor_now(m), &m->store, e);

	return rc == ERR_OK && m->worker == 0 ? join(m, e) : rc;
}

/* Logged once, here; the store is opened anew, which mends a connection that
 * broke. */
static void
store_failed(struct monitor *m, const struct error *e)
{
	log_say(m->env->log, LOG_STORE_FAILED, log_error(e));
	store_free(m->store);
	m->store = NULL;
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
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	for (const struct job *j = m->jobs; j != NULL; j = j->next)
		if (j->worker == m->worker) {
			if (j->kind == JOB_DOMAIN)
				domains[n_domains++] = j->domain.claim;
			else
				hosts[n_hosts++] = j->host.claim;
		}
	rc = work_extend(m->store, m->worker, domains, n_domains,
	    monitor_lease_end(m), &held, e);
	return rc == ERR_OK ? hosts_extend(m->store, m->worker, hosts, n_hosts,
				  monitor_lease_end(m), &held, e)
			    : rc;
}

static enum err
beat(struct monitor *m, struct error *e)
{
	struct arena a;
	bool found;
	enum err rc =
	    work_heartbeat(m->store, m->worker, monitor_now(m), &found, e);

	if (rc != ERR_OK)
		return rc;
	if (!found)
		return join(m, e);
	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = extend_jobs(m, &a, e);
	arena_release(&a);
	return rc;
}

/* ---- the loop ---- */

struct pace {
	struct mono_time poll, beat, statistics, retry;
	int64_t retry_ms;
};

/* Hosts may take half of the threads at most: they are slow to answer, and
 * domains shall not wait for them. *full: there may be more. */
static enum err
claim(struct monitor *m, bool *full, struct error *e)
{
	size_t all = (size_t)m->env->config->looks, n = 0;
	size_t hosts = all / 2 > m->n_hosts ? all / 2 - m->n_hosts : 0;
	size_t room = all - m->n_jobs;
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
		*full |= n == room;
	}
	return rc;
}

static void
say_statistics(struct monitor *m)
{
	log_say(m->env->log, LOG_STATISTICS, log_int("rounds", m->rounds),
	    log_int("host-looks", m->host_looks),
	    log_int("in-vain", m->in_vain),
	    log_int("under-way", (int64_t)m->n_jobs));
	m->rounds = m->host_looks = m->in_vain = 0;
}

static void
say_offline(struct monitor *m)
{
	bool offline = collector_is_offline(m->collector);

	if (offline != m->offline)
		log_say(m->env->log, offline ? LOG_OFFLINE : LOG_ONLINE,
		    log_int("under-way", (int64_t)m->n_jobs));
	m->offline = offline;
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

/* What has its time, apart from jobs that end. */
static enum err
keep_pace(struct monitor *m, struct pace *p, bool stopping, struct error *e)
{
	struct mono_time now = mono_now(m);
	bool full = false;
	enum err rc = ERR_OK;

	if (mono_ms_until(now, p->beat) <= 0) {
		p->beat = mono_after_ms(
		    now, (int64_t)m->env->config->lease_s * 1000 / BEATS);
		rc = beat(m, e);
	}
	if (rc == ERR_OK && !stopping && mono_ms_until(now, p->poll) <= 0 &&
	    m->n_jobs < m->env->config->looks) {
		rc = claim(m, &full, e);
		p->poll = next_poll(m, now, full);
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
		return error_set(e, j->err, "%s", err_text(j->err));
	switch (j->kind) {
	case JOB_DOMAIN:
		return monitor_settle_domain(j, e);
	case JOB_HOST:
		break;
	}
	return monitor_settle_host(j, e);
}

static struct span
job_name(const struct job *j)
{
	return j->kind == JOB_DOMAIN ? j->domain.claim.name
				     : j->host.claim.name;
}

static bool
is_of_store(enum err rc)
{
	return rc == ERR_STORE || rc == ERR_STORE_BUSY ||
	       rc == ERR_STORE_FULL || rc == ERR_UNCERTAIN;
}

/* A job that fails by itself must not stop the others: it is logged, and comes
 * again when its lease ends. */
static enum err
finish_job(struct monitor *m, struct job *j, struct error *e)
{
	enum err rc = m->store == NULL ? ERR_OK : settle(j, e);

	if (rc != ERR_OK && !is_of_store(rc)) {
		log_say(m->env->log, LOG_ROUND_FAILED,
		    log_text("name", job_name(j)), log_error(e));
		rc = ERR_OK;
	}
	job_free(j);
	return rc;
}

/* The store, if it is time to try, is there again. */
static bool
reach_store(struct monitor *m, struct pace *p)
{
	struct error e;

	if (m->store != NULL)
		return true;
	if (mono_ms_until(mono_now(m), p->retry) > 0)
		return false;
	if (open_store(m, &e) == ERR_OK) {
		p->retry_ms = RETRY_MIN_MS;
		return true;
	}
	store_failed(m, &e);
	p->retry = mono_after_ms(mono_now(m), p->retry_ms);
	p->retry_ms =
	    p->retry_ms * 2 < RETRY_MAX_MS ? p->retry_ms * 2 : RETRY_MAX_MS;
	return false;
}

/* One turn: keep the pace, then wait for a job to end and settle it. */
static void
turn(struct monitor *m, struct pace *p, bool stopping)
{
	struct letter *l;
	struct error e;
	enum err rc = ERR_OK;
	struct mono_time until = mono_after_ms(mono_now(m), WAIT_MS);
	unsigned settled = 0;

	say_offline(m);
	if (reach_store(m, p))
		rc = keep_pace(m, p, stopping, &e);
	if (rc == ERR_OK && m->n_jobs < m->env->config->looks && !stopping)
		until = mono_earlier(until, p->poll);
	while (rc == ERR_OK && settled++ < SETTLED_AT_A_TIME &&
	       (l = inbox_take(&m->done, m->env->clock, until)) != NULL) {
		rc = finish_job(m, l->tag, &e);
		until = mono_now(m); /* whatever else is there already */
	}
	if (rc != ERR_OK)
		store_failed(m, &e);
}

/* What is under way may end; what has not ended by then is given back, and
 * the process ends with its threads where they are. */
static void
drain(struct monitor *m, struct pace *p)
{
	struct mono_time end =
	    mono_after_ms(mono_now(m), (int64_t)m->env->config->drain_s * 1000);
	struct error e;

	while (m->n_jobs > 0 && mono_ms_until(mono_now(m), end) > 0)
		turn(m, p, true);
	if (m->store != NULL && work_leave(m->store, m->worker, &e) != ERR_OK)
		store_failed(m, &e);
	store_free(m->store);
	m->store = NULL;
	if (m->n_jobs == 0)
		return;
	log_say(
	    m->env->log, LOG_GIVEN_BACK, log_int("jobs", (int64_t)m->n_jobs));
	_exit(0);
}

/* ---- beginning and end ---- */

static enum err
set_up_collector(struct monitor *m, struct error *e)
{
	const struct config *c = m->env->config;
	struct collect_options o;

	collect_options_init(&o);
	o.clock = m->env->clock;
	o.randomness = m->env->randomness;
	o.allow_net = c->allow_net;
	o.n_allow_net = c->n_allow_net;
	o.resolvers = c->resolvers.items;
	o.n_resolvers = c->resolvers.n;
	o.trust_anchor = c->trust_anchor;
	o.ca_file = c->ca_file;
	o.ehlo_name = c->ehlo_name;
	o.user_agent = c->user_agent;
	o.workers = (unsigned)c->talks;
	return collector_new(&o, &m->collector, e);
}

static enum err
set_up(struct monitor *m, struct error *e)
{
	enum err rc = inbox_init(&m->done);

	if (rc != ERR_OK)
		return error_set(e, rc, "%s", err_text(rc));
	rc = pool_new((unsigned)m->env->config->looks, STACK, &m->lookers);
	if (rc == ERR_OK)
		rc = host_cache_new(&m->hosts);
	if (rc != ERR_OK)
		return error_set(e, rc, "%s", err_text(rc));
	rc = set_up_collector(m, e);
	return rc == ERR_OK ? open_store(m, e) : rc;
}

static void
tear_down(struct monitor *m)
{
	pool_free(m->lookers);
	while (m->jobs != NULL)
		job_free(m->jobs);
	collector_free(m->collector);
	host_cache_free(m->hosts);
	store_free(m->store);
	inbox_release(&m->done);
}

int
role_monitor(const struct role_env *env)
{
	struct monitor m = { .env = env };
	struct pace pace = { .retry_ms = RETRY_MIN_MS };
	struct error e;
	enum err rc = set_up(&m, &e);

	if (rc != ERR_OK) {
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
		tear_down(&m);
		return err_exit_status(rc);
	}
	if (!collector_validates(m.collector))
		log_say(env->log, LOG_NO_DNSSEC,
		    log_text("resolver", SPAN("strips DNSSEC")));
	pace.beat = mono_after_ms(
	    mono_now(&m), (int64_t)env->config->lease_s * 1000 / BEATS);
	pace.statistics = mono_after_ms(mono_now(&m), STATISTICS_S * 1000);
	while (!stop_is_pulled(env->stop))
		turn(&m, &pace, false);
	drain(&m, &pace);
	tear_down(&m);
	return 0;
}
