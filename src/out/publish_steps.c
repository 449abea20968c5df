#include "out/publish_steps.h"

#include "out/telling.h"

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

/* ---- the CNAMEs ---- */

static void
add_cname(struct telling *t, struct publish_stepped *o, const char *label,
    const struct ledger_presence *seen)
{
	const struct span name = t->s->p.name;

	switch (seen->sight) {
	case SIGHT_UNKNOWN:
		telling_add(t, o, "%s.%.*s was not looked at yet.", label,
		    (int)name.n, name.p);
		break;
	case SIGHT_ABSENT:
		telling_add(t, o, "%s.%.*s is no CNAME (seen %s).", label,
		    (int)name.n, name.p, telling_date(t, seen->seen_at));
		break;
	case SIGHT_PRESENT:
	case SIGHT_BROKEN:
		telling_add(t, o, "%s.%.*s is a CNAME (seen %s).", label,
		    (int)name.n, name.p, telling_date(t, seen->seen_at));
		break;
	}
}

/* Where a CNAME leads is not remembered. */
static bool
is_there(const struct publish_state *s)
{
	return s->host_cname.sight == SIGHT_PRESENT &&
	       s->txt_cname.sight == SIGHT_PRESENT;
}

static void
tell_cnames(struct telling *t)
{
	const struct publish_state *s = t->s;
	const struct published *p = &s->p;
	bool awaited = p->state.stage == PUBLICATION_AWAITED;
	struct publish_stepped *o = telling_step(t, PUBLISH_STEP_CNAMES,
	    p->state.lost && !telling_is_ending(p) ? PUBLISH_STEP_TROUBLE
	    : awaited				   ? PUBLISH_STEP_WAITS
						   : PUBLISH_STEP_DONE);

	if (telling_is_ending(p)) {
		telling_add(t, o, "Both may be removed now.");
		return;
	}
	if (o->state == PUBLISH_STEP_DONE) {
		telling_add(
		    t, o, "Both lead to %.*s.", (int)p->target.n, p->target.p);
		return;
	}
	if (p->state.lost)
		telling_add(t, o,
		    "They do not both lead here any more, since %s. Policy and "
		    "record are served on, for senders may hold them.",
		    telling_date(t, p->state.lost_since));
	else
		telling_add(t, o, "They do not both lead here yet.");
	add_cname(t, o, "mta-sts", &s->host_cname);
	add_cname(t, o, "_mta-sts", &s->txt_cname);
	telling_add(t, o, "%s",
	    is_there(s)
		? "If they do not read as below, correct them; else they are "
		  "noticed within minutes."
		: "They have to read:");
	telling_line_cname(t, o, "mta-sts");
	telling_line_cname(t, o, "_mta-sts");
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
	    telling_step(t, PUBLISH_STEP_CERTIFICATE, certificate_state(p));

	if (c->exists)
		telling_add(t, o, "It is good until %s%s%s.",
		    telling_date(t, c->not_after),
		    c->issuer.n > 0 ? ", from " : "",
		    telling_shown(t, c->issuer, TEXT_SHOWN));
	if (c->failing_since.s > 0)
		telling_add(t, o, "%s fails since %s, next try %s: %s",
		    c->exists ? "Its renewal" : "The order",
		    telling_date(t, c->failing_since),
		    telling_date(t, c->next_try),
		    telling_shown(t, c->problem, TEXT_SHOWN));
	else if (o->state == PUBLISH_STEP_WAITS)
		telling_add(t, o, "It is being ordered.");
	else if (o->state == PUBLISH_STEP_LATER)
		telling_add(t, o, "It is ordered when both CNAMEs are there.");
	else if (!c->exists)
		telling_add(t, o, "There is none.");
}

/* ---- the file, and the id behind it ---- */

bool
publish_is_served(const struct publish_state *s)
{
	return s->edges.alive > 0 && s->p.state.version > 0 && s->is_served &&
	       s->edges.served >= s->served.body_number;
}

