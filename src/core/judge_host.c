/* Group D: the policy host's addresses. */
#include "core/docket.h"

static void
say_lookup(struct docket *d, struct finding *f, const struct dns_answer *bad)
{
	finding_say(d, f, "The lookup of %s %s ended in %s%s%s.",
	    docket_quote(d, bad->name), bad->type == DNS_AAAA ? "AAAA" : "A",
	    dns_result_names[bad->result], bad->why.n > 0 ? ": " : "",
	    docket_quote(d, bad->why));
}

static void
judge_host_lookup(struct docket *d, const struct dns_answer *bad)
{
	bool bogus = bad->result == DNS_BOGUS;
	struct finding *f;

	if (bogus)
		f = docket_fail(d, CHECK_HOST_DNSSEC_BOGUS, bad->name);
	else
		f = docket_unknown(d, CHECK_HOST_LOOKUP_FAILED, bad->name);
	say_lookup(d, f, bad);
	docket_block(d, CHECK_HTTPS_CONNECT, CHECK_MODE_NONE_LIVE,
	    bogus ? CHECK_HOST_DNSSEC_BOGUS : CHECK_HOST_LOOKUP_FAILED);
}

/* There are addresses; those of one family could perhaps not be seen. */
static void
judge_other_family(struct docket *d, const struct dns_answer *bad)
{
	docket_pass(d, CHECK_HOST_DNSSEC_BOGUS);
	docket_pass(d, CHECK_HOST_LOOKUP_FAILED);
	if (!dns_is_known(bad))
		say_lookup(d,
		    docket_unknown(d, CHECK_HOST_LOOKUP_FAILED, bad->name),
		    bad);
}

static void
judge_private_host(struct docket *d)
{
	for (size_t i = 0; i < d->ev->n_fetches; i++) {
		const struct fetch *t = &d->ev->fetches[i];
		struct finding *f = docket_hold(d, CHECK_HOST_PRIVATE_ADDRESS,
		    t->result != TALK_NOT_ALLOWED, docket_under(d, "mta-sts"));

		if (f == NULL)
			continue;
		f->address = t->address;
		if (d->out->fetch != NULL) /* senders have another address */
			finding_cap(f, SEVERITY_WARNING);
		finding_say(d, f,
		    "mta-sts.%s has the address %s, which cannot be reached "
		    "from the Internet; we did not connect to it.",
		    docket_quote(d, d->ev->domain), ip_format(t->address).s);
	}
}

static void
judge_no_address(struct docket *d)
{
	const struct dns_answer *a = &d->ev->host_a;
	bool gone = a->result == DNS_NXDOMAIN;
	enum check_id id = gone ? CHECK_HOST_NXDOMAIN : CHECK_HOST_NO_ADDRESS;
	struct finding *f;

	docket_block(d, CHECK_HTTPS_CONNECT, CHECK_MODE_NONE_LIVE, id);
	if (a->n_chain > 0 && gone) /* said as a dangling CNAME */
		return;
	f = docket_fail(d, id, docket_under(d, "mta-sts"));
	finding_say(d, f,
	    gone ? "mta-sts.%s does not exist (NXDOMAIN), so nobody can fetch "
		   "the policy that the record announces."
		 : "mta-sts.%s has neither an A nor an AAAA record, so nobody "
		   "can fetch the policy that the record announces.",
	    docket_quote(d, d->ev->domain));
	finding_remedy(d, f,
	    "Publish an address or a CNAME at mta-sts.%s, and serve the "
	    "policy there.",
	    docket_quote(d, d->ev->domain));
}

void
judge_host(struct docket *d)
{
	const struct evidence *ev = d->ev;
	const struct dns_answer *bad =
	    dns_is_known(&ev->host_a) ? &ev->host_aaaa : &ev->host_a;

	if (!docket_wants_host(d))
		return;
	if (ev->host_a.n_addr + ev->host_aaaa.n_addr > 0) {
		struct finding *f;

		docket_pass(d, CHECK_HOST_NXDOMAIN);
		docket_pass(d, CHECK_HOST_NO_ADDRESS);
		judge_other_family(d, bad);
		f = docket_hold(d, CHECK_HOST_V6_ONLY,
		    ev->host_a.n_addr > 0 || !dns_is_known(&ev->host_a),
		    docket_under(d, "mta-sts"));
		if (f != NULL)
			finding_say(d, f,
			    "mta-sts.%s has IPv6 addresses only; many senders "
			    "cannot reach it.",
			    docket_quote(d, ev->domain));
		judge_private_host(d);
	} else if (bad->result == DNS_CHAIN) {
		docket_block(d, CHECK_HTTPS_CONNECT, CHECK_MODE_NONE_LIVE,
		    CHECK_CNAME_LOOP_OR_LONG);
	} else if (!dns_is_known(bad)) {
		judge_host_lookup(d, bad);
	} else {
		judge_no_address(d);
	}
}
