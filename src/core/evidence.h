/* evidence.h - what one look at a domain saw, and nothing about what it means.
 *
 * Plain data: filled by io/collect, judged by core/judge, written and read back
 * by out/evidence_json. A verdict can be replayed from it alone, so everything
 * a judgement rests on stands here, the time included. A field that was not
 * observed is zero, which in every enum means "not tried". Spans hold foreign
 * bytes and are never NULL. */
#ifndef CORE_EVIDENCE_H
#define CORE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/span.h"
#include "wire/dns.h"
#include "wire/ipaddr.h"

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* How a conversation with an address ended. */
enum talk_result {
	TALK_UNTRIED,
	TALK_OK,
	TALK_NOT_ALLOWED, /* outside the global unicast space: not contacted */
	TALK_UNREACHABLE, /* no route from here */
	TALK_REFUSED,
	TALK_TIMEOUT,
	TALK_CLOSED, /* the peer ended it in good order, too early */
	TALK_RESET,
	TALK_PROTOCOL, /* the peer spoke, but not the protocol */
	TALK_TOO_LONG, /* the peer said more than anybody would read */
	TALK_HANDSHAKE, /* TLS was refused: see tls.error */
	TALK_UNFINISHED, /* our own deadline for the whole domain came first */
};

/* How far it had come then: the stage that was not passed. */
enum talk_stage {
	STAGE_NONE,
	STAGE_CONNECT,
	STAGE_GREETING,
	STAGE_EHLO,
	STAGE_STARTTLS,
	STAGE_HANDSHAKE,
	STAGE_CERTIFICATE, /* HTTPS: the certificate was not acceptable */
	STAGE_RESPONSE, /* HTTPS: the status line and the header */
	STAGE_BODY,
	STAGE_DONE,
};

/* Does the chain as presented lead to a trusted root? Dates and names are
 * judged later, from the certificates themselves. */
enum trust {
	TRUST_UNTRIED,
	TRUST_OK,
	TRUST_SELF_SIGNED, /* the leaf signed itself */
	TRUST_UNKNOWN_ROOT, /* the chain ends at a root that is not trusted */
	TRUST_INCOMPLETE, /* an intermediate is missing */
	TRUST_PURPOSE, /* not for TLS servers, or an issuer that is no CA */
	TRUST_OTHER, /* a bad signature, a name constraint, ... */
};

enum tls_version {
	TLS_NONE = 0,
	TLS_SSL3 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

struct cert {
	struct span subject, issuer; /* RFC 4514, UTF-8 */
	struct span cn; /* the subject's last common name */
	struct span *dns_ids; /* dNSName entries of the SAN */
	size_t n_dns_ids;
	struct wall_time not_before, not_after;
	struct span key; /* "RSA", "EC", "ED25519", ... */
	uint32_t key_bits;
	struct span signature; /* "sha256WithRSAEncryption", ... */
	struct span sha256; /* of the DER, 64 hex digits */
	bool self_issued; /* issuer and subject are the same name */
	bool ca;
	bool server_auth; /* extended key usage absent, or serverAuth in it */
	bool has_ca_issuers; /* names where its issuer's certificate is */
	bool aside; /* sent, but not on the path to the trusted root */
};

/* One TLS handshake and what it showed. */
struct tls_seen {
	uint8_t result; /* enum talk_result */
	uint16_t version; /* enum tls_version, as negotiated */
	struct span cipher;
	struct span error; /* alert or reason, if not TALK_OK */
	bool client_cert_asked;
	uint8_t trust; /* enum trust */
	struct span trust_error; /* the library's words, if not TRUST_OK */
	struct cert *chain; /* as presented, leaf first */
	size_t n_chain;
};

/* One attempt at the policy by one address of the policy host, exactly as a
 * sender makes it (RFC 8461 3.3), and what was asked besides when it failed. */
struct fetch {
	struct ip_addr address;
	uint8_t result; /* enum talk_result; TALK_OK: a complete response */
	uint8_t stage; /* enum talk_stage */
	uint32_t ms; /* in all */
	struct tls_seen tls;

	int32_t status; /* 0: no response */
	struct span location, content_type, content_encoding;
	bool has_content_type;
	struct span server, mitigated, retry_after; /* fields, "" if absent */
	int64_t content_length; /* -1: not said */
	struct span
	    body; /* whole on 200 within the limit, else its beginning */
	uint64_t body_bytes; /* received, at most one more than the limit */
	bool too_big; /* over LIMIT_POLICY_BYTES; reading stopped */
	bool truncated; /* ended before its announced end */

	/* Diagnosis, outside of what a sender does. */
	uint16_t
	    old_version; /* handshake succeeds only with this old version */
	uint8_t tls12; /* enum tri: a handshake with at most TLS 1.2 succeeds */
	struct tls_seen no_sni; /* asked if the name did not match */
	int32_t browser_status; /* asked as a browser; 0: not asked */
	bool browser_gets_policy; /* and that answer looks like a policy */
};

enum dane_match { DANE_UNTRIED, DANE_OK, DANE_MISMATCH };

/* One address of an MX host, seen from a client on port 25. */
struct probe {
	struct ip_addr address;
	/* Of the first conversation. TALK_OK means that nothing broke: a peer
	 * that said no in good order (a greeting of 554, EHLO refused, STARTTLS
	 * not offered or refused) shows in stage and codes. STAGE_DONE: TLS was
	 * reached. */
	uint8_t result; /* enum talk_result */
	uint8_t stage; /* enum talk_stage: the one that was not passed */
	uint32_t ms; /* in all, over every connection */

