#include "core/publish_sight.h"

#include "wire/mx_match.h"
#include "wire/name.h"

/* ---- the MX records ---- */

/* The hosts of an answer, each once. The null MX is none, and neither is what
 * no pattern can cover: an address, say. NULL without memory. */
static struct span *
hosts_of(const struct dns_answer *mx, struct arena *a, size_t *n)
{
	struct span *hosts = arena_array(a, mx->n_mx + 1, sizeof *hosts);

	*n = 0;
	for (size_t i = 0; hosts != NULL && i < mx->n_mx; i++) {
		struct span host = mx->mx[i].host;

		if (mx_pattern_check(host) == MX_PATTERN_OK &&
		    !span_in(host, hosts, *n))
			hosts[(*n)++] = host;
	}
	return hosts;
}

static void
see_answer(const struct dns_answer *mx, struct arena *a, struct mx_sight *out)
{
	out->hosts = hosts_of(mx, a, &out->n_hosts);
	out->kind = out->n_hosts > 0 ? MX_SIGHT_HOSTS : MX_SIGHT_EMPTY;
	out->ttl = mx->ttl;
}

/* Did it answer from the zone's own data? */
static bool
has_answered(const struct server_answer *q)
{
	return q->result == TALK_OK && q->authoritative &&
	       dns_is_known(&q->answer);
}

/* Some address of every server has to answer: who silences one must not be left
 * with those that he can forge. */
static bool
all_were_asked(const struct zone_seen *z)
{
	for (size_t i = 0; i < z->ns.n_ns; i++) {
		bool found = false;

		for (size_t k = 0; k < z->n_servers; k++)
			found |= name_eq(z->servers[k].name, z->ns.ns[i]) &&
				 has_answered(&z->servers[k].mx);
		if (!found)
			return false;
	}
	return z->ns.n_ns > 0;
}

/* What the servers of the zone say, all of them alike. */
static void
see_servers(const struct evidence *ev, const struct zone_seen *z,
    struct arena *a, struct mx_sight *out)
{
	const struct server_answer *first = NULL;
	struct mx_sight other = { 0 };

	if (!all_were_asked(z))
		return;
	for (size_t i = 0; i < z->n_servers; i++) {
		const struct server_answer *q = &z->servers[i].mx;

		if (!has_answered(q)) {
			if (evidence_lacks_v6(
				ev, q->result, z->servers[i].address))
				continue;
			*out = (struct mx_sight){ .at = out->at };
			return;
		}
		see_answer(&q->answer, a, first == NULL ? out : &other);
		if (other.ttl > out->ttl)
			out->ttl = other.ttl;
		if (first != NULL && !span_set_eq(out->hosts, out->n_hosts,
					 other.hosts, other.n_hosts)) {
			*out = (struct mx_sight){ .at = out->at,
				.kind = MX_SIGHT_APART };
			return;
		}
		first = q;
	}
	out->servers = (unsigned)z->ns.n_ns;
}

/* What DNSSEC vouches for needs no quorum; what it calls forged is not to be
 * had by asking others. */
static void
see_mx(const struct evidence *ev, unsigned looks, struct arena *a,
    struct publish_sight *out)
{
	bool vouched = looks & 1U << LOOK_RECORDS && ev->mx.secure &&
		       dns_is_known(&ev->mx);

	out->fresh = vouched || looks & 1U << LOOK_AUTHORITY;
	out->mx.at = out->at;
	if (vouched) {
		see_answer(&ev->mx, a, &out->mx);
		return;
	}
	if (!out->fresh || ev->mx.result == DNS_BOGUS)
		return;
	for (size_t i = 0; i < ev->n_zones; i++)
		if (ev->zones[i].mx.n > 0) {
			see_servers(ev, &ev->zones[i], a, &out->mx);
			return;
		}
}

/* ---- the gate ---- */

/* The patterns that are, or are going to be, published. NULL without memory. */
static struct span *
list_patterns(const struct published *p, const struct judged *j,
    struct arena *a, size_t *n)
{
	struct span *all = arena_array(
	    a, p->follow.n_patterns + p->move.n_to + 1, sizeof *all);

	*n = 0;
	if (p->follow.n_patterns == 0)
		return hosts_of(&j->evidence->mx, a, n);
	for (size_t i = 0; all != NULL && i < p->follow.n_patterns; i++)
		all[(*n)++] = p->follow.patterns[i].host;
	for (size_t i = 0; all != NULL && i < p->move.n_to; i++)
		all[(*n)++] = p->move.to[i];
	return all;
}

static struct span
join_bars(const struct gate *g, struct arena *a)
{
	size_t cap = 1;
	struct buf b;

	for (size_t i = 0; i < g->n_bars; i++)
		cap += g->bars[i].text.n + 1;
	b = buf_init(arena_alloc(a, cap), cap);
	for (size_t i = 0; b.p != NULL && i < g->n_bars; i++) {
		if (i > 0)
			buf_putc(&b, '\n');
		buf_put(&b, g->bars[i].text);
	}
	return b.p != NULL ? buf_span(&b) : SPAN("");
}

