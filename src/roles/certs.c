/* The certs role: claims the certificates that are due, and has them seen to.
 */
#include "roles/certs.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/get.h"

enum {
	STACK =
	    512 * 1024, /* of an order's thread: libraries' frames with room */
	POLL_MS = 1000, /* how often one asks for what is due */
	WAIT_MS = 200, /* at a time, before one looks whether to stop */
	BEATS = 4, /* signs of life within a lease */
	CHORES_MS = 60 * 1000,
	DNS_MS = 10 * 1000, /* one question */
};

static struct mono_time
mono_now(const struct certs *c)
{
	return clock_mono(c->env->clock);
}

static struct wall_time
lease_end(const struct certs *c)
{
	return (struct wall_time){ clock_wall(c->env->clock).s +
				   (int64_t)c->env->config->lease_s };
}

/* ---- jobs ---- */

static struct certs_desk *
take_desk(struct certs *c)
{
	for (uint64_t i = 0; i < c->env->config->cert_orders; i++)
		if (!c->desks[i].is_taken) {
			c->desks[i].is_taken = true;
			return &c->desks[i];
		}
	return NULL;
}

static void
run_job(struct pool_job *pool_job)
{
	struct certs_job *j = (struct certs_job *)pool_job;

	certs_work(j);
	inbox_put(&j->c->done, &j->letter);
}

/* It never ran; the list of jobs has it. */
static void
drop_job(struct pool_job *pool_job)
{
	(void)pool_job;
}

static struct certs_job *
job_new(struct certs *c)
{
	struct certs_job *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->c = c;
	j->worker = c->worker;
	j->letter.tag = j;
	j->pool_job.run = run_job;
	j->pool_job.drop = drop_job;
	arena_init(&j->arena, LIMIT_ACME_MEMORY);
	j->next = c->jobs;
	j->at = &c->jobs;
	if (j->next != NULL)
		j->next->at = &j->next;
	c->jobs = j;
	c->n_jobs++;
	return j;
}

static void
job_free(struct certs_job *j)
{
	*j->at = j->next;
	if (j->next != NULL)
		j->next->at = j->at;
	j->c->n_jobs--;
	if (j->desk != NULL)
		j->desk->is_taken = false;
	arena_release(&j->arena);
	free(j);
}

/* Claimed one by one: each into the memory of its own job. *got: there was one.
 * One that cannot be sent comes again when its lease ends. */
static enum err
claim_one(struct certs *c, bool *got, struct error *e)
{
	struct certs_job *j = job_new(c);
	struct certificate_order *all;
	size_t n = 0;
	enum err rc;

	if (j == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = certificate_claim(c->line.store, c->worker,
	    clock_wall(c->env->clock), lease_end(c), 1, &j->arena, &all, &n, e);
	*got = rc == ERR_OK && n > 0;
	if (*got) {
		j->claim = all[0];
		j->desk = take_desk(c);
	}
	if (!*got || pool_submit(c->pool, &j->pool_job) != ERR_OK)
		job_free(j);
	return rc;
}

static enum err
claim(struct certs *c, struct error *e)
{
	bool got = true;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && got && c->n_jobs < c->env->config->cert_orders)
		rc = claim_one(c, &got, e);
	/* What is left is taken as soon as there is room. */
	c->poll = got ? mono_now(c) : mono_after_ms(mono_now(c), POLL_MS);
	return rc;
}

/* "I am alive", and so is what I have claimed. */
static enum err
beat(struct certs *c, struct error *e)
{
	enum err rc = line_beat(&c->line, "certs", &c->worker, e);

	for (struct certs_job *j = c->jobs; rc == ERR_OK && j != NULL;
	     j = j->next) {
		bool held;

		if (j->worker == c->worker && !atomic_load(&j->is_over))
			rc = certificate_extend(c->line.store, c->worker,
			    &j->claim, lease_end(c), &held, e);
	}
	return rc;
}

/* ---- the loop ---- */

static bool
is_time(const struct certs *c, struct mono_time t)
{
	return mono_ms_until(mono_now(c), t) <= 0;
}

static enum err
keep_pace(struct certs *c, bool stopping, struct error *e)
{
	enum err rc = ERR_OK;

	if (c->worker == 0 || is_time(c, c->beat)) {
		c->beat = mono_after_ms(mono_now(c),
		    (int64_t)c->env->config->lease_s * 1000 / BEATS);
		rc = beat(c, e);
	}
	if (rc == ERR_OK && is_time(c, c->chores_at)) {
		c->chores_at = mono_after_ms(mono_now(c), CHORES_MS);
		rc = certs_do_chores(&c->chores, c->line.store, e);
	}
	if (rc == ERR_OK && !stopping && is_time(c, c->poll) &&
	    c->n_jobs < c->env->config->cert_orders)
		rc = claim(c, e);
	return rc;
}

