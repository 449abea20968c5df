#include "core/publish_plan.h"

#include <string.h>

#include "core/gate.h"
#include "core/publish_wish.h"
#include "wire/mx_match.h"

/* One step under way, on a copy. */
struct plan {
	struct published p;
	const struct published *before;
	const struct publish_sight *sight;
	const struct publication_sight *here;
	struct arena *a;
	struct publish_step *out;
	struct publish_copies copies;
	struct span *patterns; /* of the policy: of the MX, and of the move */
	size_t n_patterns;
};

static void
note(struct plan *s, enum publish_event event)
{
	s->out->publish |= 1U << event;
}

/* ---- the MX ---- */

/* The MX hosts that the patterns were made for. */
static struct span *
settled_hosts(const struct plan *s, size_t *n)
{
	const struct mx_follow *f = &s->p.follow;
	struct span *hosts =
	    arena_array(s->a, f->n_patterns + 1, sizeof *hosts);

	*n = 0;
	for (size_t i = 0; hosts != NULL && i < f->n_patterns; i++)
		if (!f->patterns[i].gone)
			hosts[(*n)++] = f->patterns[i].host;
	return hosts;
}

/* mx_follow_step writes into the array, which *p shares with its caller. */
static bool
own_patterns(struct plan *s)
{
	struct mx_follow *f = &s->p.follow;
	struct mx_pattern *own =
	    arena_array(s->a, f->n_patterns + 1, sizeof *own);

	if (own == NULL)
		return false;
	if (f->n_patterns > 0)
		memcpy(own, f->patterns, f->n_patterns * sizeof *own);
	f->patterns = own;
	return true;
}

static bool
is_pattern(const struct mx_follow *f, struct span host)
{
	for (size_t i = 0; i < f->n_patterns; i++)
		if (span_eq(f->patterns[i].host, host))
			return true;
	return false;
}

/* Who has announced a move to these hosts has approved of them, and of leaving
 * the others. */
static bool
is_announced(const struct plan *s)
{
	const struct publish_move *m = &s->p.move;
	const struct mx_sight *mx = &s->sight->mx;

	for (size_t i = 0; i < mx->n_hosts; i++)
		if (!span_in(mx->hosts[i], m->to, m->n_to) &&
		    !is_pattern(&s->p.follow, mx->hosts[i]))
			return false;
	return m->n_to > 0;
}

static enum err
follow(struct plan *s)
{
	struct mx_follow_rules rules = {
		.mode = is_announced(s) ? FOLLOW_AUTO : s->p.order.follow,
		.overlap_s = s->p.order.overlap_s,
		.horizon = s->sight->horizon,
	};
	enum err rc;

	if (!own_patterns(s))
		return ERR_MEMORY;
	rc = mx_follow_step(
	    &s->p.follow, &rules, &s->sight->mx, s->a, &s->out->follow);
	s->out->hosts_now = s->sight->mx.hosts;
	s->out->n_now = s->sight->mx.n_hosts;
	return rc;
}

static void
add_pattern(struct plan *s, struct span host)
{
	if (mx_pattern_check(host) == MX_PATTERN_OK &&
	    !span_in(host, s->patterns, s->n_patterns))
		s->patterns[s->n_patterns++] = host;
}

/* Those that the MX has or had, and those that it is going to have. A name that
 * no policy can have (RFC 8461 3.2) is left out: the gate names it. */
static bool
list_patterns(struct plan *s)
{
	const struct mx_follow *f = &s->p.follow;
	const struct publish_move *m = &s->p.move;

	s->patterns =
	    arena_array(s->a, f->n_patterns + m->n_to + 1, sizeof *s->patterns);
	if (s->patterns == NULL)
		return false;
	for (size_t i = 0; i < f->n_patterns; i++)
		add_pattern(s, f->patterns[i].host);
	for (size_t i = 0; i < m->n_to; i++)
		add_pattern(s, m->to[i]);
	return true;
}

/* ---- a move ---- */

/* Have senders got the policy that covers the new hosts, all of them? A round
 * has to have looked since its id was announced, and for these hosts. */
static bool
may_add(const struct plan *s)
{
	const struct publication *p = &s->p.state;
	const struct publish_move *m = &s->p.move;
	struct wall_time ours =
	    publish_copies_end_without(&s->copies, m->to, m->n_to);

	return p->stage == PUBLICATION_LIVE && p->change == CHANGE_REST &&
	       p->id_version == p->version && s->p.bar == PUBLISH_FREE &&
	       s->sight->at.s >= p->id_since.s && s->sight->at.s > m->since.s &&
	       s->sight->horizon.s < s->here->at.s && ours.s < s->here->at.s;
}

/* The MX records have the new hosts and no other, and nobody has the old
 * records in his cache any more. *dropped: there were other hosts. */
