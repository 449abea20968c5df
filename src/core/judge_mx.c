/* Group A: the domain and its MX records. */
#include "base/limits.h"
#include "core/docket.h"
#include "wire/name.h"

enum { DAY_S = 86400 };

/* Does senders' discovery find anything to act on? */
static bool
is_deployed(const struct judged *out)
{
	return out->rrset.n_sts > 0 || out->policy == THING_OK;
}

static void
judge_no_mx(struct docket *d)
{
	const struct evidence *ev = d->ev;
	bool known = dns_is_known(&ev->apex_a) && dns_is_known(&ev->apex_aaaa);
	bool has_address = ev->apex_a.n_addr + ev->apex_aaaa.n_addr > 0;
	struct finding *f;

	if (has_address) {
		f = docket_fail(d, CHECK_MX_NONE, ev->domain);
		finding_say(d, f,
		    "%s has no MX record; senders fall back to its address "
		    "(implicit MX), and a policy must then list %s itself.",
		    docket_quote(d, ev->domain), docket_quote(d, ev->domain));
		if (!is_deployed(d->out))
			finding_cap(f, SEVERITY_INFO);
		return;
	}
	if (!known || !is_deployed(d->out))
		return;
	f = docket_fail(d, CHECK_MX_NONE_NO_ADDRESS, ev->domain);
	finding_say(d, f,
	    "%s has neither MX nor address records: it cannot receive mail, "
	    "yet it publishes MTA-STS.",
	    docket_quote(d, ev->domain));
}

static void
judge_null_mx(struct docket *d)
{
	const struct dns_answer *mx = &d->ev->mx;
	size_t nulls = 0;
	struct finding *f;

	for (size_t i = 0; i < mx->n_mx; i++)
		nulls += mx->mx[i].host.n == 0;
	if (nulls == 0) {
		docket_pass(d, CHECK_MX_NULL_WITH_OTHERS);
		return;
	}
	if (nulls < mx->n_mx) {
		docket_fail(d, CHECK_MX_NULL_WITH_OTHERS, d->ev->domain);
		return;
	}
	if (is_deployed(d->out) && d->out->stakes != STAKES_NONE) {
		f = docket_fail(d, CHECK_MX_NULL_WITH_POLICY, d->ev->domain);
		finding_say(d, f,
		    "%s publishes the null MX \"0 .\", which says that it "
		    "takes no mail, and an active MTA-STS policy.",
		    docket_quote(d, d->ev->domain));
	}
}

static void
judge_mx_lookup(struct docket *d)
{
	const struct dns_answer *mx = &d->ev->mx;
	struct finding *f;

	if (dns_is_known(mx)) {
		docket_pass(d, CHECK_MX_LOOKUP_FAILED);
		return;
	}
	f = docket_unknown(d, CHECK_MX_LOOKUP_FAILED, d->ev->domain);
	finding_say(d, f, "The lookup of %s MX ended in %s%s%s.",
	    docket_quote(d, d->ev->domain), dns_result_names[mx->result],
	    mx->why.n > 0 ? ": " : "", docket_quote(d, mx->why));
	finding_fact(d, f, "dns", "%s", dns_result_names[mx->result]);
	docket_block(d, CHECK_MATCH_NONE, CHECK_MXCERT_NEEDS_SNI,
	    CHECK_MX_LOOKUP_FAILED);
}

/* A name in an MX record that no lookup could help. True if it is one. */
static bool
judge_mx_name(struct docket *d, struct span host)
{
	struct finding *f;

	if (name_is_ip_literal(host)) {
		f = docket_fail(d, CHECK_MX_HOST_IS_IP, host);
		finding_say(d, f,
		    "The MX record holds the address %s where the name of a "
		    "host belongs.",
		    docket_quote(d, host));
		return false;
	}
	docket_pass(d, CHECK_MX_HOST_IS_IP);
	if (!name_is_domain(host)) {
		f = docket_fail(d, CHECK_MX_INVALID_NAME, host);
		finding_say(d, f,
		    "The MX record names \"%s\", which is not a host name.",
		    docket_quote(d, host));
		return false;
	}
	docket_pass(d, CHECK_MX_INVALID_NAME);
	return true;
}

