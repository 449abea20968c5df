#include "core/mx_move.h"

#include "core/mx_move_planning.h"
#include "wire/mx_match.h"

enum {
	TTL_DEFAULT_S = 3600, /* where none is known */
};

/* clang-format off */
const char *const mx_move_kind_names[] = {
	[MX_MOVE_CHECK]		= "check",
	[MX_MOVE_POLICY]	= "policy",
	[MX_MOVE_WAIT]		= "wait",
	[MX_MOVE_ADD]		= "add",
	[MX_MOVE_DROP]		= "drop",
	[MX_MOVE_OFF]		= "off",
	[MX_MOVE_CLEAN]		= "clean",
	NULL
};

const char *const mx_move_state_names[] = {
	[MX_MOVE_DONE]	= "done",
	[MX_MOVE_NOW]	= "now",
	[MX_MOVE_LATER]	= "later",
	NULL
};

const char *const mx_move_check_names[] = {
	[MX_MOVE_UNCHECKED]	= "unchecked",
	[MX_MOVE_GOOD]		= "good",
	[MX_MOVE_BAD]		= "bad",
	[MX_MOVE_UNKNOWN]	= "unknown",
	NULL
};
/* clang-format on */

/* ---- what is so ---- */

bool
mx_move_is_mx(const struct mx_move_question *q, struct span host)
{
	for (size_t i = 0; i < q->n_mx; i++)
		if (span_eq(q->mx[i].host, host))
			return true;
	return false;
}

bool
mx_move_is_new(const struct mx_move_question *q, struct span host)
{
	for (size_t i = 0; i < q->n_to; i++)
		if (span_eq(q->to[i].host, host))
			return true;
	return false;
}

static bool
covers_new(const struct mx_move_question *q, struct span pattern)
{
	for (size_t i = 0; i < q->n_to; i++)
		if (mx_match(pattern, q->to[i].host))
			return true;
	return false;
}

/* The policy that is in force, what it is to become, and what it is at the
 * end. */
static void
find_patterns(struct mx_move_planning *p)
{
	const struct mx_move_question *q = p->q;
	const struct ledger_version *v = ledger_latest(q->ledger);
	size_t n = v != NULL ? v->n_mx : 0;

	if (v == NULL || v->mode == STS_MODE_NONE)
		return;
	p->policy = v;
	p->wide = arena_array(p->a, n + q->n_to, sizeof *p->wide);
	p->narrow = arena_array(p->a, n + q->n_to, sizeof *p->narrow);
	if (p->wide == NULL || p->narrow == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		p->wide[p->n_wide++] = v->mx[i];
		if (covers_new(q, v->mx[i]))
			p->narrow[p->n_narrow++] = v->mx[i];
	}
	p->stale = p->n_narrow < p->n_wide;
	p->covered = true;
	for (size_t i = 0; i < q->n_to; i++)
		if (!ledger_covers(v, q->to[i].host)) {
			p->covered = false;
			p->wide[p->n_wide++] = q->to[i].host;
			p->narrow[p->n_narrow++] = q->to[i].host;
		}
}

static void
note_copy(struct mx_move_planning *p, bool enforce, struct span host,
    struct wall_time end)
{
	if (p->lacking_host.n == 0)
		p->lacking_host = host;
	wall_extend(&p->lacking_until, end);
	if (enforce)
		wall_extend(&p->refused_until, end);
}

/* Copies that lack a new host. What is served or named can be fetched until the
 * new policy is everywhere, and lives from then on; through its last second. */
static void
find_copies(struct mx_move_planning *p)
{
	const struct mx_move_question *q = p->q;
	const struct ledger *l = q->ledger;
	struct wall_time taken = { q->now.s + LEDGER_GRACE_S };

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];
		struct wall_time end = { ledger_horizon(v, taken).s + 1 };

		if (v->mode == STS_MODE_NONE || !ledger_is_held(v, q->now))
			continue;
		for (size_t k = 0; k < q->n_to; k++)
			if (!ledger_covers(v, q->to[k].host))
				note_copy(p, v->mode == STS_MODE_ENFORCE,
				    q->to[k].host, end);
	}
	/* Versions that were forgotten: nobody knows what they covered. */
	if (l->crowded_until.s >= q->now.s)
		note_copy(p, false, q->to[0].host,
		    (struct wall_time){ l->crowded_until.s + 1 });
	if (l->crowded_enforce_until.s >= q->now.s)
		note_copy(p, true, q->to[0].host,
		    (struct wall_time){ l->crowded_enforce_until.s + 1 });
}

static void
find(struct mx_move_planning *p)
{
	const struct mx_move_question *q = p->q;

	p->ttl = q->ttl > 0 ? q->ttl : TTL_DEFAULT_S;
	find_patterns(p);
	find_copies(p);
	p->added = p->dropped = true;
	for (size_t i = 0; i < q->n_to; i++)
		p->added &= mx_move_is_mx(q, q->to[i].host);
	for (size_t i = 0; i < q->n_mx; i++)
		p->dropped &= mx_move_is_new(q, q->mx[i].host);
	for (size_t i = 0; i < q->n_to; i++)
		p->out->blocked |=
		    q->to[i].check == MX_MOVE_BAD &&
		    (p->refused_until.s > 0 ||
			(p->policy != NULL &&
			    p->policy->mode == STS_MODE_ENFORCE));
}

/* ---- the plan ---- */

/* The first step that is open is to be taken when its date has come. The check
 * keeps nobody from going on unless it found something. */
static void
find_now(struct mx_move_planning *p)
{
	struct mx_move_plan *plan = p->out;

	plan->is_done = true;
	for (size_t i = 0; i < plan->n; i++) {
		struct mx_move_step *s = &plan->steps[i];

		if (s->state == MX_MOVE_DONE)
			continue;
		if (s->kind == MX_MOVE_CHECK) {
			s->state = MX_MOVE_NOW;
			if (!plan->blocked)
				continue;
			plan->is_done = false;
			return;
		}
		plan->is_done = false;
		/* To wait is for now, whatever its end. */
		if (s->at.s <= p->q->now.s || s->kind == MX_MOVE_WAIT)
			s->state = MX_MOVE_NOW;
		return;
	}
}

enum err
mx_move_plan(
    const struct mx_move_question *q, struct arena *a, struct mx_move_plan *out)
{
	struct mx_move_planning p = {
		.q = q, .a = a, .out = out, .lacking_host = SPAN("")
	};

	*out = (struct mx_move_plan){ 0 };
	out->steps = arena_array(a, MX_MOVE_KINDS, sizeof *out->steps);
	if (out->steps == NULL)
		return ERR_MEMORY;
	find(&p);
	mx_move_put_steps(&p);
	find_now(&p);
	if (a->failed)
		return ERR_MEMORY;
	return p.too_long ? ERR_LIMIT : ERR_OK;
}
