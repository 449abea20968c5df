#include "out/layout.h"

#include "core/evidence.h"

/* Times, what a server says of the moment, or a name that is new in each look.
 * Of replies only the codes count: large sites put the name of a machine and
 * the number of a session into every text. */
static bool
never(const void *whole)
{
	(void)whole;
	return false;
}

/* A page that is no policy may bear a number of its own each time. */
static bool
if_fetched(const void *whole)
{
	const struct fetch *f = whole;

	return f->result == TALK_OK && f->status == 200;
}

/* clang-format off */
#define M(kind, type, name) { #name, KIND_##kind, offsetof(struct type, name), 0, NULL, NULL, NULL, false }
#define V(kind, type, name, when) { #name, KIND_##kind, offsetof(struct type, name), 0, NULL, NULL, when, false }
#define E(type, name, table) { #name, KIND_ENUM, offsetof(struct type, name), 0, NULL, table, NULL, false }
#define S(type, name, lay) { #name, KIND_STRUCT, offsetof(struct type, name), 0, lay, NULL, NULL, false }
#define LIST(kind, type, name, lay, set) { #name, KIND_##kind, offsetof(struct type, name), offsetof(struct type, n_##name), lay, NULL, NULL, set }
#define N(kind, type, name, lay) LIST(kind, type, name, lay, false)
#define SET_OF(kind, type, name, lay) LIST(kind, type, name, lay, true)
#define END { NULL, KIND_BOOL, 0, 0, NULL, NULL, NULL, false }
#define LAYOUT_OF(row, type, ...)					\
	static const struct member row##_members[] = { __VA_ARGS__, END }; \
	static const struct layout row##_layout = { sizeof(struct type), row##_members }
#define LAYOUT(type, ...) LAYOUT_OF(type, type, __VA_ARGS__)
#define PUBLIC_LAYOUT(type, ...)					\
	static const struct member type##_members[] = { __VA_ARGS__, END }; \
	const struct layout type##_layout = { sizeof(struct type), type##_members }

LAYOUT(dns_mx,
	M(U16, dns_mx, preference),
	M(SPAN, dns_mx, host));

LAYOUT(dns_txt,
	N(SPANS, dns_txt, strings, NULL));

LAYOUT(dns_tlsa,
	M(U8, dns_tlsa, usage),
	M(U8, dns_tlsa, selector),
	M(U8, dns_tlsa, matching),
	M(SPAN, dns_tlsa, data));

#define DNS_ANSWER_BUT_NAME						\
	M(U16, dns_answer, type),					\
	E(dns_answer, result, dns_result_names),			\
	M(BOOL, dns_answer, secure),					\
	M(BOOL, dns_answer, beside),					\
	V(U32, dns_answer, ttl, never),					\
	M(SPAN, dns_answer, why),					\
	N(SPANS, dns_answer, chain, NULL),				\
	SET_OF(STRUCTS, dns_answer, mx, &dns_mx_layout),		\
	SET_OF(STRUCTS, dns_answer, txt, &dns_txt_layout),		\
	SET_OF(ADDRESSES, dns_answer, addr, NULL),			\
	SET_OF(STRUCTS, dns_answer, tlsa, &dns_tlsa_layout),		\
	SET_OF(SPANS, dns_answer, ns, NULL)

LAYOUT(dns_answer,
	M(SPAN, dns_answer, name),
	DNS_ANSWER_BUT_NAME);

/* Asked at a label made up for the look. */
LAYOUT_OF(dns_wildcard, dns_answer,
	V(SPAN, dns_answer, name, never),
	DNS_ANSWER_BUT_NAME);

LAYOUT(cert,
	M(SPAN, cert, subject),
	M(SPAN, cert, issuer),
	M(SPAN, cert, cn),
	N(SPANS, cert, dns_ids, NULL),
	M(TIME, cert, not_before),
	M(TIME, cert, not_after),
	M(SPAN, cert, key),
	M(U32, cert, key_bits),
	M(SPAN, cert, signature),
	M(SPAN, cert, sha256),
	M(BOOL, cert, self_issued),
	M(BOOL, cert, ca),
	M(BOOL, cert, server_auth),
	M(BOOL, cert, has_ca_issuers),
	M(BOOL, cert, aside));

LAYOUT(tls_seen,
	E(tls_seen, result, talk_result_names),
	M(U16, tls_seen, version),
	M(SPAN, tls_seen, cipher),
	M(SPAN, tls_seen, error),
	M(BOOL, tls_seen, client_cert_asked),
	E(tls_seen, trust, trust_names),
	M(SPAN, tls_seen, trust_error),
	N(STRUCTS, tls_seen, chain, &cert_layout));

