/* Groups J and K: every address of every MX host, from the connection to the
 * certificate. */
#include "core/docket.h"
#include "wire/cert_name.h"
#include "wire/mx_match.h"
#include "wire/name.h"

/* RFC 5321 4.5.3.2.1 has clients wait five minutes for a greeting; senders
 * under load give up after one. */
enum { GREETING_SLOW_MS = 60 * 1000 };

static const struct cert_checks mx_checks = {
	.expired = CHECK_MXCERT_EXPIRED,
	.expiring = CHECK_MXCERT_EXPIRING,
	.name = CHECK_MXCERT_NAME,
	.name_is_domain = CHECK_MXCERT_NAME_IS_DOMAIN,
	.cn_only = CHECK_MXCERT_CN_ONLY,
	.untrusted = CHECK_MXCERT_UNTRUSTED,
	.chain = CHECK_MXCERT_CHAIN,
	.weak = CHECK_MXCERT_WEAK,
	.purpose = CHECK_MXCERT_EKU,
};

/* One address under judgement. */
struct seat {
	struct docket *d;
	const struct mx_host *m;
	const struct probe *p;
};

static const char *
where(const struct seat *s)
{
	return arena_printf(s->d->a, "%s (%s)", docket_quote(s->d, s->m->host),
	    ip_format(s->p->address).s)
	    .p;
}

static struct finding *
fault(const struct seat *s, enum check_id id)
{
	struct finding *f = docket_fail(s->d, id, s->m->host);

	f->address = s->p->address;
	return f;
}

static struct finding *
hold(const struct seat *s, enum check_id id, bool good)
{
	if (!good)
		return fault(s, id);
	docket_pass(s->d, id);
	return NULL;
}

/* A reply that only asks us to come back: nothing follows from it. */
static bool
is_later(uint16_t code)
{
	return code == 421 || code == 450 || code == 451;
}

static enum check_result
rate_limited(const struct seat *s, uint16_t code, struct span text)
{
	struct finding *f =
	    docket_unknown(s->d, CHECK_SMTP_RATE_LIMITED, s->m->host);

	f->address = s->p->address;
	finding_say(s->d, f, "%s asked us to come back later: \"%u %s\".",
	    where(s), code, docket_quote(s->d, text));
	return RESULT_UNKNOWN;
}

static enum check_result
broken(const struct seat *s)
{
	struct finding *f = fault(s, CHECK_SMTP_BROKEN);

	finding_say(s->d, f, "%s %s (%s).", where(s),
	    talk_result_text(s->p->result),
	    s->p->stage == STAGE_GREETING ? "before its greeting"
	    : s->p->stage == STAGE_EHLO	  ? "after EHLO"
					  : "during the conversation");
	return RESULT_FAIL;
}

static enum check_result
judge_greeting(const struct seat *s)
{
	const struct probe *p = s->p;
	struct finding *f;

	if (is_later(p->greeting_code))
		return rate_limited(s, p->greeting_code, p->greeting);
	if (p->greeting_code == 0 && p->result != TALK_TIMEOUT)
		return broken(s);
	f = fault(s, CHECK_SMTP_GREETING);
	if (p->greeting_code != 0)
		finding_say(s->d, f, "%s turns us away: \"%u %s\".", where(s),
		    p->greeting_code, docket_quote(s->d, p->greeting));
	else
		finding_say(s->d, f,
		    "%s accepts the connection, but sends no greeting in %u "
		    "seconds.",
		    where(s), p->greeting_ms / 1000);
	return RESULT_FAIL;
}

static enum check_result
judge_ehlo(const struct seat *s)
{
	const struct probe *p = s->p;
	struct finding *f;

	if (is_later(p->ehlo_code))
		return rate_limited(s, p->ehlo_code, p->ehlo);
	if (p->ehlo_code == 0)
		return broken(s);
	f = fault(s, CHECK_SMTP_BROKEN);
	finding_say(s->d, f, "%s refuses EHLO: \"%u %s\".", where(s),
	    p->ehlo_code, docket_quote(s->d, p->ehlo));
	return RESULT_FAIL;
}

