#include "core/test_scene.h"

#include "base/test_table.h"

struct ip_addr
scene_ip(const char *s)
{
	struct ip_addr a;

	assert_true(ip_parse(span_str(s), &a));
	return a;
}

struct cert
scene_cert(struct span *ids, const char *name)
{
	ids[0] = span_str(name);
	return (struct cert){
		.subject = SPAN("CN=leaf"),
		.issuer = SPAN("CN=Lab CA"),
		.cn = span_str(name),
		.dns_ids = ids,
		.n_dns_ids = 1,
		.not_before = { SCENE_NOW_S - 10 * DAY },
		.not_after = { SCENE_NOW_S + 80 * DAY },
		.key = SPAN("EC"),
		.key_bits = 256,
		.signature = SPAN("ecdsa-with-SHA256"),
		.sha256 = SPAN("aa"),
		.server_auth = true,
	};
}

static struct tls_seen
good_tls(struct cert *cert)
{
	return (struct tls_seen){
		.result = TALK_OK,
		.version = TLS_1_3,
		.cipher = SPAN("TLS_AES_256_GCM_SHA384"),
		.error = SPAN(""),
		.trust = TRUST_OK,
		.trust_error = SPAN(""),
		.chain = cert,
		.n_chain = 1,
	};
}

static struct probe
good_probe(struct ip_addr address, struct cert *cert)
{
	return (struct probe){
		.address = address,
		.result = TALK_OK,
		.stage = STAGE_DONE,
		.ms = 20,
		.greeting_code = 220,
		.ehlo_code = 250,
		.starttls_code = 220,
		.greeting = SPAN("mx1.example.com ESMTP"),
		.ehlo = SPAN("mx1.example.com\nSTARTTLS"),
		.starttls = SPAN("go ahead"),
		.starttls_offered = true,
		.tls = good_tls(cert),
		.dane_error = SPAN(""),
		.no_sni = good_tls(cert),
		.tls12 = TRI_YES,
		.old_tls = TRI_NO,
		.takes_injection = TRI_NO,
	};
}

struct dns_answer
scene_answer(const char *name, uint16_t type, enum dns_result result)
{
	return (struct dns_answer){ .name = span_str(name),
		.type = type,
		.result = (uint8_t)result,
		.secure = true,
		.ttl = result == DNS_OK ? 3600 : 0,
		.why = SPAN("") };
}

static const char good_policy[] = "version: STSv1\r\nmode: enforce\r\n"
				  "mx: mx1.example.com\r\n"
				  "mx: mx2.example.com\r\n"
				  "max_age: 1209600\r\n";

static void
good_dns(struct scene *s)
{
	struct evidence *ev = &s->ev;

	ev->mx = scene_answer("example.com", DNS_MX, DNS_OK);
	s->mx[0] = (struct dns_mx){ 10, SPAN("mx1.example.com") };
	s->mx[1] = (struct dns_mx){ 20, SPAN("mx2.example.com") };
	ev->mx.mx = s->mx;
	ev->mx.n_mx = 2;
	s->sts_strings[0] = SPAN("v=STSv1; id=20261122T100000;");
	s->sts[0] = (struct dns_txt){ s->sts_strings, 1 };
	ev->sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_OK);
	ev->sts_txt.txt = s->sts;
	ev->sts_txt.n_txt = 1;
	s->rpt_strings[0] = SPAN("v=TLSRPTv1; rua=mailto:t@example.net");
	s->rpt[0] = (struct dns_txt){ s->rpt_strings, 1 };
	ev->tlsrpt_txt =
	    scene_answer("_smtp._tls.example.com", DNS_TXT, DNS_OK);
	ev->tlsrpt_txt.txt = s->rpt;
	ev->tlsrpt_txt.n_txt = 1;
	ev->sts_wildcard = scene_answer("x.example.com", DNS_TXT, DNS_NXDOMAIN);
	ev->host_wildcard = scene_answer("x.example.com", DNS_A, DNS_NXDOMAIN);
	ev->host_a = scene_answer("mta-sts.example.com", DNS_A, DNS_OK);
	s->host4[0] = scene_ip("192.0.2.80");
	s->host4[1] = scene_ip("192.0.2.81");
	ev->host_a.addr = s->host4;
	ev->host_a.n_addr = 1;
	ev->host_aaaa =
	    scene_answer("mta-sts.example.com", DNS_AAAA, DNS_NODATA);
}

