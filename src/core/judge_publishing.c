/* What stands in the way of publishing a policy, as the roles that publish have
 * left it: P01 to P04, P06 to P08. */
#include "core/docket.h"
#include "core/published.h"
#include "wire/mx_match.h"
#include "wire/name.h"

enum {
	DAY_S = 86400,

	/* Two looks, some minutes apart, and what a name server of the owner's
	 * takes to come up: before that nobody has waited in vain. */
	NO_MX_GRACE_S = 3600,

	/* A change of the MX records comes to all name servers within that, and
	 * a new policy to all edges. */
	CHANGE_GRACE_S = 3600,

	/* A renewal begins with a third of the certificate's life left, and is
	 * tried again and again: with a week to go somebody has to see to it.
	 */
	CERT_URGENT_S = 7 * DAY_S,
	FIRST_CERT_S = 3600,

	BARS_SAID = 3,
};

static struct finding *
fault(struct docket *d, enum check_id id)
{
	return docket_fail(d, id, d->ev->domain);
}

static bool
is_over(const struct published *p)
{
	return p->state.stage == PUBLICATION_ENDED;
}

/* ---- the MX records ---- */

static const char *
list_patterns(struct docket *d, const struct mx_follow *f)
{
	struct span *hosts = arena_array(d->a, f->n_patterns, sizeof *hosts);
	size_t n = 0;

	for (size_t i = 0; hosts != NULL && i < f->n_patterns; i++)
		if (!f->patterns[i].gone)
			hosts[n++] = f->patterns[i].host;
	return docket_list(d, hosts, n);
}

/* The MX hosts as the resolver has them. */
static struct span *
list_hosts(struct docket *d, size_t *n)
{
	const struct dns_answer *mx = &d->ev->mx;
	struct span *hosts = arena_array(d->a, mx->n_mx + 1, sizeof *hosts);

	*n = 0;
	for (size_t i = 0; hosts != NULL && i < mx->n_mx; i++)
		if (mx_pattern_check(mx->mx[i].host) == MX_PATTERN_OK &&
		    !span_in(mx->mx[i].host, hosts, *n))
			hosts[(*n)++] = mx->mx[i].host;
	return hosts;
}

/* They seem to be others, and cannot be believed. False: not so, or not for
 * long. */
static bool
judge_unbelieved(struct docket *d, const struct published *p)
{
	const struct mx_follow *m = &p->follow;
	struct finding *f;
	struct span *hosts;
	size_t n;

	if ((m->hold != MX_HOLD_UNKNOWN && m->hold != MX_HOLD_APART) ||
	    p->order.follow == FOLLOW_OFF ||
	    d->now.s - m->hold_since.s < CHANGE_GRACE_S)
		return false;
	hosts = list_hosts(d, &n);
	if (n == 0 || mx_follow_is_settled(m, hosts, n))
		return false;
	f = fault(d, CHECK_AUTO_MX_CHANGE_HELD);
	finding_say(d, f,
	    "The MX hosts seem to be %s; the published policy is made for %s. "
	    "The change is not believed: since %s %s.",
	    docket_list(d, hosts, n), list_patterns(d, m),
	    docket_date(d, m->hold_since),
	    m->hold == MX_HOLD_APART
		? "the name servers of the domain do not agree"
		: "not every name server of the domain answers");
	finding_remedy(d, f,
	    "See that every name server of %s answers, and that all show the "
	    "same MX records.",
	    docket_quote(d, d->ev->domain));
	return true;
}

/* The command that says yes to exactly this set. */
static void
remedy_approve(struct docket *d, struct finding *f, const struct mx_follow *m)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < m->n_seen; i++)
		all = arena_printf(d->a, "%.*s --host %s", (int)all.n, all.p,
		    docket_quote(d, m->seen[i]));
	finding_remedy(d, f,
	    "If the change is yours, say: mtasts publish --approve %s%.*s",
	    docket_quote(d, d->ev->domain), (int)all.n, all.p);
}