static enum check_result
judge_starttls(const struct seat *s)
{
	const struct probe *p = s->p;
	struct finding *f;

	if (!p->starttls_offered) {
		f = fault(s, CHECK_STARTTLS_MISSING);
		finding_say(s->d, f, "%s does not offer STARTTLS.", where(s));
		finding_fact(
		    s->d, f, "ehlo", "%s", docket_quote(s->d, p->ehlo));
		return RESULT_FAIL;
	}
	f = fault(s, CHECK_STARTTLS_REFUSED);
	if (p->starttls_code == 220) /* RFC 3207 4: said yes, then left */
		finding_say(s->d, f, "%s accepts STARTTLS, then it %s.",
		    where(s), talk_result_text(p->result));
	else if (p->starttls_code != 0)
		finding_say(s->d, f,
		    "%s offers STARTTLS, then refuses it: \"%u %s\".", where(s),
		    p->starttls_code, docket_quote(s->d, p->starttls));
	else
		finding_say(s->d, f, "%s offers STARTTLS, then it %s.",
		    where(s), talk_result_text(p->result));
	return RESULT_FAIL;
}

static enum check_result
judge_handshake(const struct seat *s)
{
	const struct tls_seen *tls = &s->p->tls;
	struct finding *f;

	if (tls->client_cert_asked) {
		f = fault(s, CHECK_TLS_CLIENT_CERT_DEMANDED);
		finding_say(s->d, f,
		    "%s ends the handshake without a client certificate%s%s.",
		    where(s), tls->error.n > 0 ? ": " : "",
		    docket_quote(s->d, tls->error));
		return RESULT_FAIL;
	}
	f = fault(s, CHECK_TLS_HANDSHAKE);
	finding_say(s->d, f, "The TLS handshake with %s fails%s%s.", where(s),
	    tls->error.n > 0 ? ": " : "", docket_quote(s->d, tls->error));
	return RESULT_FAIL;
}

/* What the certificate is for by mistake: the mail domain, or the name in the
 * greeting. */
static struct span
mistaken_name(const struct seat *s)
{
	const struct span domain = s->d->ev->domain;
	const struct cert *leaf = &s->p->tls.chain[0];
	struct span banner = s->p->greeting;

	banner = span_head(banner, span_find(banner, ' '));
	for (size_t i = 0; i < leaf->n_dns_ids; i++) {
		if (name_eq(leaf->dns_ids[i], domain))
			return domain;
		if (name_eq(leaf->dns_ids[i], banner))
			return banner;
	}
	return SPAN("");
}

static bool
contains(struct span s, struct span part)
{
	for (; s.n >= part.n; s = span_skip(s, 1))
		if (span_starts(s, part))
			return true;
	return false;
}

/* RFC 9325 4.2: forward secrecy and authenticated encryption. Every cipher of
 * TLS 1.3 has both. */
static bool
is_modern_cipher(const struct tls_seen *tls)
{
	bool ephemeral = contains(tls->cipher, SPAN("DHE"));
	bool aead = contains(tls->cipher, SPAN("GCM")) ||
		    contains(tls->cipher, SPAN("CCM")) ||
		    contains(tls->cipher, SPAN("CHACHA20"));

	return tls->version == TLS_1_3 || (ephemeral && aead);
}

static bool
judge_version(const struct seat *s)
{
	const struct tls_seen *tls = &s->p->tls;
	struct finding *f = hold(s, CHECK_TLS_VERSION, tls->version >= TLS_1_2);

	if (f != NULL) {
		finding_say(s->d, f, "%s speaks nothing newer than %s.",
		    where(s), tls_version_name(tls->version));
		return false;
	}
	f = hold(s, CHECK_TLS_NO13, tls->version == TLS_1_3);
	if (f != NULL)
		finding_say(s->d, f, "%s does not offer TLS 1.3.", where(s));
	if (s->p->old_tls != TRI_UNKNOWN) {
		f = hold(s, CHECK_TLS_OLD_ENABLED, s->p->old_tls == TRI_NO);
		if (f != NULL)
			finding_say(s->d, f, "%s also accepts TLS 1.0 or 1.1.",
			    where(s));
	}
	f = hold(s, CHECK_TLS_CIPHERS, is_modern_cipher(tls));
	if (f != NULL)
		finding_say(s->d, f, "%s chose the cipher %s.", where(s),
		    docket_quote(s->d, tls->cipher));
	return true;
}

