#include "out/publish_steps.h"

#include <stdarg.h>

#include "base/escape.h"
#include "base/limits.h"
#include "core/words.h"

enum { NAME_SHOWN = 80, TEXT_SHOWN = 400 };

/* clang-format off */
const char *const publish_step_names[] = {
	[PUBLISH_STEP_CNAMES]		= "cnames",
	[PUBLISH_STEP_CERTIFICATE]	= "certificate",
	[PUBLISH_STEP_FILE]		= "file",
	[PUBLISH_STEP_ID]		= "id",
	[PUBLISH_STEP_MODE]		= "mode",
	[PUBLISH_STEP_FOLLOW]		= "follow",
	[PUBLISH_STEP_MOVE]		= "move",
	[PUBLISH_STEP_REMOVAL]		= "removal",
	NULL
};

const char *const publish_step_state_names[] = {
	[PUBLISH_STEP_DONE]	= "done",
	[PUBLISH_STEP_WAITS]	= "waits",
	[PUBLISH_STEP_TROUBLE]	= "trouble",
	[PUBLISH_STEP_LATER]	= "later",
	NULL
};
/* clang-format on */

struct telling {
	const struct publish_state *s;
	struct arena *a;
	struct publish_steps *out;
};

static struct publish_stepped *
step(struct telling *t, enum publish_step_kind kind,
    enum publish_step_state state)
{
	struct publish_stepped *o = &t->out->all[t->out->n++];

	*o = (struct publish_stepped){ kind, state, SPAN(""), SPAN("") };
	return o;
}

/* One more sentence behind those that are there. */
static void
add(struct telling *t, struct publish_stepped *o, const char *fmt, ...)
    PRINTF(3, 4);

static void
add(struct telling *t, struct publish_stepped *o, const char *fmt, ...)
{
	struct span s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(t->a, fmt, ap);
	va_end(ap);
	o->text = o->text.n == 0
		      ? s
		      : arena_printf(t->a, "%.*s %.*s", (int)o->text.n,
			    o->text.p, (int)s.n, s.p);
}

/* A line to copy. */
static void
line(struct telling *t, struct publish_stepped *o, struct span s)
{
	o->text = arena_printf(
	    t->a, "%.*s\n%.*s", (int)o->text.n, o->text.p, (int)s.n, s.p);
}

static void
command(struct telling *t, struct publish_stepped *o, const char *rest)
{
	const struct span name = t->s->p.name;

	o->command = arena_printf(t->a, "mtasts %s %.*s%s",
	    o->kind == PUBLISH_STEP_MOVE ? "plan mx-move" : "publish",
	    (int)name.n, name.p, rest);
}

static const char *
date(struct telling *t, struct wall_time at)
{
	return words_date(t->a, at);
}

static const char *
shown(struct telling *t, struct span s, size_t max)
{
	return escape_str(t->a, s, max);
}

/* ---- the CNAMEs ---- */

static bool
is_ending(const struct published *p)
{
	return p->state.stage == PUBLICATION_REMOVABLE ||
	       p->state.stage == PUBLICATION_ENDED;
}

static void
add_cname(struct telling *t, struct publish_stepped *o, const char *label,
    const struct ledger_presence *seen)
{
	const struct span name = t->s->p.name;

	switch (seen->sight) {
	case SIGHT_UNKNOWN:
		add(t, o, "%s.%.*s was not looked at yet.", label, (int)name.n,
		    name.p);
		break;
	case SIGHT_ABSENT:
		add(t, o, "%s.%.*s is no CNAME (seen %s).", label, (int)name.n,
		    name.p, date(t, seen->seen_at));
		break;
	case SIGHT_PRESENT:
	case SIGHT_BROKEN:
		add(t, o, "%s.%.*s is a CNAME (seen %s).", label, (int)name.n,
		    name.p, date(t, seen->seen_at));
		break;
	}
}

static void
line_cname(struct telling *t, struct publish_stepped *o, const char *label)
{
	const struct published *p = &t->s->p;

	if (p->target.n == 0)
		return;
	line(t, o,
	    arena_printf(t->a, "%s.%.*s. 3600 IN CNAME %.*s.", label,
		(int)p->name.n, p->name.p, (int)p->target.n, p->target.p));
}

