/* One round of a domain: loaded, looked at, settled. What is written of it
 * stands in monitor_write.c. */
#include "base/limits.h"
#include "out/evidence_same.h"
#include "out/evidence_text.h"
#include "roles/monitor_settle.h"
#include "store/findings.h"
#include "store/ledgers.h"
#include "store/observations.h"

/* A look has to end before its lease would, were it not extended. */
enum {
	DEADLINE_MS = 75 * 1000,
	BEHIND_S = 2, /* what was wanted that long ago has waited for us */
};

/* ---- claim ---- */

static enum err
load_observation(struct job *j, struct error *e)
{
	struct domain_job *d = &j->domain;
	struct wall_time at;
	bool found;
	enum err rc = observation_get(j->m->line.store, d->claim.domain,
	    &j->arena, &d->before_json, &at, &found, e);

	if (rc == ERR_DATA)
		monitor_say_damaged(j->m, d->claim.name, e);
	if (rc == ERR_DATA || !found)
		d->before_json = SPAN("");
	return rc == ERR_DATA ? ERR_OK : rc;
}

static enum err
load(struct job *j, const struct work_claim *claim, struct error *e)
{
	struct domain_job *d = &j->domain;
	struct store *s = j->m->line.store;
	enum err rc;

	d->claim = *claim;
	d->claim.name = arena_span(&j->arena, claim->name);
	d->claim.settings = arena_span(&j->arena, claim->settings);
	rc = ledger_load(s, claim->domain, &j->arena, &d->ledger, e);
	if (rc == ERR_OK)
		rc = findings_load(
		    s, claim->domain, &j->arena, &d->sightings, e);
	if (rc == ERR_OK)
		rc = load_observation(j, e);
	if (rc != ERR_OK)
		return rc;
	if (ledger_snapshot(&d->ledger, &j->arena, &d->ledger_before) !=
		ERR_OK ||
	    j->arena.failed)
		return error_plain(e, ERR_MEMORY);
	settings_understand(d->claim.settings, &d->settings);
	return ERR_OK;
}

/* Where there is nothing to take the rest from, there is no rest. */
static unsigned
choose_looks(const struct domain_job *d, struct wall_time now)
{
	if (d->before_json.n == 0 || round_must_be_whole(&d->sightings))
		return LOOK_EVERYTHING;
	return schedule_due(&d->claim.schedule, now);
}

/* Woken while a finding waits for its second look: that comes soon, and sees
 * what woke us too. A look now would be no second one. */
static bool
can_wait(const struct domain_job *d, struct wall_time now)
{
	return d->claim.woken && schedule_next(&d->claim.schedule).s > now.s &&
	       round_must_be_whole(&d->sightings);
}

static enum err
put_off(struct job *j, struct error *e)
{
	bool held;

	return work_finish(j->m->line.store, j->worker, &j->domain.claim,
	    &j->domain.claim.schedule, monitor_now(j->m), &held, e);
}

