#include "core/words.h"
#include "out/telling.h"

/* ---- the mode ---- */

static enum sts_mode
served_mode(struct telling *t)
{
	struct sts_policy policy;

	if (t->s->p.state.body.n == 0)
		return STS_MODE_UNSET;
	sts_policy_parse(t->s->p.state.body, t->a, &policy);
	return policy.mode;
}

static void
add_lines(struct telling *t, struct publish_stepped *o, struct span lines)
{
	while (lines.n > 0) {
		struct span s = span_head(lines, span_find(lines, '\n'));

		lines = span_skip(lines, s.n + 1);
		telling_line(t, o, s);
	}
}

static void
add_wish(struct telling *t, struct publish_stepped *o, enum sts_mode mode)
{
	const struct publish_order *order = &t->s->p.order;

	if (order->leave)
		telling_add(t, o, "The policy is to end.");
	else
		telling_add(t, o, "%s is wanted, to be kept for %s.",
		    order->mode == STS_MODE_ENFORCE ? "Enforce" : "Testing",
		    words_duration(t->a, order->max_age));
	if (mode != STS_MODE_UNSET)
		telling_add(t, o, "The policy says %s.", sts_mode_names[mode]);
	if (order->override_by.n > 0)
		telling_add(t, o,
		    "%s said on %s to enforce whatever the gate says.",
		    telling_shown(t, order->override_by, NAME_SHOWN),
		    telling_date(t, order->override_at));
}

void
telling_mode(struct telling *t)
{
	const struct published *p = &t->s->p;
	enum sts_mode mode = served_mode(t);
	enum sts_mode wanted = p->order.leave ? STS_MODE_NONE : p->order.mode;
	bool barred = p->gate_text.n > 0;
	struct publish_stepped *o = telling_step(t, PUBLISH_STEP_MODE,
	    mode == STS_MODE_UNSET     ? PUBLISH_STEP_LATER
	    : barred || mode != wanted ? PUBLISH_STEP_WAITS
				       : PUBLISH_STEP_DONE);

	add_wish(t, o, mode);
	if (barred) {
		telling_add(t, o, "The gate keeps enforce back since %s:",
		    telling_date(t, p->gate_since));
		add_lines(t, o, p->gate_text);
	} else if (mode == STS_MODE_TESTING && mode == wanted && p->advised) {
		telling_add(t, o, "Nothing speaks against enforce.");
		telling_command(t, o, " --mode enforce");
	}
}

/* ---- the MX hosts ---- */

static void
add_patterns(struct telling *t, struct publish_stepped *o)
{
	const struct mx_follow *f = &t->s->p.follow;

	for (size_t i = 0; i < f->n_patterns; i++) {
		const struct mx_pattern *m = &f->patterns[i];

		telling_line(t, o,
		    m->gone ? arena_printf(t->a, "mx: %s (left on %s)",
				  telling_shown(t, m->host, NAME_SHOWN),
				  telling_date(t, m->gone_at))
			    : arena_printf(t->a, "mx: %s",
				  telling_shown(t, m->host, NAME_SHOWN)));
	}
}

static void
add_hold(struct telling *t, struct publish_stepped *o)
{
	const struct mx_follow *f = &t->s->p.follow;
	const char *since = telling_date(t, f->hold_since);
	const char *stays =
	    f->n_patterns > 0 ? "; the policy stays as it is" : "";

	switch (f->hold) {
	case MX_HOLD_NONE:
		break;
	case MX_HOLD_UNKNOWN:
		telling_add(t, o,
		    "The MX records could not be looked up since %s%s.", since,
		    stays);
		break;
	case MX_HOLD_APART:
		telling_add(t, o,
		    "The name servers do not agree on the MX records since "
		    "%s%s.",
		    since, stays);
		break;
	case MX_HOLD_EMPTY:
		telling_add(
		    t, o, "There are no MX records since %s%s.", since, stays);
		break;
	}
	if (f->hold != MX_HOLD_NONE)
		o->state = PUBLISH_STEP_TROUBLE;
}