/* P01. Nothing is held back where the owner wants it so. */
static void
judge_change_held(struct docket *d, const struct published *p)
{
	const struct mx_follow *m = &p->follow;
	struct finding *f;

	if (m->n_patterns > 0 && m->state == MX_SETTLED &&
	    judge_unbelieved(d, p))
		return;
	if (m->state == MX_SETTLED || m->n_patterns == 0) {
		docket_pass(d, CHECK_AUTO_MX_CHANGE_HELD);
		return;
	}
	f = fault(d, CHECK_AUTO_MX_CHANGE_HELD);
	finding_say(d, f,
	    "The MX hosts are %s since %s; the published policy is made for "
	    "%s. %s",
	    docket_list(d, m->seen, m->n_seen), docket_date(d, m->seen_since),
	    list_patterns(d, m),
	    m->state == MX_WAITING ? "The change waits for approval."
	    : p->order.follow == FOLLOW_OFF
		? "It does not follow the MX records, as was ordered."
		: "It follows when all name servers have shown the same twice "
		  "in a row.");
	if (m->state == MX_WAITING)
		remedy_approve(d, f, m);
	/* Two looks are minutes apart: to wait for the second is as it should
	 * be. */
	if (p->order.follow == FOLLOW_OFF ||
	    (m->state == MX_WATCHED &&
		d->now.s - m->seen_since.s < CHANGE_GRACE_S))
		finding_cap(f, SEVERITY_INFO);
}

/* P02. That they could not be looked up says mx.lookup-failed. */
static void
judge_empty_held(struct docket *d, const struct published *p)
{
	const struct mx_follow *m = &p->follow;
	bool has_host = false;
	struct finding *f;

	for (size_t i = 0; i < d->ev->mx.n_mx; i++)
		has_host |= d->ev->mx.mx[i].host.n > 0;
	if (m->hold != MX_HOLD_EMPTY || m->n_patterns == 0 || has_host) {
		docket_pass(d, CHECK_AUTO_MX_EMPTY_HELD);
		return;
	}
	f = fault(d, CHECK_AUTO_MX_EMPTY_HELD);
	finding_say(d, f,
	    "%s has no MX host since %s. The policy for %s stays published.",
	    docket_quote(d, d->ev->domain), docket_date(d, m->hold_since),
	    list_patterns(d, m));
	docket_follows(d, 0, CHECK_MX_NONE, CHECK_MX_NULL_WITH_POLICY,
	    CHECK_AUTO_MX_EMPTY_HELD);
}

/* ---- what bars a policy ---- */

/* The row of enum publish_bar that the policy has hit, and no other. */
static void
judge_bar(struct docket *d, const struct published *p)
{
	static const enum check_id bars[] = {
		[PUBLISH_NO_MX] = CHECK_AUTO_NO_MX,
		[PUBLISH_TOO_LONG] = CHECK_AUTO_POLICY_OVERSIZE,
		[PUBLISH_FOREIGN] = CHECK_AUTO_FOREIGN_POLICY,
	};
	struct finding *f;

	for (size_t i = PUBLISH_NO_MX; i < sizeof bars / sizeof bars[0]; i++) {
		if (p->bar != (enum publish_bar)i ||
		    (p->bar == PUBLISH_NO_MX &&
			d->now.s - p->order.asked_at.s < NO_MX_GRACE_S)) {
			docket_pass(d, bars[i]);
			continue;
		}
		f = fault(d, bars[i]);
		if (p->bar_text.n > 0)
			finding_say(d, f, "%.*s%s", (int)p->bar_text.n,
			    p->bar_text.p,
			    p->bar == PUBLISH_FOREIGN &&
				    docket_leads_to_us(d, &d->ev->host_a)
				? " The CNAME leads here already: until then "
				  "no policy can be fetched."
				: "");
	}
}

/* ---- the gate ---- */

/* "One sentence. Another. And 4 more." */
static struct span
first_bars(struct docket *d, struct span text)
{
	struct span said = SPAN("");
	size_t n = 0;

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		if (n++ < BARS_SAID)
			said = arena_printf(d->a, "%.*s %.*s", (int)said.n,
			    said.p, (int)line.n, line.p);
		text = span_skip(text, line.n + 1);
	}
	if (n > BARS_SAID)
		said = arena_printf(d->a, "%.*s And %zu more.", (int)said.n,
		    said.p, n - BARS_SAID);
	return said;
}

