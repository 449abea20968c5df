#include "web/model_domain.h"

#include "base/limits.h"
#include "io/collect.h"
#include "io/idn.h"
#include "out/evidence_text.h"
#include "store/hosts.h"
#include "store/observations.h"

/* ---- which ---- */

struct span
domain_of_path(struct web_call *c, struct span text)
{
	struct span name = SPAN("");

	return idn_domain(text, c->a, &name, NULL) == ERR_OK ? name : SPAN("");
}

enum err
domain_refuse_missing(struct web_call *c)
{
	return call_refuse(
	    c, PROBLEM_MISSING, "That domain is not in the portfolio.");
}

enum err
domain_find(
    struct web_call *c, struct domain *out, bool *found, struct error *e)
{
	struct span name = domain_of_path(c, c->captured[0]);
	enum err rc = ERR_OK;

	*found = false;
	if (name.n > 0)
		rc = domains_get(c->store, name, c->a, out, found, e);
	return rc == ERR_OK && !*found ? domain_refuse_missing(c) : rc;
}

/* ---- what is remembered ---- */

static enum err
load_publishing(struct web_call *c, struct domain_model *m, struct error *e)
{
	enum err rc;

	if (!m->state.is_published)
		return ERR_OK;
	rc = publish_state_load(c->store, &m->state.published, &m->state.ledger,
	    c->now, c->a, &m->publishing, e);
	if (rc != ERR_OK)
		return rc;
	rc = publish_steps(&m->publishing, c->a, &m->steps);
	return error_plain(e, rc);
}

enum err
domain_model_load(struct web_call *c, const struct domain *row,
    struct domain_model *m, struct error *e)
{
	enum err rc;

	*m = (struct domain_model){ .row = *row };
	settings_understand(row->settings, &m->settings);
	rc = domains_tags(c->store, row->name, c->a, &m->tags, &m->n_tags, e);
	if (rc == ERR_OK)
		rc = domain_state_load(
		    c->store, row->id, c->now, c->a, &m->state, e);
	if (rc == ERR_OK)
		rc = work_progress(c->store, row->id, c->now, &m->progress, e);
	return rc == ERR_OK ? load_publishing(c, m, e) : rc;
}

bool
domain_is_published(const struct domain_model *m)
{
	return m->state.is_published &&
	       m->state.published.state.stage != PUBLICATION_ENDED;
}

/* ---- what was seen ---- */

enum err
domain_host_load(struct web_call *c, struct span name, struct host_seen *out,
    bool *found, struct error *e)
{
	struct wall_time at;
	struct span json;
	enum err rc = hosts_get(c->store, name, c->a, &json, &at, found, e);

	if (rc == ERR_OK && *found)
		rc = host_seen_from_text(json, c->a, out, e);
	if (rc != ERR_DATA)
		return rc;
	*found = false;
	return ERR_OK;
}

static enum err
load_hosts(struct web_call *c, const struct evidence *ev,
    struct host_seen **out, size_t *n, struct error *e)
{
	size_t most =
	    ev->mx.n_mx < LIMIT_MX_HOSTS ? ev->mx.n_mx : LIMIT_MX_HOSTS;
	struct host_seen *hosts = arena_array(c->a, most + 1, sizeof *hosts);
	enum err rc = ERR_OK;
	bool found = false;

	*out = hosts;
	*n = 0;
	if (hosts == NULL)
		return error_plain(e, ERR_MEMORY);
	/* RFC 5321 5.1: without MX records the domain itself is one. */
	if (ev->mx.result == DNS_NODATA) {
		rc = domain_host_load(c, ev->domain, &hosts[0], &found, e);
		*n = rc == ERR_OK && found;
	}
	for (size_t i = 0; rc == ERR_OK && i < most; i++) {
		if (ev->mx.mx[i].host.n == 0)
			continue;
		rc = domain_host_load(
		    c, ev->mx.mx[i].host, &hosts[*n], &found, e);
		*n += rc == ERR_OK && found;
	}
	return rc;
}

static enum err
load_evidence(struct web_call *c, struct domain_model *m, struct error *e)
{
	struct host_seen *hosts;
	struct wall_time at;
	struct span json;
	bool found;
	size_t n;
	enum err rc =
	    observation_get(c->store, m->row.id, c->a, &json, &at, &found, e);

	if (rc == ERR_OK && found)
		rc = evidence_from_text(json, c->a, &m->evidence, e);
	if (rc == ERR_DATA)
		return ERR_OK;
	if (rc != ERR_OK || !found)
		return rc;
	rc = load_hosts(c, &m->evidence, &hosts, &n, e);
	if (rc != ERR_OK)
		return rc;
	rc = collect_kept(hosts, n, c->a, &m->evidence);
	m->has_evidence = rc == ERR_OK;
	return error_plain(e, rc);
}

enum err
domain_model_judge(struct web_call *c, struct domain_model *m, struct error *e)
{
	const struct judge_memory memory = { .ledger = &m->state.ledger,
		.published =
		    domain_is_published(m) ? &m->state.published : NULL };
	enum err rc = load_evidence(c, m, e);

	if (rc != ERR_OK || !m->has_evidence)
		return rc;
	rc = judge_remembering(&m->evidence, &memory, c->now, c->a, &m->judged);
	return error_plain(e, rc);
}

enum err
domain_model_find(struct web_call *c, bool with_evidence,
    struct domain_model *m, bool *found, struct error *e)
{
	struct domain row;
	enum err rc = domain_find(c, &row, found, e);

	if (rc != ERR_OK || !*found)
		return rc;
	rc = domain_model_load(c, &row, m, e);
	return rc == ERR_OK && with_evidence ? domain_model_judge(c, m, e) : rc;
}

const struct sighting *
domain_sighting(const struct domain_model *m, const struct finding *f)
{
	const struct sightings *all = &m->state.sightings;

	for (size_t i = 0; i < all->n; i++) {
		const struct sighting *s = &all->all[i];

		if (s->check == f->check && span_eq(s->subject, f->subject) &&
		    ip_eq(s->address, f->address))
			return s;
	}
	return NULL;
}
