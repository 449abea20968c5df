/* Groups E and F, and the vantage: the policy host's TLS and HTTP. */
#include "base/ascii.h"
#include "base/limits.h"
#include "core/docket.h"
#include "wire/cert_name.h"
#include "wire/media_type.h"

/* Senders give up after 5 to 60 seconds. */
enum { SLOW_MS = 10 * 1000 };

/* A key or a chain of the policy host has no rows for what cannot come apart
 * there: those faults are "for another name" and "untrusted". */
static const struct cert_checks host_checks = {
	.expired = CHECK_HTTPS_CERT_EXPIRED,
	.expiring = CHECK_HTTPS_CERT_EXPIRING,
	.name = CHECK_HTTPS_CERT_NAME,
	.name_is_domain = CHECK_HTTPS_CERT_NAME,
	.cn_only = CHECK_HTTPS_CERT_NAME,
	.untrusted = CHECK_HTTPS_CERT_UNTRUSTED,
	.chain = CHECK_HTTPS_CERT_CHAIN_INCOMPLETE,
	.weak = CHECK_HTTPS_CERT_WEAK,
	.purpose = CHECK_HTTPS_CERT_UNTRUSTED,
};

static struct span
policy_host(struct docket *d)
{
	return arena_printf(d->a, "mta-sts.%s", docket_quote(d, d->ev->domain));
}

static struct finding *
fault(struct docket *d, enum check_id id, const struct fetch *t)
{
	struct finding *f = docket_fail(d, id, policy_host(d));

	f->address = t->address;
	return f;
}

static void
judge_connect(struct docket *d, const struct fetch *t)
{
	struct finding *f;

	/* An IPv6 address from a place without IPv6 says nothing. */
	if (evidence_lacks_v6(d->ev, t->result, t->address)) {
		f = docket_unknown(d, CHECK_HTTPS_CONNECT, policy_host(d));
		f->address = t->address;
		finding_cap(f, SEVERITY_INFO);
		finding_say(d, f, "%s was not tried: there is no IPv6 here.",
		    ip_format(t->address).s);
		return;
	}
	f = fault(d, CHECK_HTTPS_CONNECT, t);
	finding_say(d, f, "%s (%s) %s on port 443.",
	    docket_quote(d, policy_host(d)), ip_format(t->address).s,
	    talk_result_text(t->result));
}

