/* The publish role's eyes, against a name server and a policy host on loopback.
 */
#include "roles/test_publishing.h"

#include "io/test_dns.h"
#include "io/test_peer.h"

static void
serve_policy(struct test_peer *p, struct test_talk *t, int nth)
{
	const char *line;

	(void)nth;
	if (!test_tls(p, t, false))
		return;
	while ((line = test_line(t)) != NULL && line[0] != '\0')
		;
	if (line == NULL)
		return;
	test_say(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	test_say(t, p->script);
}

static const struct test_rr zone[] = {
	{ "", DNS_NS, "ns.example" },
	{ "mta-sts.a.example", DNS_CNAME, "l.pub.example" },
	{ "_mta-sts.a.example", DNS_CNAME, "alias.agency.example" },
	{ "alias.agency.example", DNS_CNAME, "l.pub.example" },
	{ "mta-sts.b.example", DNS_CNAME, "other.pub.example" },
	{ "mta-sts.c.example", DNS_A, "192.0.2.1" },
	{ "mta-sts.d.example", TEST_DNS_SERVFAIL, "" },
	{ "mta-sts.e.example", DNS_CNAME, "mta-sts.e.example" },
	{ "l.pub.example", DNS_TXT, "v=STSv1; id=abc;" },
	{ "l.pub.example", DNS_A, "192.0.2.2" },
	{ "other.pub.example", DNS_A, "192.0.2.99" },
	{ "ns.far.example", DNS_A, "192.0.2.53" },
	{ NULL, 0, NULL },
};

static const struct {
	const char *label, *name;
	enum publish_lead want;
} leads[] = {
	{ "ours", "mta-sts.a.example", LEAD_OURS },
	{ "by a name of the owner's own", "_mta-sts.a.example", LEAD_OURS },
	{ "another's", "mta-sts.b.example", LEAD_NONE },
	{ "no CNAME", "mta-sts.c.example", LEAD_NONE },
	{ "no name", "mta-sts.z.example", LEAD_NONE },
	{ "a failure", "mta-sts.d.example", LEAD_UNKNOWN },
	{ "in a circle", "mta-sts.e.example", LEAD_NONE },
};

static void
want_servers(struct tally *t, struct play *w, const struct publish_eyes *eyes,
    struct mono_time end, const char *want)
{
	struct publish_server *all;
	char mem[256];
	struct buf b = buf_init(mem, sizeof mem);
	size_t n;

	want_bool(
	    t, "known", eyes->servers(eyes, end, &w->f->a, &all, &n), true);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s@%s", i > 0 ? " " : "",
		    ip_format(all[i].address).s,
		    all[i].port == 5300 ? "5300" : "dns");
	want_span(t, "servers", buf_span(&b), span_str(want));
}

static void
test_eyes(void **state)
{
	static const char *named[] = { "ns1.pub.example", "ns.far.example" };
	static const char *hosts[] = { "ns1.pub.example=127.0.0.1" };
	static const char *secondaries[] = { "127.0.0.2@5300" };
	struct play *w = *state;
	struct tally t = { 0 };
	struct test_id ca =
	    test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	struct test_id leaf = test_issue(&(struct test_wish){
	    .cn = "host", .san = "DNS:mta-sts.a.example", .issuer = &ca });
	struct test_peer https = { .serve = serve_policy, .script = "policy" };
	struct test_dns dns = { .zone = zone };
	const char *resolver = dns.address;
	char ca_file[80];
	struct publish_ports ports;
	const struct publish_eyes *eyes;
	struct mono_time end;
	struct ip_addr nobody;

	/* Certificates are made by the machine's clock. */
	atomic_store(&w->now_s, clock_wall(&clock_system).s);
	https.tls = test_server_tls(&leaf, NULL);
	test_peer_start(&https);
	test_dns_start(&dns);
	snprintf(ca_file, sizeof ca_file, "%s/ca", w->f->dir);
	test_id_write(&ca, ca_file);
	w->config.ca_file = ca_file;
	w->config.resolvers = (struct config_list){ &resolver, 1 };
	ports = (struct publish_ports){ https.port, dns.port };
	assert_err(
	    w->f, publish_eyes_new(&w->env, &ports, &eyes, &w->f->e), ERR_OK);
	end = mono_after_ms(clock_mono(&w->clock), PUBLISH_LOOK_MS);

	for (size_t i = 0; i < ROWS(leads); i++) {
		t.label = leads[i].label;
		want_int(&t, "lead",
		    eyes->lead(eyes, span_str(leads[i].name),
			SPAN("l.pub.example"), end, &w->f->a),
		    leads[i].want);
	}
	t.label = "arrival";
	want_bool(&t, "at the service",
	    eyes->arrives(eyes, SPAN("mta-sts.a.example"), end, &w->f->a),
	    true);
	want_bool(&t, "elsewhere",
	    eyes->arrives(eyes, SPAN("mta-sts.b.example"), end, &w->f->a),
	    false);
	want_bool(&t, "nowhere",
	    eyes->arrives(eyes, SPAN("mta-sts.d.example"), end, &w->f->a),
	    false);
	t.label = "page";
	want_int(&t, "it",
	    eyes->page(eyes, SPAN("a.example"), test_loopback(), SPAN("policy"),
		end, &w->f->a),
	    SHOWN_IT);
	want_int(&t, "another",
	    eyes->page(eyes, SPAN("a.example"), test_loopback(),
		SPAN("policy "), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "another's certificate",
	    eyes->page(eyes, SPAN("b.example"), test_loopback(), SPAN("policy"),
		end, &w->f->a),
	    SHOWN_OTHER);
	assert_true(ip_parse(SPAN("127.0.0.9"), &nobody));
	want_int(&t, "nobody",
	    eyes->page(
		eyes, SPAN("a.example"), nobody, SPAN("policy"), end, &w->f->a),
	    SHOWN_NOTHING);
	t.label = "id";
	want_int(&t, "it",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("l.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_IT);
	want_int(&t, "another",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("l.pub.example"), SPAN("abd"), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "none",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("m.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "nobody",
	    eyes->id(eyes, (struct publish_server){ nobody, dns.port },
		SPAN("l.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_NOTHING);
	t.label = "the edges alone";
	want_servers(
	    &t, w, eyes, end, "192.0.2.1@dns 192.0.2.2@dns 192.0.2.3@dns");
	t.label = "as configured";
	w->config.service_servers = (struct config_list){ named, 2 };
	w->config.service_hosts = (struct config_list){ hosts, 1 };
	w->config.secondaries = (struct config_list){ secondaries, 1 };
	want_servers(
	    &t, w, eyes, end, "127.0.0.1@dns 192.0.2.53@dns 127.0.0.2@5300");

	publish_eyes_free(eyes);
	test_dns_stop(&dns);
	test_peer_stop(&https);
	SSL_CTX_free(https.tls);
	test_id_free(&leaf);
	test_id_free(&ca);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(test_eyes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
