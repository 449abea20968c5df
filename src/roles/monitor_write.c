/* What a round of a domain comes to, written in one transaction. */
#include "roles/monitor_settle.h"
#include "store/domains.h"
#include "store/findings.h"
#include "store/history.h"
#include "store/incidents.h"
#include "store/ledgers.h"
#include "store/observations.h"
#include "store/outbox.h"

/* The columns of the portfolio. Of next_check the slug, where there is one. */
static struct domain_summary
summarize(const struct settlement *v)
{
	const struct judged *j = &v->round.judged;
	const struct overview *o = &v->overview;

	return (struct domain_summary){
		.deployment = span_str(deployment_names[j->deployment]),
		.eligibility = span_str(eligibility_names[j->eligibility]),
		.verdict = span_str(verdict_names[j->verdict]),
		.mode = span_str(
		    j->policy == THING_OK ? sts_mode_names[j->sts.mode] : ""),
		.stakes = span_str(stakes_names[j->stakes]),
		.max_age = j->policy == THING_OK ? (int64_t)j->sts.max_age : -1,
		.record = span_str(thing_names[j->record]),
		.policy = span_str(thing_names[j->policy]),
		.tlsrpt = span_str(thing_names[j->tlsrpt]),
		.provider = o->provider,
		.next_step = span_str(next_steps[o->next].name),
		.next_check = span_str(
		    o->next_check < CHECKS ? checks[o->next_check].slug : ""),
		.addresses = o->addresses,
		.good_addresses = o->good_addresses,
		.mx = o->mx,
		.covered_mx = o->covered_mx,
		.mode_since = o->mode_since,
		.cached_until = o->cached_until,
		.policy_cert_until = o->policy_cert_until,
		.mx_cert_until = o->mx_cert_until,
	};
}

static enum err
write_state(struct store *s, struct settlement *v, struct error *e)
{
	struct domain_job *d = &v->j->domain;
	struct domain_summary summary = summarize(v);
	int64_t id = d->claim.domain;
	enum err rc = ledger_save(s, id, &d->ledger_before, &d->ledger, e);

	if (rc == ERR_OK)
		rc = findings_save(
		    s, id, &d->sightings, &v->round.sightings.after, e);
	if (rc == ERR_OK && v->json.n > 0)
		rc = observation_put(s, id, v->json, v->seen.checked_at, e);
	if (rc == ERR_OK)
		rc = domains_set_summary(s, id, &summary, e);
	if (rc == ERR_OK && (v->round.looks & 1U << LOOK_RECORDS) &&
	    dns_is_known(&v->seen.mx))
		rc = hosts_use(s, id, v->hosts, v->n_hosts, v->round.now, e);
	return rc;
}

static enum err
tell(struct store *s, struct settlement *v, const char *kind,
    enum news_kind news, enum severity severity, struct span text,
    struct wall_time since, struct error *e)
{
	const struct work_claim *c = &v->j->domain.claim;
	const struct news n = {
		.key = arena_printf(&v->j->arena, "domain/%lld/%s/%lld",
		    (long long)c->domain, kind, (long long)since.s),
		.kind = news,
		.severity = severity,
		.domain = c->domain,
		.text = text,
		.tell_at = v->tell_at,
	};

	return outbox_put(s, &n, v->round.now, e);
}

/* Of other MX hosts of a published domain its owner hears when they are
 * believed, and what becomes of the policy. */
static bool
is_told_here(const struct settlement *v, const struct happening *h)
{
	return h->tell &&
	       !(v->is_published && strcmp(h->kind, "mx-changed") == 0);
}

static enum err
write_chronicle(struct store *s, struct settlement *v, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < v->chronicle.n; i++) {
		const struct happening *h = &v->chronicle.all[i];

		rc = history_add(s, v->j->domain.claim.domain, v->round.seen.at,
		    span_str(h->kind), h->text, e);
		if (rc == ERR_OK && is_told_here(v, h))
			rc = tell(s, v, h->kind, NEWS_CHANGED, h->severity,
			    h->text, v->round.seen.at, e);
	}
	return rc;
}

/* What may be done now: told once for each stretch of a mode. Of what we
 * publish the publish role tells. */
static enum err
write_advice(struct store *s, struct settlement *v, struct error *e)
{
	static const enum check_id advice[] = { CHECK_REMOVAL_DONE,
		CHECK_MODE_TESTING_STALE };
	const struct judged *j = &v->round.judged;
	enum err rc = ERR_OK;

	if (v->is_published && v->published.state.stage >= PUBLICATION_LIVE)
		return ERR_OK;
	for (size_t i = 0; rc == ERR_OK && i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];

		for (size_t k = 0; k < sizeof advice / sizeof advice[0]; k++)
			if (f->check == advice[k] && f->result == RESULT_FAIL &&
			    rc == ERR_OK)
				rc = tell(s, v, checks[f->check].slug,
				    NEWS_ADVICE, SEVERITY_INFO, f->message,
				    v->round.ledger->mode_since, e);
	}
	return rc;
}

static enum err
raise_cause(struct store *s, struct settlement *v, const struct cause *c,
    struct error *e)
{
	const struct incident_fault fault = {
		.cause = c->name,
		.check = span_str(checks[c->sighting->check].slug),
		.subject = c->sighting->subject,
		.severity = c->severity,
		.message = c->sighting->message,
		.remedy = c->sighting->remedy,
		.horizon = v->horizon,
	};
	enum incident_event event;

	return incident_raise(s, v->j->domain.claim.domain, &fault,
	    v->round.now, v->tell_at, &event, e);
}

/* In the order of the causes' names, so that two who settle domains of the same
 * causes do not wait for each other crosswise. */
static enum err
write_incidents(struct store *s, struct settlement *v, struct error *e)
{
	struct causes_walk w = { .before = &v->before, .after = &v->after };
	const struct cause *before, *after;
	enum incident_event event;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && causes_next(&w, &before, &after))
		if (after == NULL)
			rc = incident_clear(s, v->j->domain.claim.domain,
			    before->name, v->horizon, v->round.now, &event, e);
		else if (before == NULL || before->severity != after->severity)
			rc = raise_cause(s, v, after, e);
	return rc;
}

static enum err
write_all(struct store *s, void *arg, struct error *e)
{
	struct settlement *v = arg;
	enum err rc = work_finish(s, v->j->worker, &v->j->domain.claim,
	    &v->schedule, v->round.now, &v->held, e);

	if (rc != ERR_OK || !v->held)
		return rc;
	if ((rc = write_state(s, v, e)) != ERR_OK ||
	    (rc = monitor_leave_sight(s, v, e)) != ERR_OK ||
	    (rc = write_chronicle(s, v, e)) != ERR_OK ||
	    (rc = write_advice(s, v, e)) != ERR_OK)
		return rc;
	return write_incidents(s, v, e);
}

enum err
monitor_write(struct settlement *v, struct error *e)
{
	return store_transact(v->j->m->line.store, write_all, v, e);
}