static void
judge_injection(const struct seat *s)
{
	const struct probe *p = s->p;
	struct finding *f;

	if (p->injected) {
		f = fault(s, CHECK_SMTP_PLAINTEXT_INJECTED);
		finding_say(s->d, f,
		    "%s sends plaintext behind its answer to STARTTLS, where "
		    "only TLS may follow.",
		    where(s));
		return;
	}
	if (p->takes_injection == TRI_UNKNOWN)
		return;
	f = hold(
	    s, CHECK_SMTP_PLAINTEXT_INJECTED, p->takes_injection == TRI_NO);
	if (f != NULL)
		finding_say(s->d, f,
		    "%s answers, inside TLS, a command that was sent before "
		    "it in plaintext (CVE-2011-0411).",
		    where(s));
}

static void
judge_sni(const struct seat *s)
{
	const struct tls_seen *with = &s->p->tls, *without = &s->p->no_sni;
	const struct cert *a, *b;
	struct finding *f;

	if (with->n_chain == 0 || without->n_chain == 0)
		return;
	a = &with->chain[0];
	b = &without->chain[0];
	if (!cert_names_match(a->dns_ids, a->n_dns_ids, s->m->host))
		return;
	f = hold(s, CHECK_MXCERT_NEEDS_SNI,
	    cert_names_match(b->dns_ids, b->n_dns_ids, s->m->host));
	if (f == NULL)
		return;
	finding_say(s->d, f,
	    "%s shows a certificate for %s to clients that send no SNI.",
	    where(s),
	    b->n_dns_ids > 0 ? docket_quote(s->d, b->dns_ids[0])
			     : docket_quote(s->d, b->subject));
}

/* The conversation went through to TLS. */
static enum check_result
judge_session(const struct seat *s)
{
	bool good;

	docket_pass(s->d, CHECK_SMTP_GREETING);
	docket_pass(s->d, CHECK_SMTP_BROKEN);
	docket_pass(s->d, CHECK_STARTTLS_MISSING);
	docket_pass(s->d, CHECK_STARTTLS_REFUSED);
	docket_pass(s->d, CHECK_TLS_CLIENT_CERT_DEMANDED);
	docket_pass(s->d, CHECK_SMTP_RATE_LIMITED);
	good = judge_version(s);
	if (s->p->tls.n_chain == 0) {
		finding_say(s->d, fault(s, CHECK_TLS_HANDSHAKE),
		    "%s shows no certificate.", where(s));
		return RESULT_FAIL;
	}
	docket_pass(s->d, CHECK_TLS_HANDSHAKE);
	good &= judge_chain(s->d, &mx_checks, &s->p->tls, s->m->host,
	    mistaken_name(s), s->p->address);
	judge_injection(s);
	judge_sni(s);
	if (s->p->greeting_ms > GREETING_SLOW_MS)
		finding_say(s->d, fault(s, CHECK_SMTP_GREETING),
		    "%s greets only after %u seconds.", where(s),
		    s->p->greeting_ms / 1000);
	return good ? RESULT_OK : RESULT_FAIL;
}

static bool
is_ours(const struct docket *d, const struct probe *p)
{
	return evidence_lacks_v6(d->ev, p->result, p->address);
}

/* Did it come to a conversation that says something of the host? */
static bool
has_answered(const struct probe *p)
{
	return p->stage > STAGE_CONNECT && p->result != TALK_UNFINISHED;
}

/* No connection. Whose fault it is, the whole domain decides: see
 * judge_connections(). */
static enum check_result
judge_connect(const struct seat *s)
{
	if (s->p->result == TALK_NOT_ALLOWED)
		return RESULT_FAIL;
	if (s->p->result == TALK_UNTRIED || s->p->result == TALK_UNFINISHED ||
	    is_ours(s->d, s->p))
		return RESULT_UNKNOWN;
	if (s->p->result == TALK_TIMEOUT && !s->d->ev->smtp_works_here)
		return RESULT_UNKNOWN;
	return RESULT_FAIL;
}

