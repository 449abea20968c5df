/* A presented chain of certificates, held against a host's name: group K, and
 * the part of group E that is the same. */
#include "core/docket.h"
#include "wire/cert_name.h"
#include "wire/name.h"

enum { DAY_S = 86400 };

/* Below this much of its life left, a certificate that renews by itself has
 * missed its turn: ACME clients renew when a third is left, and are given the
 * time to do it. */
static int64_t
overdue_s(int64_t lifetime_s)
{
	/* Certificates of over 100 days are renewed by hand. */
	if (lifetime_s > 100 * DAY_S)
		return 30 * DAY_S;
	return lifetime_s / 10 * 3;
}

/* And here nobody can count on it any more. */
static int64_t
urgent_s(int64_t lifetime_s)
{
	int64_t tenth = lifetime_s / 10;

	return tenth < 3 * DAY_S ? tenth : 3 * DAY_S;
}

static struct finding *
about(struct docket *d, enum check_id id, bool good, struct span host,
    struct ip_addr address)
{
	struct finding *f = docket_hold(d, id, good, host);

	if (f != NULL)
		f->address = address;
	return f;
}

static void
cert_facts(struct docket *d, struct finding *f, const struct cert *c)
{
	finding_fact(d, f, "subject", "%s", docket_quote(d, c->subject));
	finding_fact(d, f, "issuer", "%s", docket_quote(d, c->issuer));
	finding_fact(d, f, "not_after", "%s", docket_date(d, c->not_after));
}

/* The certificate of the chain whose dates exclude now, leaf first. */
static const struct cert *
out_of_date(const struct tls_seen *tls, struct wall_time now)
{
	for (size_t i = 0; i < tls->n_chain; i++) {
		const struct cert *c = &tls->chain[i];

		/* A needless root or a stray certificate, such as a cross
		 * certificate of long ago, does no harm: it is on no path. */
		if (i > 0 && (c->self_issued || c->aside))
			continue;
		if (now.s < c->not_before.s || now.s > c->not_after.s)
			return c;
	}
	return NULL;
}

/* RFC 5280 4.1.2.5: valid from notBefore through notAfter, inclusive. */
static bool
judge_dates(struct docket *d, const struct cert_checks *ids,
    const struct tls_seen *tls, struct span host, struct ip_addr address)
{
	const struct cert *leaf = &tls->chain[0];
	const struct cert *bad = out_of_date(tls, d->now);
	int64_t left = leaf->not_after.s - d->now.s;
	int64_t life = leaf->not_after.s - leaf->not_before.s;
	struct finding *f = about(d, ids->expired, bad == NULL, host, address);

	if (f != NULL) {
		bool early = d->now.s < bad->not_before.s;

		finding_say(d, f,
		    early ? "The %s of %s is not valid before %s (%s)."
			  : "The %s of %s expired on %s (%s).",
		    bad == leaf ? "certificate" : "intermediate certificate",
		    docket_quote(d, host),
		    docket_date(d, early ? bad->not_before : bad->not_after),
		    docket_distance(
			d, early ? bad->not_before : bad->not_after));
		cert_facts(d, f, bad);
		return false;
	}
	f = about(d, ids->expiring, left >= overdue_s(life), host, address);
	if (f != NULL) {
		finding_say(d, f,
		    "The certificate of %s expires %s, on %s, and has not "
		    "been renewed.",
		    docket_quote(d, host), docket_distance(d, leaf->not_after),
		    docket_date(d, leaf->not_after));
		cert_facts(d, f, leaf);
		if (left < urgent_s(life) && d->out->stakes == STAKES_ENFORCE)
			f->severity = SEVERITY_ERROR;
	}
	return true;
}

/* "mail.example.com, www.example.com and 3 more" */
static const char *
names_of(struct docket *d, const struct cert *c)
{
	enum { SHOWN = 3 };
	struct span s = SPAN("");

	for (size_t i = 0; i < c->n_dns_ids && i < SHOWN; i++)
		s = arena_printf(d->a, "%.*s%s%s", (int)s.n, s.p,
		    i > 0 ? ", " : "", docket_quote(d, c->dns_ids[i]));
	if (c->n_dns_ids > SHOWN)
		s = arena_printf(d->a, "%.*s and %zu more", (int)s.n, s.p,
		    c->n_dns_ids - SHOWN);
	return s.n > 0 ? s.p : "no DNS name at all";
}