static void
add_edges(struct telling *t, struct publish_stepped *o)
{
	const struct publish_state *s = t->s;

	if (s->edges.alive == 0)
		telling_add(
		    t, o, "No edge was heard of within the last minute.");
	else if (publish_is_served(s))
		telling_add(t, o, "It is served by all of %zu edge%s.",
		    s->edges.alive, s->edges.alive == 1 ? "" : "s");
	else
		telling_add(t, o, "Not every one of %zu edge%s serves it yet.",
		    s->edges.alive, s->edges.alive == 1 ? "" : "s");
}

static void
tell_bar(struct telling *t, struct publish_stepped *o)
{
	const struct published *p = &t->s->p;

	o->state = PUBLISH_STEP_TROUBLE;
	telling_add(t, o, "%s", telling_shown(t, p->bar_text, TEXT_SHOWN));
	switch (p->bar) {
	case PUBLISH_NO_MX:
		if (p->follow.hold == MX_HOLD_EMPTY)
			telling_add(t, o, "Is its name spelt right?");
		break;
	case PUBLISH_FREE:
	case PUBLISH_TOO_LONG:
		break;
	case PUBLISH_FOREIGN:
		telling_command(t, o, " --replace");
		break;
	}
}

static void
tell_file(struct telling *t)
{
	const struct publication *p = &t->s->p.state;
	struct publish_stepped *o = telling_step(t, PUBLISH_STEP_FILE,
	    p->version == 0 ? PUBLISH_STEP_LATER
	    : p->change == CHANGE_FILE || p->change == CHANGE_PROVING
		? PUBLISH_STEP_WAITS
		: PUBLISH_STEP_DONE);

	if (p->version > 0) {
		telling_add(
		    t, o, "Version %llu.", (unsigned long long)p->version);
		add_edges(t, o);
	}
	switch (p->change) {
	case CHANGE_REST:
	case CHANGE_ID:
		if (p->version > 0)
			telling_add(t, o,
			    "It was fetched from outside as it should "
			    "be.");
		break;
	case CHANGE_FILE:
		break;
	case CHANGE_PROVING:
		telling_add(t, o,
		    "It is being fetched from outside, through every address "
		    "of the service, since %s.",
		    telling_date(t, p->change_since));
		break;
	}
	if (p->version > 0 && t->s->edges.alive == 0)
		o->state = PUBLISH_STEP_TROUBLE;
	if (p->version == 0 && t->s->p.bar == PUBLISH_FREE)
		telling_add(t, o, "It is served when there is a certificate.");
	if (t->s->p.bar != PUBLISH_FREE)
		tell_bar(t, o);
}

static void
tell_id(struct telling *t)
{
	const struct publication *p = &t->s->p.state;
	bool stalled = publication_is_stalled(p, t->s->now);
	struct publish_stepped *o = telling_step(t, PUBLISH_STEP_ID,
	    p->id[0] == '\0'	     ? PUBLISH_STEP_LATER
	    : stalled		     ? PUBLISH_STEP_TROUBLE
	    : p->change == CHANGE_ID ? PUBLISH_STEP_WAITS
				     : PUBLISH_STEP_DONE);

	if (p->id[0] == '\0') {
		telling_add(t, o, "It is announced when the file is proved.");
		return;
	}
	telling_add(t, o, "%s is announced since %s.", p->id,
	    telling_date(t, p->id_since));
	if (stalled)
		telling_add(t, o, "It should have changed within a day.");
	if (p->change == CHANGE_ID)
		telling_add(t, o, "Not every name server has shown it yet.");
	else if (p->id_version < p->version)
		telling_add(t, o, "The next one waits for the file.");
}

enum err
publish_steps(
    const struct publish_state *s, struct arena *a, struct publish_steps *out)
{
	static void (*const parts[])(struct telling * t) = { tell_cnames,
		tell_certificate, tell_file, tell_id, telling_mode,
		telling_follow, telling_move, telling_removal };
	struct telling t = { s, a, out };

	*out = (struct publish_steps){ 0 };
	/* Of what has ended nothing is left but that. */
	if (s->p.state.stage == PUBLICATION_ENDED)
		telling_removal(&t);
	else
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			parts[i](&t);
	return a->failed ? ERR_MEMORY : ERR_OK;
}