static enum check_result
judge_probe(const struct seat *s)
{
	if (!has_answered(s->p))
		return judge_connect(s);
	switch ((enum talk_stage)s->p->stage) {
	case STAGE_NONE:
	case STAGE_CONNECT:
		return judge_connect(s);
	case STAGE_GREETING:
		return judge_greeting(s);
	case STAGE_EHLO:
		return judge_ehlo(s);
	case STAGE_STARTTLS:
		return judge_starttls(s);
	case STAGE_HANDSHAKE:
		return judge_handshake(s);
	case STAGE_CERTIFICATE:
	case STAGE_RESPONSE:
	case STAGE_BODY:
	case STAGE_DONE:
		break;
	}
	return judge_session(s);
}

/* Some addresses of the host pass and others do not. */
static void
judge_members(struct docket *d, const struct judged_mx *m)
{
	size_t ok = 0, fail = 0, done = 0;
	const struct judged_address *good = NULL, *bad = NULL;
	struct finding *f;

	for (size_t i = 0; i < m->n_addresses; i++) {
		const struct judged_address *a = &m->addresses[i];

		if (!has_answered(a->probe))
			continue;
		done++;
		if (a->result == RESULT_OK) {
			ok++;
			good = a;
		} else if (a->result == RESULT_FAIL) {
			fail++;
			bad = a;
		}
	}
	if (done < 2)
		return;
	f = docket_hold(
	    d, CHECK_SMTP_MEMBER_DIFFERS, ok == 0 || fail == 0, m->host->host);
	if (f == NULL)
		return;
	f->address = bad->probe->address;
	finding_say(d, f,
	    "%s fails at %s and passes at %s: one member behind the name is "
	    "not like the others.",
	    docket_quote(d, m->host->host), ip_format(bad->probe->address).s,
	    ip_format(good->probe->address).s);
}

static void
say_unreachable(
    struct docket *d, const struct judged_mx *m, const struct judged_address *a)
{
	bool fails = a->result == RESULT_FAIL;
	enum check_id id = CHECK_SMTP_CONNECT_SOME;
	struct finding *f;

	if (a->probe->result == TALK_NOT_ALLOWED)
		return; /* said as mx.host-private-address */
	f = fails ? docket_fail(d, id, m->host->host)
		  : docket_unknown(d, id, m->host->host);
	f->address = a->probe->address;
	finding_say(d, f, "%s (%s) %s.", docket_quote(d, m->host->host),
	    ip_format(a->probe->address).s, talk_result_text(a->probe->result));
}

/* Nothing answered: is it them, or our own network? */
static void
say_all_unreachable(struct docket *d, size_t fails, size_t unknowns)
{
	const char *domain = docket_quote(d, d->ev->domain);
	struct finding *f;

	if (unknowns == 0 && fails > 0) {
		f = docket_fail(d, CHECK_SMTP_CONNECT_ALL, d->ev->domain);
		finding_say(d, f,
		    "No MX host of %s answers on port 25 (%zu address%s).",
		    domain, fails, fails == 1 ? "" : "es");
		return;
	}
	f = docket_unknown(d, CHECK_SMTP_BLOCKED_HERE, d->ev->domain);
	finding_say(d, f,
	    "None of the MX hosts of %s could be reached from here; our own "
	    "network may block port 25.",
	    domain);
	docket_block(d, CHECK_SMTP_CONNECT_ALL, CHECK_MXCERT_NEEDS_SNI,
	    CHECK_SMTP_BLOCKED_HERE);
}

static void
say_no_v6(struct docket *d, size_t n)
{
	struct finding *f;

	if (n == 0)
		return;
	f = docket_unknown(d, CHECK_SMTP_BLOCKED_HERE, d->ev->domain);
	finding_cap(f, SEVERITY_INFO);
	finding_say(d, f,
	    "%zu IPv6 address%s of the MX hosts could not be tried: there is "
	    "no IPv6 here.",
	    n, n == 1 ? "" : "es");
}

/* A host may have addresses that could not be looked up. */
static bool
hides_addresses(const struct judged_mx *m)
{
	return !dns_is_known(&m->host->a) || !dns_is_known(&m->host->aaaa);
}

/* Every address that could not be connected to, said as one problem where it
 * is one. */