static void
good_host(struct scene *s, size_t i, const char *name, const char *address)
{
	s->v4[i] = scene_ip(address);
	s->certs[i] = scene_cert(s->ids[i], name);
	s->probes[i] = good_probe(s->v4[i], &s->certs[i]);
	s->hosts[i] = (struct mx_host){
		.host = span_str(name),
		.preference = s->mx[i].preference,
		.a = scene_answer(name, DNS_A, DNS_OK),
		.aaaa = scene_answer(name, DNS_AAAA, DNS_NODATA),
		.tlsa = scene_answer("_25._tcp.mx", DNS_TLSA, DNS_NXDOMAIN),
		.probes = &s->probes[i],
		.n_probes = 1,
	};
	s->hosts[i].a.addr = &s->v4[i];
	s->hosts[i].a.n_addr = 1;
}

static void
good_fetch(struct scene *s, size_t i)
{
	s->host_cert = scene_cert(s->host_ids, "mta-sts.example.com");
	s->fetches[i] = (struct fetch){
		.address = s->host4[i],
		.result = TALK_OK,
		.stage = STAGE_DONE,
		.ms = 30,
		.tls = good_tls(&s->host_cert),
		.status = 200,
		.location = SPAN(""),
		.content_type = SPAN("text/plain"),
		.content_encoding = SPAN(""),
		.has_content_type = true,
		.server = SPAN(""),
		.mitigated = SPAN(""),
		.retry_after = SPAN(""),
		.content_length = -1,
		.body = { good_policy, sizeof good_policy - 1 },
		.body_bytes = sizeof good_policy - 1,
		.tls12 = TRI_YES,
	};
}

void
scene_good(struct scene *s)
{
	memset(s, 0, sizeof *s);
	s->ev.domain = SPAN("example.com");
	s->ev.checked_at.s = SCENE_NOW_S;
	s->ev.ms = 120;
	s->ev.dnssec = s->ev.smtp_works_here = s->ev.v6_works_here = true;
	good_dns(s);
	good_host(s, 0, "mx1.example.com", "192.0.2.25");
	good_host(s, 1, "mx2.example.com", "192.0.2.26");
	good_fetch(s, 0);
	good_fetch(s, 1);
	s->ev.fetches = s->fetches;
	s->ev.n_fetches = 1;
	s->ev.mx_hosts = s->hosts;
	s->ev.n_mx_hosts = 2;
	s->orgs[0] = (struct org_fact){ SPAN("mta-sts.host.example.net"),
		SPAN("example.net") };
	s->orgs[1] = (struct org_fact){ SPAN("co.uk"), SPAN("") };
	s->ev.orgs = s->orgs;
	s->ev.n_orgs = 2;
}

void
scene_body(struct scene *s, struct span text)
{
	s->fetches[0].body = text;
	s->fetches[0].body_bytes = text.n;
}

void
scene_record(struct scene *s, struct span text)
{
	s->sts_strings[0] = text;
}

void
scene_no_record(struct scene *s)
{
	s->ev.sts_txt =
	    scene_answer("_mta-sts.example.com", DNS_TXT, DNS_NXDOMAIN);
}

void
scene_no_policy(struct scene *s)
{
	s->ev.n_fetches = 0;
	s->ev.host_a = scene_answer("mta-sts.example.com", DNS_A, DNS_NXDOMAIN);
	s->ev.host_aaaa =
	    scene_answer("mta-sts.example.com", DNS_AAAA, DNS_NXDOMAIN);
}

void
scene_probe_ended(
    struct probe *p, enum talk_stage stage, enum talk_result result)
{
	static const struct tls_seen none = { .cipher = { "", 0 },
		.error = { "", 0 },
		.trust_error = { "", 0 } };

	p->stage = (uint8_t)stage;
	p->result = (uint8_t)result;
	p->tls = p->no_sni = none;
}

void
scene_fetch_ended(
    struct fetch *f, enum talk_stage stage, enum talk_result result)
{
	f->stage = (uint8_t)stage;
	f->result = (uint8_t)result;
	f->status = 0;
	f->body = SPAN("");
}