static void
tell_cnames(struct telling *t)
{
	const struct publish_state *s = t->s;
	const struct published *p = &s->p;
	bool awaited = p->state.stage == PUBLICATION_AWAITED;
	struct publish_stepped *o = step(t, PUBLISH_STEP_CNAMES,
	    p->state.lost && !is_ending(p) ? PUBLISH_STEP_TROUBLE
	    : awaited			   ? PUBLISH_STEP_WAITS
					   : PUBLISH_STEP_DONE);

	if (is_ending(p)) {
		add(t, o, "Both may be removed now.");
		return;
	}
	if (o->state == PUBLISH_STEP_DONE) {
		add(t, o, "Both lead to %.*s.", (int)p->target.n, p->target.p);
		return;
	}
	if (p->state.lost)
		add(t, o,
		    "They do not both lead here any more, since %s. Policy and "
		    "record are served on, for senders may hold them.",
		    date(t, p->state.lost_since));
	else
		add(t, o, "They do not both lead here yet.");
	add_cname(t, o, "mta-sts", &s->host_cname);
	add_cname(t, o, "_mta-sts", &s->txt_cname);
	line_cname(t, o, "mta-sts");
	line_cname(t, o, "_mta-sts");
}

/* ---- the certificate ---- */

static enum publish_step_state
certificate_state(const struct published *p)
{
	if (p->certificate.failing_since.s > 0)
		return PUBLISH_STEP_TROUBLE;
	if (p->certificate.exists)
		return PUBLISH_STEP_DONE;
	switch (p->state.stage) {
	case PUBLICATION_AWAITED:
		return PUBLISH_STEP_LATER;
	case PUBLICATION_CERTIFYING:
		return PUBLISH_STEP_WAITS;
	case PUBLICATION_LIVE:
	case PUBLICATION_LEAVING:
	case PUBLICATION_REMOVABLE:
	case PUBLICATION_ENDED:
		break;
	}
	return PUBLISH_STEP_TROUBLE;
}

static void
tell_certificate(struct telling *t)
{
	const struct published *p = &t->s->p;
	const struct publish_certificate *c = &p->certificate;
	struct publish_stepped *o =
	    step(t, PUBLISH_STEP_CERTIFICATE, certificate_state(p));

	if (c->exists)
		add(t, o, "It is good until %s%s%s.", date(t, c->not_after),
		    c->issuer.n > 0 ? ", from " : "",
		    shown(t, c->issuer, TEXT_SHOWN));
	if (c->failing_since.s > 0)
		add(t, o, "%s fails since %s, next try %s: %s",
		    c->exists ? "Its renewal" : "The order",
		    date(t, c->failing_since), date(t, c->next_try),
		    shown(t, c->problem, TEXT_SHOWN));
	else if (o->state == PUBLISH_STEP_WAITS)
		add(t, o, "It is being ordered.");
	else if (o->state == PUBLISH_STEP_LATER)
		add(t, o, "It is ordered when both CNAMEs are there.");
	else if (!c->exists)
		add(t, o, "There is none.");
}

/* ---- the file, and the id behind it ---- */

static void
add_edges(struct telling *t, struct publish_stepped *o)
{
	const struct publish_state *s = t->s;
	bool served = s->is_served && s->edges.served >= s->served.body_number;

	if (s->edges.alive == 0)
		add(t, o, "No edge was heard of within the last minute.");
	else if (served)
		add(t, o, "It is served by all of %zu edge%s.", s->edges.alive,
		    s->edges.alive == 1 ? "" : "s");
	else
		add(t, o, "Not every one of %zu edge%s serves it yet.",
		    s->edges.alive, s->edges.alive == 1 ? "" : "s");
}

static void
tell_bar(struct telling *t, struct publish_stepped *o)
{
	const struct published *p = &t->s->p;

	o->state = PUBLISH_STEP_TROUBLE;
	add(t, o, "%s", shown(t, p->bar_text, TEXT_SHOWN));
	switch (p->bar) {
	case PUBLISH_FREE:
	case PUBLISH_NO_MX:
	case PUBLISH_TOO_LONG:
		break;
	case PUBLISH_FOREIGN:
		command(t, o, " --replace");
		break;
	}
}

static void
tell_file(struct telling *t)
{
	const struct publication *p = &t->s->p.state;
	struct publish_stepped *o = step(t, PUBLISH_STEP_FILE,
	    p->version == 0 ? PUBLISH_STEP_LATER
	    : p->change == CHANGE_FILE || p->change == CHANGE_PROVING
		? PUBLISH_STEP_WAITS
		: PUBLISH_STEP_DONE);

	if (p->version > 0) {
		add(t, o, "Version %llu.", (unsigned long long)p->version);
		add_edges(t, o);
	}
	switch (p->change) {
	case CHANGE_REST:
	case CHANGE_ID:
		if (p->version > 0)
			add(t, o,
			    "It was fetched from outside as it should "
			    "be.");
		break;
	case CHANGE_FILE:
		break;
	case CHANGE_PROVING:
		add(t, o,
		    "It is being fetched from outside, through every address "
		    "of the service, since %s.",
		    date(t, p->change_since));
		break;
	}
	if (p->version > 0 && t->s->edges.alive == 0)
		o->state = PUBLISH_STEP_TROUBLE;
	if (p->version == 0 && t->s->p.bar == PUBLISH_FREE)
		add(t, o, "It is served when there is a certificate.");
	if (t->s->p.bar != PUBLISH_FREE)
		tell_bar(t, o);
}

