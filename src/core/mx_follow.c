#include "core/mx_follow.h"

/* clang-format off */
const char *const mx_follow_mode_names[] = {
	[FOLLOW_AUTO]		= "auto",
	[FOLLOW_APPROVE]	= "approve",
	[FOLLOW_OFF]		= "off",
	NULL
};

const char *const mx_hold_names[] = {
	[MX_HOLD_NONE]		= "none",
	[MX_HOLD_UNKNOWN]	= "unknown",
	[MX_HOLD_APART]		= "apart",
	[MX_HOLD_EMPTY]		= "empty",
	NULL
};
/* clang-format on */

bool
mx_follow_is_settled(
    const struct mx_follow *f, const struct span *hosts, size_t n)
{
	size_t there = 0;

	for (size_t i = 0; i < f->n_patterns; i++) {
		if (f->patterns[i].gone)
			continue;
		if (!span_in(f->patterns[i].host, hosts, n))
			return false;
		there++;
	}
	return there == n;
}

static struct span *
copy_hosts(const struct span *hosts, size_t n, struct arena *a)
{
	struct span *to = arena_array(a, n + 1, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = arena_span(a, hosts[i]);
	return a->failed ? NULL : to;
}

/* ---- holds ---- */

static enum mx_hold
hold_of(enum mx_sight_kind kind)
{
	switch (kind) {
	case MX_SIGHT_UNKNOWN:
		return MX_HOLD_UNKNOWN;
	case MX_SIGHT_APART:
		return MX_HOLD_APART;
	case MX_SIGHT_EMPTY:
		return MX_HOLD_EMPTY;
	case MX_SIGHT_HOSTS:
		break;
	}
	return MX_HOLD_NONE;
}

static unsigned
note_hold(struct mx_follow *f, const struct mx_sight *sight)
{
	enum mx_hold hold = hold_of(sight->kind);

	if (hold == f->hold)
		return 0;
	f->hold = hold;
	f->hold_since = sight->at;
	return 1U << (hold == MX_HOLD_NONE ? MX_FOLLOW_RELEASED
					   : MX_FOLLOW_HELD);
}

/* ---- patterns ---- */

/* The patterns as they are when the MX hosts are these: hosts that came behind
 * those that were there, and those that left marked so. NULL without memory. */
static struct mx_pattern *
patterns_for(const struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a, size_t *out_n)
{
	struct mx_pattern *all =
	    arena_array(a, f->n_patterns + n + 1, sizeof *all);

	*out_n = 0;
	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < f->n_patterns; i++) {
		struct mx_pattern p = f->patterns[i];
		bool there = span_in(p.host, hosts, n);

		if (!there && !p.gone)
			p.gone_at = now;
		p.gone = !there;
		all[(*out_n)++] = p;
	}
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < f->n_patterns; k++)
			known |= span_eq(f->patterns[k].host, hosts[i]);
		if (!known)
			all[(*out_n)++] = (struct mx_pattern){
				.host = arena_span(a, hosts[i]), .since = now
			};
	}
	return a->failed ? NULL : all;
}

/* These are the MX hosts from now on. False without memory, and f is as it
 * was. */
static bool
settle(struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a)
{
	size_t count;
	struct mx_pattern *all = patterns_for(f, hosts, n, now, a, &count);

	if (all == NULL)
		return false;
	f->patterns = all;
	f->n_patterns = count;
	f->state = MX_SETTLED;
	f->seen = NULL;
	f->n_seen = 0;
	f->rounds = 0;
	f->seen_told = false;
	return true;
}

static bool
may_go(const struct mx_pattern *p, const struct mx_follow_rules *rules,
    struct wall_time now)
{
	uint32_t wait = p->ttl > rules->overlap_s ? p->ttl : rules->overlap_s;

	return p->gone && now.s - p->gone_at.s >= wait &&
	       now.s > rules->horizon.s;
}

/* Only while the MX records are seen to be what the policy was made for. */
static unsigned
drop_patterns(struct mx_follow *f, const struct mx_follow_rules *rules,
    struct wall_time now)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_patterns; i++)
		if (!may_go(&f->patterns[i], rules, now))
			f->patterns[kept++] = f->patterns[i];
	if (kept == f->n_patterns)
		return 0;
	f->n_patterns = kept;
	return 1U << MX_FOLLOW_PATTERNS;
}

static void
note_ttl(struct mx_follow *f, uint32_t ttl)
{
	for (size_t i = 0; i < f->n_patterns; i++)
		if (!f->patterns[i].gone && f->patterns[i].ttl < ttl)
			f->patterns[i].ttl = ttl;
}

