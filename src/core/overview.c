#include "core/overview.h"

#include "core/gate.h"
#include "core/provider.h"
#include "core/publish_sight.h"
#include "core/round.h"
#include "wire/name.h"

const struct next_step_row next_steps[NEXT_STEPS] = {
#define NEXT_STEP(symbol, name_, text_) [NEXT_##symbol] = { name_, text_ },
#include "core/next_step.def"
#undef NEXT_STEP
};

enum next_step
next_step_by_name(struct span name)
{
	enum next_step step = 0;

	while (step < NEXT_STEPS &&
	       !span_eq(span_str(next_steps[step].name), name))
		step++;
	return step;
}

/* ---- who takes the mail ---- */

/* What is no host's name, or a public suffix, belongs to itself. */
static struct span
owner_of(const struct evidence *ev, struct span name)
{
	struct span org = evidence_org(ev, name);

	return org.n > 0 ? org : name;
}

static struct span
who_runs(const struct evidence *ev, struct span host)
{
	struct span provider = provider_of(host);
	struct span owner = owner_of(ev, host);

	if (provider.n > 0)
		return provider;
	return name_is_under(host, ev->domain) ||
		       name_eq(owner, owner_of(ev, ev->domain))
		   ? SPAN("own")
		   : owner;
}

static void
see_host(const struct judged *j, struct span host, struct overview *out)
{
	struct span one = who_runs(j->evidence, host);

	if (out->mx++ == 0)
		out->provider = one;
	else if (!span_eq(out->provider, one))
		out->provider = SPAN("several");
}

static void
see_addresses(const struct judged_mx *m, struct overview *out)
{
	for (size_t i = 0; i < m->n_addresses; i++) {
		if (m->addresses[i].ours)
			continue;
		out->addresses++;
		out->good_addresses += m->addresses[i].result == RESULT_OK;
	}
}

/* The null MX is no host. */
static void
see_mx(const struct judged *j, struct overview *out)
{
	for (size_t i = 0; i < j->n_mx; i++) {
		const struct judged_mx *m = &j->mx[i];

		if (m->host->host.n == 0)
			continue;
		see_host(j, m->host->host, out);
		see_addresses(m, out);
		out->covered_mx += m->matched_by.n > 0;
	}
}

/* ---- until when ---- */

static void
see_leaf(const struct tls_seen *tls, struct wall_time *until)
{
	if (tls->n_chain == 0)
		return;
	if (until->s == 0 || tls->chain[0].not_after.s < until->s)
		*until = tls->chain[0].not_after;
}

/* A web server that is there for something else is no policy host. */
static void
see_certificates(const struct judged *j, struct overview *out)
{
	const struct evidence *ev = j->evidence;
	size_t n = j->deployment != DEPLOYMENT_NONE ? ev->n_fetches : 0;

	for (size_t i = 0; i < n; i++)
		see_leaf(&ev->fetches[i].tls, &out->policy_cert_until);
	for (size_t i = 0; i < j->n_mx; i++)
		for (size_t k = 0; k < j->mx[i].n_addresses; k++)
			see_leaf(&j->mx[i].addresses[k].probe->tls,
			    &out->mx_cert_until);
}

static void
see_copies(const struct judged *j, const struct ledger *l, struct overview *out)
{
	struct ledger_held held;
	struct wall_time until = { 0 };

	ledger_held(l, j->now, &held);
	wall_extend(&until, held.enforce_until);
	wall_extend(&until, held.testing_until);
	out->cached_until.s =
	    (until.s + LEDGER_DAY_S - 1) / LEDGER_DAY_S * LEDGER_DAY_S;
	if (j->policy == THING_OK)
		out->mode_since = l->mode_since;
}

/* ---- what to do next ---- */

struct view {
	const struct judged *j;
	const struct ledger *ledger;
	const struct published *published; /* NULL: nothing, or no more */
	const struct sighting *heaviest; /* of what is to be mended, or NULL */
	bool gate_is_open; /* to mode enforce */
};

/* Before anything is deployed, a warning says what would be wrong then: to make
 * the mail servers eligible is a step of its own. What keeps us from publishing
 * has none, but for a change that waits for approval. */
static bool
is_to_be_mended(const struct view *v, const struct sighting *s)
{
	const struct published *p = v->published;

	if (s->state == SIGHTING_PENDING)
		return false;
	if (s->severity == SEVERITY_ERROR)
		return true;
	if (p != NULL && s->check == CHECK_AUTO_MX_CHANGE_HELD)
		return p->follow.state != MX_WAITING;
	if (p != NULL &&
	    span_starts(span_str(checks[s->check].slug), SPAN("auto.")))
		return true;
	return v->j->deployment != DEPLOYMENT_NONE &&
	       v->j->deployment != DEPLOYMENT_UNKNOWN;
}

/* As findings are weighed (judge.h); sightings stand in the order of the
 * catalogue. */
static bool
is_heavier(const struct sighting *a, const struct sighting *b)
{
	if (b == NULL || a->severity != b->severity)
		return b == NULL || a->severity > b->severity;
	return a->result == RESULT_FAIL && b->result == RESULT_UNKNOWN;
}

static void
find_heaviest(struct view *v, const struct sightings *standing)
{
	for (size_t i = 0; i < standing->n; i++) {
		const struct sighting *s = &standing->all[i];

		if (is_to_be_mended(v, s) && is_heavier(s, v->heaviest))
			v->heaviest = s;
	}
}