/* Load one claim and send it off, or put it off. */
static enum err
begin(struct monitor *m, const struct work_claim *claim, struct error *e)
{
	struct job *j = job_new(m, JOB_DOMAIN);
	enum err rc;

	if (j == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = load(j, claim, e);
	if (rc == ERR_OK && can_wait(&j->domain, monitor_now(m))) {
		rc = put_off(j, e);
		job_free(j);
		return rc;
	}
	j->domain.wanted = choose_looks(&j->domain, monitor_now(m));
	if (rc == ERR_OK && !job_send(j))
		rc = error_set(e, ERR_SYSTEM, "no thread can be had");
	if (rc != ERR_OK)
		job_free(j);
	return rc;
}

enum err
monitor_claim_domains(struct monitor *m, size_t max, size_t *n, struct error *e)
{
	struct work_claim *claims;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = work_claim(m->line.store, m->worker, monitor_now(m),
	    monitor_lease_end(m), max, &a, &claims, n, e);
	m->is_behind = false;
	for (size_t i = 0; rc == ERR_OK && i < *n; i++) {
		m->is_behind |=
		    claims[i].wanted_at.s + BEHIND_S <= monitor_now(m).s;
		rc = monitor_pass_over(
		    m, claims[i].name, begin(m, &claims[i], e), e);
	}
	arena_release(&a);
	return rc;
}

/* ---- look ---- */

/* What cannot be read is looked at anew. */
static enum err
read_before(struct job *j)
{
	struct domain_job *d = &j->domain;
	struct error e;
	enum err rc;

	evidence_blank(&d->before);
	if (d->before_json.n == 0)
		return ERR_OK;
	rc = evidence_from_text(d->before_json, &j->arena, &d->before, &e);
	if (rc != ERR_DATA)
		return rc;
	monitor_say_damaged(j->m, d->claim.name, &e);
	evidence_blank(&d->before);
	d->wanted = LOOK_EVERYTHING;
	return ERR_OK;
}

void
monitor_look_at_domain(struct job *j)
{
	struct domain_job *d = &j->domain;
	const struct clock *clock = j->m->line.env->clock;
	struct look_plan plan = {
		.known_id = d->ledger.latest_id,
		.has_known_id = d->ledger.txt.sight == SIGHT_PRESENT,
	};

	j->err = read_before(j);
	plan.looks = d->wanted;
	/* Woken, and nothing is due: what changed is a mail host. */
	evidence_blank(&d->fresh);
	d->fresh.domain = d->claim.name;
	d->fresh.checked_at = clock_wall(clock);
	if (j->err == ERR_OK && d->wanted != 0)
		j->err = collect_parts(j->m->collector, d->claim.name, &plan,
		    mono_after_ms(clock_mono(clock), DEADLINE_MS), &j->arena,
		    &d->fresh, &d->looked);
}

/* ---- settle ---- */

/* A host stands in as many MX records as somebody likes; the null MX is none.
 */
static void
list_host(struct settlement *v, struct span name)
{
	if (name.n > 0 && !span_in(name, v->hosts, v->n_hosts))
		v->hosts[v->n_hosts++] = name;
}

/* The mail hosts by the records. RFC 5321 5.1: without any, the domain itself
 * is one, if it has an address. */
static enum err
list_hosts(struct settlement *v)
{
	const struct dns_answer *mx = &v->seen.mx;

	v->hosts = arena_array(&v->j->arena, mx->n_mx + 1, sizeof *v->hosts);
	if (v->hosts == NULL)
		return ERR_MEMORY;
	if (mx->result == DNS_NODATA)
		list_host(v, v->seen.domain);
	for (size_t i = 0; i < mx->n_mx && i < LIMIT_MX_HOSTS; i++)
		list_host(v, mx->mx[i].host);
	return ERR_OK;
}

/* What is held true of one of them. What cannot be read is forgotten, and the
 * host looked at anew. */
static enum err
load_host(struct settlement *v, struct span name, struct host_seen *out,
    bool *found, struct error *e)
{
	struct monitor *m = v->j->m;
	enum err rc = host_cache_get(
	    m->hosts, m->line.store, name, &v->j->arena, out, found, e);

	if (rc != ERR_DATA)
		return rc;
	*found = false;
	monitor_say_damaged(m, name, e);
	return hosts_lose(m->line.store, name, monitor_now(m), e);
}

static enum err
load_hosts(
    struct settlement *v, struct host_seen **out, size_t *n, struct error *e)
{
	enum err rc = list_hosts(v);
	bool found;

	*n = 0;
	*out = arena_array(&v->j->arena, v->n_hosts + 1, sizeof **out);
	if (rc != ERR_OK || *out == NULL)
		return error_plain(e, ERR_MEMORY);
	host_cache_begin(v->j->m->hosts);
	for (size_t i = 0; rc == ERR_OK && i < v->n_hosts; i++) {
		rc = load_host(v, v->hosts[i], &(*out)[*n], &found, e);
		*n += rc == ERR_OK && found;
	}
	return rc;
}

/* What is kept: the fresh parts, and the others as they were. Mail hosts are
 * kept by themselves, and what follows from all of it is found anew. */
static void
carry(struct settlement *v)
{
	const struct domain_job *d = &v->j->domain;

	v->seen = d->fresh;
	evidence_carry(&v->seen, &d->before, v->round.looks);
	v->seen.mx_hosts = NULL;
	v->seen.orgs = NULL;
	v->seen.n_mx_hosts = v->seen.n_orgs = 0;
	if (d->looked == 0) {
		v->seen.dnssec = d->before.dnssec;
		v->seen.smtp_works_here = d->before.smtp_works_here;
		v->seen.v6_works_here = d->before.v6_works_here;
	}
}

/* Parts that our own network kept us from seeing are as they were. */
static void
leave_out_failures(struct settlement *v)
{
	struct domain_job *d = &v->j->domain;
	unsigned talks = 1U << LOOK_POLICY | 1U << LOOK_AUTHORITY;
	unsigned failed = d->wanted & ~d->looked;

	if (job_was_offline(v->j))
		failed |= d->looked & talks;
	v->round.looks = d->looked & ~failed;
	v->round.failed = failed | round_unmeasured(&d->fresh, v->round.looks);
}

static enum err
put_together(struct settlement *v, struct error *e)
{
	struct domain_job *d = &v->j->domain;
	struct host_seen *hosts;
	size_t n;
	enum err rc;

	leave_out_failures(v);
	carry(v);
	if ((rc = load_hosts(v, &hosts, &n, e)) != ERR_OK)
		return rc;
	v->whole = v->seen;
	rc = collect_assemble(
	    v->j->m->collector, hosts, n, &v->j->arena, &v->whole);
	if (rc == ERR_OK && !evidence_same(&v->seen, &d->before))
		rc = evidence_to_text(&v->seen, &v->j->arena, &v->json);
	return error_plain(e, rc);
}

/* News of a domain that was just added is held longer: of a whole portfolio it
 * becomes one summary. */
static void
set_times(struct settlement *v, struct wall_time now)
{
	const struct config *c = v->j->m->line.env->config;
	const struct ledger *l = v->round.ledger;
	bool is_new = now.s - l->began.s < (int64_t)c->first_group_s;
	struct ledger_held held;

	ledger_held(l, now, &held);
	v->horizon =
	    held.enforce_until.s > 0 ? held.enforce_until : held.testing_until;
	v->tell_at.s =
	    now.s + (int64_t)(is_new ? c->first_group_s : c->group_s);
}

static void
plan_next(struct settlement *v, struct wall_time now)
{
	struct domain_job *d = &v->j->domain;
	struct cadence cadence;
	uint32_t random = monitor_random(v->j->m);
	unsigned looks = v->round.looks | v->round.failed;

	settings_cadence(
	    &d->settings, &v->j->m->line.env->config->cadence, &cadence);
	if (round_is_ailing(&v->round.sightings.after))
		cadence = cadence_of_ailing(&cadence);
	v->schedule = d->claim.schedule;
	/* Judged anew without a look: it is suspect all the same. */
	if (looks == 0 && round_must_be_whole(&v->round.sightings.after))
		looks = 1U << LOOK_RECORDS;
	schedule_looked(
	    &cadence, &v->schedule, looks, v->round.outcome, now, random);
	if (d->claim.is_first)
		schedule_spread(
		    &cadence, &v->schedule, now, monitor_random(v->j->m));
	if (v->wants_more)
		schedule_hasten(&v->schedule,
		    1U << LOOK_RECORDS | 1U << LOOK_AUTHORITY,
		    (struct wall_time){ now.s + (int64_t)cadence.again_s });
}

static enum err
reach_verdict(struct settlement *v, struct error *e)
{
	struct domain_job *d = &v->j->domain;
	struct arena *a = &v->j->arena;
	struct wall_time now = monitor_now(v->j->m);
	enum err rc;

	v->round.ledger = &d->ledger;
	v->round.before = &d->sightings;
	v->round.ev = &v->whole;
	v->round.muted = d->settings.mute;
	v->round.published = v->is_published ? &v->published : NULL;
	v->round.now = now;
	rc = round_judge(&v->round, a);
	if (rc == ERR_OK)
		rc = causes_of(&d->sightings, d->claim.name, a, &v->before);
	if (rc == ERR_OK)
		rc = causes_of(
		    &v->round.sightings.after, d->claim.name, a, &v->after);
	if (rc == ERR_OK)
		rc = chronicle_write(&d->ledger_before, &d->ledger,
		    &v->round.change, a, &v->chronicle);
	if (rc == ERR_OK)
		rc = overview_of(&v->round.judged, &d->ledger,
		    &v->round.sightings.after, v->round.published, a,
		    &v->overview);
	if (rc == ERR_OK)
		rc = monitor_see_published(v);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	set_times(v, now);
	plan_next(v, now);
	return ERR_OK;
}

enum err
monitor_settle_domain(struct job *j, struct error *e)
{
	struct settlement v = { .j = j, .json = SPAN("") };
	enum err rc = put_together(&v, e);

	if (rc == ERR_OK)
		rc = monitor_load_published(&v, e);
	if (rc == ERR_OK)
		rc = reach_verdict(&v, e);
	if (rc == ERR_OK)
		rc = monitor_write(&v, e);
	if (rc != ERR_OK)
		return rc;
	if (!v.held)
		log_say(j->m->line.env->log, LOG_CLAIM_LOST,
		    log_text("name", j->domain.claim.name));
	j->m->rounds++;
	j->m->in_vain += v.round.failed != 0;
	return ERR_OK;
}
