/* A domain whose policy we publish: what is seen of it from outside, against
 * what it should be. C02, C07, L18, P05, P06. */
#include "core/docket.h"
#include "core/ledger.h"
#include "core/published.h"
#include "wire/name.h"

enum {
	/* Every edge serves a new body within seconds, or it goes out of the
	 * count; an address that is in front of them may keep one a little. */
	SERVE_GRACE_S = 15 * 60,

	/* The publish role saw both CNAMEs before anything went out; our
	 * resolver may hold what was there before, for a day at the most. */
	CACHE_S = 86400,
};

/* Where one of the two names leads. */
enum way {
	WAY_UNKNOWN,
	WAY_NONE, /* no CNAME */
	WAY_ELSEWHERE,
	WAY_HERE,
};

struct outlook {
	struct docket *d;
	const struct ledger *l;
	const struct published *p;
	struct ledger_held held;
	bool is_out; /* announced, and not to be removed yet */
	bool is_settled; /* what the CNAMEs seem to be is what they are */
	enum way record, host;
};

/* ---- the two CNAMEs ---- */

bool
docket_leads_to_us(const struct docket *d, const struct dns_answer *a)
{
	if (d->published == NULL || d->published->target.n == 0)
		return false;
	for (size_t i = 0; i < a->n_chain; i++)
		if (name_eq(a->chain[i], d->published->target))
			return true;
	return false;
}

static enum way
way_of(const struct docket *d, const struct dns_answer *a)
{
	if (docket_leads_to_us(d, a))
		return WAY_HERE;
	if (a->n_chain > 0)
		return WAY_ELSEWHERE;
	return dns_is_known(a) ? WAY_NONE : WAY_UNKNOWN;
}

/* A name that we issued for somebody else, or for nobody: misread. */
static bool
is_of_our_zone(const struct published *p, struct span target)
{
	struct span zone = name_parent(p->target);

	return zone.n > 0 && name_is_under(target, zone);
}

/* Either may be NULL. */
static void
remedy_cnames(struct outlook *o, struct finding *f,
    const struct dns_answer *one, const struct dns_answer *other)
{
	const struct dns_answer *all[] = { one, other };
	struct span lines = SPAN("");
	const char *target = docket_quote(o->d, o->p->target);

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i] != NULL)
			lines = arena_printf(o->d->a, "%.*s\n%s. CNAME %s.",
			    (int)lines.n, lines.p,
			    docket_quote(o->d, all[i]->name), target);
	finding_remedy(o->d, f, "Publish %s:%.*s",
	    one != NULL && other != NULL ? "these records" : "this record",
	    (int)lines.n, lines.p);
}

/* C02. Before the first id is out the CNAME may still be another's; but not one
 * of ours that is none of this domain's. */
static void
judge_target(struct outlook *o, enum way way, const struct dns_answer *a)
{
	struct finding *f;

	if (way == WAY_HERE)
		docket_pass(o->d, CHECK_CNAME_TARGET_WRONG);
	if (way != WAY_ELSEWHERE ||
	    !(o->is_settled || is_of_our_zone(o->p, dns_owner(a))))
		return;
	f = docket_fail(o->d, CHECK_CNAME_TARGET_WRONG, a->name);
	finding_say(o->d, f,
	    "%s leads to %s, not to %s, which was issued for %s.",
	    docket_quote(o->d, a->name), docket_quote(o->d, dns_owner(a)),
	    docket_quote(o->d, o->p->target),
	    docket_quote(o->d, o->d->ev->domain));
	remedy_cnames(o, f, a, NULL);
}

/* The ledger may have seen the same. */
static struct finding *
removed_finding(struct outlook *o)
{
	struct judged *out = o->d->out;
	struct finding *f;

	for (size_t i = 0; i < out->n_findings; i++)
		if (out->findings[i].check == CHECK_CNAME_REMOVED_BY_SURPRISE)
			return &out->findings[i];
	f = docket_fail(
	    o->d, CHECK_CNAME_REMOVED_BY_SURPRISE, o->d->ev->domain);
	f->severity =
	    check_severity(CHECK_CNAME_REMOVED_BY_SURPRISE, o->held.stakes);
	return f;
}

static struct wall_time
copies_until(const struct outlook *o)
{
	return o->held.enforce_until.s > o->held.testing_until.s
		   ? o->held.enforce_until
		   : o->held.testing_until;
}