static void
tell_id(struct telling *t)
{
	const struct publication *p = &t->s->p.state;
	bool stalled = publication_is_stalled(p, t->s->now);
	struct publish_stepped *o = step(t, PUBLISH_STEP_ID,
	    p->id[0] == '\0'	     ? PUBLISH_STEP_LATER
	    : stalled		     ? PUBLISH_STEP_TROUBLE
	    : p->change == CHANGE_ID ? PUBLISH_STEP_WAITS
				     : PUBLISH_STEP_DONE);

	if (p->id[0] == '\0') {
		add(t, o, "It is announced when the file is proved.");
		return;
	}
	add(t, o, "%s is announced since %s.", p->id, date(t, p->id_since));
	if (stalled)
		add(t, o, "It should have changed within a day.");
	if (p->change == CHANGE_ID)
		add(t, o, "Not every name server has shown it yet.");
	else if (p->id_version < p->version)
		add(t, o, "The next one waits for the file.");
}

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
		line(t, o, s);
	}
}

static void
add_wish(struct telling *t, struct publish_stepped *o, enum sts_mode mode)
{
	const struct publish_order *order = &t->s->p.order;

	if (order->leave)
		add(t, o, "The policy is to end.");
	else
		add(t, o, "%s is wanted, to be kept for %s.",
		    order->mode == STS_MODE_ENFORCE ? "Enforce" : "Testing",
		    words_duration(t->a, order->max_age));
	if (mode != STS_MODE_UNSET)
		add(t, o, "The policy says %s.", sts_mode_names[mode]);
	if (order->override_by.n > 0)
		add(t, o, "%s said on %s to enforce whatever the gate says.",
		    shown(t, order->override_by, NAME_SHOWN),
		    date(t, order->override_at));
}

static void
tell_mode(struct telling *t)
{
	const struct published *p = &t->s->p;
	enum sts_mode mode = served_mode(t);
	enum sts_mode wanted = p->order.leave ? STS_MODE_NONE : p->order.mode;
	bool barred = p->gate_text.n > 0;
	struct publish_stepped *o = step(t, PUBLISH_STEP_MODE,
	    mode == STS_MODE_UNSET     ? PUBLISH_STEP_LATER
	    : barred || mode != wanted ? PUBLISH_STEP_WAITS
				       : PUBLISH_STEP_DONE);

	add_wish(t, o, mode);
	if (barred) {
		add(t, o, "The gate keeps enforce back since %s:",
		    date(t, p->gate_since));
		add_lines(t, o, p->gate_text);
	} else if (mode == STS_MODE_TESTING && mode == wanted && p->advised) {
		add(t, o, "Nothing speaks against enforce.");
		command(t, o, " --mode enforce");
	}
}

/* ---- the MX hosts ---- */

static void
add_patterns(struct telling *t, struct publish_stepped *o)
{
	const struct mx_follow *f = &t->s->p.follow;

	for (size_t i = 0; i < f->n_patterns; i++) {
		const struct mx_pattern *m = &f->patterns[i];

		line(t, o,
		    m->gone ? arena_printf(t->a, "mx: %s (left on %s)",
				  shown(t, m->host, NAME_SHOWN),
				  date(t, m->gone_at))
			    : arena_printf(t->a, "mx: %s",
				  shown(t, m->host, NAME_SHOWN)));
	}
}