static enum err
ask_gate(const struct judged *j, const struct published *p, size_t incidents,
    struct arena *a, struct publish_sight *out)
{
	struct gate_question q = {
		.judged = j,
		.incidents = incidents,
		.testing_since = j->now,
		.now = j->now,
		.rules = gate_default,
	};
	struct gate gate;
	enum err rc;

	q.rules.testing_s = 0;
	q.patterns = list_patterns(p, j, a, &q.n_patterns);
	if (q.patterns == NULL)
		return ERR_MEMORY;
	rc = gate_check(&q, a, &gate);
	out->gate_open = rc == ERR_OK && gate.open;
	out->gate_text = rc == ERR_OK ? join_bars(&gate, a) : SPAN("");
	return rc;
}

static bool
is_of_ledger(enum check_id id)
{
	return id >= CHECK_MATCH_FUTURE && id <= CHECK_FLAP;
}

size_t
publish_sight_incidents(const struct causes *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		enum check_id id = c->all[i].sighting->check;

		n +=
		    checks[id].effect == EFFECT_LOSS &&
		    (c->all[i].severity == SEVERITY_ERROR || !is_of_ledger(id));
	}
	return n;
}

/* ---- the ledger ---- */

static bool
covers_all(const struct ledger_version *v, const struct span *hosts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ledger_covers(v, hosts[i]))
			return false;
	return true;
}

/* Versions that there was no room for may have covered anything. */
static void
see_horizon(const struct ledger *l, const struct published *p,
    struct wall_time now, struct publish_sight *out)
{
	const struct publish_move *move = &p->move;
	const struct ledger_mx_set *set = ledger_mx(l);
	const struct span *hosts = out->mx.hosts;
	size_t n = out->mx.n_hosts;

	if (out->mx.kind != MX_SIGHT_HOSTS) {
		hosts = set != NULL ? set->hosts : NULL;
		n = set != NULL ? set->n_hosts : 0;
	}
	if (n == 0 && move->n_to == 0)
		return;
	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (v->mode != STS_MODE_NONE && ledger_is_held(v, now) &&
		    !(covers_all(v, hosts, n) &&
			covers_all(v, move->to, move->n_to)))
			wall_extend(&out->horizon, ledger_horizon(v, now));
	}
	if (now.s <= l->crowded_until.s)
		wall_extend(&out->horizon, l->crowded_until);
	if (now.s <= l->crowded_enforce_until.s)
		wall_extend(&out->horizon, l->crowded_enforce_until);
}

/* When the last copy of a policy of ours has expired that was fetched just
 * before the next one took its place. The ledger says the same and more, unless
 * nobody looked at that time. */
static struct wall_time
last_of_ours(const struct published *p, struct wall_time now, struct arena *a)
{
	struct wall_time until = { 0 };

	for (size_t i = 0; i < p->n_bodies; i++) {
		struct wall_time end = i > 0 ? p->bodies[i - 1].at : now;
		struct sts_policy sts;

		sts_policy_parse(p->bodies[i].body, a, &sts);
		if (sts.mode != STS_MODE_NONE)
			wall_extend(&until,
			    (struct wall_time){ end.s + sts.max_age + 1 });
	}
	return until;
}

/* RFC 8461 8.3. Where the procedure has not begun, leave_at is what it would
 * take from now on. */
static void
see_leave(const struct ledger *l, const struct published *p,
    struct wall_time now, struct arena *a, struct publish_sight *out)
{
	struct ledger_removal r = ledger_removal(l, now);
	struct ledger_held held;

	out->leave_at = last_of_ours(p, now, a);
	wall_extend(&out->leave_at, r.safe_at);
	if (r.state == REMOVAL_NOT_BEGUN) {
		ledger_held(l, now, &held);
		wall_extend(&out->leave_at, held.enforce_until);
		wall_extend(&out->leave_at, held.testing_until);
	}
	out->may_leave = r.state == REMOVAL_DONE && now.s >= out->leave_at.s;
	if (out->may_leave)
		out->leave_at = (struct wall_time){ 0 };
}

static bool
is_ours(const struct published *p, struct span body)
{
	for (size_t i = 0; i < p->n_bodies; i++)
		if (span_eq(p->bodies[i].body, body))
			return true;
	return span_eq(p->state.body, body);
}

/* The last one that was served, of those that are held. */
static struct span
find_foreign(
    const struct ledger *l, const struct published *p, struct wall_time now)
{
	const struct ledger_version *last = NULL;

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (v->mode != STS_MODE_NONE && ledger_is_held(v, now) &&
		    !is_ours(p, v->body) &&
		    (last == NULL || v->last_seen.s >= last->last_seen.s))
			last = v;
	}
	return last != NULL ? last->body : SPAN("");
}

/* ---- all of it ---- */

enum err
publish_sight_of(const struct judged *j, const struct ledger *l,
    const struct published *p, unsigned looks, size_t incidents,
    struct arena *a, struct publish_sight *out)
{
	enum err rc;

	*out = (struct publish_sight){ .at = j->now };
	see_mx(j->evidence, looks, a, out);
	see_horizon(l, p, j->now, out);
	see_leave(l, p, j->now, a, out);
	out->foreign = find_foreign(l, p, j->now);
	rc = ask_gate(j, p, incidents, a, out);
	return rc == ERR_OK && a->failed ? ERR_MEMORY : rc;
}
