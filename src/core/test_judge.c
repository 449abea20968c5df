/* One good domain, and what happens when one thing about it changes.
 *
 * A row names what is different and the whole set of findings that follow
 * (information apart, unless the row asks for it): one cause, one finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/judge.h"
#include "core/ledger.h"
#include "core/test_scene.h"

static const struct wall_time now = { SCENE_NOW_S };

/* Two name servers that agree. A row that looks at them begins with this. */
static void
with_servers(struct scene *s)
{
	s->zone.ns = scene_answer("example.com", DNS_NS, DNS_OK);
	s->zone.mx = SPAN("example.com");
	s->zone.txt = SPAN("_mta-sts.example.com");
	for (size_t i = 0; i < 2; i++) {
		struct server_seen *n = &s->servers[i];

		n->name =
		    i == 0 ? SPAN("ns1.example.net") : SPAN("ns2.example.net");
		n->address = scene_ip(i == 0 ? "192.0.2.53" : "192.0.2.54");
		n->mx.result = n->txt.result = TALK_OK;
		n->mx.authoritative = n->txt.authoritative = true;
		n->mx.answer = s->ev.mx;
		s->server_mx[i][0] = s->mx[1 - i]; /* the order is no matter */
		s->server_mx[i][1] = s->mx[i];
		n->mx.answer.mx = s->server_mx[i];
		n->txt.answer = s->ev.sts_txt;
		s->server_strings[i] = s->sts_strings[0];
		s->server_txt[i] = (struct dns_txt){ &s->server_strings[i], 1 };
		n->txt.answer.txt = &s->server_txt[i];
	}
	s->zone.servers = s->servers;
	s->zone.n_servers = 2;
	s->ev.zones = &s->zone;
	s->ev.n_zones = 1;
}

