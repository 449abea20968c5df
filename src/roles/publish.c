/* The publish role: takes what is due, has it looked at, and settles it. */
#include "roles/publish.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/served.h"

enum {
	STACK = 512 * 1024, /* of a looker: libraries' frames with room */
	POLL_MS = 500, /* how often one asks for what is due */
	FULL_MS = 20, /* and after as much as was asked for */
	WAIT_MS = 200, /* at a time, before one looks whether to stop */
	BEAT_MS = 20 * 1000,
	STATISTICS_MS = 300 * 1000,
	SETTLED_AT_A_TIME = 64, /* before one looks at the clock again */
};

struct publish_job {
	struct pool_job pool_job; /* first: the pool's callback casts */
	struct letter letter;
	struct publisher *p;
	struct publish_case c;
	struct publish_job *next, **at; /* all under way */
};

static struct wall_time
wall_now(const struct publisher *p)
{
	return clock_wall(p->line.env->clock);
}

static struct mono_time
mono_now(const struct publisher *p)
{
	return clock_mono(p->line.env->clock);
}

static struct publish_desk
desk(const struct publisher *p)
{
	return (struct publish_desk){ p->line.env, p->line.store, p->worker };
}

/* ---- jobs ---- */

static struct publish_job *
job_new(struct publisher *p, const struct publication_claim *claim)
{
	struct publish_job *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->p = p;
	j->letter.tag = j;
	arena_init(&j->c.arena, LIMIT_CHECK_MEMORY);
	j->c.worker = p->worker;
	j->c.claim = *claim;
	j->c.claim.name = arena_span(&j->c.arena, claim->name);
	j->next = p->jobs;
	j->at = &p->jobs;
	if (j->next != NULL)
		j->next->at = &j->next;
	p->jobs = j;
	p->n_jobs++;
	return j;
}

static void
job_free(struct publish_job *j)
{
	*j->at = j->next;
	if (j->next != NULL)
		j->next->at = j->at;
	j->p->n_jobs--;
	arena_release(&j->c.arena);
	free(j);
}

static void
run_job(struct pool_job *pool_job)
{
	struct publish_job *j = (struct publish_job *)pool_job;

	publish_look(j->p->line.env, j->p->eyes, &j->c);
	inbox_put(&j->p->done, &j->letter);
}

/* It never ran; the list of jobs has it. */
static void
drop_job(struct pool_job *pool_job)
{
	(void)pool_job;
}

/* Of a failure: one of the store is everybody's, and comes back; any other is
 * that of one domain, whose lease runs out. */
static enum err
pass_over(
    struct publisher *p, struct span name, enum err rc, const struct error *e)
{
	if (rc == ERR_OK || store_has_failed(rc))
		return rc;
	log_say(p->line.env->log, LOG_ROUND_FAILED, log_text("name", name),
	    log_error(e));
	return ERR_OK;
}

/* ---- claim ---- */

static enum err
begin_job(
    struct publisher *p, const struct publication_claim *claim, struct error *e)
{
	struct publish_job *j = job_new(p, claim);
	struct publish_desk d = desk(p);
	bool found;
	enum err rc;

