/* What the publish role sees itself: the delegation, the proof, the id. */
#include "core/published.h"
#include "roles/publish.h"
#include "wire/name.h"

/* One look under way. */
struct looking {
	const struct role_env *env;
	const struct publish_eyes *w;
	struct publish_case *c;
	struct mono_time deadline;
};

/* ---- the delegation ---- */

static enum publish_lead
follow_lead(struct looking *l, const char *label)
{
	struct publish_case *c = l->c;
	struct span name = name_below(&c->arena, label, c->p.name);

	return l->w->lead(l->w, name, c->p.target, l->deadline, &c->arena);
}

/* Two CNAMEs are not enough to begin with: until the target is known everywhere
 * a CA that is sent there finds nobody, and counts that as a failure. */
static bool
has_arrived(struct looking *l)
{
	struct publish_case *c = l->c;
	struct span host = name_below(&c->arena, "mta-sts", c->p.name);

	return c->p.state.stage != PUBLICATION_AWAITED ||
	       l->w->arrives(l->w, host, l->deadline, &c->arena);
}

/* One that is unknown could be either: so is the whole. */
static void
see_delegation(struct looking *l)
{
	enum publish_lead host = follow_lead(l, "mta-sts");
	enum publish_lead txt = follow_lead(l, "_mta-sts");

	if (host == LEAD_UNKNOWN || txt == LEAD_UNKNOWN)
		l->c->delegation = DELEGATION_UNKNOWN;
	else if (host == LEAD_OURS && txt == LEAD_OURS)
		l->c->delegation =
		    has_arrived(l) ? DELEGATION_WHOLE : DELEGATION_UNKNOWN;
	else if (host == LEAD_OURS || txt == LEAD_OURS)
		l->c->delegation = DELEGATION_PART;
	else
		l->c->delegation = DELEGATION_NONE;
}

/* ---- what addresses show ---- */

/* An address that nobody answers at shows nothing to senders either: it is no
 * proof, and it does not stand in the way, or one edge that is down would hold
 * up every policy for as long as that lasts. It loads what is new before it
 * serves again (store/served.h). But what answers must show what it should,
 * whether it is counted among the living or not: an edge that has lost the
 * store goes on with what it had, and a sender that came to it under the new id
 * would keep that for weeks. */
struct showing {
	bool any, all;
};

static void
add_shown(struct showing *s, enum publish_shown shown)
{
	switch (shown) {
	case SHOWN_NOTHING:
		return;
	case SHOWN_OTHER:
		s->all = false;
		return;
	case SHOWN_IT:
		s->any = true;
		return;
	}
}

static void
prove(struct looking *l)
{
	struct publish_case *c = l->c;
	const struct config_list *addresses =
	    &l->env->config->service_addresses;
	struct showing s = { .all = true };

	for (size_t i = 0; s.all && i < addresses->n; i++) {
		struct ip_addr address;

		if (ip_parse(span_str(addresses->items[i]), &address))
			add_shown(
			    &s, l->w->page(l->w, c->p.name, address,
				    c->p.state.body, l->deadline, &c->arena));
	}
	c->proved = s.any && s.all;
}

static void
see_id(struct looking *l)
{
	struct publish_case *c = l->c;
	struct publish_server *servers;
	struct showing s = { .all = true };
	size_t n;

	if (!l->w->servers(l->w, l->deadline, &c->arena, &servers, &n))
		return;
	for (size_t i = 0; s.all && i < n; i++)
		add_shown(
		    &s, l->w->id(l->w, servers[i], c->p.target,
			    span_str(c->p.state.id), l->deadline, &c->arena));
	c->id_shown = s.any && s.all;
}

void
publish_look(const struct role_env *env, const struct publish_eyes *w,
    struct publish_case *c)
{
	struct looking l = { env, w, c,
		mono_after_ms(clock_mono(env->clock), PUBLISH_LOOK_MS) };

	c->delegation = DELEGATION_UNKNOWN;
	c->proved = c->id_shown = false;
	see_delegation(&l);
	if (c->prove)
		prove(&l);
	if (c->p.state.change == CHANGE_ID)
		see_id(&l);
	/* Whoever did not answer may have been cut off, and whoever was not
	 * asked may show something else. */
	c->cut = stop_is_pulled(env->stop) ||
		 mono_ms_until(clock_mono(env->clock), l.deadline) <= 0;
	if (c->cut) {
		c->delegation = DELEGATION_UNKNOWN;
		c->proved = c->id_shown = false;
	}
}