/* C07: what led here leads nowhere. */
static void
judge_removed(struct outlook *o)
{
	bool record = o->record == WAY_NONE, host = o->host == WAY_NONE;
	const struct evidence *ev = o->d->ev;
	struct wall_time until = copies_until(o);
	struct finding *f;

	if (!o->is_settled || (!record && !host)) {
		if (o->record == WAY_HERE && o->host == WAY_HERE)
			docket_pass(o->d, CHECK_CNAME_REMOVED_BY_SURPRISE);
		return;
	}
	f = removed_finding(o);
	finding_say(o->d, f,
	    "%s%s%s no longer lead%s to %s%s%s. What was published goes on "
	    "being served there.",
	    record ? docket_quote(o->d, ev->sts_txt.name) : "",
	    record && host ? " and " : "",
	    host ? docket_quote(o->d, ev->host_a.name) : "",
	    record && host ? "" : "s", docket_quote(o->d, o->p->target),
	    until.s > 0 ? ", while copies of the policy may be in use until "
			: "",
	    until.s > 0 ? docket_date(o->d, until) : "");
	remedy_cnames(
	    o, f, record ? &ev->sts_txt : NULL, host ? &ev->host_a : NULL);
}

static const enum check_id cause_of[] = {
	[WAY_UNKNOWN] = CHECKS,
	[WAY_NONE] = CHECK_CNAME_REMOVED_BY_SURPRISE,
	[WAY_ELSEWHERE] = CHECK_CNAME_TARGET_WRONG,
	[WAY_HERE] = CHECKS,
};

static bool
has_cause(const struct outlook *o, enum way way)
{
	return cause_of[way] != CHECKS &&
	       docket_has_failed(o->d, cause_of[way]);
}

/* What else is seen of a name that does not lead here is no cause. */
static void
own_consequences(struct outlook *o)
{
	static const struct {
		enum check_id first, last;
	} of_record[] = {
		{ CHECK_TXT_ABSENT_POLICY_PRESENT, CHECK_TXT_ABSENT },
		{ CHECK_CNAME_HALF_DELEGATED, CHECK_CNAME_HALF_DELEGATED },
		{ CHECK_CNAME_TWO_PUBLISHERS, CHECK_CNAME_TWO_PUBLISHERS },
		{ CHECK_REMOVAL_TXT_GONE, CHECK_REMOVAL_TXT_GONE },
	}, of_host[] = {
		{ CHECK_CNAME_HALF_DELEGATED, CHECK_CNAME_HALF_DELEGATED },
		{ CHECK_CNAME_TWO_PUBLISHERS, CHECK_CNAME_TWO_PUBLISHERS },
		{ CHECK_HOST_NXDOMAIN, CHECK_HOST_NO_ADDRESS },
		{ CHECK_HTTPS_CONNECT, CHECK_HTTP_RATELIMIT },
		{ CHECK_REMOVAL_FILE_GONE, CHECK_REMOVAL_FILE_GONE },
		{ CHECK_CHANGE_UNEXPECTED_BODY, CHECK_CHANGE_UNEXPECTED_BODY },
	};
	if (has_cause(o, o->record))
		for (size_t i = 0; i < sizeof of_record / sizeof of_record[0];
		     i++)
			docket_follows(o->d, 0, of_record[i].first,
			    of_record[i].last, cause_of[o->record]);
	if (has_cause(o, o->host))
		for (size_t i = 0; i < sizeof of_host / sizeof of_host[0]; i++)
			docket_follows(o->d, 0, of_host[i].first,
			    of_host[i].last, cause_of[o->host]);
}

/* ---- what is served ---- */

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

static void
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

void
judge_published(struct docket *d, const struct ledger *l)
{
	const struct publication *p = &d->published->state;
	bool is_out =
	    p->stage == PUBLICATION_LIVE || p->stage == PUBLICATION_LEAVING;
	struct outlook o = {
		.d = d,
		.l = l,
		.p = d->published,
		.is_out = is_out,
		.is_settled =
		    is_out &&
		    (p->lost || d->now.s - p->stage_since.s >= CACHE_S),
		.record = way_of(d, &d->ev->sts_txt),
		.host = way_of(d, &d->ev->host_a),
	};

	ledger_held(l, d->now, &o.held);
	if (p->stage == PUBLICATION_REMOVABLE || p->stage == PUBLICATION_ENDED)
		return;
	judge_target(&o, o.record, &d->ev->sts_txt);
	judge_target(&o, o.host, &d->ev->host_a);
	if (!o.is_out)
		return;
	judge_removed(&o);
	judge_served(&o);
	own_consequences(&o);
}