	uint16_t greeting_code, ehlo_code, starttls_code; /* 0: none came */
	struct span greeting, ehlo, starttls; /* texts of those replies */
	uint32_t greeting_ms; /* how long the greeting took */
	bool starttls_offered;
	bool injected; /* plaintext stood behind the 220 to STARTTLS */

	struct tls_seen tls; /* with SNI = MX host, TLS 1.0 to 1.3 offered */
	uint8_t dane; /* enum dane_match, if usable TLSA records were known */
	struct span dane_error;

	struct tls_seen no_sni; /* a second connection: no SNI, at most 1.2 */
	uint8_t tls12; /* enum tri */
	uint8_t old_tls; /* enum tri: TLS 1.0 or 1.1 accepted */
	uint8_t takes_injection; /* enum tri: plaintext piped behind STARTTLS is
				  * answered inside TLS (RFC 3207 6) */
};

struct mx_host {
	struct span host; /* canonical */
	uint16_t preference;
	bool implicit; /* no MX records: the domain itself (RFC 5321 5.1) */
	struct dns_answer a, aaaa;
	struct dns_answer tlsa; /* at _25._tcp of the TLSA base domain */
	struct probe *probes; /* A before AAAA */
	size_t n_probes;
};

/* A chain of certificates as it came over the wire. */
struct der_chain {
	struct span *certs; /* DER, leaf first */
	size_t n_certs;
};

/* One mail host, looked at by itself for all domains that use it. The chains
 * are kept since DANE is judged for each domain (RFC 7672 3.2.2). */
struct host_seen {
	struct wall_time checked_at; /* when the look began */
	struct mx_host host; /* preference, implicit and dane: not set */
	struct der_chain *ders; /* one for each of its probes */
	size_t n_ders;
};

/* One question to one name server, asked directly. */
struct server_answer {
	uint8_t result; /* enum talk_result; TALK_OK: a response came */
	uint8_t rcode; /* enum dns_rcode */
	bool authoritative; /* from the zone's own data */
	struct dns_answer answer; /* its type is 0 if it was not to be asked */
};

/* One address of one name server. */
struct server_seen {
	struct span name;
	struct ip_addr address;
	struct server_answer mx, txt;
};

/* A zone that holds the MX records or the TXT record, or the CNAME that leads
 * to it, and its servers. */
struct zone_seen {
	struct dns_answer ns; /* as the resolver has it, at the zone's name */
	struct span mx, txt; /* names that the servers are asked for, or "" */
	struct server_seen *servers; /* one address of each family a server */
	size_t n_servers;
};

/* From the Public Suffix List: what a name's registrable domain is. */
struct org_fact {
	struct span name;
	struct span registrable; /* "" if name is itself a public suffix */
};

struct evidence {
	struct span domain; /* canonical */
	struct wall_time checked_at; /* when the look began */
	uint32_t ms; /* how long it took */

	bool dnssec; /* the resolver's path lets us validate */
	bool smtp_works_here; /* some port 25 answered in this run */
	bool v6_works_here; /* this machine has a route to IPv6 */

	struct dns_answer mx;
	struct dns_answer apex_a, apex_aaaa; /* asked if there is no MX */

	struct dns_answer sts_txt; /* _mta-sts */
	struct dns_answer sts_wildcard; /* TXT at a label that cannot exist */
	struct dns_answer
	    apex_txt; /* asked if there is no record at _mta-sts */
	struct dns_answer host_txt; /* TXT at mta-sts, likewise */
	struct dns_answer doubled_txt; /* _mta-sts.<domain>.<domain> */

	struct dns_answer tlsrpt_txt; /* _smtp._tls */
	struct dns_answer tlsrpt_old; /* _smtp-tlsrpt, a draft's name */

	struct dns_answer host_a, host_aaaa; /* mta-sts */
	struct dns_answer host_wildcard; /* A at a label that cannot exist */

	struct fetch *fetches; /* one for each address, A before AAAA */
	size_t n_fetches;
	struct mx_host *mx_hosts; /* in the order of mx */
	size_t n_mx_hosts;
	struct zone_seen *zones; /* none: the servers were not compared */
	size_t n_zones;
	struct org_fact *orgs; /* for every name that a rule compares */
	size_t n_orgs;
};

/* Nothing was asked and nothing seen: every span is empty. */
void
evidence_blank(struct evidence *ev);

/* The registrable domain of name, from orgs; name itself if it is not there;
 * empty if it is a public suffix. */
struct span
evidence_org(const struct evidence *ev, struct span name);

/* An IPv6 address that was not reached for want of IPv6 here: that says nothing
 * about the peer. */
bool
evidence_lacks_v6(
    const struct evidence *ev, uint8_t talk_result, struct ip_addr address);

/* Did anybody answer a conversation that ended so, if only to refuse it? */
bool
talk_was_answered(enum talk_result result, enum talk_stage stage);

/* What the looks (bits, 1 << enum look) did not ask for is taken over from an
 * earlier look at the same domain. Shallow: ev borrows from before. The mail
 * hosts and what follows from them are not: see io/collect.h. */
void
evidence_carry(
    struct evidence *ev, const struct evidence *before, unsigned looked);

/* Names of the enums above as they stand in JSON. */
extern const char *const tri_names[];
extern const char *const talk_result_names[];
extern const char *const talk_stage_names[];
extern const char *const trust_names[];
extern const char *const dane_match_names[];

/* "TLSv1.3"; "" for TLS_NONE, "?" for what no RFC defines. */
const char *
tls_version_name(uint16_t version);

#endif