/* P03. Where nothing is wrong it is only the time that has to pass. */
static void
judge_gate(struct docket *d, const struct published *p)
{
	struct finding *f;
	struct span bars;

	if (p->order.mode != STS_MODE_ENFORCE || p->order.leave ||
	    p->gate_text.n == 0) {
		docket_pass(d, CHECK_AUTO_GATE_BLOCKED);
		return;
	}
	bars = first_bars(d, p->gate_text);
	f = fault(d, CHECK_AUTO_GATE_BLOCKED);
	finding_say(d, f, "Mode enforce is held back since %s.%.*s",
	    docket_date(d, p->gate_since), (int)bars.n, bars.p);
	if (d->out->eligibility == ELIGIBLE && !docket_loses_mail(d) &&
	    !docket_has_failed(d, CHECK_MXCERT_EXPIRING))
		finding_cap(f, SEVERITY_INFO);
}

/* ---- the certificate ---- */

/* P04. */
static void
judge_certificate(struct docket *d, const struct published *p)
{
	const struct publish_certificate *c = &p->certificate;
	bool urgent = !c->exists || c->not_after.s - d->now.s < CERT_URGENT_S;
	struct finding *f;

	if (c->failing_since.s == 0) {
		docket_pass(d, CHECK_AUTO_CERT_RENEW_FAILED);
		return;
	}
	f = fault(d, CHECK_AUTO_CERT_RENEW_FAILED);
	finding_say(d, f,
	    "A certificate for mta-sts.%s cannot be had since %s: %s. %s "
	    "%s; the next try is %s.",
	    docket_quote(d, d->ev->domain), docket_date(d, c->failing_since),
	    docket_quote(d, c->problem),
	    c->exists ? "The one in use ends" : "There is none",
	    c->exists ? docket_distance(d, c->not_after) : "yet",
	    docket_distance(d, c->next_try));
	finding_fact(d, f, "problem", "%s", docket_quote(d, c->problem));
	/* The next try may well succeed; and the first one comes early, when a
	 * resolver of the CA may not know of the CNAMEs yet. */
	if (!c->exists && d->now.s - c->failing_since.s < DAY_S)
		finding_cap(f, d->now.s - c->failing_since.s < FIRST_CERT_S
				   ? SEVERITY_INFO
				   : SEVERITY_WARNING);
	if (!urgent)
		finding_cap(f, d->now.s - c->failing_since.s < DAY_S
				   ? SEVERITY_INFO
				   : SEVERITY_WARNING);
}

/* ---- the id ---- */

static const char *
what_waits(const struct published *p)
{
	switch (p->state.change) {
	case CHANGE_REST:
		return "no edge is heard of, or the role publish does not run";
	case CHANGE_FILE:
		return "no edge is heard of, or one has not taken over what is "
		       "current";
	case CHANGE_PROVING:
		return "the policy cannot be fetched as it should be through "
		       "the addresses of the service";
	case CHANGE_ID:
		return "a name server of the service zone does not show it yet";
	}
	return "";
}

/* P07. */
static void
judge_rotation(struct docket *d, const struct published *p)
{
	struct finding *f = docket_hold(d, CHECK_AUTO_ROTATION_STALLED,
	    !publication_is_stalled(&p->state, d->now), d->ev->domain);

	if (f != NULL)
		finding_say(d, f,
		    "The id \"%s\" is out since %s; a new one is due every "
		    "day, but %s.",
		    p->state.id, docket_date(d, p->state.id_since),
		    what_waits(p));
}

/* P06: a policy that does not get as far as its id. */
static void
judge_unannounced(struct docket *d, const struct published *p)
{
	const struct publication *s = &p->state;
	struct finding *f;

	if ((s->change != CHANGE_FILE && s->change != CHANGE_PROVING) ||
	    s->stage == PUBLICATION_AWAITED || p->bar != PUBLISH_FREE ||
	    p->n_bodies == 0 || p->certificate.failing_since.s != 0 ||
	    d->now.s - p->bodies[0].at.s < CHANGE_GRACE_S ||
	    docket_has_failed(d, CHECK_AUTO_SERVED_NOT_INTENDED) ||
	    docket_has_failed(d, CHECK_AUTO_ROTATION_STALLED))
		return;
	f = fault(d, CHECK_AUTO_SERVED_NOT_INTENDED);
	finding_say(d, f,
	    "Version %llu of the policy is to be served since %s, but %s; it "
	    "is not announced before.",
	    (unsigned long long)s->version, docket_date(d, p->bodies[0].at),
	    what_waits(p));
	finding_cap(f, SEVERITY_WARNING);
}