void
certs_turn(struct certs *c, bool stopping)
{
	struct mono_time until = mono_after_ms(mono_now(c), WAIT_MS);
	struct letter *l;
	struct error e;

	if (line_is_up(&c->line)) {
		if (keep_pace(c, stopping, &e) == ERR_OK)
			line_worked(&c->line);
		else
			line_failed(&c->line, &e);
	}
	while ((l = inbox_take(&c->done, c->env->clock, until)) != NULL) {
		job_free(l->tag);
		until = mono_now(c); /* whatever else is there already */
	}
}

void
certs_drain(struct certs *c)
{
	int64_t ms = (int64_t)c->env->config->drain_s * 1000;
	struct mono_time end = mono_after_ms(mono_now(c), ms);
	struct mono_time cut = mono_after_ms(mono_now(c), ms * 3 / 4);

	while (c->n_jobs > 0 && !is_time(c, end)) {
		certs_turn(c, true);
		if (is_time(c, cut) && !stop_is_pulled(&c->cut))
			stop_pull(&c->cut);
	}
	line_leave(&c->line, c->worker);
	if (c->n_jobs > 0)
		log_say(c->env->log, LOG_GIVEN_BACK,
		    log_int("jobs", (int64_t)c->n_jobs));
}

/* ---- beginning and end ---- */

static enum err
open_network(struct certs *c, struct error *e)
{
	const struct config *config = c->env->config;
	const struct resolver_options o = { .clock = c->env->clock,
		.servers = config->resolvers.items,
		.n_servers = config->resolvers.n,
		.trust_anchor = config->trust_anchor,
		.timeout_ms = DNS_MS };
	enum err rc = get_global_init();

	if (rc != ERR_OK)
		return error_plain(e, rc);
	rc = trust_store_new(config->acme_ca_file != NULL ? config->acme_ca_file
							  : config->ca_file,
	    &c->trust, e);
	return rc == ERR_OK ? resolver_new(&o, &c->resolver, e) : rc;
}

static enum err
open_desks(struct certs *c)
{
	uint64_t n = c->env->config->cert_orders;
	enum err rc = certs_vault_init(&c->vault);

	c->has_vault = rc == ERR_OK;
	if (rc == ERR_OK)
		rc = certs_rests_init(&c->rests);
	c->has_rests = c->has_vault && rc == ERR_OK;
	if (rc == ERR_OK)
		rc = inbox_init(&c->done);
	c->has_inbox = c->has_rests && rc == ERR_OK;
	if (rc == ERR_OK)
		rc = pool_new((unsigned)n, STACK, &c->pool);
	if (rc != ERR_OK)
		return rc;
	c->desks = calloc(n, sizeof *c->desks);
	for (uint64_t i = 0; c->desks != NULL && i < n; i++)
		c->desks[i].c = c;
	return c->desks != NULL ? ERR_OK : ERR_MEMORY;
}

enum err
certs_begin(struct certs *c, struct error *e)
{
	enum err rc;

	c->line.env = c->chores.env = c->env;
	c->cut.fd = -1;
	rc = open_network(c, e);
	if (rc != ERR_OK)
		return rc;
	rc = stop_init(&c->cut);
	if (rc == ERR_OK)
		rc = open_desks(c);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	c->poll = c->beat = c->chores_at = mono_now(c);
	return ERR_OK;
}

void
certs_release(struct certs *c)
{
	pool_free(c->pool);
	while (c->jobs != NULL)
		job_free(c->jobs);
	for (uint64_t i = 0;
	     c->desks != NULL && i < c->env->config->cert_orders; i++)
		certs_desk_close(&c->desks[i]);
	free(c->desks);
	secrets_free(c->chores.secrets);
	line_close(&c->line);
	if (c->has_inbox)
		inbox_release(&c->done);
	if (c->has_rests)
		certs_rests_release(&c->rests);
	if (c->has_vault)
		certs_vault_release(&c->vault);
	stop_release(&c->cut);
	resolver_free(c->resolver);
	trust_store_free(c->trust);
}

int
role_certs(const struct role_env *env)
{
	struct certs c = { .env = env };
	struct error e;
	enum err rc = certs_begin(&c, &e);

	if (rc != ERR_OK) {
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
		certs_release(&c);
		return err_exit_status(rc);
	}
	while (!stop_is_pulled(env->stop))
		certs_turn(&c, false);
	certs_drain(&c);
	if (c.n_jobs > 0)
		_exit(0); /* with the threads where they are */
	certs_release(&c);
	return 0;
}
