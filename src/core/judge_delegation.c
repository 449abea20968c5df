/* Group C: delegation by CNAME. */
#include "base/ascii.h"
#include "core/docket.h"
#include "wire/name.h"

/* The organisation that a chain of CNAMEs leads to; empty if it stays at home.
 */
static struct span
foreign_org(const struct evidence *ev, const struct dns_answer *a)
{
	struct span home = evidence_org(ev, ev->domain), org;

	if (a->n_chain == 0)
		return SPAN("");
	org = evidence_org(ev, a->chain[a->n_chain - 1]);
	return name_eq(org, home) ? SPAN("") : org;
}

/* A target that is made for MTA-STS: one of its labels says so. A plain web
 * host behind mta-sts is no sign of delegation. */
static bool
is_sts_service(struct span target)
{
	for (; target.n > 0; target = name_parent(target))
		if (ascii_starts_nocase(target, SPAN("mta-sts")) ||
		    ascii_starts_nocase(target, SPAN("_mta-sts")))
			return true;
	return false;
}

static void
judge_halves(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct span id_org = foreign_org(ev, &ev->sts_txt);
	struct span file_org = foreign_org(ev, &ev->host_a);
	struct span target = dns_owner(&ev->host_a);
	struct finding *f;

	/* A lookup that failed does not tell whether there is a CNAME. */
	if (!dns_is_known(&ev->sts_txt) || !dns_is_known(&ev->host_a)) {
		docket_blocked(d, CHECK_CNAME_HALF_DELEGATED,
		    dns_is_known(&ev->host_a) ? CHECK_TXT_LOOKUP_FAILED
					      : CHECK_HOST_LOOKUP_FAILED);
		return;
	}
	if (id_org.n > 0 && file_org.n > 0) {
		docket_pass(d, CHECK_CNAME_HALF_DELEGATED);
		f = docket_hold(d, CHECK_CNAME_TWO_PUBLISHERS,
		    name_eq(id_org, file_org), ev->domain);
		if (f != NULL)
			finding_say(d, f,
			    "_mta-sts leads to %s and mta-sts to %s: one "
			    "announces ids, the other serves policies.",
			    docket_quote(d, dns_owner(&ev->sts_txt)),
			    docket_quote(d, target));
		return;
	}
	if (id_org.n > 0) {
		f = docket_fail(d, CHECK_CNAME_HALF_DELEGATED, ev->domain);
		finding_say(d, f,
		    "_mta-sts is delegated to %s, but mta-sts is not: id and "
		    "policy can drift apart.",
		    docket_quote(d, dns_owner(&ev->sts_txt)));
		return;
	}
	if (file_org.n > 0 && is_sts_service(target)) {
		f = docket_fail(d, CHECK_CNAME_HALF_DELEGATED, ev->domain);
		finding_say(d, f,
		    "mta-sts is delegated to %s, but _mta-sts is not: the "
		    "policy can change without a new id.",
		    docket_quote(d, target));
		return;
	}
	docket_pass(d, CHECK_CNAME_HALF_DELEGATED);
}

/* A CNAME whose target does not exist. True if there is one. */
static bool
judge_dangling(struct docket *d, const struct dns_answer *a)
{
	struct finding *f;

	if (a->n_chain == 0)
		return false;
	f = docket_hold(
	    d, CHECK_CNAME_DANGLING, a->result != DNS_NXDOMAIN, a->name);
	if (f == NULL)
		return false;
	finding_say(d, f,
	    "%s is an alias of %s, which does not exist: whoever can claim "
	    "that name can publish a policy for %s.",
	    docket_quote(d, a->name), docket_quote(d, dns_owner(a)),
	    docket_quote(d, d->ev->domain));
	return true;
}

static void
judge_chain_length(struct docket *d, const struct dns_answer *a)
{
	struct finding *f = docket_hold(
	    d, CHECK_CNAME_LOOP_OR_LONG, a->result != DNS_CHAIN, a->name);

	if (f != NULL)
		finding_say(d, f,
		    "The CNAMEs from %s on loop, or are more than resolvers "
		    "follow.",
		    docket_quote(d, a->name));
}

/* A server that has both for a name, by its own data. */
static const struct server_seen *
find_beside(const struct evidence *ev, struct span name)
{
	for (size_t i = 0; i < ev->n_zones; i++) {
		const struct zone_seen *z = &ev->zones[i];

		for (size_t k = 0; k < z->n_servers; k++)
			if (name_eq(z->txt, name) &&
			    z->servers[k].txt.answer.beside)
				return &z->servers[k];
	}
	return NULL;
}