static void
add_hold(struct telling *t, struct publish_stepped *o)
{
	const struct mx_follow *f = &t->s->p.follow;
	const char *since = date(t, f->hold_since);

	switch (f->hold) {
	case MX_HOLD_NONE:
		break;
	case MX_HOLD_UNKNOWN:
		add(t, o,
		    "The MX records could not be looked up since %s; the "
		    "policy stays as it is.",
		    since);
		break;
	case MX_HOLD_APART:
		add(t, o,
		    "The name servers do not agree on the MX records since "
		    "%s; the policy stays as it is.",
		    since);
		break;
	case MX_HOLD_EMPTY:
		add(t, o,
		    "There are no MX records since %s; the policy stays as it "
		    "is.",
		    since);
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
		const char *host = shown(t, f->seen[i], NAME_SHOWN);

		hosts = arena_printf(t->a, "%.*s%s%s", (int)hosts.n, hosts.p,
		    i > 0 ? ", " : "", host);
		options = arena_printf(
		    t->a, "%.*s --host %s", (int)options.n, options.p, host);
	}
	switch (f->state) {
	case MX_SETTLED:
		return;
	case MX_WATCHED:
		add(t, o, "Other MX hosts are seen since %s: %.*s. %s",
		    date(t, f->seen_since), (int)hosts.n, hosts.p,
		    f->seen_told ? "They do not reach the policy, as it was "
				   "wanted."
				 : "They have to be seen again.");
		break;
	case MX_WAITING:
		add(t, o, "Other MX hosts wait for approval since %s: %.*s.",
		    date(t, f->seen_since), (int)hosts.n, hosts.p);
		command(t, o,
		    arena_printf(
			t->a, " --approve%.*s", (int)options.n, options.p)
			.p);
		break;
	}
	if (o->state != PUBLISH_STEP_TROUBLE)
		o->state = PUBLISH_STEP_WAITS;
}

static void
tell_follow(struct telling *t)
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
	struct publish_stepped *o = step(t, PUBLISH_STEP_FOLLOW,
	    s->p.follow.n_patterns > 0 ? PUBLISH_STEP_DONE
				       : PUBLISH_STEP_WAITS);

	add(t, o, "%s", texts[s->p.order.follow]);
	if (s->has_sight && s->sight.horizon.s > s->now.s)
		add(t, o,
		    "Senders may hold copies that do not cover every MX host "
		    "until %s.",
		    date(t, s->sight.horizon));
	add_hold(t, o);
	add_seen(t, o);
	if (s->p.follow.n_patterns == 0)
		add(t, o, "No MX hosts were believed yet.");
	add_patterns(t, o);
}

/* ---- what is under way beside ---- */

static void
tell_move(struct telling *t)
{
	const struct publish_move *m = &t->s->p.move;
	struct publish_stepped *o;

	if (m->n_to == 0)
		return;
	o = step(t, PUBLISH_STEP_MOVE, PUBLISH_STEP_WAITS);
	add(t, o, "The MX move since %s. %s", date(t, m->since),
	    m->may_add_told ? "The MX records may be changed now."
			    : "The MX records must not be changed yet.");
	command(t, o, " --status");
	for (size_t i = 0; i < m->n_to; i++)
		line(t, o,
		    arena_printf(
			t->a, "to: %s", shown(t, m->to[i], NAME_SHOWN)));
}

static void
tell_removal(struct telling *t)
{
	const struct publish_state *s = t->s;
	const struct published *p = &s->p;
	struct publish_stepped *o;

	if (!p->order.leave)
		return;
	o = step(t, PUBLISH_STEP_REMOVAL,
	    is_ending(p) ? PUBLISH_STEP_DONE : PUBLISH_STEP_WAITS);
	switch (p->state.stage) {
	case PUBLICATION_AWAITED:
	case PUBLICATION_CERTIFYING:
	case PUBLICATION_LIVE:
		add(t, o, "It begins.");
		break;
	case PUBLICATION_LEAVING:
		add(t, o, "A policy of mode none is published since %s.",
		    date(t, p->state.stage_since));
		if (s->has_sight && !s->sight.may_leave &&
		    s->sight.leave_at.s > 0)
			add(t, o,
			    "Both CNAMEs have to stay until %s: until then a "
			    "sender may hold an older policy.",
			    date(t, s->sight.leave_at));
		command(t, o, " --keep");
		break;
	case PUBLICATION_REMOVABLE:
		add(t, o,
		    "No sender holds an older policy since %s: remove both "
		    "CNAMEs.",
		    date(t, p->state.stage_since));
		line_cname(t, o, "mta-sts");
		line_cname(t, o, "_mta-sts");
		break;
	case PUBLICATION_ENDED:
		add(t, o,
		    "It is over since %s. Who publishes it again gets other "
		    "CNAMEs.",
		    date(t, p->state.stage_since));
		break;
	}
}

enum err
publish_steps(
    const struct publish_state *s, struct arena *a, struct publish_steps *out)
{
	static void (*const parts[])(struct telling * t) = { tell_cnames,
		tell_certificate, tell_file, tell_id, tell_mode, tell_follow,
		tell_move, tell_removal };
	struct telling t = { s, a, out };

	*out = (struct publish_steps){ 0 };
	/* Of what has ended nothing is left but that. */
	if (s->p.state.stage == PUBLICATION_ENDED)
		tell_removal(&t);
	else
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			parts[i](&t);
	return a->failed ? ERR_MEMORY : ERR_OK;
}
