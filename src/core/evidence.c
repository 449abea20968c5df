#include "core/evidence.h"

#include "core/schedule.h"
#include "wire/name.h"

/* clang-format off */
const char *const tri_names[] = {
	[TRI_UNKNOWN]	= "unknown",
	[TRI_NO]	= "no",
	[TRI_YES]	= "yes",
	NULL
};

const char *const talk_result_names[] = {
	[TALK_UNTRIED]		= "untried",
	[TALK_OK]		= "ok",
	[TALK_NOT_ALLOWED]	= "not-allowed",
	[TALK_UNREACHABLE]	= "unreachable",
	[TALK_REFUSED]		= "refused",
	[TALK_TIMEOUT]		= "timeout",
	[TALK_CLOSED]		= "closed",
	[TALK_RESET]		= "reset",
	[TALK_PROTOCOL]		= "protocol",
	[TALK_TOO_LONG]		= "too-long",
	[TALK_HANDSHAKE]	= "handshake",
	[TALK_UNFINISHED]	= "unfinished",
	NULL
};

const char *const talk_stage_names[] = {
	[STAGE_NONE]		= "none",
	[STAGE_CONNECT]		= "connect",
	[STAGE_GREETING]	= "greeting",
	[STAGE_EHLO]		= "ehlo",
	[STAGE_STARTTLS]	= "starttls",
	[STAGE_HANDSHAKE]	= "handshake",
	[STAGE_CERTIFICATE]	= "certificate",
	[STAGE_RESPONSE]	= "response",
	[STAGE_BODY]		= "body",
	[STAGE_DONE]		= "done",
	NULL
};

const char *const trust_names[] = {
	[TRUST_UNTRIED]		= "untried",
	[TRUST_OK]		= "ok",
	[TRUST_SELF_SIGNED]	= "self-signed",
	[TRUST_UNKNOWN_ROOT]	= "unknown-root",
	[TRUST_INCOMPLETE]	= "incomplete",
	[TRUST_PURPOSE]		= "purpose",
	[TRUST_OTHER]		= "other",
	NULL
};

const char *const dane_match_names[] = {
	[DANE_UNTRIED]	= "untried",
	[DANE_OK]	= "ok",
	[DANE_MISMATCH]	= "mismatch",
	NULL
};
/* clang-format on */

const char *
tls_version_name(uint16_t version)
{
	switch (version) {
	case TLS_NONE:
		return "";
	case TLS_SSL3:
		return "SSLv3";
	case TLS_1_0:
		return "TLSv1.0";
	case TLS_1_1:
		return "TLSv1.1";
	case TLS_1_2:
		return "TLSv1.2";
	case TLS_1_3:
		return "TLSv1.3";
	}
	return "?";
}

void
evidence_blank(struct evidence *ev)
{
	static const struct dns_answer unasked = { .name = SPAN_INIT(""),
		.why = SPAN_INIT("") };

	*ev = (struct evidence){ .domain = SPAN("") };
	ev->mx = ev->apex_a = ev->apex_aaaa = unasked;
	ev->sts_txt = ev->sts_wildcard = ev->apex_txt = unasked;
	ev->host_txt = ev->doubled_txt = unasked;
	ev->tlsrpt_txt = ev->tlsrpt_old = unasked;
	ev->host_a = ev->host_aaaa = ev->host_wildcard = unasked;
}

struct span
evidence_org(const struct evidence *ev, struct span name)
{
	for (size_t i = 0; i < ev->n_orgs; i++)
		if (name_eq(ev->orgs[i].name, name))
			return ev->orgs[i].registrable;
	return name;
}

bool
evidence_lacks_v6(
    const struct evidence *ev, uint8_t talk_result, struct ip_addr address)
{
	return talk_result == TALK_UNREACHABLE && address.family == IP_V6 &&
	       !ev->v6_works_here;
}

bool
talk_was_answered(enum talk_result result, enum talk_stage stage)
{
	return result == TALK_REFUSED || stage > STAGE_CONNECT;
}

static void
carry_records(struct evidence *ev, const struct evidence *before)
{
	ev->mx = before->mx;
	ev->sts_txt = before->sts_txt;
}

static void
carry_policy(struct evidence *ev, const struct evidence *before)
{
	ev->sts_wildcard = before->sts_wildcard;
	ev->apex_txt = before->apex_txt;
	ev->host_txt = before->host_txt;
	ev->doubled_txt = before->doubled_txt;
	ev->tlsrpt_txt = before->tlsrpt_txt;
	ev->tlsrpt_old = before->tlsrpt_old;
	ev->host_a = before->host_a;
	ev->host_aaaa = before->host_aaaa;
	ev->host_wildcard = before->host_wildcard;
	ev->fetches = before->fetches;
	ev->n_fetches = before->n_fetches;
}

void
evidence_carry(
    struct evidence *ev, const struct evidence *before, unsigned looked)
{
	if ((looked & 1 << LOOK_RECORDS) == 0)
		carry_records(ev, before);
	if ((looked & 1 << LOOK_POLICY) == 0)
		carry_policy(ev, before);
	if ((looked & 1 << LOOK_AUTHORITY) == 0) {
		ev->zones = before->zones;
		ev->n_zones = before->n_zones;
	}
}