/* clang-format off */
static void good(struct scene *s) { (void)s; }
static void undeployed(struct scene *s) { scene_no_record(s); scene_no_policy(s); s->ev.tlsrpt_txt.n_txt = 0; s->ev.tlsrpt_txt.result = DNS_NODATA; }
static void undeployed_expired(struct scene *s) { undeployed(s); s->certs[0].not_after.s = now.s - DAY; }
static void testing_expired(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 1209600\n")); s->certs[0].not_after.s = now.s - DAY; }
static void none_expired(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: none\nmax_age: 86400\n")); s->certs[0].not_after.s = now.s - DAY; }
static void none_expiring(struct scene *s) { none_expired(s); s->certs[0].not_after.s = now.s + DAY; }
static void expired(struct scene *s) { s->certs[0].not_after.s = now.s - 1; }
static void expires_this_second(struct scene *s) { s->certs[0].not_after.s = now.s; s->certs[0].not_before.s = now.s - 90 * DAY; }
static void old_intermediate(struct scene *s) { static struct cert chain[2]; chain[0] = s->certs[0]; chain[1] = s->certs[1]; chain[1].not_after.s = now.s - DAY; s->probes[0].tls.chain = chain; s->probes[0].tls.n_chain = 2; }
static void old_aside(struct scene *s) { old_intermediate(s); s->probes[0].tls.chain[1].aside = true; }
static void not_yet(struct scene *s) { s->certs[0].not_before.s = now.s + DAY; }
static void expiring(struct scene *s) { s->certs[0].not_after.s = now.s + 20 * DAY; s->certs[0].not_before.s = now.s - 70 * DAY; }
static void expiring_soon(struct scene *s) { s->certs[0].not_after.s = now.s + 2 * DAY; s->certs[0].not_before.s = now.s - 88 * DAY; }
static void young_short(struct scene *s) { s->certs[0].not_after.s = now.s + 4 * DAY; s->certs[0].not_before.s = now.s - 2 * DAY; }
static void wrong_name(struct scene *s) { s->ids[0][0] = SPAN("other.example.org"); }
static void domain_name(struct scene *s) { s->ids[0][0] = SPAN("example.com"); }
static void cn_only(struct scene *s) { s->certs[0].n_dns_ids = 0; }
static void self_signed(struct scene *s) { s->probes[0].tls.trust = TRUST_SELF_SIGNED; }
static void incomplete(struct scene *s) { s->probes[0].tls.trust = TRUST_INCOMPLETE; }
static void needs_sni(struct scene *s) { static struct span other[1]; s->no_sni_cert = scene_cert(other, "default.example.org"); s->probes[0].no_sni.chain = &s->no_sni_cert; }
static void weak_key(struct scene *s) { s->certs[0].key = SPAN("RSA"); s->certs[0].key_bits = 1024; }
static void no_starttls(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_STARTTLS, TALK_PROTOCOL); s->probes[0].starttls_offered = false; s->probes[0].starttls_code = 0; }
static void starttls_454(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_STARTTLS, TALK_PROTOCOL); s->probes[0].starttls_code = 454; }
static void handshake(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_HANDSHAKE, TALK_HANDSHAKE); }
static void client_cert(struct scene *s) { handshake(s); s->probes[0].tls.client_cert_asked = true; }
static void old_tls(struct scene *s) { s->probes[0].tls.version = TLS_1_1; s->probes[0].tls.cipher = SPAN("ECDHE-RSA-AES128-SHA"); }
static void injection(struct scene *s) { s->probes[0].takes_injection = TRI_YES; }
static void greeting_554(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_GREETING, TALK_PROTOCOL); s->probes[0].greeting_code = 554; }
static void greeting_421(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_GREETING, TALK_PROTOCOL); s->probes[0].greeting_code = 421; }
static void all_421(struct scene *s) { greeting_421(s); s->ev.n_mx_hosts = s->ev.mx.n_mx = 1; scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 1209600\n")); }
static void unfinished_later(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_EHLO, TALK_UNFINISHED); s->probes[1].ehlo_code = 0; }
static void garbage(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_GREETING, TALK_PROTOCOL); s->probes[0].greeting_code = 0; }
static void one_refused(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_CONNECT, TALK_REFUSED); }
static void one_unfinished(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_CONNECT, TALK_UNFINISHED); }
static void all_refused(struct scene *s) { one_refused(s); scene_probe_ended(&s->probes[0], STAGE_CONNECT, TALK_REFUSED); }
static void all_silent(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_CONNECT, TALK_TIMEOUT); scene_probe_ended(&s->probes[1], STAGE_CONNECT, TALK_TIMEOUT); }
static void blocked_here(struct scene *s) { all_silent(s); s->ev.smtp_works_here = false; }
static void no_v6_here(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_CONNECT, TALK_UNREACHABLE); s->probes[1].address = scene_ip("2001:db8::25"); s->ev.v6_works_here = false; }
static void only_v6(struct scene *s) { no_v6_here(s); s->probes[0] = s->probes[1]; }
static void private_mx(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_CONNECT, TALK_NOT_ALLOWED); s->probes[1].address = scene_ip("10.0.0.25"); }
static void members(struct scene *s) { s->hosts[0].probes = s->probes; s->hosts[0].n_probes = 2; s->ids[1][0] = SPAN("mx1.example.com"); s->certs[1].not_after.s = now.s - 1; s->ev.n_mx_hosts = 1; s->ev.mx.n_mx = 1; scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 1209600\n")); }

static void mx_nxdomain(struct scene *s) { s->hosts[1].a = s->hosts[1].aaaa = scene_answer("mx2.example.com", DNS_A, DNS_NXDOMAIN); s->hosts[1].n_probes = 0; }
static void mx_no_address(struct scene *s) { s->hosts[1].a = s->hosts[1].aaaa = scene_answer("mx2.example.com", DNS_A, DNS_NODATA); s->hosts[1].n_probes = 0; }
static void mx_aaaa_servfail(struct scene *s) { s->hosts[1].aaaa.result = DNS_SERVFAIL; }
static void one_refused_one_hidden(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_CONNECT, TALK_REFUSED); s->hosts[1].a = scene_answer("mx2.example.com", DNS_A, DNS_SERVFAIL); s->hosts[1].n_probes = 0; }
static void mx_unasked(struct scene *s) { s->hosts[1].a.result = s->hosts[1].aaaa.result = DNS_UNASKED; s->hosts[1].a.n_addr = 0; s->hosts[1].n_probes = 0; }
static void mx_servfail(struct scene *s) { s->ev.mx = scene_answer("example.com", DNS_MX, DNS_SERVFAIL); s->ev.n_mx_hosts = 0; }
static void null_mx(struct scene *s) { s->mx[0].host = SPAN(""); s->ev.mx.n_mx = 1; s->hosts[0].host = SPAN(""); s->hosts[0].n_probes = 0; s->ev.n_mx_hosts = 1; }
static void null_mx_and_more(struct scene *s) { s->mx[0].host = SPAN(""); s->hosts[0].host = SPAN(""); s->hosts[0].n_probes = 0; }
static void mx_alias(struct scene *s) { s->chain[0] = SPAN("real.example.com"); s->hosts[0].a.chain = s->chain; s->hosts[0].a.n_chain = 1; }
static void mx_alias_in_policy(struct scene *s) { mx_alias(s); scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: real.example.com\nmx: mx2.example.com\nmax_age: 1209600\n")); }
static void mx_alias_in_cert(struct scene *s) { mx_alias(s); s->ids[0][0] = SPAN("real.example.com"); }
static void mx_unusable(struct scene *s) { s->hosts[0].a = s->hosts[0].aaaa = scene_answer("mx1.example.com", DNS_A, DNS_NXDOMAIN); s->hosts[0].n_probes = 0; s->ev.mx.n_mx = s->ev.n_mx_hosts = 1; s->ev.apex_a = s->ev.host_a; scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 1209600\n")); }
static void domain_alias(struct scene *s) { s->chain[0] = SPAN("other.example.net"); s->ev.mx.chain = s->chain; s->ev.mx.n_chain = 1; }
static void mx_ip(struct scene *s) { s->hosts[1].host = SPAN("192.0.2.1"); s->hosts[1].n_probes = 0; s->hosts[1].a.result = DNS_NXDOMAIN; s->hosts[1].a.n_addr = 0; }

static void record_two(struct scene *s) { s->sts_strings[1] = SPAN("v=STSv1; id=2;"); s->sts[1] = (struct dns_txt){ &s->sts_strings[1], 1 }; s->ev.sts_txt.n_txt = 2; }
static void record_gone(struct scene *s) { scene_no_record(s); }
static void record_servfail(struct scene *s) { s->ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); }
static void record_id(struct scene *s) { scene_record(s, SPAN("v=STSv1; id=a-b;")); }
static void record_no_id(struct scene *s) { scene_record(s, SPAN("v=STSv1;")); }
static void record_v2(struct scene *s) { scene_record(s, SPAN("v=STSv2; id=1;")); }
static void record_spf(struct scene *s) { scene_record(s, SPAN("v=spf1 -all")); }
static void record_spf_wildcard(struct scene *s) { undeployed(s); s->ev.sts_txt = s->ev.sts_wildcard = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_OK); s->ev.sts_txt.txt = s->ev.sts_wildcard.txt = s->sts; s->ev.sts_txt.n_txt = s->ev.sts_wildcard.n_txt = 1; record_spf(s); }
static void record_spf_servfail(struct scene *s) { record_spf_wildcard(s); s->ev.sts_wildcard = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); }
static void record_quotes(struct scene *s) { scene_record(s, SPAN("\"v=STSv1; id=1;\"")); }
static void record_comma(struct scene *s) { scene_record(s, SPAN("v=STSv1, id=1")); }
static void record_id_first(struct scene *s) { scene_record(s, SPAN("id=1; v=STSv1")); }
static void record_hash(struct scene *s) { scene_record(s, SPAN("v=STSv1; id=d41d8cd98f00b204e9800998ecf8427e;")); }
static void record_apex(struct scene *s) { scene_no_record(s); s->other_strings[0] = SPAN("v=STSv1; id=1;"); s->other[0] = (struct dns_txt){ s->other_strings, 1 }; s->ev.apex_txt = scene_answer("example.com", DNS_TXT, DNS_OK); s->ev.apex_txt.txt = s->other; s->ev.apex_txt.n_txt = 1; }
static void record_wildcard(struct scene *s) { s->ev.sts_wildcard = s->ev.sts_txt; }

