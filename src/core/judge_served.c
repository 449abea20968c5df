/* What is served for a domain whose policy we publish, against what should be:
 * L18, P05, P06. */
#include "core/judge_published.h"

/* Every edge serves a new body within seconds, or it goes out of the count; an
 * address that is in front of them may keep one a little. */
enum { SERVE_GRACE_S = 15 * 60 };

static bool
is_served(const struct fetch *t)
{
	return t->result == TALK_OK && t->status == 200;
}

/* Which of ours it is; 0: none. */
static uint64_t
version_of(const struct published *p, struct span body)
{
	if (span_eq(p->state.body, body))
		return p->state.version;
	for (size_t i = 0; i < p->n_bodies; i++)
		if (span_eq(p->bodies[i].body, body))
			return p->bodies[i].version;
	return 0;
}

/* Since when the current one is to be served. */
static struct wall_time
served_since(const struct published *p)
{
	for (size_t i = 0; i < p->n_bodies; i++)
		if (p->bodies[i].version == p->state.version)
			return p->bodies[i].at;
	return p->state.change_since;
}

/* The first of all. */
static struct wall_time
began(const struct published *p)
{
	return p->n_bodies > 0 ? p->bodies[p->n_bodies - 1].at
			       : p->state.change_since;
}

static struct finding *
fault_at(struct outlook *o, enum check_id id, const struct fetch *t)
{
	struct finding *f = docket_fail(o->d, id, o->d->ev->host_a.name);

	f->address = t->address;
	return f;
}

/* L18. */
static void
judge_alien(struct outlook *o, const struct fetch *t)
{
	struct finding *f;

	if (o->l->file.seen_at.s < began(o->p).s)
		return;
	f = fault_at(o, CHECK_CHANGE_UNEXPECTED_BODY, t);
	finding_say(o->d, f,
	    "What %s (%s) serves was never published: it begins \"%s\".",
	    docket_quote(o->d, o->d->ev->host_a.name), ip_format(t->address).s,
	    docket_quote(o->d, t->body));
}

static bool
is_announced(const struct outlook *o)
{
	return o->d->out->record == THING_OK && o->p->state.id[0] != '\0' &&
	       span_eq(o->d->out->rrset.record.id, span_str(o->p->state.id));
}

/* P05: seen under the id that was announced for a later one. False: it is not
 * so. */
static bool
judge_order(struct outlook *o, const struct fetch *t, uint64_t version)
{
	const struct publication *s = &o->p->state;
	struct finding *f;

	if (version >= s->id_version || !is_announced(o) ||
	    o->l->file.seen_at.s <= s->id_since.s)
		return false;
	f = fault_at(o, CHECK_AUTO_ORDER_VIOLATED, t);
	finding_say(o->d, f,
	    "The id \"%s\" was announced at %s for version %llu of the policy, "
	    "but %s still serves version %llu.",
	    s->id, docket_date(o->d, s->id_since),
	    (unsigned long long)s->id_version, ip_format(t->address).s,
	    (unsigned long long)version);
	return true;
}

static bool
is_within_grace(const struct outlook *o)
{
	return o->l->file.seen_at.s - served_since(o->p).s <= SERVE_GRACE_S;
}

/* P06: an earlier one. */
static void
judge_older(struct outlook *o, const struct fetch *t, uint64_t version)
{
	bool order = judge_order(o, t, version);
	struct finding *f;

	if (version == o->p->state.version || (!order && is_within_grace(o)))
		return;
	f = fault_at(o, CHECK_AUTO_SERVED_NOT_INTENDED, t);
	finding_say(o->d, f,
	    "%s (%s) serves version %llu of the policy; version %llu is to be "
	    "served since %s.",
	    docket_quote(o->d, o->d->ev->host_a.name), ip_format(t->address).s,
	    (unsigned long long)version,
	    (unsigned long long)o->p->state.version,
	    docket_date(o->d, served_since(o->p)));
	if (order)
		f->blocked_by = CHECK_AUTO_ORDER_VIOLATED;
}

/* The first failure on the way to the file. CHECKS: there is none, and the
 * server has answered. */
static enum check_id
why_nothing(const struct docket *d)
{
	for (enum check_id id = CHECK_HOST_NXDOMAIN;
	     id <= CHECK_HTTPS_CLIENT_CERT_ASKED; id++)
		if (docket_has_failed(d, id))
			return id;
	return CHECKS;
}

/* P06: none at all. Where nobody was reached that is said more exactly; but an
 * answer of 404 is an edge that does not know of its policy. */
static void
judge_nothing(struct outlook *o)
{
	enum check_id id = CHECK_AUTO_SERVED_NOT_INTENDED;
	struct finding *f;

	if ((o->d->out->policy != THING_UNREACHABLE &&
		o->d->out->policy != THING_NONE) ||
	    is_within_grace(o))
		return;
	f = docket_fail(o->d, id, o->d->ev->host_a.name);
	finding_say(o->d, f,
	    "No policy can be fetched from %s; version %llu is to be served "
	    "since %s.",
	    docket_quote(o->d, o->d->ev->host_a.name),
	    (unsigned long long)o->p->state.version,
	    docket_date(o->d, served_since(o->p)));
	f->blocked_by = why_nothing(o->d);
	if (f->blocked_by != CHECKS)
		return;
	docket_follows(o->d, 0, CHECK_HTTP_REDIRECT, CHECK_HTTP_RATELIMIT, id);
	docket_follows(
	    o->d, 0, CHECK_REMOVAL_FILE_GONE, CHECK_REMOVAL_FILE_GONE, id);
}

/* What is wrong with a policy that should not be there needs no mending. */
static void
own_contents(struct outlook *o)
{
	static const enum check_id causes[] = { CHECK_CHANGE_UNEXPECTED_BODY,
		CHECK_AUTO_ORDER_VIOLATED, CHECK_AUTO_SERVED_NOT_INTENDED };

	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		if (!docket_has_failed(o->d, causes[i]))
			continue;
		docket_follows(o->d, 0, CHECK_HTTP_CONTENT_TYPE,
		    CHECK_MATCH_MULTI_LABEL, causes[i]);
		docket_follows(o->d, 0, CHECK_VANTAGE_BODY_DIFFERS,
		    CHECK_VANTAGE_BODY_DIFFERS, causes[i]);
		docket_follows(o->d, 0, CHECK_CHANGE_ID_NOT_ROTATED,
		    CHECK_CHANGE_MX_BEFORE_POLICY, causes[i]);
		return;
	}
}

void
judge_served(struct outlook *o)
{
	const struct evidence *ev = o->d->ev;
	size_t served = 0;

	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *t = &ev->fetches[i];
		uint64_t version;

		if (!is_served(t))
			continue;
		served++;
		version = version_of(o->p, t->body);
		if (version == 0 && (o->host == WAY_HERE || o->is_settled))
			judge_alien(o, t);
		else if (version != 0 && o->host == WAY_HERE)
			judge_older(o, t, version);
	}
	if (served == 0) {
		if (o->host == WAY_HERE)
			judge_nothing(o);
		return;
	}
	own_contents(o);
	docket_pass(o->d, CHECK_CHANGE_UNEXPECTED_BODY);
	docket_pass(o->d, CHECK_AUTO_ORDER_VIOLATED);
	docket_pass(o->d, CHECK_AUTO_SERVED_NOT_INTENDED);
}