static bool
judge_name(struct docket *d, const struct cert_checks *ids,
    const struct cert *leaf, struct span host, struct span other,
    struct ip_addr address)
{
	const char *names = names_of(d, leaf), *h = docket_quote(d, host);
	enum check_id id = ids->name;
	struct finding *f;

	if (cert_names_match(leaf->dns_ids, leaf->n_dns_ids, host)) {
		docket_pass(d, ids->name);
		return true;
	}
	if (leaf->n_dns_ids == 0 && cert_name_match(leaf->cn, host))
		id = ids->cn_only;
	else if (other.n > 0)
		id = ids->name_is_domain;
	f = about(d, id, false, host, address);
	if (id == ids->cn_only && id != ids->name)
		finding_say(d, f,
		    "The certificate of %s bears that name as its common name "
		    "only; the common name does not count.",
		    h);
	else if (id == ids->name_is_domain && id != ids->name)
		finding_say(d, f,
		    "The certificate of %s is for %s, not for the name in the "
		    "MX record.",
		    h, names);
	else
		finding_say(d, f, "The certificate of %s is for %s.", h, names);
	finding_remedy(d, f,
	    "Get a certificate with the DNS name %s, and serve it there.", h);
	cert_facts(d, f, leaf);
	return false;
}

static bool
judge_trust(struct docket *d, const struct cert_checks *ids,
    const struct tls_seen *tls, struct span host, struct ip_addr address)
{
	static const char *const texts[] = {
		[TRUST_SELF_SIGNED] = "has signed itself",
		[TRUST_UNKNOWN_ROOT] = "leads to a root that is not trusted",
		[TRUST_INCOMPLETE] = "comes without its intermediate",
		[TRUST_PURPOSE] = "is not one for TLS servers",
		[TRUST_OTHER] = "does not verify",
	};
	const struct cert *leaf = &tls->chain[0];
	enum check_id id = ids->untrusted;
	struct finding *f;

	if (tls->trust == TRUST_OK || tls->trust == TRUST_UNTRIED) {
		docket_pass(d, ids->untrusted);
		docket_pass(d, ids->chain);
		docket_pass(d, ids->purpose);
		return true;
	}
	if (tls->trust == TRUST_INCOMPLETE)
		id = ids->chain;
	else if (tls->trust == TRUST_PURPOSE)
		id = ids->purpose;
	f = about(d, id, false, host, address);
	finding_say(d, f, "The certificate of %s %s (%s).",
	    docket_quote(d, host), texts[tls->trust],
	    docket_quote(d, tls->trust_error));
	cert_facts(d, f, leaf);
	return false;
}

static void
judge_strength(struct docket *d, const struct cert_checks *ids,
    const struct cert *leaf, struct span host, struct ip_addr address)
{
	bool rsa = span_starts(leaf->key, SPAN("RSA"));
	bool ec = span_starts(leaf->key, SPAN("EC"));
	bool sha1 = leaf->signature.n >= 4 &&
		    (span_starts(leaf->signature, SPAN("sha1")) ||
			span_starts(leaf->signature, SPAN("md5")) ||
			span_eq(leaf->signature, SPAN("ecdsa-with-SHA1")));
	bool weak = (rsa && leaf->key_bits < 2048) ||
		    (ec && leaf->key_bits < 224) || sha1;
	struct finding *f = about(d, ids->weak, !weak, host, address);

	if (f == NULL)
		return;
	finding_say(d, f,
	    "The certificate of %s has a %s key of %u bits, signed with %s.",
	    docket_quote(d, host), docket_quote(d, leaf->key), leaf->key_bits,
	    docket_quote(d, leaf->signature));
}

bool
judge_chain(struct docket *d, const struct cert_checks *ids,
    const struct tls_seen *tls, struct span host, struct span other,
    struct ip_addr address)
{
	bool good;

	if (tls->n_chain == 0)
		return false;
	good = judge_dates(d, ids, tls, host, address);
	good &= judge_trust(d, ids, tls, host, address);
	good &= judge_name(d, ids, &tls->chain[0], host, other, address);
	judge_strength(d, ids, &tls->chain[0], host, address);
	return good;
}
