/* A domain whose policy we publish: where its two CNAMEs lead. C02, C07. What
 * is served stands in judge_served.c. */
#include "core/judge_published.h"
#include "wire/name.h"

/* The publish role saw both CNAMEs before anything went out; our resolver may
 * hold what was there before, for a day at the most. */
enum { CACHE_S = 86400 };

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

bool
docket_is_ours(const struct docket *d)
{
	return d->published != NULL &&
	       d->published->state.stage >= PUBLICATION_LIVE &&
	       d->published->state.stage < PUBLICATION_ENDED;
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
