/* Group M: DANE beside MTA-STS. */
#include "core/docket.h"
#include "wire/tlsa.h"

static const char *
tlsa_name(struct docket *d, const struct mx_host *m)
{
	return docket_quote(d, m->tlsa.name);
}

/* RFC 7672 2.1.2: a lookup that fails is not an answer of "no". It matters
 * only where the host's addresses are secure: elsewhere nobody asks
 * (RFC 7672 2.2.2). */
static enum dane_state
judge_failed_lookup(struct docket *d, const struct mx_host *m)
{
	bool asked_by_senders = m->a.secure || m->aaaa.secure;
	struct finding *f;

	if (!asked_by_senders)
		return DANE_STATE_NONE;
	if (m->tlsa.result == DNS_TIMEOUT)
		f = docket_unknown(d, CHECK_DANE_BOGUS, m->host);
	else
		f = docket_fail(d, CHECK_DANE_BOGUS, m->host);
	finding_say(d, f,
	    "The lookup of %s TLSA ended in %s%s%s; senders that know DANE "
	    "must not deliver to %s.",
	    tlsa_name(d, m), dns_result_names[m->tlsa.result],
	    m->tlsa.why.n > 0 ? ": " : "", docket_quote(d, m->tlsa.why),
	    docket_quote(d, m->host));
	return f->result == RESULT_FAIL ? DANE_STATE_FAIL : DANE_STATE_UNKNOWN;
}

static void
judge_usability(struct docket *d, const struct mx_host *m)
{
	static const char *const faults[] = {
		[TLSA_USAGE] = "its usage is not 2 or 3",
		[TLSA_SELECTOR] = "its selector is not 0 or 1",
		[TLSA_MATCHING] = "its matching type is not 0, 1 or 2",
		[TLSA_LENGTH] = "its data is not as long as the digest",
	};

	for (size_t i = 0; i < m->tlsa.n_tlsa; i++) {
		const struct dns_tlsa *t = &m->tlsa.tlsa[i];
		enum tlsa_fault fault = tlsa_check(t);
		struct finding *f;

		f = docket_hold(
		    d, CHECK_DANE_USAGE, fault == TLSA_USABLE, m->host);
		if (f != NULL)
			finding_say(d, f,
			    "The record \"%s. TLSA %u %u %u ...\" cannot be "
			    "used for SMTP: %s.",
			    tlsa_name(d, m), t->usage, t->selector, t->matching,
			    faults[fault]);
	}
}

static enum dane_state
judge_addresses(struct docket *d, const struct mx_host *m)
{
	enum dane_state state = DANE_STATE_UNKNOWN;

	for (size_t i = 0; i < m->n_probes; i++) {
		const struct probe *p = &m->probes[i];
		struct finding *f;

		if (p->dane == DANE_UNTRIED)
			continue;
		if (p->dane == DANE_OK) {
			docket_pass(d, CHECK_DANE_TLSA_MISMATCH);
			if (state == DANE_STATE_UNKNOWN)
				state = DANE_STATE_OK;
			continue;
		}
		state = DANE_STATE_FAIL;
		f = docket_fail(d, CHECK_DANE_TLSA_MISMATCH, m->host);
		f->address = p->address;
		finding_say(d, f,
		    "The TLSA records at %s do not match the certificate of "
		    "%s (%s): %s.",
		    tlsa_name(d, m), docket_quote(d, m->host),
		    ip_format(p->address).s, docket_quote(d, p->dane_error));
	}
	return state;
}

static void
judge_rollover(struct docket *d, const struct mx_host *m)
{
	const struct dns_tlsa *t = m->tlsa.tlsa;
	bool single = m->tlsa.n_tlsa == 1 && t[0].usage == 3;
	struct finding *f =
	    docket_hold(d, CHECK_DANE_NO_ROLLOVER, !single, m->host);

	if (f != NULL)
		finding_say(d, f,
		    "%s has a single TLSA record, \"%u %u %u\", which pins the "
		    "%s of today's certificate.",
		    docket_quote(d, m->host), t[0].usage, t[0].selector,
		    t[0].matching, t[0].selector == 1 ? "key" : "whole");
}

static enum dane_state
judge_tlsa(struct docket *d, const struct mx_host *m)
{
	struct finding *f;

	if (m->tlsa.result == DNS_UNASKED)
		return DANE_STATE_NONE;
	if (!dns_is_known(&m->tlsa))
		return judge_failed_lookup(d, m);
	docket_pass(d, CHECK_DANE_BOGUS);
	if (m->tlsa.n_tlsa == 0)
		return DANE_STATE_NONE;
	f = docket_hold(d, CHECK_DANE_UNSIGNED, m->tlsa.secure, m->host);
	if (f != NULL) {
		finding_say(d, f,
		    "%s has TLSA records, but they are not protected by "
		    "DNSSEC; senders ignore them.",
		    docket_quote(d, m->host));
		return DANE_STATE_NONE;
	}
	judge_usability(d, m);
	if (tlsa_usable(m->tlsa.tlsa, m->tlsa.n_tlsa) == 0)
		return DANE_STATE_UNUSABLE;
	judge_rollover(d, m);
	return judge_addresses(d, m);
}

void
judge_dane(struct docket *d)
{
	struct judged *out = d->out;
	size_t with = 0, without = 0;
	struct finding *f;

	if (!d->ev->dnssec) {
		docket_unknown(d, CHECK_DNSSEC_STRIPPED, d->ev->domain);
		return;
	}
	for (size_t i = 0; i < out->n_mx; i++) {
		struct judged_mx *m = &out->mx[i];

		m->dane = judge_tlsa(d, m->host);
		with += m->dane == DANE_STATE_OK || m->dane == DANE_STATE_FAIL;
		without += m->dane == DANE_STATE_NONE;
	}
	if (with == 0)
		return;
	f = docket_hold(d, CHECK_DANE_PARTIAL, without == 0, d->ev->domain);
	if (f != NULL)
		finding_say(d, f, "%zu of %zu MX hosts have TLSA records.",
		    with, with + without);
	if (without == 0)
		docket_hold(d, CHECK_DANE_ONLY, out->record != THING_NONE,
		    d->ev->domain);
}