/* ---- what others would take for a mistake ---- */

/* What is served is what the owner ordered, and he knows of it. */
static void
own_orders(struct docket *d, const struct published *p)
{
	const struct fetch *t = d->out->fetch;

	if (t == NULL || d->out->policy != THING_OK || p->state.body.n == 0 ||
	    !span_eq(t->body, p->state.body))
		return;
	for (size_t i = 0; i < d->out->n_findings; i++) {
		struct finding *f = &d->out->findings[i];

		if (f->check == CHECK_CHANGE_MODE_DOWNGRADE ||
		    f->check == CHECK_CHANGE_MODE_UPGRADE_EARLY)
			finding_cap(f, SEVERITY_INFO);
	}
}

/* Nobody can claim a name of ours: it is the service that is at fault. */
static void
own_target(struct docket *d, const struct published *p)
{
	struct span zone = name_parent(p->target);

	for (size_t i = 0; i < d->out->n_findings; i++) {
		struct finding *f = &d->out->findings[i];
		bool txt = name_eq(f->subject, d->ev->sts_txt.name);

		if (f->check != CHECK_CNAME_DANGLING ||
		    !docket_leads_to_us(
			d, txt ? &d->ev->sts_txt : &d->ev->host_a))
			continue;
		finding_say(d, f,
		    "%s leads to %s, which was issued for it but does not "
		    "exist (NXDOMAIN): the service zone is not delegated to "
		    "its name servers, or they do not have the name yet.",
		    docket_quote(d, f->subject), docket_quote(d, p->target));
		finding_remedy(d, f,
		    "See that %s is delegated, and that its name servers "
		    "answer.",
		    docket_quote(d, zone));
	}
}

/* What is new here takes a moment to be served, and another to be seen. */
static void
own_first_hour(struct docket *d, const struct published *p)
{
	if (p->state.stage > PUBLICATION_LIVE ||
	    d->now.s - p->state.stage_since.s >= CHANGE_GRACE_S ||
	    !docket_leads_to_us(d, &d->ev->sts_txt) ||
	    !docket_leads_to_us(d, &d->ev->host_a))
		return;
	for (size_t i = 0; i < d->out->n_findings; i++) {
		struct finding *f = &d->out->findings[i];

		if (f->check == CHECK_REMOVAL_TXT_GONE ||
		    f->check == CHECK_REMOVAL_FILE_GONE)
			finding_cap(f, SEVERITY_INFO);
	}
}

/* The CNAMEs lead here, where nothing is served yet: why, is said. */
static void
own_beginning(struct docket *d, const struct published *p)
{
	static const enum check_id causes[] = { CHECK_AUTO_FOREIGN_POLICY,
		CHECK_AUTO_CERT_RENEW_FAILED, CHECK_CNAME_DANGLING, CHECKS };
	size_t i = 0;

	while (causes[i] != CHECKS && !docket_has_failed(d, causes[i]))
		i++;
	if (p->state.stage > PUBLICATION_CERTIFYING || causes[i] == CHECKS)
		return;
	if (docket_leads_to_us(d, &d->ev->sts_txt))
		docket_follows(d, 0, CHECK_REMOVAL_TXT_GONE,
		    CHECK_REMOVAL_TXT_GONE, causes[i]);
	if (docket_leads_to_us(d, &d->ev->host_a))
		docket_follows(d, 0, CHECK_REMOVAL_FILE_GONE,
		    CHECK_REMOVAL_FILE_GONE, causes[i]);
}

void
judge_publishing(struct docket *d)
{
	const struct published *p = d->published;

	if (is_over(p))
		return;
	judge_change_held(d, p);
	judge_empty_held(d, p);
	judge_bar(d, p);
	judge_gate(d, p);
	judge_certificate(d, p);
	judge_rotation(d, p);
	judge_unannounced(d, p);
	own_orders(d, p);
	own_target(d, p);
	own_first_hour(d, p);
	own_beginning(d, p);
}