static void host_gone(struct scene *s) { scene_no_policy(s); }
static void host_bogus(struct scene *s) { scene_no_policy(s); s->ev.host_a.result = s->ev.host_aaaa.result = DNS_BOGUS; s->ev.host_a.why = SPAN("no signatures"); }
static void host_servfail(struct scene *s) { scene_no_policy(s); s->ev.host_a.result = s->ev.host_aaaa.result = DNS_SERVFAIL; }
static void host_aaaa_servfail(struct scene *s) { s->ev.host_aaaa.result = DNS_SERVFAIL; }
static void host_dangling(struct scene *s) { scene_no_policy(s); s->chain[0] = SPAN("gone.example.net"); s->ev.host_a.chain = s->chain; s->ev.host_a.n_chain = 1; }
static void host_claimable(struct scene *s) { s->chain[0] = SPAN("unclaimed.github.io"); s->ev.host_a.chain = s->chain; s->ev.host_a.n_chain = 1; s->fetches[0].status = 404; }
static void host_claimed(struct scene *s) { host_claimable(s); s->fetches[0].status = 200; }
static void host_claimable_down(struct scene *s) { host_claimable(s); scene_fetch_ended(&s->fetches[0], STAGE_CONNECT, TALK_REFUSED); s->fetches[0].tls.n_chain = 0; }
static void loop(struct scene *s) { scene_no_policy(s); s->ev.host_a.result = s->ev.host_aaaa.result = DNS_CHAIN; }
static void two_publishers(struct scene *s) { s->chain[0] = SPAN("mta-sts.host.example.net"); s->ev.host_a.chain = s->chain; s->ev.host_a.n_chain = 1; static struct span other[] = { SPAN_INIT("id.publisher.example") }; s->ev.sts_txt.chain = other; s->ev.sts_txt.n_chain = 1; }
static void beside(struct scene *s) { s->ev.sts_txt.beside = true; }
static void beside_at_server(struct scene *s) { with_servers(s); s->servers[1].txt.answer.beside = true; }
static void beside_host(struct scene *s) { s->ev.host_a.beside = true; }
static void beside_family(struct scene *s) { s->ev.host_aaaa = s->ev.host_a; s->ev.host_aaaa.type = DNS_AAAA; s->v6[0] = scene_ip("2001:db8::80"); s->ev.host_aaaa.addr = s->v6; s->chain[0] = SPAN("www.example.com"); s->ev.host_a.chain = s->chain; s->ev.host_a.n_chain = 1; }
static void alias_of_one_family(struct scene *s) { s->chain[0] = SPAN("www.example.com"); s->ev.host_a.chain = s->chain; s->ev.host_a.n_chain = 1; }
static void half(struct scene *s) { s->chain[0] = SPAN("mta-sts.host.example.net"); s->ev.sts_txt.chain = s->chain; s->ev.sts_txt.n_chain = 1; }
static void half_servfail(struct scene *s) { half(s); host_servfail(s); }
static void host_refused(struct scene *s) { scene_fetch_ended(&s->fetches[0], STAGE_CONNECT, TALK_REFUSED); s->fetches[0].tls.n_chain = 0; }
static void host_one_refused(struct scene *s) { s->ev.n_fetches = 2; scene_fetch_ended(&s->fetches[1], STAGE_CONNECT, TALK_REFUSED); s->fetches[1].tls.n_chain = 0; }
static void host_differs(struct scene *s) { s->ev.n_fetches = 2; s->fetches[1].body = SPAN("version: STSv1\nmode: none\nmax_age: 1\n"); }
static void host_differs_in_line_ends(struct scene *s) { s->ev.n_fetches = 2; s->fetches[1].body = SPAN("version: STSv1\nmax_age: 1209600\nmx: mx2.example.com\nmx: mx1.example.com\nmode: enforce\n"); }
static void host_one_private(struct scene *s) { s->ev.n_fetches = 2; scene_fetch_ended(&s->fetches[1], STAGE_CONNECT, TALK_NOT_ALLOWED); s->fetches[1].tls.n_chain = 0; }
static void host_v6_unseen(struct scene *s) { s->host4[0] = s->fetches[0].address = scene_ip("2001:db8::80"); s->ev.host_aaaa = s->ev.host_a; s->ev.host_a = scene_answer("mta-sts.example.com", DNS_A, DNS_NODATA); scene_fetch_ended(&s->fetches[0], STAGE_CONNECT, TALK_UNREACHABLE); s->fetches[0].tls.n_chain = 0; s->ev.v6_works_here = false; }
static void host_old_tls(struct scene *s) { scene_fetch_ended(&s->fetches[0], STAGE_HANDSHAKE, TALK_HANDSHAKE); s->fetches[0].tls.n_chain = 0; s->fetches[0].old_version = TLS_1_1; }
static void host_cert(struct scene *s) { scene_fetch_ended(&s->fetches[0], STAGE_CERTIFICATE, TALK_HANDSHAKE); }
static void host_expired(struct scene *s) { host_cert(s); s->host_cert.not_after.s = now.s - 1; }
static void host_wrong_name(struct scene *s) { host_cert(s); s->host_ids[0] = SPAN("www.example.com"); }
static void host_default(struct scene *s) { host_wrong_name(s); s->fetches[0].no_sni = s->fetches[0].tls; }
static void host_refused_then(struct scene *s) { host_cert(s); }
static void no_chain(struct scene *s) { s->probes[0].tls.n_chain = 0; }
static void http_301(struct scene *s) { s->fetches[0].status = 301; s->fetches[0].location = SPAN("https://www.example.com/"); }
static void http_404(struct scene *s) { s->fetches[0].status = 404; }
static void http_403_browser(struct scene *s) { s->fetches[0].status = 403; s->fetches[0].browser_status = 200; s->fetches[0].browser_gets_policy = true; }
static void http_type(struct scene *s) { s->fetches[0].content_type = SPAN("application/octet-stream"); }
static void http_no_type(struct scene *s) { s->fetches[0].content_type = SPAN(""); s->fetches[0].has_content_type = false; }
static void http_page(struct scene *s) { scene_body(s, SPAN("<!DOCTYPE html><html></html>")); s->fetches[0].content_type = SPAN("text/html"); }
static void http_big(struct scene *s) { s->fetches[0].result = TALK_TOO_LONG; s->fetches[0].stage = STAGE_BODY; s->fetches[0].too_big = true; }
static void http_cut(struct scene *s) { s->fetches[0].result = TALK_CLOSED; s->fetches[0].stage = STAGE_BODY; s->fetches[0].truncated = true; }