LAYOUT(fetch,
	M(ADDRESS, fetch, address),
	E(fetch, result, talk_result_names),
	E(fetch, stage, talk_stage_names),
	V(U32, fetch, ms, never),
	S(fetch, tls, &tls_seen_layout),
	M(I32, fetch, status),
	M(SPAN, fetch, location),
	M(SPAN, fetch, content_type),
	M(SPAN, fetch, content_encoding),
	M(BOOL, fetch, has_content_type),
	M(SPAN, fetch, server),
	M(SPAN, fetch, mitigated),
	V(SPAN, fetch, retry_after, never),
	V(I64, fetch, content_length, if_fetched),
	V(SPAN, fetch, body, if_fetched),
	V(U64, fetch, body_bytes, if_fetched),
	M(BOOL, fetch, too_big),
	M(BOOL, fetch, truncated),
	M(U16, fetch, old_version),
	E(fetch, tls12, tri_names),
	S(fetch, no_sni, &tls_seen_layout),
	M(I32, fetch, browser_status),
	M(BOOL, fetch, browser_gets_policy));

LAYOUT(probe,
	M(ADDRESS, probe, address),
	E(probe, result, talk_result_names),
	E(probe, stage, talk_stage_names),
	V(U32, probe, ms, never),
	M(U16, probe, greeting_code),
	M(U16, probe, ehlo_code),
	M(U16, probe, starttls_code),
	V(SPAN, probe, greeting, never),
	V(SPAN, probe, ehlo, never),
	V(SPAN, probe, starttls, never),
	V(U32, probe, greeting_ms, never),
	M(BOOL, probe, starttls_offered),
	M(BOOL, probe, injected),
	S(probe, tls, &tls_seen_layout),
	E(probe, dane, dane_match_names),
	M(SPAN, probe, dane_error),
	S(probe, no_sni, &tls_seen_layout),
	E(probe, tls12, tri_names),
	E(probe, old_tls, tri_names),
	E(probe, takes_injection, tri_names));

LAYOUT(mx_host,
	M(SPAN, mx_host, host),
	M(U16, mx_host, preference),
	M(BOOL, mx_host, implicit),
	S(mx_host, a, &dns_answer_layout),
	S(mx_host, aaaa, &dns_answer_layout),
	S(mx_host, tlsa, &dns_answer_layout),
	N(STRUCTS, mx_host, probes, &probe_layout));

LAYOUT(der_chain,
	N(SPANS, der_chain, certs, NULL));

PUBLIC_LAYOUT(host_seen,
	V(TIME, host_seen, checked_at, never),
	S(host_seen, host, &mx_host_layout),
	N(STRUCTS, host_seen, ders, &der_chain_layout));

LAYOUT(org_fact,
	M(SPAN, org_fact, name),
	M(SPAN, org_fact, registrable));

LAYOUT(server_answer,
	E(server_answer, result, talk_result_names),
	M(U8, server_answer, rcode),
	M(BOOL, server_answer, authoritative),
	S(server_answer, answer, &dns_answer_layout));

LAYOUT(server_seen,
	M(SPAN, server_seen, name),
	M(ADDRESS, server_seen, address),
	S(server_seen, mx, &server_answer_layout),
	S(server_seen, txt, &server_answer_layout));

LAYOUT(zone_seen,
	S(zone_seen, ns, &dns_answer_layout),
	M(SPAN, zone_seen, mx),
	M(SPAN, zone_seen, txt),
	N(STRUCTS, zone_seen, servers, &server_seen_layout));

PUBLIC_LAYOUT(evidence,
	M(SPAN, evidence, domain),
	V(TIME, evidence, checked_at, never),
	V(U32, evidence, ms, never),
	M(BOOL, evidence, dnssec),
	M(BOOL, evidence, smtp_works_here),
	M(BOOL, evidence, v6_works_here),
	S(evidence, mx, &dns_answer_layout),
	S(evidence, apex_a, &dns_answer_layout),
	S(evidence, apex_aaaa, &dns_answer_layout),
	S(evidence, sts_txt, &dns_answer_layout),
	S(evidence, sts_wildcard, &dns_wildcard_layout),
	S(evidence, apex_txt, &dns_answer_layout),
	S(evidence, host_txt, &dns_answer_layout),
	S(evidence, doubled_txt, &dns_answer_layout),
	S(evidence, tlsrpt_txt, &dns_answer_layout),
	S(evidence, tlsrpt_old, &dns_answer_layout),
	S(evidence, host_a, &dns_answer_layout),
	S(evidence, host_aaaa, &dns_answer_layout),
	S(evidence, host_wildcard, &dns_wildcard_layout),
	N(STRUCTS, evidence, fetches, &fetch_layout),
	N(STRUCTS, evidence, mx_hosts, &mx_host_layout),
	N(STRUCTS, evidence, zones, &zone_seen_layout),
	N(STRUCTS, evidence, orgs, &org_fact_layout));
/* clang-format on */

size_t
member_element_size(const struct member *m)
{
	if (m->kind == KIND_SPANS)
		return sizeof(struct span);
	if (m->kind == KIND_ADDRESSES)
		return sizeof(struct ip_addr);
	return m->layout->size;
}
