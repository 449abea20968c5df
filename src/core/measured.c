#include "core/measured.h"

#include "wire/tlsa.h"

/* What must be known before a check can be said to pass. */
enum {
	ON_MX = 1 << 0, /* the MX records */
	ON_APEX = 1 << 1, /* the domain's own addresses, where it has no MX */
	ON_TXT = 1 << 2, /* the record */
	ON_ID = 1 << 3, /* the record, which is not broken */
	ON_PLACES = 1 << 4, /* TXT where a record stands by mistake */
	ON_WILDCARDS = 1 << 5,
	ON_HOST = 1 << 6, /* the policy host's addresses */
	ON_SERVER = 1 << 7, /* whether it serves a file */
	ON_FILE = 1 << 8, /* the file, unless nobody is sent there */
	ON_TLSRPT = 1 << 9,
	ON_FETCH = 1 << 10, /* an address of the policy host */
	ON_FETCHES = 1 << 11, /* all of them */
	ON_MAIL_HOST = 1 << 12, /* a mail host, or an address of it */
};

/* clang-format off */
static const struct {
	enum check_id first, last;
	unsigned needs;
	enum talk_stage stage; /* that the conversation must have come to */
} rests[] = {
	{ CHECK_MX_NONE, CHECK_MX_NONE_NO_ADDRESS,	ON_MX | ON_APEX | ON_TXT | ON_FILE, 0 },
	{ CHECK_MX_NULL_WITH_POLICY, CHECK_MX_NULL_WITH_POLICY,	ON_MX | ON_TXT | ON_FILE, 0 },
	{ CHECK_MX_NULL_WITH_OTHERS, CHECK_MX_NULL_WITH_OTHERS,	ON_MX, 0 },
	{ CHECK_MX_HOST_NXDOMAIN, CHECK_MX_HOST_IS_CNAME,	ON_MAIL_HOST, STAGE_NONE },
	{ CHECK_MX_HOST_IS_IP, CHECK_MX_HOST_IS_IP,	ON_MX, 0 },
	{ CHECK_MX_HOST_PRIVATE_ADDRESS, CHECK_MX_HOST_PRIVATE_ADDRESS,	ON_MAIL_HOST, STAGE_NONE },
	{ CHECK_MX_TTL_LONG, CHECK_MX_TOO_MANY,		ON_MX, 0 },

	{ CHECK_TXT_ABSENT_POLICY_PRESENT, CHECK_TXT_ABSENT_POLICY_PRESENT,	ON_TXT | ON_SERVER, 0 },
	{ CHECK_TXT_ABSENT, CHECK_TXT_ABSENT,		ON_TXT, 0 },
	{ CHECK_TXT_MULTIPLE, CHECK_TXT_MULTIPLE,	ON_TXT, 0 },
	{ CHECK_TXT_WILDCARD, CHECK_TXT_WILDCARD,	ON_TXT | ON_WILDCARDS, 0 },
	{ CHECK_TXT_WRONG_PLACE, CHECK_TXT_WRONG_PLACE,	ON_TXT | ON_PLACES, 0 },
	{ CHECK_TXT_SPF_OR_OTHER, CHECK_TXT_SPF_OR_OTHER,	ON_TXT | ON_PLACES | ON_WILDCARDS, 0 },
	{ CHECK_TXT_VERSION_NOT_FIRST, CHECK_TXT_INSECURE,	ON_TXT, 0 },

	{ CHECK_CNAME_HALF_DELEGATED, CHECK_CNAME_TWO_PUBLISHERS,	ON_TXT | ON_HOST, 0 },
	{ CHECK_CNAME_WILDCARD, CHECK_CNAME_WILDCARD,	ON_TXT | ON_HOST | ON_WILDCARDS, 0 },
	{ CHECK_HOST_NXDOMAIN, CHECK_HOST_NO_ADDRESS,	ON_TXT | ON_HOST, 0 },
	{ CHECK_HOST_DNSSEC_BOGUS, CHECK_HOST_PRIVATE_ADDRESS,	ON_TXT | ON_HOST, 0 },

	{ CHECK_HTTPS_CONNECT, CHECK_HTTPS_CONNECT,	ON_FETCH, STAGE_CONNECT },
	{ CHECK_HTTPS_SOME_ADDRESSES, CHECK_HTTPS_SOME_ADDRESSES,	ON_FILE | ON_FETCHES, STAGE_CONNECT },
	{ CHECK_HTTPS_HANDSHAKE, CHECK_HTTPS_TLS13_ONLY,	ON_FETCH, STAGE_HANDSHAKE },
	{ CHECK_HTTPS_SNI_IGNORED, CHECK_HTTPS_CERT_WEAK,	ON_FETCH, STAGE_CERTIFICATE },
	{ CHECK_HTTPS_CLIENT_CERT_ASKED, CHECK_HTTPS_CLIENT_CERT_ASKED,	ON_FETCH, STAGE_HANDSHAKE },
	{ CHECK_HTTP_REDIRECT, CHECK_HTTP_BOT_CHALLENGE,	ON_FETCH, STAGE_BODY },
	{ CHECK_HTTP_CONTENT_TYPE, CHECK_HTTP_CHARSET,	ON_FILE, 0 },
	{ CHECK_HTTP_TOO_BIG, CHECK_HTTP_TOO_BIG,	ON_FETCH, STAGE_BODY },
	{ CHECK_HTTP_BIG, CHECK_HTTP_BIG,		ON_FILE, 0 },
	{ CHECK_HTTP_SLOW, CHECK_HTTP_SLOW,		ON_FETCH, STAGE_DONE },
	{ CHECK_HTTP_TRUNCATED, CHECK_HTTP_TRUNCATED,	ON_FETCH, STAGE_BODY },
	{ CHECK_HTTP_BROKEN, CHECK_HTTP_BROKEN,		ON_FETCH, STAGE_RESPONSE },
	{ CHECK_HTTP_ENCODING, CHECK_HTTP_WRONG_VHOST,	ON_FILE, 0 },
	{ CHECK_HTTP_RATELIMIT, CHECK_HTTP_RATELIMIT,	ON_FETCH, STAGE_BODY },
	{ CHECK_POLICY_EMPTY, CHECK_MODE_NONE_LIVE,	ON_FILE, 0 },
	{ CHECK_MATCH_NONE, CHECK_MATCH_MULTI_LABEL,	ON_MX | ON_FILE, 0 },

	{ CHECK_SMTP_CONNECT_ALL, CHECK_SMTP_CONNECT_ALL,	ON_MX, 0 },
	{ CHECK_SMTP_CONNECT_SOME, CHECK_SMTP_CONNECT_SOME,	ON_MAIL_HOST, STAGE_GREETING },
	{ CHECK_SMTP_BLOCKED_HERE, CHECK_SMTP_BLOCKED_HERE,	ON_MX, 0 },
	{ CHECK_SMTP_GREETING, CHECK_SMTP_BROKEN,	ON_MAIL_HOST, STAGE_EHLO },
	{ CHECK_STARTTLS_MISSING, CHECK_STARTTLS_MISSING,	ON_MAIL_HOST, STAGE_STARTTLS },
	{ CHECK_STARTTLS_REFUSED, CHECK_SMTP_PLAINTEXT_INJECTED,	ON_MAIL_HOST, STAGE_HANDSHAKE },
	{ CHECK_TLS_HANDSHAKE, CHECK_TLS_HANDSHAKE,	ON_MAIL_HOST, STAGE_HANDSHAKE },
	{ CHECK_TLS_VERSION, CHECK_TLS_CIPHERS,		ON_MAIL_HOST, STAGE_DONE },
	{ CHECK_TLS_CLIENT_CERT_DEMANDED, CHECK_TLS_CLIENT_CERT_DEMANDED,	ON_MAIL_HOST, STAGE_HANDSHAKE },
	{ CHECK_SMTP_MEMBER_DIFFERS, CHECK_SMTP_MEMBER_DIFFERS,	ON_MAIL_HOST, STAGE_GREETING },
	{ CHECK_SMTP_RATE_LIMITED, CHECK_SMTP_RATE_LIMITED,	ON_MAIL_HOST, STAGE_GREETING },
	{ CHECK_MXCERT_EXPIRED, CHECK_MXCERT_NEEDS_SNI,	ON_MAIL_HOST, STAGE_DONE },
	{ CHECK_DANE_TLSA_MISMATCH, CHECK_DANE_BOGUS,	ON_MAIL_HOST, STAGE_NONE },

	{ CHECK_TLSRPT_ABSENT, CHECK_TLSRPT_ABSENT,	ON_TLSRPT, 0 },
	{ CHECK_TLSRPT_MULTIPLE, CHECK_TLSRPT_OLD_NAME,	ON_TLSRPT, 0 },
	{ CHECK_VANTAGE_BODY_DIFFERS, CHECK_VANTAGE_BODY_DIFFERS,	ON_FETCHES, STAGE_DONE },

	/* The ledger remembers what a look could not see; but what it has to
	 * say of ids and files needs both. */
	{ CHECK_CHANGE_ID_NOT_ROTATED, CHECK_CHANGE_ID_REUSED,	ON_ID | ON_FILE, 0 },
	{ CHECK_CHANGE_MODE_DOWNGRADE, CHECK_CHANGE_MX_BEFORE_POLICY,	ON_FILE, 0 },
	{ CHECK_REMOVAL_NONE_SAME_ID, CHECK_REMOVAL_NONE_SAME_ID,	ON_ID | ON_FILE, 0 },
	{ CHECK_CHANGE_UNEXPECTED_BODY, CHECK_CHANGE_UNEXPECTED_BODY,	ON_FILE | ON_FETCHES, STAGE_BODY },

	/* What we publish, as it is seen; what the roles have left needs no
	 * look. */
	{ CHECK_AUTO_MX_CHANGE_HELD, CHECK_AUTO_MX_EMPTY_HELD,	ON_MX, 0 },
	{ CHECK_AUTO_ORDER_VIOLATED, CHECK_AUTO_ORDER_VIOLATED,	ON_ID | ON_FILE | ON_FETCHES, STAGE_BODY },
	{ CHECK_AUTO_SERVED_NOT_INTENDED, CHECK_AUTO_SERVED_NOT_INTENDED,	ON_FILE | ON_FETCHES, STAGE_BODY },
};
/* clang-format on */