	if (j == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = publish_load(&d, &j->c, &found, e);
	if (rc == ERR_OK && found) {
		j->pool_job.run = run_job;
		j->pool_job.drop = drop_job;
		if (pool_submit(p->lookers, &j->pool_job) == ERR_OK)
			return ERR_OK;
		rc = error_set(e, ERR_SYSTEM, "no thread can be had");
	}
	job_free(j);
	return rc;
}

static enum err
claim(struct publisher *p, bool *full, struct error *e)
{
	size_t room = (size_t)p->line.env->config->publish_steps - p->n_jobs;
	struct wall_time now = wall_now(p);
	struct publication_claim *claims;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = publication_claim(p->line.store, p->worker, now,
	    (struct wall_time){ now.s + PUBLISH_LEASE_S }, room, &a, &claims,
	    &n, e);
	*full = rc == ERR_OK && n == room;
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = pass_over(
		    p, claims[i].name, begin_job(p, &claims[i], e), e);
	arena_release(&a);
	return rc;
}

/* ---- settle ---- */

static void
say_step(struct publisher *p, const struct publish_case *c,
    const struct publish_step *k)
{
	if (k->publication & 1U << PUBLICATION_SERVES)
		log_say(p->line.env->log, LOG_SERVES,
		    log_text("name", c->claim.name));
	if (k->publication & 1U << PUBLICATION_ANNOUNCES)
		p->announced++;
	/* Where it takes long the edges may be well, and the way to them not.
	 */
	if (c->prove && !c->proved)
		log_say(p->line.env->log, LOG_NOT_PROVED,
		    log_text("name", c->claim.name));
}

static enum err
finish_job(struct publish_job *j, struct error *e)
{
	struct publisher *p = j->p;
	struct publish_desk d = desk(p);
	struct publish_step step;
	bool held = false;
	enum err rc = ERR_OK;

	if (p->line.store != NULL && !j->c.cut) {
		rc = pass_over(p, j->c.claim.name,
		    publish_settle(&d, &j->c, &step, &held, e), e);
		p->steps += held;
		if (held)
			say_step(p, &j->c, &step);
	}
	job_free(j);
	return rc;
}

/* ---- the loop ---- */

/* Those who wait for the edges are due when an edge comes, goes, or has served
 * more than before. */
static enum err
watch_edges(struct publisher *p, struct error *e)
{
	int64_t lease_s = (int64_t)p->line.env->config->edge_lease_s;
	struct edges edges;
	enum err rc = edges_alive(p->line.store,
	    (struct wall_time){ wall_now(p).s - lease_s }, &edges, e);

	if (rc != ERR_OK ||
	    (edges.alive == p->edges_alive && edges.served == p->edges_served))
		return rc;
	rc = publication_wake_waiting(p->line.store, wall_now(p), e);
	if (rc == ERR_OK) {
		p->edges_alive = edges.alive;
		p->edges_served = edges.served;
	}
	return rc;
}

static void
say_statistics(struct publisher *p)
{
	log_say(p->line.env->log, LOG_PUBLISHING, log_int("steps", p->steps),
	    log_int("announced", p->announced),
	    log_int("edges", (int64_t)p->edges_alive),
	    log_int("under-way", (int64_t)p->n_jobs));
	p->steps = p->announced = 0;
}

/* What has its time, apart from looks that end. */
static enum err
keep_pace(struct publisher *p, struct error *e)
{
	struct mono_time now = mono_now(p);
	bool full = false;
	enum err rc = ERR_OK;

	if (mono_ms_until(now, p->beat) <= 0) {
		p->beat = mono_after_ms(now, BEAT_MS);
		rc = line_beat(&p->line, "publish", &p->worker, e);
	}
	if (rc == ERR_OK && mono_ms_until(now, p->poll) <= 0 &&
	    p->n_jobs < p->line.env->config->publish_steps) {
		rc = watch_edges(p, e);
		if (rc == ERR_OK)
			rc = claim(p, &full, e);
		p->poll = mono_after_ms(now, full ? FULL_MS : POLL_MS);
	}
	if (mono_ms_until(now, p->statistics) <= 0) {
		p->statistics = mono_after_ms(now, STATISTICS_MS);
		say_statistics(p);
	}
	return rc;
}

void
publish_turn(struct publisher *p)
{
	const struct clock *clock = p->line.env->clock;
	struct mono_time until = mono_after_ms(mono_now(p), WAIT_MS);
	struct letter *l;
	struct error e;
	enum err rc = ERR_OK;
	unsigned settled = 0;

	if (line_is_up(&p->line)) {
		rc = keep_pace(p, &e);
		if (p->n_jobs < p->line.env->config->publish_steps)
			until = mono_earlier(until, p->poll);
	}
	while (rc == ERR_OK && settled++ < SETTLED_AT_A_TIME &&
	       (l = inbox_take(&p->done, clock, until)) != NULL) {
		rc = finish_job(l->tag, &e);
		until = mono_now(p); /* whatever else is there already */
	}
	if (rc != ERR_OK)
		line_failed(&p->line, &e);
	else if (p->line.store != NULL)
		line_worked(&p->line);
}

/* ---- beginning and end ---- */

enum err
publish_begin(struct publisher *p, struct error *e)
{
	const struct role_env *env = p->line.env;
	enum err rc = inbox_init(&p->done);

	p->has_inbox = rc == ERR_OK;
	if (rc == ERR_OK)
		rc = pool_new(
		    (unsigned)env->config->publish_steps, STACK, &p->lookers);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	p->statistics = mono_after_ms(mono_now(p), STATISTICS_MS);
	rc = store_open(
	    env->config->store, STORE_USE, wall_now(p), &p->line.store, e);
	if (rc == ERR_OK)
		rc = service_zone_set(
		    p->line.store, span_str(env->config->service_zone), e);
	return rc == ERR_OK ? line_beat(&p->line, "publish", &p->worker, e)
			    : rc;
}

void
publish_end(struct publisher *p)
{
	/* Waits for the looks, which env's stop has cut off. */
	pool_free(p->lookers);
	while (p->jobs != NULL)
		job_free(p->jobs);
	if (p->line.store != NULL && p->worker != 0)
		say_statistics(p);
	line_leave(&p->line, p->worker);
	if (p->has_inbox)
		inbox_release(&p->done);
}

static enum err
set_up(struct publisher *p, struct error *e)
{
	static const struct publish_ports ports = { .https = 443, .dns = 53 };
	const struct role_env *env = p->line.env;
	enum err rc;

	if (env->config->service_zone == NULL)
		return error_set(e, ERR_USAGE,
		    "there is no service to publish at: see the key zone");
	rc = publish_eyes_new(env, &ports, &p->eyes, e);
	return rc == ERR_OK ? publish_begin(p, e) : rc;
}

int
role_publish(const struct role_env *env)
{
	struct publisher p = { .line.env = env };
	struct error e;
	enum err rc = set_up(&p, &e);

	if (rc != ERR_OK)
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
	while (rc == ERR_OK && !stop_is_pulled(env->stop))
		publish_turn(&p);
	stop_pull(env->stop);
	publish_end(&p);
	publish_eyes_free(p.eyes);
	return err_exit_status(rc);
}