static bool
has_moved(const struct plan *s, bool *dropped)
{
	const struct mx_follow *f = &s->p.follow;
	const struct publish_move *m = &s->p.move;
	size_t there = 0;

	*dropped = false;
	for (size_t i = 0; i < s->before->follow.n_patterns; i++)
		*dropped |= !span_in(
		    s->before->follow.patterns[i].host, m->to, m->n_to);
	for (size_t i = 0; i < f->n_patterns; i++) {
		const struct mx_pattern *p = &f->patterns[i];
		uint32_t wait = p->ttl > s->p.order.overlap_s
				    ? p->ttl
				    : s->p.order.overlap_s;

		if (p->gone && s->here->at.s - p->gone_at.s < wait)
			return false;
		if (!p->gone && !span_in(p->host, m->to, m->n_to))
			return false;
		there += !p->gone;
	}
	return there == m->n_to && f->state == MX_SETTLED;
}

/* Are all of the new hosts MX hosts already? */
static bool
is_added(const struct plan *s)
{
	const struct publish_move *m = &s->p.move;
	size_t there = 0;

	for (size_t i = 0; i < s->p.follow.n_patterns; i++)
		there += !s->p.follow.patterns[i].gone &&
			 span_in(s->p.follow.patterns[i].host, m->to, m->n_to);
	return there == m->n_to;
}

/* The policy that covers the new hosts is wanted since list_patterns; here is
 * what the owner may do next. */
static void
accompany_move(struct plan *s)
{
	struct publish_move *m = &s->p.move;
	bool dropped;

	if (m->n_to == 0)
		return;
	if (has_moved(s, &dropped)) {
		if (dropped)
			note(s, PUBLISH_MOVE_MAY_DROP);
		note(s, PUBLISH_MOVE_DONE);
		*m = (struct publish_move){ .to = m->to };
	} else if (!m->may_add_told && (is_added(s) || may_add(s))) {
		m->may_add_told = true;
		if (!is_added(s))
			note(s, PUBLISH_MOVE_MAY_ADD);
	}
}

/* ---- when again ---- */

static void
come_at(struct plan *s, int64_t at)
{
	struct wall_time *next = &s->out->next;

	if (at > s->here->at.s && (next->s == 0 || at < next->s))
		next->s = at;
}

/* What only time brings. */
static void
plan_next(struct plan *s)
{
	const struct published *p = &s->p;
	const struct publish_move *m = &p->move;

	if (p->state.stage == PUBLICATION_ENDED)
		return;
	if (p->state.stage >= PUBLICATION_LIVE)
		come_at(s, p->state.id_since.s + PUBLICATION_ROTATE_S);
	if (p->state.stage == PUBLICATION_LIVE && !p->advised)
		come_at(s,
		    p->state.stage_since.s + (int64_t)gate_default.testing_s);
	if (m->n_to > 0 && !m->may_add_told) {
		come_at(s, s->sight->horizon.s + 1);
		come_at(s,
		    publish_copies_end_without(&s->copies, m->to, m->n_to).s +
			1);
	}
	if (p->order.leave && !s->sight->may_leave)
		come_at(s, s->sight->leave_at.s);
	if (p->state.lost)
		come_at(s, publish_copies_end(&s->copies).s + 1);
}

/* ---- the step ---- */

static enum err
step(struct plan *s, bool is_new, const char *fresh_id)
{
	struct publication_wish wish;
	enum sts_mode before = publish_mode_of(s->p.state.body, s->a);
	enum err rc = publish_copies_read(&s->p, s->here->at, s->a, &s->copies);

	s->out->hosts_before = settled_hosts(s, &s->out->n_before);
	if (rc == ERR_OK && is_new && s->sight->fresh)
		rc = follow(s);
	if (rc == ERR_OK && !list_patterns(s))
		rc = ERR_MEMORY;
	if (rc != ERR_OK)
		return rc;
	publish_wish_make(&s->p, s->sight, &s->copies, s->patterns,
	    s->n_patterns, s->here->at, s->a, &wish, &s->out->publish);
	rc = publication_step(
	    &s->p.state, &wish, s->here, fresh_id, s->a, &s->out->publication);
	if (rc != ERR_OK)
		return rc;
	/* It was said of that policy, not of one that he may have next. */
	if (s->out->publication & 1U << PUBLICATION_IS_LIVE)
		s->p.may_replace = false;
	if (before != STS_MODE_ENFORCE &&
	    publish_mode_of(s->p.state.body, s->a) == STS_MODE_ENFORCE)
		note(s, PUBLISH_MODE_UP);
	accompany_move(s);
	s->out->forget = publish_copies_of_no_use(&s->copies, s->here->at);
	plan_next(s);
	return ERR_OK;
}

enum err
publish_plan_step(struct published *p, const struct publish_sight *sight,
    bool is_new, const struct publication_sight *here, const char *fresh_id,
    struct arena *a, struct publish_step *out)
{
	struct plan s = { .p = *p,
		.before = p,
		.sight = sight,
		.here = here,
		.a = a,
		.out = out };
	enum err rc;

	*out = (struct publish_step){ 0 };
	if (p->state.stage == PUBLICATION_ENDED)
		return ERR_OK;
	rc = step(&s, is_new, fresh_id);
	if (rc != ERR_OK || a->failed)
		return ERR_MEMORY;
	*p = s.p;
	return ERR_OK;
}