bool
check_is_of_host(enum check_id id)
{
	for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++)
		if (id >= rests[i].first && id <= rests[i].last)
			return (rests[i].needs & ON_MAIL_HOST) != 0;
	return false;
}

/* A lookup that is made only now and then, and failed. */
static bool
has_failed(const struct dns_answer *d)
{
	return d->result != DNS_UNASKED && !dns_is_known(d);
}

static bool
is_served(const struct fetch *t)
{
	return t != NULL && t->result == TALK_OK && t->status == 200;
}

static bool
host_is_known(const struct evidence *ev)
{
	return dns_is_known(&ev->host_a) && dns_is_known(&ev->host_aaaa);
}

static bool
is_fetched(const struct evidence *ev, const struct fetch *t)
{
	return t->result != TALK_UNTRIED && t->result != TALK_UNFINISHED &&
	       !evidence_lacks_v6(ev, t->result, t->address);
}

/* Is there a file, or an answer that there is none? */
static bool
server_is_known(const struct judged *j)
{
	const struct fetch *t = j->fetch;

	if (j->evidence->n_fetches == 0)
		return host_is_known(j->evidence);
	return is_served(t) || (t != NULL && t->result == TALK_OK &&
				   (t->status == 404 || t->status == 410));
}

static bool
nobody_is_sent_there(const struct judged *j)
{
	return j->record == THING_NONE && j->policy == THING_NONE;
}

