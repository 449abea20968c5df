/* The jobs of a monitor, and what time it is for them. */
#include <stdlib.h>

#include "base/limits.h"
#include "roles/monitor.h"

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
	j->sent_at = clock_mono(j->m->line.env->clock);
	return pool_submit(j->m->lookers, &j->pool_job) == ERR_OK;
}

bool
job_was_offline(const struct job *j)
{
	const struct monitor *m = j->m;

	return collector_is_offline(m->collector) ||
	       (m->was_offline &&
		   mono_ms_until(j->sent_at, m->offline_last) >= 0);
}

/* ---- time and chance ---- */

struct wall_time
monitor_now(const struct monitor *m)
{
	return clock_wall(m->line.env->clock);
}

struct wall_time
monitor_lease_end(const struct monitor *m)
{
	return (struct wall_time){ monitor_now(m).s +
				   (int64_t)m->line.env->config->lease_s };
}

/* Jitter only: without randomness everything keeps its exact time. */
uint32_t
monitor_random(const struct monitor *m)
{
	uint32_t n = 0;

	if (!randomness_fill(m->line.env->randomness, &n, sizeof n))
		n = 0;
	return n;
}