static void
judge_connections(struct docket *d)
{
	const struct judged *out = d->out;
	size_t answered = 0, fails = 0, unknowns = 0, ours = 0;
	bool hidden = false;

	for (size_t i = 0; i < out->n_mx; i++) {
		hidden |= hides_addresses(&out->mx[i]);
		for (size_t k = 0; k < out->mx[i].n_addresses; k++) {
			const struct judged_address *a =
			    &out->mx[i].addresses[k];

			ours += a->ours;
			if (has_answered(a->probe))
				answered++;
			else if (a->result == RESULT_FAIL)
				fails += a->probe->result != TALK_NOT_ALLOWED;
			else
				unknowns += !a->ours;
		}
	}
	say_no_v6(d, ours);
	if (answered == 0 && hidden) {
		docket_blocked(
		    d, CHECK_SMTP_CONNECT_ALL, CHECK_MX_HOST_LOOKUP_FAILED);
	} else if (answered == 0) {
		if (fails + unknowns > 0)
			say_all_unreachable(d, fails, unknowns);
		return;
	} else {
		docket_pass(d, CHECK_SMTP_CONNECT_ALL);
		docket_pass(d, CHECK_SMTP_CONNECT_SOME);
	}
	for (size_t i = 0; i < out->n_mx; i++)
		for (size_t k = 0; k < out->mx[i].n_addresses; k++) {
			const struct judged_address *a =
			    &out->mx[i].addresses[k];

			if (!has_answered(a->probe) && !a->ours)
				say_unreachable(d, &out->mx[i], a);
		}
}

/* The first pattern of the policy that covers the host, for the table. */
static struct span
matched_by(const struct judged *out, struct span host)
{
	for (size_t i = 0; i < out->sts.n_mx; i++)
		if (mx_match(out->sts.mx[i], host))
			return out->sts.mx[i];
	return SPAN("");
}

static void
judge_mx_addresses(struct docket *d, struct judged_mx *m)
{
	size_t from = d->out->n_findings;

	m->addresses =
	    arena_array(d->a, m->host->n_probes, sizeof *m->addresses);
	if (m->addresses == NULL)
		return;
	m->n_addresses = m->host->n_probes;
	for (size_t i = 0; i < m->n_addresses; i++) {
		struct seat s = { d, m->host, &m->host->probes[i] };

		m->addresses[i] = (struct judged_address){
			.probe = s.p,
			.result = judge_probe(&s),
			.ours = is_ours(d, s.p),
		};
	}
	judge_members(d, m);
	/* No certificate can be for what is no name. */
	if (!name_is_domain(m->host->host))
		docket_follows(d, from, CHECK_MXCERT_NAME, CHECK_MXCERT_CN_ONLY,
		    CHECK_MX_INVALID_NAME);
}

/* Is every address unknown? Then nothing of the mail hosts is green. */
static bool
is_all_unknown(const struct judged *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n_mx; i++)
		for (size_t k = 0; k < out->mx[i].n_addresses; k++, n++)
			if (out->mx[i].addresses[k].result != RESULT_UNKNOWN)
				return false;
	return n > 0;
}

/* How much the findings since `from` weigh in the end. */
static void
weigh(struct docket *d, size_t from)
{
	struct judged *out = d->out;
	bool all_unknown = is_all_unknown(out);

	for (size_t i = from; i < out->n_findings; i++) {
		struct finding *f = &out->findings[i];

		if (all_unknown && f->result == RESULT_UNKNOWN)
			f->severity = SEVERITY_WARNING;
		/* RFC 8461 5: nobody holds the hosts to a mode of none. */
		if (out->stakes == STAKES_NONE && f->result == RESULT_FAIL)
			finding_cap(f, SEVERITY_INFO);
	}
}

void
judge_smtp(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct judged *out = d->out;
	size_t from = out->n_findings;

	out->mx = arena_array(d->a, ev->n_mx_hosts, sizeof *out->mx);
	if (out->mx == NULL)
		return;
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		struct judged_mx *m;

		if (ev->mx_hosts[i].host.n == 0) /* null MX */
			continue;
		m = &out->mx[out->n_mx++];
		m->host = &ev->mx_hosts[i];
		m->matched_by = matched_by(out, m->host->host);
		judge_mx_addresses(d, m);
	}
	judge_connections(d);
	weigh(d, from);
}