/* ---- the step ---- */

/* Another set than the settled one. */
static enum err
watch(struct mx_follow *f, const struct mx_sight *sight, struct arena *a)
{
	struct span *hosts;

	if (f->state != MX_SETTLED &&
	    span_set_eq(f->seen, f->n_seen, sight->hosts, sight->n_hosts)) {
		f->rounds++;
		return ERR_OK;
	}
	hosts = copy_hosts(sight->hosts, sight->n_hosts, a);
	if (hosts == NULL)
		return ERR_MEMORY;
	f->state = MX_WATCHED;
	f->seen = hosts;
	f->n_seen = sight->n_hosts;
	f->rounds = 1;
	f->seen_since = sight->at;
	f->seen_told = false;
	return ERR_OK;
}

/* It was seen often enough. */
static enum err
believe(struct mx_follow *f, const struct mx_follow_rules *rules,
    const struct mx_sight *sight, struct arena *a, unsigned *events)
{
	enum mx_follow_mode mode = rules->mode;

	if (!f->seen_told)
		*events |= 1U << MX_FOLLOW_BELIEVED;
	/* Who has just asked us to publish has approved of what there is. */
	if (f->n_patterns == 0)
		mode = FOLLOW_AUTO;
	switch (mode) {
	case FOLLOW_AUTO:
		if (!settle(f, sight->hosts, sight->n_hosts, sight->at, a))
			return ERR_MEMORY;
		note_ttl(f, sight->ttl);
		*events |= 1U << MX_FOLLOW_PATTERNS;
		return ERR_OK;
	case FOLLOW_APPROVE:
		if (f->state != MX_WAITING)
			*events |= 1U << MX_FOLLOW_ASKS;
		f->state = MX_WAITING;
		break;
	case FOLLOW_OFF:
		f->state = MX_WATCHED;
		break;
	}
	f->seen_told = true;
	return ERR_OK;
}

static void
forget_seen(struct mx_follow *f)
{
	f->state = MX_SETTLED;
	f->seen = NULL;
	f->n_seen = 0;
	f->rounds = 0;
	f->seen_told = false;
}

static enum err
see_hosts(struct mx_follow *f, const struct mx_follow_rules *rules,
    const struct mx_sight *sight, struct arena *a, unsigned *events)
{
	enum err rc;

	if (f->n_patterns > 0 &&
	    mx_follow_is_settled(f, sight->hosts, sight->n_hosts)) {
		forget_seen(f);
		note_ttl(f, sight->ttl);
		*events |= drop_patterns(f, rules, sight->at);
		return ERR_OK;
	}
	rc = watch(f, sight, a);
	if (rc == ERR_OK && f->rounds >= MX_FOLLOW_ROUNDS)
		rc = believe(f, rules, sight, a, events);
	return rc;
}

enum err
mx_follow_step(struct mx_follow *f, const struct mx_follow_rules *rules,
    const struct mx_sight *sight, struct arena *a, unsigned *events)
{
	struct mx_follow next = *f;
	enum err rc = ERR_OK;

	*events = note_hold(&next, sight);
	/* A round in between that saw nothing to believe begins the count anew:
	 * "in a row" is what an attacker has to keep up. */
	if (sight->kind != MX_SIGHT_HOSTS) {
		if (next.state == MX_WATCHED && !next.seen_told)
			next.rounds = 0;
	} else {
		rc = see_hosts(&next, rules, sight, a, events);
	}
	if (rc != ERR_OK || a->failed)
		return ERR_MEMORY;
	*f = next;
	return ERR_OK;
}

bool
mx_follow_approve(struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a)
{
	return f->state == MX_WAITING &&
	       span_set_eq(f->seen, f->n_seen, hosts, n) &&
	       settle(f, hosts, n, now, a);
}

bool
mx_follow_leave(struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a)
{
	struct mx_pattern *all =
	    arena_array(a, f->n_patterns + n + 1, sizeof *all);
	size_t count = f->n_patterns;

	if (all == NULL)
		return false;
	if (count == 0)
		return true;
	memcpy(all, f->patterns, count * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < count; k++)
			known |= span_eq(all[k].host, hosts[i]);
		if (!known)
			all[count++] = (struct mx_pattern){ .host = arena_span(
								a, hosts[i]),
				.since = now,
				.gone = true,
				.gone_at = now };
	}
	if (a->failed)
		return false;
	f->patterns = all;
	f->n_patterns = count;
	return true;
}