static void
judge_private(struct docket *d, const struct mx_host *m)
{
	for (size_t i = 0; i < m->n_probes; i++) {
		struct finding *f;

		if (m->probes[i].result != TALK_NOT_ALLOWED) {
			docket_pass(d, CHECK_MX_HOST_PRIVATE_ADDRESS);
			continue;
		}
		f = docket_fail(d, CHECK_MX_HOST_PRIVATE_ADDRESS, m->host);
		f->address = m->probes[i].address;
		finding_say(d, f,
		    "%s has the address %s, which cannot be reached from the "
		    "Internet; we did not connect to it.",
		    docket_quote(d, m->host), ip_format(f->address).s);
	}
}

static void
judge_mx_lookup_failed(struct docket *d, const struct mx_host *m)
{
	const struct dns_answer *bad = dns_is_known(&m->a) ? &m->aaaa : &m->a;
	struct finding *f =
	    docket_unknown(d, CHECK_MX_HOST_LOOKUP_FAILED, m->host);

	if (bad->result == DNS_UNASKED) {
		finding_say(d, f, "%s has not been looked at yet.",
		    docket_quote(d, m->host));
		return;
	}
	finding_say(d, f, "The lookup of %s %s ended in %s%s%s.",
	    docket_quote(d, m->host), bad == &m->a ? "A" : "AAAA",
	    dns_result_names[bad->result], bad->why.n > 0 ? ": " : "",
	    docket_quote(d, bad->why));
}

static void
judge_mx_address(struct docket *d, const struct mx_host *m)
{
	struct finding *f;

	if (m->a.result == DNS_NXDOMAIN) {
		f = docket_fail(d, CHECK_MX_HOST_NXDOMAIN, m->host);
		finding_say(d, f, "The MX host %s does not exist (NXDOMAIN).",
		    docket_quote(d, m->host));
		finding_remedy(d, f,
		    "Correct or remove this record:\n%s. MX %u %s.",
		    docket_quote(d, d->ev->domain), m->preference,
		    docket_quote(d, m->host));
		return;
	}
	docket_pass(d, CHECK_MX_HOST_NXDOMAIN);
	if (m->a.n_addr + m->aaaa.n_addr > 0) {
		docket_pass(d, CHECK_MX_HOST_NO_ADDRESS);
		if (dns_is_known(&m->a) && dns_is_known(&m->aaaa))
			docket_pass(d, CHECK_MX_HOST_LOOKUP_FAILED);
		else
			judge_mx_lookup_failed(d, m);
		judge_private(d, m);
	} else if (!dns_is_known(&m->a) || !dns_is_known(&m->aaaa)) {
		judge_mx_lookup_failed(d, m);
	} else {
		f = docket_fail(d, CHECK_MX_HOST_NO_ADDRESS, m->host);
		finding_say(d, f,
		    "The MX host %s exists, but has neither an A nor an AAAA "
		    "record.",
		    docket_quote(d, m->host));
	}
}

static void
judge_mx_host(struct docket *d, const struct mx_host *m)
{
	struct finding *f;

	if (m->host.n == 0 || m->implicit)
		return;
	if (!judge_mx_name(d, m->host))
		return;
	f = docket_hold(d, CHECK_MX_HOST_IS_CNAME,
	    m->a.n_chain == 0 && m->aaaa.n_chain == 0, m->host);
	if (f != NULL)
		finding_say(d, f, "The MX host %s is an alias of %s.",
		    docket_quote(d, m->host),
		    docket_quote(
			d, dns_owner(m->a.n_chain > 0 ? &m->a : &m->aaaa)));
	judge_mx_address(d, m);
}

void
judge_mx(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct finding *f;

	judge_mx_lookup(d);
	if (!dns_is_known(&ev->mx))
		return;
	if (ev->mx.n_mx == 0) {
		judge_no_mx(d);
		return;
	}
	docket_pass(d, CHECK_MX_NONE);
	judge_null_mx(d);
	f = docket_hold(d, CHECK_MX_TTL_LONG, ev->mx.ttl <= DAY_S, ev->domain);
	if (f != NULL)
		finding_say(d, f, "The MX records of %s may be cached for %s.",
		    docket_quote(d, ev->domain),
		    docket_duration(d, ev->mx.ttl));
	f = docket_hold(
	    d, CHECK_MX_TOO_MANY, ev->mx.n_mx < LIMIT_MX_HOSTS, ev->domain);
	if (f != NULL)
		finding_say(d, f,
		    "%s has %zu MX records or more; only the first %d were "
		    "looked at.",
		    docket_quote(d, ev->domain), ev->mx.n_mx, LIMIT_MX_HOSTS);
	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		judge_mx_host(d, &ev->mx_hosts[i]);
}
