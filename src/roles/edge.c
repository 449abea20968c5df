/* The edge role: serves what is published, and says up to where. */
#include <poll.h>

#include "roles/edge.h"
#include "roles/line.h"

enum {
	POLL_MS = 250, /* how often one asks what has changed */
	FIRST_WAIT_MS = 500, /* for a store that is out of reach */
	LAST_WAIT_MS = 5 * 1000,
	BEATS = 4, /* within a lease */
	THREADS = 2, /* that serve */
};

struct edge {
	const struct role_env *env;
	struct line line;
	int64_t worker;
	struct edge_pulse pulse;
	struct edge_follower follower;
	uint64_t told; /* "served up to": at the last beat */
	struct mono_time beat; /* when the next one is due */
	struct edge_dns dns;
	struct edge_http http;
	struct edge_threads threads;
};

static struct mono_time
mono_now(const struct edge *x)
{
	return clock_mono(x->env->clock);
}

static struct wall_time
wall_now(const struct edge *x)
{
	return clock_wall(x->env->clock);
}

/* ---- the store ---- */

static enum err
say_served(struct edge *x, struct error *e)
{
	enum err rc = line_beat(&x->line, "edge", &x->worker, e);

	if (rc == ERR_OK)
		rc = edge_beat(
		    x->line.store, x->worker, x->told, wall_now(x), e);
	if (rc == ERR_OK)
		x->beat = mono_after_ms(mono_now(x),
		    (int64_t)x->env->config->edge_lease_s * 1000 / BEATS);
	return rc;
}

/* ---- the loop ---- */

static void
say_serving(struct edge *x)
{
	log_say(x->env->log, LOG_SERVING, log_int("worker", x->worker),
	    log_int("number", (int64_t)x->follower.number));
}

/* Until all is followed; in between the lease is kept. */
static enum err
keep_up(struct edge *x, struct error *e)
{
	bool more = true, was_loaded = x->follower.is_loaded;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && more) {
		bool is_news;

		x->follower.store = x->line.store;
		rc = edge_follow(&x->follower, &more, e);
		if (rc != ERR_OK)
			return rc;
		edge_pulse_beat(&x->pulse);
		is_news = x->follower.number > x->told;
		if (is_news)
			x->told = x->follower.number;
		if (is_news || mono_ms_until(mono_now(x), x->beat) <= 0)
			rc = say_served(x, e);
	}
	if (!was_loaded && x->follower.is_loaded)
		say_serving(x);
	return rc;
}

/* What is known is of another history: only a process that knows nothing can
 * serve this one. Until then nothing is said of what is served here. */
static void
begin_anew(struct edge *x, const struct error *e)
{
	log_say(x->env->log, LOG_STORE_WENT_BACK, log_error(e));
	atomic_store(&x->threads.status, err_exit_status(ERR_STORE));
	stop_pull(x->env->stop);
}

static void
turn(struct edge *x)
{
	struct error e;

	if (x->follower.is_astray || !line_is_up(&x->line))
		return;
	if (keep_up(x, &e) == ERR_OK)
		line_worked(&x->line);
	else if (x->follower.is_astray)
		begin_anew(x, &e);
	else
		line_failed(&x->line, &e);
}

/* Until both have ended: what they still serve has to be true to the last. */
static void
run(struct edge *x)
{
	while (atomic_load(&x->threads.running) > 0) {
		struct pollfd p = { .fd = x->threads.ended.fd,
			.events = POLLIN };

		turn(x);
		(void)poll(
		    &p, atomic_load(&x->threads.running) == THREADS, POLL_MS);
	}
}

void
edge_thread_ends(struct edge_threads *t, const struct role_env *env,
    enum err rc, const struct error *e)
{
	if (rc != ERR_OK) {
		log_say(env->log, LOG_SERVER_FAILED, log_error(e));
		atomic_store(&t->status, err_exit_status(rc));
		stop_pull(env->stop);
	}
	atomic_fetch_sub(&t->running, 1);
	stop_pull(&t->ended);
}

/* ---- beginning and end ---- */

/* Nothing is served yet, so nothing that is older than the last number. */
static enum err
begin_following(struct edge *x, struct error *e)
{
	enum err rc = store_open(
	    x->env->config->store, STORE_USE, wall_now(x), &x->line.store, e);

	if (rc == ERR_OK)
		rc = served_last(x->line.store, &x->told, e);
	if (rc == ERR_OK)
		rc = say_served(x, e);
	edge_pulse_beat(&x->pulse);
	dns_zone_set_serial(x->dns.zone, edge_serial(x->told));
	return rc;
}

static enum err
begin(struct edge *x, struct error *e)
{
	enum err rc = stop_init(&x->threads.ended);

	if (rc != ERR_OK)
		return error_set(e, rc, "cannot make an eventfd");
	rc = edge_dns_init(&x->dns, x->env, &x->pulse, e);
	if (rc == ERR_OK)
		rc = edge_http_init(&x->http, x->env, &x->pulse, e);
	if (rc != ERR_OK)
		return rc;
	x->follower = (struct edge_follower){
		.zone = x->dns.zone, .forget = edge_http_forget, .arg = &x->http
	};
	rc = begin_following(x, e);
	if (rc == ERR_OK)
		rc = edge_http_start(&x->http, &x->threads, e);
	if (rc == ERR_OK)
		rc = edge_dns_start(&x->dns, &x->threads, e);
	return rc;
}

static void
end(struct edge *x)
{
	edge_http_release(&x->http);
	edge_dns_release(&x->dns);
	line_leave(&x->line, x->worker);
	stop_release(&x->threads.ended);
}

int
role_edge(const struct role_env *env)
{
	struct edge x = { .env = env,
		.line = { .env = env,
		    .first_wait_ms = FIRST_WAIT_MS,
		    .last_wait_ms = LAST_WAIT_MS },
		.pulse = { .clock = env->clock },
		.threads.ended.fd = -1 };
	struct error e;
	enum err rc = begin(&x, &e);
	int status;

	if (rc == ERR_OK) {
		run(&x);
	} else {
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
		stop_pull(env->stop);
	}
	end(&x);
	status = atomic_load(&x.threads.status);
	return rc != ERR_OK ? err_exit_status(rc) : status;
}
