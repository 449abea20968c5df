#include "web/model_move.h"

#include "base/limits.h"
#include "core/mx_move_check.h"
#include "io/collect.h"
#include "io/fresh.h"
#include "io/idn.h"
#include "io/resolver.h"

enum { PREFERENCE_STEP = 10 /* between hosts whose preference is unknown */ };

/* ---- whereto ---- */

static bool
hosts_asked(struct web_call *c, struct span **out, size_t *n)
{
	struct span *hosts = arena_array(c->a, c->query.n, sizeof *hosts);
	struct error why = { .text = "" };

	*out = hosts;
	*n = 0;
	for (size_t i = 0; hosts != NULL && i < c->query.n; i++) {
		const struct field *f = &c->query.all[i];
		struct span host;

		if (!span_eq(f->name, SPAN("to")) || f->value.n == 0)
			continue;
		if (idn_domain(f->value, c->a, &host, &why) != ERR_OK) {
			call_refuse(c, PROBLEM_INPUT, "\"to\": %s", why.text);
			return false;
		}
		if (!span_in(host, hosts, *n))
			hosts[(*n)++] = host;
	}
	if (*n <= LIMIT_MX_HOSTS)
		return true;
	call_refuse(c, PROBLEM_INPUT, "\"to\" has more than %d values",
	    (int)LIMIT_MX_HOSTS);
	return false;
}

static enum err
take_hosts(struct web_call *c, struct move_model *m, const struct span *hosts,
    size_t n, struct mx_move_host **out, struct error *e)
{
	const struct publish_move *move = &m->d.state.published.move;
	struct mx_move_host *to;

	m->is_under_way = domain_is_published(&m->d) && move->n_to > 0;
	if (n == 0 && m->is_under_way) {
		hosts = move->to;
		n = move->n_to;
	}
	to = arena_array(c->a, n + 1, sizeof *to);
	if (to == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < n; i++)
		to[i] = (struct mx_move_host){ hosts[i], MX_MOVE_UNCHECKED,
			SPAN("") };
	m->q.to = *out = to;
	m->q.n_to = n;
	return ERR_OK;
}

/* ---- whence ---- */

/* Of the resolver, or all of it from the name servers. */
static uint32_t
ttl_of(const struct move_model *m)
{
	uint32_t ttl = m->d.has_evidence ? m->d.evidence.mx.ttl : 0;

	if (domain_is_published(&m->d) && m->d.publishing.has_sight &&
	    m->d.publishing.sight.mx.ttl > ttl)
		ttl = m->d.publishing.sight.mx.ttl;
	return ttl;
}

/* The records as the last look saw them; the ledger has the hosts alone. */
static enum err
take_mx(struct web_call *c, struct move_model *m, struct error *e)
{
	const struct ledger_mx_set *set = ledger_mx(&m->d.state.ledger);
	const struct dns_answer *seen = &m->d.evidence.mx;
	bool by_look = m->d.has_evidence && seen->result == DNS_OK;
	size_t n = by_look ? seen->n_mx : set != NULL ? set->n_hosts : 0;
	struct dns_mx *mx = arena_array(c->a, n + 1, sizeof *mx);

	if (mx == NULL)
		return error_plain(e, ERR_MEMORY);
	m->q.mx = mx;
	for (size_t i = 0; i < n; i++) {
		struct dns_mx one =
		    by_look ? seen->mx[i]
			    : (struct dns_mx){ (uint16_t)((i + 1) *
							  PREFERENCE_STEP),
				      set->hosts[i] };

		if (one.host.n > 0)
			mx[m->q.n_mx++] = one;
	}
	m->q.ttl = ttl_of(m);
	return ERR_OK;
}

/* ---- would senders deliver there? ---- */

/* The domain as it would be, from what the monitor knows of the hosts; of those
 * that are nobody's mail host yet it knows nothing. */
static enum err
weigh_hosts(struct web_call *c, struct move_model *m, struct mx_move_host *to,
    struct error *e)
{
	size_t n = m->q.n_to, n_seen = 0;
	struct host_seen *seen = arena_array(c->a, n + 1, sizeof *seen);
	struct dns_mx *mx = arena_array(c->a, n + 1, sizeof *mx);
	bool *known = arena_array(c->a, n + 1, sizeof *known);
	struct evidence ev;
	enum err rc = ERR_OK;