static void
say_beside(struct docket *d, struct span name, const char *what)
{
	const struct server_seen *s = find_beside(d->ev, name);
	struct finding *f = docket_fail(d, CHECK_CNAME_BESIDE_OTHERS, name);

	if (s != NULL)
		finding_say(d, f,
		    "%s (%s) has a CNAME and %s at %s: whoever asks gets one "
		    "or the other.",
		    docket_quote(d, s->name), ip_format(s->address).s, what,
		    docket_quote(d, name));
	else
		finding_say(d, f,
		    "There is a CNAME and %s at %s: whoever asks gets one or "
		    "the other.",
		    what, docket_quote(d, name));
}

/* C05. A CNAME is for all types: that one family comes by way of one, and the
 * other has addresses at the name itself, cannot be both right. */
static void
judge_beside(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->sts_txt;
	const struct dns_answer *v4 = &d->ev->host_a, *v6 = &d->ev->host_aaaa;
	bool apart = v4->result == DNS_OK && v6->result == DNS_OK &&
		     (v4->n_chain == 0) != (v6->n_chain == 0);

	if (txt->beside || find_beside(d->ev, txt->name) != NULL)
		say_beside(d, txt->name, "a TXT record");
	else if (dns_is_known(txt))
		docket_pass(d, CHECK_CNAME_BESIDE_OTHERS);
	if (v4->beside || v6->beside || apart)
		say_beside(d, v4->name, "an address");
	else if (dns_is_known(v4))
		docket_pass(d, CHECK_CNAME_BESIDE_OTHERS);
}

/* Services under whose names anybody may have one. */
static bool
is_claimable(struct span target)
{
	static const struct span services[] = {
		SPAN_INIT("azurewebsites.net"),
		SPAN_INIT("cloudapp.net"),
		SPAN_INIT("github.io"),
		SPAN_INIT("gitlab.io"),
		SPAN_INIT("herokuapp.com"),
		SPAN_INIT("netlify.app"),
		SPAN_INIT("pages.dev"),
		SPAN_INIT("s3.amazonaws.com"),
		SPAN_INIT("trafficmanager.net"),
		SPAN_INIT("vercel.app"),
		SPAN_INIT("web.app"),
		SPAN_INIT("workers.dev"),
	};

	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		if (name_is_under(target, services[i]))
			return true;
	return false;
}

/* Somebody answers there, and has nothing for the name. */
static bool
is_turned_away(const struct evidence *ev)
{
	bool answered = false;

	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *t = &ev->fetches[i];

		if (t->result == TALK_OK && t->status == 200)
			return false;
		answered |= t->stage > STAGE_CONNECT;
	}
	return answered;
}

/* C03: the target is there as every name of the service is. Whether it has been
 * claimed cannot be seen. */
static void
judge_claimable(struct docket *d)
{
	const struct dns_answer *a = &d->ev->host_a;
	struct finding *f;

	if (a->n_chain == 0 || a->result != DNS_OK ||
	    !is_claimable(dns_owner(a)) || !is_turned_away(d->ev))
		return;
	f = docket_fail(d, CHECK_CNAME_DANGLING, a->name);
	finding_cap(f, SEVERITY_WARNING);
	finding_say(d, f,
	    "%s is an alias of %s, at a service where anybody may claim "
	    "names, and nothing is served there for it. If nobody has claimed "
	    "that name, a stranger can, and publish a policy for %s.",
	    docket_quote(d, a->name), docket_quote(d, dns_owner(a)),
	    docket_quote(d, d->ev->domain));
}

static bool
same_addresses(const struct dns_answer *a, const struct dns_answer *b)
{
	if (a->n_addr == 0 || a->n_addr != b->n_addr)
		return false;
	for (size_t i = 0; i < a->n_addr; i++)
		if (!ip_eq(a->addr[i], b->addr[i]))
			return false;
	return true;
}

static void
judge_host_wildcard(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct finding *f;

	if (ev->host_wildcard.result == DNS_UNASKED || ev->host_a.n_addr == 0)
		return;
	f = docket_hold(d, CHECK_CNAME_WILDCARD,
	    !same_addresses(&ev->host_a, &ev->host_wildcard),
	    docket_under(d, "mta-sts"));
	if (f != NULL)
		finding_say(d, f,
		    "%s, a name that nobody made, has the same addresses as "
		    "%s: the policy host exists by a wildcard.",
		    docket_quote(d, ev->host_wildcard.name),
		    docket_quote(d, ev->host_a.name));
}

void
judge_delegation(struct docket *d)
{
	const struct evidence *ev = d->ev;

	judge_dangling(d, &ev->sts_txt);
	judge_dangling(d, &ev->host_a);
	judge_chain_length(d, &ev->sts_txt);
	judge_chain_length(d, &ev->host_a);
	judge_claimable(d);
	judge_beside(d);
	if (!docket_wants_host(d))
		return;
	judge_halves(d);
	judge_host_wildcard(d);
}
