/* One look at a mail host: loaded, looked at, weighed, settled. */
#include "base/limits.h"
#include "core/host_truth.h"
#include "out/evidence_same.h"
#include "out/evidence_text.h"
#include "roles/monitor.h"

/* A host with many addresses, each silent for as long as is waited for, one
 * after the other. The lease is extended meanwhile. */
enum { DEADLINE_MS = 240 * 1000 };

static enum err
load(struct job *j, const struct host_claim *claim, struct error *e)
{
	struct host_job *h = &j->host;
	struct wall_time at;
	bool found;
	enum err rc;

	h->claim = *claim;
	h->claim.name = arena_span(&j->arena, claim->name);
	rc = hosts_get(j->m->line.store, h->claim.name, &j->arena,
	    &h->truth_json, &at, &found, e);
	if (rc == ERR_DATA)
		monitor_say_damaged(j->m, h->claim.name, e);
	if (rc == ERR_DATA || !found)
		h->truth_json = SPAN("");
	return rc == ERR_DATA ? ERR_OK : rc;
}

static enum err
begin(struct monitor *m, const struct host_claim *claim, struct error *e)
{
	struct job *j = job_new(m, JOB_HOST);
	enum err rc;

	if (j == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = load(j, claim, e);
	if (rc == ERR_OK && !job_send(j))
		rc = error_set(e, ERR_SYSTEM, "no thread can be had");
	if (rc != ERR_OK)
		job_free(j);
	return rc;
}

enum err
monitor_claim_hosts(struct monitor *m, size_t max, size_t *n, struct error *e)
{
	struct host_claim *claims;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = hosts_claim(m->line.store, m->worker, monitor_now(m),
	    monitor_lease_end(m), max, &a, &claims, n, e);
	for (size_t i = 0; rc == ERR_OK && i < *n; i++)
		rc = monitor_pass_over(
		    m, claims[i].name, begin(m, &claims[i], e), e);
	arena_release(&a);
	return rc;
}

/* What cannot be read is not held true. */
static enum err
read_truth(struct job *j)
{
	struct host_job *h = &j->host;
	struct error e;
	enum err rc;

	if (h->truth_json.n == 0)
		return ERR_OK;
	rc = host_seen_from_text(h->truth_json, &j->arena, &h->truth, &e);
	h->has_truth = rc == ERR_OK;
	if (rc != ERR_DATA)
		return rc;
	monitor_say_damaged(j->m, h->claim.name, &e);
	return ERR_OK;
}

void
monitor_look_at_host(struct job *j)
{
	struct host_job *h = &j->host;
	const struct clock *clock = j->m->line.env->clock;

	j->err = read_truth(j);
	if (j->err == ERR_OK)
		j->err = collect_host(j->m->collector, h->claim.name,
		    mono_after_ms(clock_mono(clock), DEADLINE_MS), &j->arena,
		    &h->seen);
}

static enum err
weigh(struct job *j, struct host_seen *filled, struct host_answer *out,
    struct error *e)
{
	struct host_job *h = &j->host;
	const struct host_seen *truth = h->has_truth ? &h->truth : NULL;
	struct host_question q = {
		.seen = &h->seen,
		.truth = truth,
		.offline = job_was_offline(j),
		.doubts = h->claim.doubts,
		.failures = h->claim.failures,
		.now = monitor_now(j->m),
	};
	enum err rc = host_fill(&h->seen, truth, &j->arena, filled);

	collector_vantage(
	    j->m->collector, &q.dnssec, &q.smtp_works_here, &q.v6_works_here);
	q.seen_differs = truth == NULL || !host_seen_same(&h->seen, truth);
	q.filled_differs = truth == NULL || !host_seen_same(filled, truth);
	if (rc == ERR_OK)
		rc = host_weigh(&q, &j->arena, out);
	return error_plain(e, rc);
}

/* What is to be held true, as text; none: it stays as it is. */
static enum err
write_truth(struct job *j, enum host_belief belief,
    const struct host_seen *filled, struct span *out)
{
	switch (belief) {
	case HOST_AS_BEFORE:
		break;
	case HOST_AS_FILLED:
		return host_seen_to_text(filled, &j->arena, out);
	case HOST_AS_SEEN:
		return host_seen_to_text(&j->host.seen, &j->arena, out);
	}
	return ERR_OK;
}

enum err
monitor_settle_host(struct job *j, struct error *e)
{
	struct monitor *m = j->m;
	struct host_job *h = &j->host;
	struct cadence c = m->line.env->config->cadence;
	struct host_look look = {
		.at = monitor_now(m),
		.failures = h->claim.failures,
		.json = SPAN(""),
	};
	struct host_seen filled;
	struct host_answer answer;
	bool held;
	enum err rc = weigh(j, &filled, &answer, e);

	if (rc != ERR_OK)
		return rc;
	rc = write_truth(j, answer.belief, &filled, &look.json);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	look.doubts = answer.doubts;
	look.wake = look.json.n > 0;
	if (answer.ails)
		c = cadence_of_ailing(&c);
	look.due = schedule_after(&c, c.host_every_s, answer.outcome, look.at,
	    monitor_random(m), &look.failures);
	rc = hosts_finish(m->line.store, j->worker, &h->claim, &look, &held, e);
	if (rc != ERR_OK)
		return rc;
	if (!held)
		log_say(m->line.env->log, LOG_CLAIM_LOST,
		    log_text("name", h->claim.name));
	m->host_looks++;
	m->in_vain += answer.outcome == LOOK_FAILED;
	return ERR_OK;
}