static void policy_match_none(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mail.elsewhere.net\nmax_age: 1209600\n")); }
static void policy_match_loosely(struct scene *s) { s->hosts[0].host = s->mx[0].host = s->ids[0][0] = SPAN("a.b.example.com"); scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1209600\n")); }
static void policy_match_backup(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 1209600\n")); }
static void policy_match_some(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx2.example.com\nmax_age: 1209600\n")); }
static void policy_short(struct scene *s) { scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: mx2.example.com\nmax_age: 3600\n")); }
static void policy_broad(struct scene *s) { s->ids[0][0] = SPAN("mx1.example.com"); scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: mx2.example.com\nmx: *.co.uk\nmax_age: 1209600\n")); }

static void match_none_and_null(struct scene *s) { policy_match_none(s); null_mx_and_more(s); }
static void void_without_mx(struct scene *s) { mx_servfail(s); scene_body(s, SPAN("version: STSv1\nmode: enforced\nmx: a.example.com\nmx: b.example.com\nmax_age: 1209600\n")); }
static void void_with_bad_mx(struct scene *s) { mx_servfail(s); scene_body(s, SPAN("version: STSv1\nmode: enforce\nmx: a.host.org.\nmx: b.host.org\nmax_age: 1209600\n")); }

static void tlsa(struct scene *s, uint8_t usage) { memset(s->digest, 7, sizeof s->digest); s->tlsa[0] = (struct dns_tlsa){ usage, 1, 1, { s->digest, 32 } }; for (int i = 0; i < 2; i++) { s->hosts[i].tlsa = scene_answer("_25._tcp.mx", DNS_TLSA, DNS_OK); s->hosts[i].tlsa.tlsa = s->tlsa; s->hosts[i].tlsa.n_tlsa = 1; s->probes[i].dane = DANE_OK; } }
static void dane_good(struct scene *s) { tlsa(s, 3); }
static void dane_wrong(struct scene *s) { tlsa(s, 3); s->probes[0].dane = DANE_MISMATCH; }
static void dane_wrong_undeployed(struct scene *s) { undeployed(s); dane_wrong(s); }
static void dane_unsigned(struct scene *s) { tlsa(s, 3); s->hosts[0].tlsa.secure = false; s->probes[0].dane = DANE_UNTRIED; }
static void dane_pkix(struct scene *s) { tlsa(s, 1); }
static void dane_bogus(struct scene *s) { s->hosts[0].tlsa = scene_answer("_25._tcp.mx", DNS_TLSA, DNS_BOGUS); }
static void dane_bogus_insecure(struct scene *s) { dane_bogus(s); s->hosts[0].a.secure = s->hosts[0].aaaa.secure = false; }

static void servers_agree(struct scene *s) { with_servers(s); }
static void servers_txt(struct scene *s) { with_servers(s); s->server_strings[1] = SPAN("v=STSv1; id=1;"); }
static void servers_txt_gone(struct scene *s) { with_servers(s); s->servers[1].txt.answer = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_NXDOMAIN); s->servers[1].txt.rcode = 3; }
static void servers_txt_other_words(struct scene *s) { with_servers(s); s->server_strings[1] = SPAN("v=STSv1;id=20261122T100000"); }
static void servers_mx(struct scene *s) { with_servers(s); s->servers[1].mx.answer.n_mx = 1; }
static void servers_mx_preference(struct scene *s) { with_servers(s); s->server_mx[1][0].preference = 50; }
static void servers_mx_testing(struct scene *s) { servers_mx(s); scene_body(s, SPAN("version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 1209600\n")); }
static void server_refuses(struct scene *s) { servers_txt(s); s->servers[1].txt.rcode = s->servers[1].mx.rcode = 5; s->servers[1].txt.answer.result = s->servers[1].mx.answer.result = DNS_SERVFAIL; }
static void server_fails(struct scene *s) { server_refuses(s); s->servers[1].txt.rcode = s->servers[1].mx.rcode = 2; }
static void server_silent(struct scene *s) { servers_txt(s); s->servers[1].txt.result = s->servers[1].mx.result = TALK_TIMEOUT; s->servers[1].txt.answer.result = s->servers[1].mx.answer.result = DNS_TIMEOUT; }
static void server_is_none(struct scene *s) { servers_txt(s); s->servers[1].txt.authoritative = s->servers[1].mx.authoritative = false; }
static void server_v6(struct scene *s) { server_silent(s); s->ev.v6_works_here = false; s->servers[1].address = scene_ip("2001:db8::53"); s->servers[1].txt.result = s->servers[1].mx.result = TALK_UNREACHABLE; }
static void servers_unmeasured(struct scene *s) { with_servers(s); for (int i = 0; i < 2; i++) s->servers[i].txt.result = s->servers[i].mx.result = TALK_UNFINISHED; }
static void servers_all_silent(struct scene *s) { server_silent(s); s->servers[0].txt.result = s->servers[0].mx.result = TALK_TIMEOUT; }
static void servers_and_record_unknown(struct scene *s) { servers_unmeasured(s); s->ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); }
static void servers_unknown(struct scene *s) { with_servers(s); s->zone.ns = scene_answer("example.com", DNS_NS, DNS_SERVFAIL); s->zone.n_servers = 0; }

static void dane_unvalidated(struct scene *s) { dane_wrong(s); s->ev.dnssec = false; }

static void rpt_gone(struct scene *s) { s->ev.tlsrpt_txt = scene_answer("_smtp._tls.example.com", DNS_TXT, DNS_NODATA); }
static void rpt_scheme(struct scene *s) { s->rpt_strings[0] = SPAN("v=TLSRPTv1; rua=t@example.net"); }

static const struct {
	const char *label;
	void (*change)(struct scene *);
	const char *want; /* slugs of weight, by weight, separated by spaces */
	enum verdict verdict;
	enum deployment deployment;
	enum eligibility eligibility;
} rows[] = {
	{ "a good domain has nothing to be told of", good, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "no MTA-STS is neutral, never red", undeployed, "", VERDICT_OK, DEPLOYMENT_NONE, ELIGIBLE },
	{ "without a policy, what would lose mail is a warning", undeployed_expired, "mxcert.expired", VERDICT_WARNING, DEPLOYMENT_NONE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 5: in testing nothing is lost", testing_expired, "mxcert.expired", VERDICT_WARNING, DEPLOYMENT_TESTING, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 5: mode none is as if there were no policy", none_expired, "", VERDICT_OK, DEPLOYMENT_REMOVING, ELIGIBILITY_INELIGIBLE },

	{ "RFC 8461 5: nor does it matter what expires soon", none_expiring, "", VERDICT_OK, DEPLOYMENT_REMOVING, ELIGIBLE },
	{ "RFC 8461 4.2: an expired certificate", expired, "mxcert.expired", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 5280 4.1.2.5: valid through notAfter", expires_this_second, "mxcert.expiring", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "an intermediate expired", old_intermediate, "mxcert.expired", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "an old cross certificate that is on no path", old_aside, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.2: not yet valid", not_yet, "mxcert.expired", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "less than a third of its life left", expiring, "mxcert.expiring", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "nobody can count on two days", expiring_soon, "mxcert.expiring", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "four of six days left are well", young_short, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.2: another name", wrong_name, "mxcert.name", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 4.2: the mail domain's name", domain_name, "mxcert.name-is-domain", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 9525 2: the common name is no identity", cn_only, "mxcert.cn-only", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 4.2: a chain that is not trusted", self_signed, "mxcert.untrusted", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "an intermediate is missing", incomplete, "mxcert.chain", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 7.1: SMTP servers must not rely on SNI", needs_sni, "mxcert.needs-sni", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "a weak key", weak_key, "mxcert.weak", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 5: no STARTTLS", no_starttls, "starttls.missing", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 3207 4: STARTTLS refused", starttls_454, "starttls.refused", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "the handshake fails", handshake, "tls.handshake", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "a client certificate is demanded", client_cert, "tls.client-cert-demanded", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8996 5: nothing newer than TLS 1.1", old_tls, "tls.version", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 3207 6: plaintext crosses over", injection, "smtp.plaintext-injected", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "a greeting of 554", greeting_554, "smtp.greeting", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "421 says nothing about the host", greeting_421, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "421 from everybody is not green", all_421, "smtp.rate-limited?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "something that is not SMTP", garbage, "smtp.broken", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "one of two hosts refuses", one_refused, "smtp.connect-some", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "our deadline is not the host's fault", one_unfinished, "smtp.connect-some?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "nor is it behind the greeting", unfinished_later, "smtp.connect-some?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "all hosts refuse", all_refused, "smtp.connect-all", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "all are silent, and port 25 works elsewhere", all_silent, "smtp.connect-all", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "all are silent, as is the rest of the world", blocked_here, "smtp.blocked-here?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "no IPv6 here says nothing of theirs", no_v6_here, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "nothing but IPv6, and none here: not green either", only_v6, "smtp.blocked-here?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "a private address is not contacted", private_mx, "mx.host-private-address", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "one member was not renewed", members, "mxcert.expired smtp.member-differs", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },

	{ "RFC 5321 5.1: an MX host that does not exist", mx_nxdomain, "mx.host-nxdomain", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 5321 5.1: an MX host without address", mx_no_address, "mx.host-no-address", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "SERVFAIL for AAAA may hide an address", mx_aaaa_servfail, "mx.host-lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "one host refuses, the other may be anywhere", one_refused_one_hidden, "smtp.connect-some mx.host-lookup-failed?", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "a host that nobody has looked at yet", mx_unasked, "mx.host-lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "SERVFAIL is not an answer", mx_servfail, "mx.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBILITY_UNKNOWN },
	{ "RFC 7505 3: null MX and a policy", null_mx, "mx.null-with-policy", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBILITY_NO_MAIL },
	{ "RFC 7505 3: null MX beside others", null_mx_and_more, "mx.null-with-others", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 2181 10.3: an MX host is an alias", mx_alias, "mx.host-is-cname", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.1: the name in the record counts, not the alias's target", mx_alias_in_policy, "match.some mx.host-is-cname", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 9525 6.1.1: the target of an alias is no name to compare with", mx_alias_in_cert, "mxcert.name mx.host-is-cname", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 5321 5.1: unusable MX records do not lead back to the domain", mx_unusable, "mx.host-nxdomain", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 5321 5.1: a CNAME at the mail domain is followed", domain_alias, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "an address where a name belongs", mx_ip, "mx.host-is-ip", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },

	{ "RFC 8461 3.1: more than one record", record_two, "txt.multiple", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: no record, but a policy", record_gone, "txt.absent-policy-present", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "the record cannot be looked up", record_servfail, "txt.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 3.1: id outside the grammar", record_id, "txt.id-invalid", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: no id", record_no_id, "txt.id-missing", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: another version", record_v2, "txt.version-other", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: SPF in its place", record_spf, "txt.spf-or-other", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "SPF from a wildcard is no try at MTA-STS", record_spf_wildcard, "", VERDICT_OK, DEPLOYMENT_NONE, ELIGIBLE },
	{ "SPF that may be from a wildcard", record_spf_servfail, "", VERDICT_OK, DEPLOYMENT_NONE, ELIGIBLE },
	{ "quotes of a control panel", record_quotes, "txt.quotes-escaped", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a comma for a semicolon", record_comma, "txt.delimiter", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: the version comes first", record_id_first, "txt.version-not-first", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.1: a hash for an id is worth a word", record_hash, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "the record stands at the apex", record_apex, "txt.wrong-place", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "the record comes from a wildcard", record_wildcard, "txt.wildcard", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },

	{ "RFC 8461 3.3: the policy host does not exist", host_gone, "host.nxdomain", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "the policy host is bogus", host_bogus, "host.dnssec-bogus", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "the policy host cannot be looked up", host_servfail, "host.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_UNKNOWN, ELIGIBLE },
	{ "one family of it cannot be looked up", host_aaaa_servfail, "host.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "a CNAME into the void", host_dangling, "cname.dangling", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a CNAME to where anybody may claim names, and nothing is there", host_claimable, "http.status cname.dangling", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "somebody has claimed it", host_claimed, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "whether anything is there is not known", host_claimable_down, "https.connect", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 1034 3.6.2: CNAMEs in a loop", loop, "cname.loop-or-long", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 8.2: two publishers", two_publishers, "cname.two-publishers", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 1034 3.6.2: a CNAME beside the record", beside, "cname.beside-others", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 1034 3.6.2: at one name server", beside_at_server, "cname.beside-others", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 1034 3.6.2: a CNAME beside an address", beside_host, "cname.beside-others", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 1034 3.6.2: A by a CNAME, AAAA without", beside_family, "cname.beside-others", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "A by a CNAME, and no AAAA", alias_of_one_family, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 8.2: one half is delegated", half, "cname.half-delegated", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "the other half cannot be looked up", half_servfail, "host.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_UNKNOWN, ELIGIBLE },
	{ "port 443 is closed", host_refused, "https.connect", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "port 443 is closed at one of two", host_one_refused, "https.some-addresses", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "two addresses, two policies", host_differs, "vantage.body-differs", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "two name servers, one answer", servers_agree, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 8.1: two name servers, two ids", servers_txt, "ns.txt-differs", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "one of them has no record", servers_txt_gone, "ns.txt-differs", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "the same id in other words", servers_txt_other_words, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.1: two name servers, two sets of MX hosts", servers_mx, "ns.mx-differs", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "in testing nothing is lost by it", servers_mx_testing, "ns.mx-differs", VERDICT_WARNING, DEPLOYMENT_TESTING, ELIGIBLE },
	{ "another preference is no other host", servers_mx_preference, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 1912 2.8: a server that refuses says nothing else", server_refuses, "ns.lame", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "one that fails may recover", server_fails, "ns.lame?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "nor does one that is silent", server_silent, "ns.lame", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "nor one that only passes on", server_is_none, "ns.lame", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "no IPv6 here says nothing of a name server", server_v6, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "all are silent: one cause", servers_all_silent, "ns.lame ns.lame", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "our deadline is not the name servers' fault", servers_unmeasured, "ns.txt-differs? ns.mx-differs?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "a record that cannot be looked up at all is one cause", servers_and_record_unknown, "ns.mx-differs? txt.lookup-failed?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "nobody knows who they are", servers_unknown, "ns.txt-differs? ns.mx-differs?", VERDICT_UNKNOWN, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "two addresses, one policy in other bytes", host_differs_in_line_ends, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "a private address beside one that serves", host_one_private, "host.private-address", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "no IPv6 here does not break the policy host", host_v6_unseen, "host.v6-only", VERDICT_WARNING, DEPLOYMENT_UNKNOWN, ELIGIBLE },
	{ "RFC 8461 7.2: the policy host's TLS is old", host_old_tls, "https.tls-version", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.3: the policy host's certificate expired", host_expired, "https.cert-expired", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a certificate that was refused then and is in order now", host_refused_then, "https.handshake", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a session without a certificate", no_chain, "tls.handshake", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBILITY_INELIGIBLE },
	{ "RFC 8461 3.3: it is for another name", host_wrong_name, "https.cert-name", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 7.1: SNI is ignored", host_default, "https.sni-ignored", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.3: a redirect", http_301, "http.redirect", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.3: a status other than 200", http_404, "http.status", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a browser gets what we do not", http_403_browser, "http.bot-challenge", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.2: another media type", http_type, "http.content-type", VERDICT_WARNING, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.2: no media type", http_no_type, "http.content-type-missing", VERDICT_WARNING, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "a web page", http_page, "http.wrong-vhost", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 8461 3.3: too big", http_big, "http.too-big", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },
	{ "RFC 9112 8: a cut policy is none", http_cut, "http.truncated", VERDICT_ERROR, DEPLOYMENT_BROKEN, ELIGIBLE },

	{ "RFC 8461 4.1: no host matches", policy_match_none, "match.none", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 8.4: a backup does not match", policy_match_backup, "match.backup-only", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.1: the preferred host does not match", policy_match_some, "match.some", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 4.1: the preferred host matches loosely only", policy_match_loosely, "match.multi-label", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 3.2: a short life", policy_short, "max_age.short", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 10.4: a public suffix", policy_broad, "mx.wildcard-broad", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },

	{ "DANE beside MTA-STS", dane_good, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8461 2: DANE that fails is not rescued", dane_wrong, "dane.tlsa-mismatch", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 7672 2.2: nor does it need a policy to lose mail", dane_wrong_undeployed, "dane.tlsa-mismatch", VERDICT_ERROR, DEPLOYMENT_NONE, ELIGIBLE },
	{ "RFC 7672 2.1.3: TLSA without DNSSEC", dane_unsigned, "dane.unsigned", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 7672 3.1.3: a usage that SMTP has not", dane_pkix, "dane.usage dane.usage", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 7672 2.1.2: a TLSA lookup that fails", dane_bogus, "dane.bogus", VERDICT_ERROR, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 7672 2.2.2: nobody asks for TLSA at an insecure host", dane_bogus_insecure, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },

	{ "RFC 7672 2.1.1: without a validating resolver there is no DANE", dane_unvalidated, "", VERDICT_OK, DEPLOYMENT_ENFORCE, ELIGIBLE },

	{ "RFC 8460 3: no TLSRPT", rpt_gone, "tlsrpt.absent", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
	{ "RFC 8460 3: neither mailto nor https", rpt_scheme, "tlsrpt.rua-scheme", VERDICT_WARNING, DEPLOYMENT_ENFORCE, ELIGIBLE },
};
/* clang-format on */

/* The slugs of what is heavier than information; "?" marks an unknown. */
static void
weighty(const struct judged *j, struct buf *out)
{
	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];

		if (f->severity == SEVERITY_INFO || f->result == RESULT_OK ||
		    f->blocked_by != CHECKS)
			continue;
		buf_printf(out, "%s%s%s", out->n > 0 ? " " : "",
		    checks[f->check].slug,
		    f->result == RESULT_UNKNOWN ? "?" : "");
	}
}

static void
test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct scene s;
		struct judged j;
		struct arena a;
		char mem[1024];
		struct buf got = buf_init(mem, sizeof mem);

		arena_init(&a, LIMIT_CHECK_MEMORY);
		scene_good(&s);
		rows[i].change(&s);
		assert_int_equal(judge(&s.ev, now, JUDGE_ALL, &a, &j), ERR_OK);
		weighty(&j, &got);
		if (!span_eq(buf_span(&got), span_str(rows[i].want)) ||
		    j.verdict != rows[i].verdict ||
		    j.deployment != rows[i].deployment ||
		    j.eligibility != rows[i].eligibility) {
			print_error("%s: got \"%.*s\" %s %s %s, want \"%s\" %s "
				    "%s %s\n",
			    rows[i].label, (int)got.n, mem,
			    verdict_names[j.verdict],
			    deployment_names[j.deployment],
			    eligibility_names[j.eligibility], rows[i].want,
			    verdict_names[rows[i].verdict],
			    deployment_names[rows[i].deployment],
			    eligibility_names[rows[i].eligibility]);
			failed++;
		}
		arena_release(&a);
	}
	assert_int_equal(failed, 0);
}

/* Whatever does not fit is said, and nothing crashes on the way. */
static void
test_memory(void **state)
{
	struct scene s;
	struct judged j;
	struct arena a;
	size_t cap = 0;
	enum err rc;

	(void)state;
	scene_good(&s);
	expired(&s);
	do {
		arena_init(&a, cap);
		rc = judge(&s.ev, now, JUDGE_ALL, &a, &j);
		assert_true(rc == ERR_OK || rc == ERR_MEMORY);
		arena_release(&a);
		cap += 512;
	} while (rc == ERR_MEMORY);
	assert_true(cap > 512);
}

/* Messages carry foreign bytes: none may reach a terminal as it is. */
static void
test_hostile(void **state)
{
	struct scene s;
	struct judged j;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	scene_good(&s);
	greeting_554(&s);
	s.probes[0].greeting = SPAN("\033[2J\xff\xe2\x80\xae evil\r\n");
	assert_int_equal(judge(&s.ev, now, JUDGE_ALL, &a, &j), ERR_OK);
	for (size_t i = 0; i < j.n_findings; i++)
		for (size_t k = 0; k < j.findings[i].message.n; k++) {
			unsigned char c =
			    (unsigned char)j.findings[i].message.p[k];

			assert_true(c >= 0x20 && c < 0x7f);
		}
	arena_release(&a);
}

/* What a remedy gives to copy is whole: it names every host, and no other. */
static void
test_remedies(void **state)
{
	static const struct {
		const char *label;
		void (*change)(struct scene *);
		enum check_id check;
		const char *want; /* the end of the remedy */
	} remedies[] = {
		{ "no host matches", policy_match_none, CHECK_MATCH_NONE,
		    "\nmx: mx1.example.com\nmx: mx2.example.com" },
		{ "no host matches, and the first is none", match_none_and_null,
		    CHECK_MATCH_NONE, "id:\nmx: mx2.example.com" },
		{ "hosts unknown: what the file has", void_without_mx,
		    CHECK_MODE_INVALID,
		    "mode: testing\nmx: a.example.com\nmx: b.example.com\n"
		    "max_age: 1209600" },
		{ "hosts unknown, and the file has a bad one", void_with_bad_mx,
		    CHECK_MX_TRAILING_DOT,
		    "mx: b.host.org\nmx: <the name of your MX host>\n"
		    "max_age: 1209600" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++) {
		struct span want = span_str(remedies[i].want);
		struct scene s;
		struct judged j;
		struct arena a;
		bool found = false;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		scene_good(&s);
		remedies[i].change(&s);
		assert_int_equal(judge(&s.ev, now, JUDGE_ALL, &a, &j), ERR_OK);
		for (size_t k = 0; k < j.n_findings; k++) {
			struct span got = j.findings[k].remedy;

			if (j.findings[k].check != remedies[i].check)
				continue;
			found = span_eq(span_tail(got, want.n), want);
			if (!found)
				print_error("%s: got \"%.*s\", want \"%s\"\n",
				    remedies[i].label, (int)got.n, got.p,
				    remedies[i].want);
		}
		assert_true(found);
		arena_release(&a);
	}
}

/* Who says what, so that a person knows which server to look at. */
static void
test_servers_told(void **state)
{
	static const struct {
		void (*change)(struct scene *);
		const char *want;
	} told[] = {
		{ servers_txt,
		    "The name servers of example.com give different answers "
		    "for _mta-sts.example.com TXT. ns1.example.net "
		    "(192.0.2.53): the id \"20261122T100000\"; "
		    "ns2.example.net (192.0.2.54): the id \"1\"." },
		{ servers_mx,
		    "The name servers of example.com give different answers "
		    "for example.com MX. ns1.example.net (192.0.2.53): "
		    "mx1.example.com, mx2.example.com; ns2.example.net "
		    "(192.0.2.54): mx1.example.com." },
		{ server_refuses,
		    "ns2.example.net (192.0.2.54), a name server of "
		    "example.com, answers REFUSED." },
		{ server_silent,
		    "ns2.example.net (192.0.2.54), a name server of "
		    "example.com, did not answer in time." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		struct scene s;
		struct judged j;
		struct arena a;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		scene_good(&s);
		told[i].change(&s);
		assert_int_equal(judge(&s.ev, now, JUDGE_ALL, &a, &j), ERR_OK);
		assert_string_equal(j.findings[0].message.p, told[i].want);
		arena_release(&a);
	}
}

static void
test_severity(void **state)
{
	(void)state;
	for (enum check_id id = 0; id < CHECKS; id++) {
		enum severity most = check_severity(id, STAKES_ENFORCE);

		for (enum stakes k = STAKES_NOTHING; k <= STAKES_ENFORCE; k++)
			assert_true(check_severity(id, k) <= most);
		/* Only DANE loses mail without a policy to enforce. */
		assert_true(
		    check_severity(id, STAKES_TESTING) <= SEVERITY_WARNING ||
		    id == CHECK_DANE_TLSA_MISMATCH || id == CHECK_DANE_BOGUS);
		assert_int_equal(check_by_slug(span_str(checks[id].slug)), id);
	}
	assert_int_equal(check_by_slug(SPAN("no.such")), CHECKS);
}

/* One look after the other, with what it is to be remembered of each. */
static void
remember(
    struct ledger *l, struct scene *s, struct wall_time at, struct arena *a)
{
	struct judged j;
	struct observation seen;
	struct ledger_change change;

	s->ev.checked_at = at;
	assert_int_equal(judge(&s->ev, at, JUDGE_ALL, a, &j), ERR_OK);
	assert_int_equal(ledger_observe(&j, a, &seen), ERR_OK);
	assert_int_equal(ledger_step(l, &seen, a, &change), ERR_OK);
}

static enum severity
severity_in(const struct judged *j, enum check_id id)
{
	for (size_t i = 0; i < j->n_findings; i++)
		if (j->findings[i].check == id)
			return j->findings[i].severity;
	return SEVERITY_INFO;
}

/* The file says testing now. Whether a certificate that expired loses mail
 * depends on who still holds the policy of before. */
static void
test_remembering(void **state)
{
	static const struct {
		const char *label;
		int64_t days; /* since the change to testing */
		enum severity want;
	} looks[] = {
		{ "some sender may still enforce", 1, SEVERITY_ERROR },
		{ "none can any more", 30, SEVERITY_WARNING },
	};
	struct wall_time before = { now.s - 60 * DAY };

	(void)state;
	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
		struct wall_time at = { before.s + (looks[i].days + 1) * DAY };
		struct ledger l = { 0 };
		const struct judge_memory memory = { .ledger = &l };
		struct scene s;
		struct judged j;
		struct arena a;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		scene_good(&s);
		remember(&l, &s, before, &a);
		scene_record(&s, SPAN("v=STSv1; id=2;"));
		testing_expired(&s);
		s.certs[0].not_after.s = before.s;
		remember(&l, &s, (struct wall_time){ before.s + DAY }, &a);
		remember(&l, &s, at, &a);
		assert_int_equal(
		    judge_remembering(&s.ev, &memory, at, &a, &j), ERR_OK);
		assert_int_equal(
		    severity_in(&j, CHECK_MXCERT_EXPIRED), looks[i].want);
		arena_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_servers_told),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_remembering),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