	if (seen == NULL || mx == NULL || known == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; rc == ERR_OK && i < n; i++) {
		mx[i] = (struct dns_mx){ 0, to[i].host };
		rc = domain_host_load(
		    c, to[i].host, &seen[n_seen], &known[i], e);
		n_seen += rc == ERR_OK && known[i];
	}
	if (rc != ERR_OK || n_seen == 0)
		return rc;
	evidence_blank(&ev);
	ev.domain = m->d.row.name;
	ev.checked_at = c->now;
	ev.dnssec = m->d.has_evidence && m->d.evidence.dnssec;
	resolver_blank(ev.domain, DNS_MX, DNS_OK, &ev.mx);
	ev.mx.mx = mx;
	ev.mx.n_mx = n;
	rc = error_plain(e, collect_kept(seen, n_seen, c->a, &ev));
	if (rc == ERR_OK)
		rc = error_plain(e, mx_move_weigh(&m->q, &ev, to, c->a));
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		if (!known[i])
			to[i] = (struct mx_move_host){ to[i].host,
				MX_MOVE_UNCHECKED, SPAN("") };
	return rc;
}

/* ---- the plan ---- */

static enum err
make_ids(struct web_call *c, struct move_model *m, struct error *e)
{
	enum err rc = fresh_id(c->config->randomness, m->ids[0], e);

	if (rc == ERR_OK)
		rc = fresh_id(c->config->randomness, m->ids[1], e);
	m->q.fresh_ids[0] = m->ids[0];
	m->q.fresh_ids[1] = m->ids[1];
	return rc;
}

static enum err
plan(struct web_call *c, struct move_model *m, struct mx_move_host *to,
    struct error *e)
{
	bool published = domain_is_published(&m->d);
	enum err rc = make_ids(c, m, e);

	m->q.domain = m->d.row.name;
	m->q.ledger = &m->d.state.ledger;
	m->q.published = published;
	m->q.overlap_s = published ? m->d.state.published.order.overlap_s
				   : MX_FOLLOW_OVERLAP_S;
	m->q.now = c->now;
	if (rc == ERR_OK)
		rc = weigh_hosts(c, m, to, e);
	return rc == ERR_OK
		   ? error_plain(e, mx_move_plan(&m->q, c->a, &m->plan))
		   : rc;
}

enum err
move_model_load(struct web_call *c, const struct domain *row,
    const struct span *hosts, size_t n, struct move_model *out, struct error *e)
{
	struct mx_move_host *to = NULL;
	enum err rc;

	*out = (struct move_model){ .refused = SPAN("") };
	rc = domain_model_load(c, row, &out->d, e);
	if (rc == ERR_OK)
		rc = domain_model_judge(c, &out->d, e);
	if (rc == ERR_OK)
		rc = take_mx(c, out, e);
	if (rc == ERR_OK)
		rc = take_hosts(c, out, hosts, n, &to, e);
	if (rc != ERR_OK)
		return rc;
	if (out->q.n_to == 0)
		out->refused = SPAN("No move is under way, and no hosts are "
				    "named that the mail is to move to.");
	else if (out->q.n_mx == 0)
		out->refused =
		    out->d.has_evidence
			? SPAN("It has no MX records: there is nothing to "
			       "move.")
			: SPAN("Nobody has looked at it yet.");
	return out->refused.n > 0 ? ERR_OK : plan(c, out, to, e);
}

enum err
move_model_asked(
    struct web_call *c, struct move_model *out, bool *asked, struct error *e)
{
	struct span *hosts;
	struct domain row;
	size_t n;
	enum err rc;

	*asked = hosts_asked(c, &hosts, &n);
	if (!*asked)
		return ERR_OK;
	rc = domain_find(c, &row, asked, e);
	return rc == ERR_OK && *asked
		   ? move_model_load(c, &row, hosts, n, out, e)
		   : rc;
}