/* As the publish role asks, but for a policy of anybody's. */
static enum err
ask_gate(struct view *v, const struct sightings *standing, struct arena *a)
{
	struct gate_question q = { .judged = v->j,
		.patterns = v->j->sts.mx,
		.n_patterns = v->j->sts.n_mx,
		.testing_since = v->ledger->mode_since,
		.now = v->j->now,
		.rules = gate_default };
	struct causes causes;
	struct gate gate;
	enum err rc;

	if (v->j->deployment != DEPLOYMENT_TESTING)
		return ERR_OK;
	rc = causes_of(standing, v->j->evidence->domain, a, &causes);
	if (rc != ERR_OK)
		return rc;
	q.incidents = publish_sight_incidents(&causes);
	rc = gate_check(&q, a, &gate);
	v->gate_is_open = rc == ERR_OK && gate.open;
	return rc;
}

static bool
has_to_mend(const struct view *v)
{
	return v->heaviest != NULL;
}

/* Both have to be there until we say that they may go. */
static bool
lacks_cnames(const struct view *v)
{
	const struct published *p = v->published;

	return p != NULL &&
	       ((p->state.stage == PUBLICATION_AWAITED && !p->order.leave) ||
		   (p->state.lost && p->state.stage < PUBLICATION_REMOVABLE));
}

static bool
asks_approval(const struct view *v)
{
	const struct published *p = v->published;

	return p != NULL && !p->order.leave && p->follow.state == MX_WAITING;
}

static bool
may_remove(const struct view *v)
{
	const struct ledger *l = v->ledger;

	if (v->published != NULL)
		return v->published->state.stage == PUBLICATION_REMOVABLE;
	return ledger_safe_to_remove(l, v->j->now) &&
	       (l->txt.sight == SIGHT_PRESENT ||
		   l->file.sight == SIGHT_PRESENT);
}

/* A mail host that nobody has come to yet. */
static bool
is_looked_at_first(const struct view *v)
{
	for (size_t i = 0; i < v->j->n_mx; i++) {
		const struct mx_host *m = v->j->mx[i].host;

		if (m->host.n > 0 && m->a.result == DNS_UNASKED)
			return true;
	}
	return false;
}

static bool
is_unknown(const struct view *v)
{
	return v->j->deployment == DEPLOYMENT_UNKNOWN ||
	       v->j->eligibility == ELIGIBILITY_UNKNOWN ||
	       v->j->verdict == VERDICT_UNKNOWN;
}

static bool
is_ineligible(const struct view *v)
{
	return v->j->eligibility == ELIGIBILITY_INELIGIBLE &&
	       v->j->deployment != DEPLOYMENT_REMOVING;
}

/* What is there and void is mended by a policy that is not. */
static bool
may_publish(const struct view *v)
{
	return v->published == NULL && v->j->eligibility == ELIGIBLE &&
	       (v->j->deployment == DEPLOYMENT_NONE ||
		   v->j->deployment == DEPLOYMENT_BROKEN);
}

static bool
leaves(const struct view *v)
{
	return v->published != NULL && v->published->order.leave;
}

/* Where we have been told so already, it goes on by itself. */
static bool
may_enforce(const struct view *v)
{
	return v->gate_is_open && !leaves(v) &&
	       (v->published == NULL ||
		   v->published->order.mode != STS_MODE_ENFORCE);
}

static bool
is_testing(const struct view *v)
{
	return v->j->deployment == DEPLOYMENT_TESTING && !v->gate_is_open &&
	       !leaves(v);
}

/* The id of every day is no news: it is for a version that is out already. */
static bool
is_under_way(const struct view *v)
{
	const struct published *p = v->published;

	return p != NULL && (leaves(v) || p->state.stage < PUBLICATION_LIVE ||
				p->state.id_version != p->state.version ||
				(p->order.mode == STS_MODE_ENFORCE &&
				    v->j->deployment != DEPLOYMENT_ENFORCE));
}

static bool
takes_no_mail(const struct view *v)
{
	return v->j->eligibility == ELIGIBILITY_NO_MAIL;
}

static bool
always(const struct view *v)
{
	(void)v;
	return true;
}

/* clang-format off */
static bool (*const holds[NEXT_STEPS])(const struct view *v) = {
	[NEXT_MEND]	= has_to_mend,
	[NEXT_CNAMES]	= lacks_cnames,
	[NEXT_APPROVE]	= asks_approval,
	[NEXT_REMOVE]	= may_remove,
	[NEXT_LOOK]	= is_looked_at_first,
	[NEXT_UNKNOWN]	= is_unknown,
	[NEXT_ELIGIBLE]	= is_ineligible,
	[NEXT_PUBLISH]	= may_publish,
	[NEXT_ENFORCE]	= may_enforce,
	[NEXT_TEST]	= is_testing,
	[NEXT_WAIT]	= is_under_way,
	[NEXT_NO_MAIL]	= takes_no_mail,
	[NEXT_NOTHING]	= always,
};
/* clang-format on */

static void
choose_next(const struct view *v, struct overview *out)
{
	out->next = 0;
	while (!holds[out->next](v))
		out->next++;
	out->next_check = out->next == NEXT_MEND ? v->heaviest->check : CHECKS;
}

enum err
overview_of(const struct judged *j, const struct ledger *ledger,
    const struct sightings *standing, const struct published *published,
    struct arena *a, struct overview *out)
{
	bool is_over =
	    published == NULL || published->state.stage == PUBLICATION_ENDED;
	struct view v = { .j = j,
		.ledger = ledger,
		.published = is_over ? NULL : published };
	enum err rc = ask_gate(&v, standing, a);

	*out = (struct overview){ .provider = SPAN("") };
	if (rc != ERR_OK)
		return rc;
	see_mx(j, out);
	see_certificates(j, out);
	see_copies(j, ledger, out);
	find_heaviest(&v, standing);
	choose_next(&v, out);
	return ERR_OK;
}