static void
add_seen(struct telling *t, struct publish_stepped *o)
{
	const struct mx_follow *f = &t->s->p.follow;
	struct span hosts = SPAN(""), options = SPAN("");

	for (size_t i = 0; i < f->n_seen; i++) {
		const char *host = telling_shown(t, f->seen[i], NAME_SHOWN);

		hosts = arena_printf(t->a, "%.*s%s%s", (int)hosts.n, hosts.p,
		    i > 0 ? ", " : "", host);
		options = arena_printf(
		    t->a, "%.*s --host %s", (int)options.n, options.p, host);
	}
	switch (f->state) {
	case MX_SETTLED:
		return;
	case MX_WATCHED:
		telling_add(t, o, "Other MX hosts are seen since %s: %.*s. %s",
		    telling_date(t, f->seen_since), (int)hosts.n, hosts.p,
		    f->seen_told ? "They do not reach the policy, as it was "
				   "wanted."
				 : "They have to be seen again.");
		break;
	case MX_WAITING:
		telling_add(t, o,
		    "Other MX hosts wait for approval since %s: %.*s.",
		    telling_date(t, f->seen_since), (int)hosts.n, hosts.p);
		telling_command(t, o,
		    arena_printf(
			t->a, " --approve%.*s", (int)options.n, options.p)
			.p);
		break;
	}
	if (o->state != PUBLISH_STEP_TROUBLE)
		o->state = PUBLISH_STEP_WAITS;
}

void
telling_follow(struct telling *t)
{
	const struct publish_state *s = t->s;
	static const char *const texts[] = {
		[FOLLOW_AUTO] = "Changes of the MX records reach the policy by "
				"themselves.",
		[FOLLOW_APPROVE] = "Changes of the MX records reach the policy "
				   "when they are approved.",
		[FOLLOW_OFF] = "Changes of the MX records do not reach the "
			       "policy.",
	};
	struct publish_stepped *o = telling_step(t, PUBLISH_STEP_FOLLOW,
	    s->p.follow.n_patterns > 0 ? PUBLISH_STEP_DONE
				       : PUBLISH_STEP_WAITS);

	telling_add(t, o, "%s", texts[s->p.order.follow]);
	if (s->has_sight && s->sight.horizon.s > s->now.s)
		telling_add(t, o,
		    "Senders may hold copies that do not cover every MX host "
		    "until %s.",
		    telling_date(t, s->sight.horizon));
	add_hold(t, o);
	add_seen(t, o);
	if (s->p.follow.n_patterns == 0)
		telling_add(t, o, "No MX hosts were believed yet.");
	add_patterns(t, o);
}

/* ---- what is under way beside ---- */

void
telling_move(struct telling *t)
{
	const struct publish_state *s = t->s;
	const struct publish_move *m = &s->p.move;
	struct publish_stepped *o;

	if (m->n_to == 0)
		return;
	o = telling_step(t, PUBLISH_STEP_MOVE, PUBLISH_STEP_WAITS);
	telling_add(t, o, "The MX move since %s.", telling_date(t, m->since));
	if (m->may_add_told)
		telling_add(t, o, "The MX records may be changed now.");
	else if (s->has_sight && s->sight.horizon.s > s->now.s)
		telling_add(t, o,
		    "The MX records must not be changed before %s.",
		    telling_date(t, s->sight.horizon));
	else
		telling_add(t, o, "The MX records must not be changed yet.");
	telling_command(t, o, " --status");
	for (size_t i = 0; i < m->n_to; i++)
		telling_line(t, o,
		    arena_printf(t->a, "to: %s",
			telling_shown(t, m->to[i], NAME_SHOWN)));
}

void
telling_removal(struct telling *t)
{
	const struct publish_state *s = t->s;
	const struct published *p = &s->p;
	struct publish_stepped *o;

	if (!p->order.leave)
		return;
	o = telling_step(t, PUBLISH_STEP_REMOVAL,
	    telling_is_ending(p) ? PUBLISH_STEP_DONE : PUBLISH_STEP_WAITS);
	switch (p->state.stage) {
	case PUBLICATION_AWAITED:
	case PUBLICATION_CERTIFYING:
	case PUBLICATION_LIVE:
		telling_add(t, o, "It begins.");
		break;
	case PUBLICATION_LEAVING:
		telling_add(t, o,
		    "A policy of mode none is published since %s.",
		    telling_date(t, p->state.stage_since));
		if (s->has_sight && !s->sight.may_leave &&
		    s->sight.leave_at.s > 0)
			telling_add(t, o,
			    "Both CNAMEs have to stay until %s: until then a "
			    "sender may hold an older policy.",
			    telling_date(t, s->sight.leave_at));
		telling_command(t, o, " --keep");
		break;
	case PUBLICATION_REMOVABLE:
		telling_add(t, o,
		    "No sender holds an older policy since %s: remove both "
		    "CNAMEs.",
		    telling_date(t, p->state.stage_since));
		telling_line_cname(t, o, "mta-sts");
		telling_line_cname(t, o, "_mta-sts");
		break;
	case PUBLICATION_ENDED:
		telling_add(t, o,
		    "It is over since %s. Who publishes it again gets other "
		    "CNAMEs.",
		    telling_date(t, p->state.stage_since));
		break;
	}
}