static void
judge_handshake(struct docket *d, const struct fetch *t)
{
	struct finding *f;

	if (t->old_version != TLS_NONE) {
		f = fault(d, CHECK_HTTPS_TLS_VERSION, t);
		finding_say(d, f,
		    "%s (%s) speaks nothing newer than %s; senders need TLS "
		    "1.2 or 1.3.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    tls_version_name(t->old_version));
		return;
	}
	f = fault(d,
	    t->tls.client_cert_asked ? CHECK_HTTPS_CLIENT_CERT_ASKED
				     : CHECK_HTTPS_HANDSHAKE,
	    t);
	if (t->tls.client_cert_asked)
		f->severity =
		    check_severity(CHECK_HTTPS_HANDSHAKE, d->out->stakes);
	finding_say(d, f, "%s (%s) %s%s%s.", docket_quote(d, policy_host(d)),
	    ip_format(t->address).s,
	    t->tls.client_cert_asked ? "insists on a client certificate"
				     : talk_result_text(t->result),
	    t->tls.error.n > 0 ? ": " : "", docket_quote(d, t->tls.error));
}

/* Does the server send this leaf to whoever asks for no name? */
static bool
is_default_certificate(const struct fetch *t)
{
	return t->tls.n_chain > 0 && t->no_sni.n_chain > 0 &&
	       span_eq(t->tls.chain[0].sha256, t->no_sni.chain[0].sha256);
}

/* Would a sender accept it? */
static bool
judge_certificate(struct docket *d, const struct fetch *t)
{
	const struct cert *leaf = &t->tls.chain[0];
	struct span host = policy_host(d);
	size_t from = d->out->n_findings;
	bool good =
	    judge_chain(d, &host_checks, &t->tls, host, SPAN(""), t->address);
	struct finding *f;

	if (cert_names_match(leaf->dns_ids, leaf->n_dns_ids, host)) {
		docket_pass(d, CHECK_HTTPS_SNI_IGNORED);
		return good;
	}
	if (!is_default_certificate(t))
		return good;
	f = fault(d, CHECK_HTTPS_SNI_IGNORED, t);
	finding_say(d, f,
	    "%s (%s) sends the same certificate with and without SNI, for "
	    "another name: it does not know this one.",
	    docket_quote(d, host), ip_format(t->address).s);
	docket_follows(d, from, CHECK_HTTPS_CERT_NAME, CHECK_HTTPS_CERT_NAME,
	    CHECK_HTTPS_SNI_IGNORED);
	return false;
}

static void
judge_tls(struct docket *d, const struct fetch *t)
{
	docket_pass(d, CHECK_HTTPS_TLS_VERSION);
	docket_pass(d, CHECK_HTTPS_HANDSHAKE);
	docket_hold(
	    d, CHECK_HTTPS_TLS13_ONLY, t->tls12 != TRI_NO, policy_host(d));
	docket_hold(d, CHECK_HTTPS_CLIENT_CERT_ASKED, !t->tls.client_cert_asked,
	    policy_host(d));
}

static bool
looks_like_html(const struct fetch *t)
{
	struct span body = t->body;

	while (body.n > 0 && (ascii_is_wsp((unsigned char)body.p[0]) ||
				 body.p[0] == '\r' || body.p[0] == '\n'))
		body = span_skip(body, 1);
	return span_starts(body, SPAN("<"));
}

/* Is it a robot check? Either it says so, or a browser gets what we do not. */
static bool
is_bot_challenge(const struct fetch *t)
{
	if (t->mitigated.n > 0)
		return true;
	return t->browser_gets_policy &&
	       (t->status != 200 || looks_like_html(t));
}

static void
judge_redirect(struct docket *d, const struct fetch *t)
{
	struct finding *f = fault(d, CHECK_HTTP_REDIRECT, t);

	finding_say(d, f,
	    "%s (%s) redirects to %s with status %d; senders must not follow.",
	    docket_quote(d, policy_host(d)), ip_format(t->address).s,
	    t->location.n > 0 ? docket_quote(d, t->location) : "nowhere",
	    t->status);
	finding_fact(d, f, "status", "%d", t->status);
	finding_fact(d, f, "location", "%s", docket_quote(d, t->location));
}

static void
judge_status(struct docket *d, const struct fetch *t)
{
	enum check_id id = CHECK_HTTP_STATUS;
	struct finding *f;

	if (t->status >= 300 && t->status < 400 && t->status != 304) {
		judge_redirect(d, t);
		return;
	}
	if (is_bot_challenge(t))
		id = CHECK_HTTP_BOT_CHALLENGE;
	else if (t->status == 429 || t->status == 503)
		id = CHECK_HTTP_RATELIMIT;
	f = fault(d, id, t);
	finding_say(d, f,
	    id == CHECK_HTTP_BOT_CHALLENGE
		? "%s (%s) holds us off as a robot, with status %d; senders "
		  "are robots too."
		: "%s (%s) answers with status %d; only 200 is a policy.",
	    docket_quote(d, policy_host(d)), ip_format(t->address).s,
	    t->status);
	finding_fact(d, f, "status", "%d", t->status);
	if (t->server.n > 0)
		finding_fact(d, f, "server", "%s", docket_quote(d, t->server));
	if (t->body.n > 0)
		finding_fact(d, f, "body", "%s", docket_quote(d, t->body));
	if (t->browser_status != 0)
		finding_fact(d, f, "browser_status", "%d", t->browser_status);
}

/* A conversation that ended before the response was complete. */
static void
judge_incomplete(struct docket *d, const struct fetch *t)
{
	struct finding *f;

	if (t->too_big) {
		f = fault(d, CHECK_HTTP_TOO_BIG, t);
		finding_say(d, f,
		    "%s (%s) sends more than %d bytes; senders stop reading "
		    "there and have no policy.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    LIMIT_POLICY_BYTES);
		return;
	}
	if (t->truncated) {
		f = fault(d, CHECK_HTTP_TRUNCATED, t);
		finding_say(d, f,
		    "The answer of %s (%s) ends after %llu bytes, before its "
		    "announced end.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    (unsigned long long)t->body_bytes);
		return;
	}
	f = fault(d, CHECK_HTTP_BROKEN, t);
	finding_say(d, f, "%s (%s) %s before its answer was complete.",
	    docket_quote(d, policy_host(d)), ip_format(t->address).s,
	    talk_result_text(t->result));
	finding_fact(d, f, "stage", "%s", talk_stage_names[t->stage]);
}

static void
judge_response(struct docket *d, const struct fetch *t)
{
	struct finding *f;

	docket_pass(d, CHECK_HTTP_TRUNCATED);
	docket_pass(d, CHECK_HTTP_TOO_BIG);
	docket_pass(d, CHECK_HTTP_BROKEN);
	if (t->status != 200) {
		judge_status(d, t);
		return;
	}
	docket_pass(d, CHECK_HTTP_STATUS);
	docket_pass(d, CHECK_HTTP_REDIRECT);
	docket_pass(d, CHECK_HTTP_RATELIMIT);
	if (is_bot_challenge(t))
		judge_status(d, t);
	else
		docket_pass(d, CHECK_HTTP_BOT_CHALLENGE);
	f = docket_hold(d, CHECK_HTTP_SLOW, t->ms <= SLOW_MS, policy_host(d));
	if (f != NULL) {
		f->address = t->address;
		finding_say(d, f, "%s (%s) took %u seconds to answer.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    t->ms / 1000);
	}
	f = docket_hold(d, CHECK_HTTP_ENCODING,
	    t->content_encoding.n == 0 ||
		ascii_eq_nocase(t->content_encoding, SPAN("identity")),
	    policy_host(d));
	if (f != NULL)
		finding_say(d, f,
		    "The policy is sent with \"Content-Encoding: %s\", though "
		    "nobody asked for it.",
		    docket_quote(d, t->content_encoding));
}

/* Can a sender that comes to this address read a file? */
static bool
is_served(const struct fetch *t)
{
	return t->result == TALK_OK && t->status == 200;
}

static void
judge_fetch(struct docket *d, const struct fetch *t)
{
	bool accepted = true;

	if (t->result == TALK_NOT_ALLOWED || t->result == TALK_UNTRIED)
		return;
	if (t->result == TALK_UNFINISHED) {
		struct finding *f =
		    docket_unknown(d, CHECK_HTTPS_CONNECT, policy_host(d));

		f->address = t->address;
		finding_say(d, f, "%s (%s) %s.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    talk_result_text(t->result));
		return;
	}
	if (t->stage == STAGE_CONNECT) {
		judge_connect(d, t);
		return;
	}
	docket_pass(d, CHECK_HTTPS_CONNECT);
	if (t->tls.n_chain > 0)
		accepted = judge_certificate(d, t);
	if (t->stage == STAGE_CERTIFICATE && !accepted)
		return;
	/* A certificate that was refused then and is accepted now leaves the
	 * handshake as what failed. */
	if (t->stage == STAGE_CERTIFICATE || t->stage == STAGE_HANDSHAKE ||
	    (t->result != TALK_OK && t->status == 0 &&
		t->tls.client_cert_asked)) {
		judge_handshake(d, t);
		return;
	}
	judge_tls(d, t);
	if (t->result == TALK_OK)
		judge_response(d, t);
	else
		judge_incomplete(d, t);
}

/* Does this attempt say anything of the address? Not if it was none. */
static bool
is_measured(const struct docket *d, const struct fetch *t)
{
	return t->result != TALK_UNTRIED && t->result != TALK_UNFINISHED &&
	       t->result != TALK_NOT_ALLOWED &&
	       !evidence_lacks_v6(d->ev, t->result, t->address);
}

/* "192.0.2.1 (status 404), 2001:db8::1 (refused the connection)" */
static struct span
list_failing(struct docket *d)
{
	struct span s = SPAN("");

	for (size_t i = 0; i < d->ev->n_fetches; i++) {
		const struct fetch *t = &d->ev->fetches[i];
		struct span why;

		if (is_served(t) || !is_measured(d, t))
			continue;
		why = t->status != 0
			  ? arena_printf(d->a, "status %d", t->status)
			  : span_str(talk_result_text(t->result));
		s = arena_printf(d->a, "%.*s%s%s (%.*s)", (int)s.n, s.p,
		    s.n > 0 ? ", " : "", ip_format(t->address).s, (int)why.n,
		    why.p);
	}
	return s;
}

/* Some addresses serve the policy and some do not: that is one problem, not
 * one for each address. What the failing ones lack (a certificate, say) is
 * worth its own finding, but voids nothing. */
/* None that was asked serves it, and some could not be asked: whether the host
 * is down or only a part of it is not known. */
static void
judge_rest(struct docket *d, size_t from, size_t measured)
{
	struct finding *f;

	docket_follows(d, from, CHECK_HTTPS_CONNECT, CHECK_HTTP_RATELIMIT,
	    CHECK_HTTPS_SOME_ADDRESSES);
	f = docket_unknown(d, CHECK_HTTPS_SOME_ADDRESSES, policy_host(d));
	finding_say(d, f,
	    "%zu of %zu addresses of %s do not serve the policy; the others "
	    "could not be asked.",
	    measured, d->ev->n_fetches, docket_quote(d, policy_host(d)));
}

static void
judge_some(struct docket *d, size_t from, size_t served, size_t measured,
    size_t unasked)
{
	struct judged *out = d->out;
	struct finding *f;
	struct span which;

	if (served == 0 && measured > 0 && unasked > 0) {
		judge_rest(d, from, measured);
		return;
	}
	if (served == 0 || served == measured) {
		if (served > 0)
			docket_pass(d, CHECK_HTTPS_SOME_ADDRESSES);
		return;
	}
	for (size_t i = from; i < out->n_findings; i++)
		if (out->findings[i].address.family != IP_NONE)
			finding_cap(&out->findings[i], SEVERITY_WARNING);
	docket_follows(d, from, CHECK_HTTPS_CONNECT, CHECK_HTTPS_CONNECT,
	    CHECK_HTTPS_SOME_ADDRESSES);
	which = list_failing(d);
	f = docket_fail(d, CHECK_HTTPS_SOME_ADDRESSES, policy_host(d));
	finding_say(d, f,
	    "%zu of %zu addresses of %s serve the policy; not %.*s.", served,
	    measured, docket_quote(d, policy_host(d)), (int)which.n, which.p);
}

/* Do senders make the same of both files? Line ends, the order of lines and
 * unknown keys are no difference. The parser lists each pattern once. */
static bool
is_same_policy(const struct sts_policy *a, const struct sts_policy *b)
{
	return a->valid == b->valid && a->mode == b->mode &&
	       a->max_age == b->max_age &&
	       span_set_eq(a->mx, a->n_mx, b->mx, b->n_mx);
}

static bool
says_the_same(struct docket *d, const struct fetch *t)
{
	struct sts_policy p;

	if (span_eq(t->body, d->out->fetch->body))
		return true;
	sts_policy_parse(t->body, d->a, &p);
	return p.valid && is_same_policy(&d->out->sts, &p);
}

static void
judge_bodies(struct docket *d)
{
	const struct fetch *first = d->out->fetch;

	if (first == NULL || !is_served(first))
		return;
	for (size_t i = 0; i < d->ev->n_fetches; i++) {
		const struct fetch *t = &d->ev->fetches[i];
		struct finding *f;

		if (t == first || !is_served(t))
			continue;
		f = docket_hold(d, CHECK_VANTAGE_BODY_DIFFERS,
		    says_the_same(d, t), policy_host(d));
		if (f == NULL)
			continue;
		f->address = t->address;
		finding_say(d, f, "%s serves another policy at %s than at %s.",
		    docket_quote(d, policy_host(d)), ip_format(t->address).s,
		    ip_format(first->address).s);
	}
}

void
judge_fetches(struct docket *d)
{
	const struct evidence *ev = d->ev;
	size_t served = 0, measured = 0, unasked = 0;
	size_t from = d->out->n_findings;

	/* Without a record nobody comes here; a web server that happens to
	 * stand at this name does nothing wrong. */
	if (d->out->record == THING_NONE && d->out->policy == THING_NONE)
		return;
	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *t = &ev->fetches[i];

		judge_fetch(d, t);
		served += is_served(t);
		measured += is_measured(d, t);
		unasked +=
		    t->result == TALK_UNTRIED || t->result == TALK_UNFINISHED;
	}
	judge_some(d, from, served, measured, unasked);
	judge_bodies(d);
	if (served == 0 && d->out->n_findings > from)
		docket_block(d, CHECK_POLICY_EMPTY, CHECK_MATCH_MULTI_LABEL,
		    d->out->findings[from].check);
}