/* Did the attempt come to that stage, and through it or to a verdict on it? */
static bool
fetch_came_to(
    const struct evidence *ev, const struct fetch *t, enum talk_stage stage)
{
	if (!is_fetched(ev, t))
		return false;
	if (stage == STAGE_CERTIFICATE)
		return t->tls.n_chain > 0;
	if (stage == STAGE_DONE)
		return is_served(t);
	return t->stage >= stage;
}

/* At one address, or at all of them where the finding names none. */
static bool
fetches_came_to(
    const struct judged *j, struct ip_addr address, enum talk_stage stage)
{
	const struct evidence *ev = j->evidence;

	if (nobody_is_sent_there(j))
		return true;
	if (ev->n_fetches == 0)
		return false;
	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *t = &ev->fetches[i];

		if (address.family != IP_NONE && !ip_eq(t->address, address))
			continue;
		if (!fetch_came_to(ev, t, stage))
			return false;
		if (address.family != IP_NONE)
			return true;
	}
	/* An address that is gone is not to blame any more. */
	return address.family == IP_NONE || host_is_known(ev);
}

static const struct judged_mx *
find_mx(const struct judged *j, struct span host)
{
	for (size_t i = 0; i < j->n_mx; i++)
		if (span_eq(j->mx[i].host->host, host))
			return &j->mx[i];
	return NULL;
}

static bool
mx_is_known(const struct judged_mx *m)
{
	return dns_is_known(&m->host->a) && dns_is_known(&m->host->aaaa);
}

/* Could DANE be judged at the address? A host without usable records has none
 * to be judged. */
static bool
dane_was_measured(
    const struct judged *j, const struct judged_mx *m, struct ip_addr address)
{
	const struct dns_answer *t = &m->host->tlsa;

	if (!j->evidence->dnssec || !mx_is_known(m) || has_failed(t))
		return false;
	if (address.family == IP_NONE || !t->secure ||
	    tlsa_usable(t->tlsa, t->n_tlsa) == 0)
		return true;
	for (size_t i = 0; i < m->n_addresses; i++)
		if (ip_eq(m->addresses[i].probe->address, address))
			return m->addresses[i].probe->dane != DANE_UNTRIED;
	return true;
}

