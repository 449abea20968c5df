/* What is new in the sight of a round, and who waits for it. */
#include "base/limits.h"
#include "core/publish_sight.h"
#include "wire/mx_match.h"

void
publish_sight_carry(
    struct publish_sight *s, const struct publish_sight *before, bool stepped)
{
	if (s->fresh)
		return;
	s->mx = before->mx;
	s->fresh = before->fresh && !stepped;
}

/* A TTL from a cache is another every time. */
static bool
same_mx(const struct mx_sight *a, const struct mx_sight *b)
{
	return a->kind == b->kind &&
	       span_set_eq(a->hosts, a->n_hosts, b->hosts, b->n_hosts);
}

bool
publish_sight_same(const struct publish_sight *a, const struct publish_sight *b)
{
	return same_mx(&a->mx, &b->mx) && a->gate_open == b->gate_open &&
	       span_eq(a->gate_text, b->gate_text) &&
	       (a->horizon.s == 0) == (b->horizon.s == 0) &&
	       a->may_leave == b->may_leave && span_eq(a->foreign, b->foreign);
}

/* Are these hosts other than what is published, and not yet believed? */
static bool
is_news(const struct mx_follow *f, const struct span *hosts, size_t n)
{
	if (n == 0 || mx_follow_is_settled(f, hosts, n))
		return false;
	return f->state == MX_SETTLED || !f->seen_told ||
	       !span_set_eq(f->seen, f->n_seen, hosts, n);
}

bool
publish_sight_is_awaited(
    const struct publish_sight *s, const struct published *p)
{
	const struct mx_follow *f = &p->follow;

	if (s->fresh &&
	    (f->state != MX_SETTLED || f->n_patterns == 0 ||
		f->hold != MX_HOLD_NONE || s->mx.kind != MX_SIGHT_HOSTS ||
		is_news(f, s->mx.hosts, s->mx.n_hosts)))
		return true;
	return (p->state.stage == PUBLICATION_LEAVING && s->may_leave) ||
	       (p->move.n_to > 0 && !p->move.may_add_told) ||
	       (p->gate_text.n > 0 && s->gate_open) ||
	       (p->bar == PUBLISH_FOREIGN && s->foreign.n == 0);
}

bool
publish_sight_is_in_line(
    const struct publish_sight *s, const struct publish_sight *last)
{
	return s->fresh && last->fresh && same_mx(&s->mx, &last->mx);
}

bool
publish_sight_wants_more(const struct publish_sight *s, const struct judged *j,
    const struct published *p)
{
	const struct dns_answer *mx = &j->evidence->mx;
	struct span hosts[LIMIT_MX_HOSTS];
	size_t n = 0;

	if (p->state.stage == PUBLICATION_ENDED)
		return false;
	if (s->fresh && s->mx.at.s == j->now.s)
		return is_news(&p->follow, s->mx.hosts, s->mx.n_hosts);
	for (size_t i = 0; i < mx->n_mx && n < LIMIT_MX_HOSTS; i++)
		if (mx_pattern_check(mx->mx[i].host) == MX_PATTERN_OK &&
		    !span_in(mx->mx[i].host, hosts, n))
			hosts[n++] = mx->mx[i].host;
	return is_news(&p->follow, hosts, n);
}