static bool
address_came_to(
    const struct judged_address *a, enum check_id id, enum talk_stage stage)
{
	const struct probe *p = a->probe;

	if (a->result == RESULT_UNKNOWN || p->stage < stage)
		return false;
	if (id >= CHECK_MXCERT_EXPIRED && id <= CHECK_MXCERT_NEEDS_SNI &&
	    p->tls.n_chain == 0)
		return false;
	/* What only another connection shows. */
	if (id == CHECK_MXCERT_NEEDS_SNI)
		return p->no_sni.n_chain > 0;
	if (id == CHECK_SMTP_PLAINTEXT_INJECTED)
		return p->takes_injection != TRI_UNKNOWN;
	return true;
}

static bool
address_was_measured(const struct judged_mx *m, enum check_id id,
    struct ip_addr address, enum talk_stage stage)
{
	/* That members differ is to be seen at all of them. */
	bool all = address.family == IP_NONE || id == CHECK_SMTP_MEMBER_DIFFERS;

	for (size_t i = 0; i < m->n_addresses; i++) {
		const struct judged_address *a = &m->addresses[i];
		bool here = ip_eq(a->probe->address, address);

		if ((here || (all && !a->ours)) &&
		    !address_came_to(a, id, stage))
			return false;
		if (here && !all)
			return true;
	}
	/* An address that is gone; not one that there was no room for. */
	return mx_is_known(m) &&
	       (m->n_addresses > 0 ||
		   m->host->a.n_addr + m->host->aaaa.n_addr == 0);
}

static bool
mail_host_was_measured(const struct judged *j, enum check_id id,
    struct span subject, struct ip_addr address, enum talk_stage stage)
{
	const struct judged_mx *m = find_mx(j, subject);

	if (!dns_is_known(&j->evidence->mx))
		return false;
	if (m == NULL)
		return true; /* no mail host of the domain any more */
	if (id >= CHECK_DANE_TLSA_MISMATCH && id <= CHECK_DANE_BOGUS)
		return dane_was_measured(j, m, address);
	if (stage == STAGE_NONE && address.family == IP_NONE)
		return mx_is_known(m);
	return address_was_measured(m, id, address, stage);
}

static bool
is_known(const struct judged *j, unsigned needs)
{
	const struct evidence *ev = j->evidence;

	if (needs & ON_MX && !dns_is_known(&ev->mx))
		return false;
	if (needs & ON_APEX &&
	    (has_failed(&ev->apex_a) || has_failed(&ev->apex_aaaa)))
		return false;
	/* Where nobody knows whether a policy was announced, nobody looks into
	 * what is served. */
	if (needs & (ON_TXT | ON_FILE | ON_FETCH | ON_FETCHES) &&
	    j->record == THING_UNKNOWN)
		return false;
	if (needs & ON_ID && j->record != THING_OK && j->record != THING_NONE)
		return false;
	if (needs & ON_PLACES &&
	    (has_failed(&ev->apex_txt) || has_failed(&ev->host_txt) ||
		has_failed(&ev->doubled_txt)))
		return false;
	if (needs & ON_WILDCARDS &&
	    (has_failed(&ev->sts_wildcard) || has_failed(&ev->host_wildcard)))
		return false;
	if (needs & ON_HOST && !host_is_known(ev))
		return false;
	if (needs & ON_SERVER && !server_is_known(j))
		return false;
	if (needs & ON_FILE && !is_served(j->fetch) && !nobody_is_sent_there(j))
		return false;
	return !(needs & ON_TLSRPT) || j->tlsrpt != THING_UNKNOWN;
}

/* Another finding stands in its way, and says so. */
static bool
is_blocked(const struct judged *j, enum check_id id)
{
	for (size_t i = 0; i < j->n_findings; i++)
		if (j->findings[i].check == id &&
		    j->findings[i].result == RESULT_UNKNOWN)
			return true;
	return false;
}

bool
was_measured(const struct judged *j, enum check_id id, struct span subject,
    struct ip_addr address)
{
	size_t i = 0;

	while (i < sizeof rests / sizeof rests[0] &&
	       (id < rests[i].first || id > rests[i].last))
		i++;
	/* "No MTA-STS" makes hygiene weightless, and a record that could not
	 * be looked up is not "no MTA-STS". */
	if (checks[id].effect == EFFECT_HYGIENE && !is_known(j, ON_TXT))
		return false;
	if (i == sizeof rests / sizeof rests[0])
		return !is_blocked(j, id);
	if (rests[i].needs & ON_MAIL_HOST)
		return mail_host_was_measured(
		    j, id, subject, address, rests[i].stage);
	if (!is_known(j, rests[i].needs))
		return false;
	if (rests[i].needs & ON_FETCH)
		return fetches_came_to(j, address, rests[i].stage);
	if (rests[i].needs & ON_FETCHES)
		return fetches_came_to(
		    j, (struct ip_addr){ 0 }, rests[i].stage);
	return !is_blocked(j, id);
}
