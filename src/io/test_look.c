/* One look at a domain, with a name server, mail exchangers and a policy host
 * on loopback. */
#include "io/look.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "io/test_dns.h"
#include "io/test_peer.h"

#define POLICY                                                                 \
	"version: STSv1\nmode: enforce\nmx: mx.good.example\nmax_age: "        \
	"604800\n"

static const struct test_rr zone[] = {
	{ "", DNS_NS, "ns.example" },

	{ "good.example", DNS_MX, "10 mx.good.example" },
	{ "_mta-sts.good.example", DNS_TXT, "v=STSv1; id=1;" },
	{ "_smtp._tls.good.example", DNS_TXT, "v=TLSRPTv1; rua=mailto:a@b.c" },
	{ "mta-sts.good.example", DNS_A, "127.0.0.1" },
	{ "mx.good.example", DNS_A, "127.0.0.1" },

	/* Shares the exchanger, and has it twice. */
	{ "second.example", DNS_MX, "10 mx.good.example" },
	{ "second.example", DNS_MX, "20 mx.good.example" },

	/* No MX; no record, which brings the questions for lost ones. */
	{ "implicit.example", DNS_A, "127.0.0.1" },
	{ "implicit.example", DNS_TXT, "v=STSv1; id=lost;" },

	{ "private.example", DNS_MX, "10 mx.private.example" },
	{ "mx.private.example", DNS_A, "10.0.0.1" },
	{ "mta-sts.private.example", DNS_A, "192.168.0.1" },

	{ "null.example", DNS_MX, "0 " },

	{ "loop.example", DNS_MX, "10 mx.good.example" },
	{ "_mta-sts.loop.example", DNS_CNAME, "_mta-sts.loop.example" },

	{ "aliased.example", DNS_MX, "10 mx.aliased.example" },
	{ "mx.aliased.example", DNS_CNAME, "mx.good.example" },

	{ "unusable.example", DNS_MX, "10 nowhere.unusable.example" },
	{ "unusable.example", DNS_A, "127.0.0.1" },

	{ "cnamed.example", DNS_CNAME, "good.example" },

	{ "slow.example", DNS_MX, "10 mx.slow.example" },
	{ "mx.slow.example", DNS_A, "127.0.0.1" },
	{ "_mta-sts.slow.example", TEST_DNS_SILENT, "" },
	{ NULL, 0, NULL },
};

struct world {
	struct test_dns dns;
	struct test_peer smtp, https;
	struct test_id ca, mx, host;
	SSL_CTX *client;
	struct trust_store *trust;
	struct stop stop;
	struct resolver *resolver;
	struct talks *talks;
	struct org_list *orgs;
	struct ip_prefix allowed;
	struct look_env env;
};

static bool
zero_fill(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	memset(buf, 0, n);
	return true;
}

static const struct randomness zeros = { zero_fill };

static void
serve_smtp(struct test_peer *p, struct test_talk *t, int nth)
{
	const char *line;

	(void)nth;
	test_say(t, "220 mx.good.example ESMTP\r\n");
	while ((line = test_line(t)) != NULL) {
		if (strncmp(line, "EHLO ", 5) == 0) {
			test_say(t, "250-mx.good.example\r\n250 STARTTLS\r\n");
		} else if (strcmp(line, "STARTTLS") == 0) {
			test_say(t, "220 go\r\n");
			if (t->ssl != NULL || !test_tls(p, t, false))
				return;
		} else {
			test_say(t, "221 bye\r\n");
			return;
		}
	}
}

static void
serve_https(struct test_peer *p, struct test_talk *t, int nth)
{
	const char *line;

	(void)nth;
	if (!test_tls(p, t, false))
		return;
	while ((line = test_line(t)) != NULL && line[0] != '\0')
		;
	if (line != NULL)
		test_say(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			    "\r\n" POLICY);
}

static void
set_up_trust(struct world *w)
{
	char path[] = "/tmp/test_look.XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(f);
	w->ca = test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	PEM_write_X509(f, w->ca.x);
	fclose(f);
	assert_int_equal(trust_store_new(path, &w->trust, NULL), ERR_OK);
	(void)trust_store_get(w->trust);
	unlink(path);
	w->mx = test_issue(&(struct test_wish){
	    .cn = "mx", .san = "DNS:mx.good.example", .issuer = &w->ca });
	w->host = test_issue(&(struct test_wish){ .cn = "host",
	    .san = "DNS:mta-sts.good.example",
	    .issuer = &w->ca });
}

static void
set_up_talks(struct world *w)
{
	struct tls_client tls = { .ctx = w->client, .trust = w->trust };
	struct talks_options o = {
		.probe = { .clock = &clock_system,
		    .stop = &w->stop,
		    .tls = tls,
		    .ehlo_name = "client.example",
		    .port = w->smtp.port,
		    .connect_ms = 60000,
		    .greeting_ms = 60000,
		    .talk_ms = 5000 },
		.fetch = { .clock = &clock_system,
		    .stop = &w->stop,
		    .tls = tls,
		    .user_agent = "mtasts/test",
		    .port = w->https.port,
		    .fetch_ms = 5000,
		    .connect_ms = 5000 },
		.stop = &w->stop,
		.workers = 4,
	};

	assert_int_equal(talks_new(&o, &w->talks), ERR_OK);
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	const char *server;
	struct resolver_options r = { .clock = &clock_system,
		.servers = &server,
		.n_servers = 1,
		.timeout_ms = 60000 };

	assert_non_null(w);
	set_up_trust(w);
	w->smtp = (struct test_peer){ .serve = serve_smtp,
		.tls = test_server_tls(&w->mx, NULL) };
	w->https = (struct test_peer){ .serve = serve_https,
		.tls = test_server_tls(&w->host, NULL) };
	test_peer_start(&w->smtp);
	test_peer_start(&w->https);
	w->dns.zone = zone;
	test_dns_start(&w->dns);
	server = w->dns.address;
	w->client = conn_tls_context();
	assert_int_equal(get_global_init(), ERR_OK);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	assert_int_equal(org_list_new(&w->orgs), ERR_OK);
	assert_int_equal(resolver_new(&r, &w->resolver, NULL), ERR_OK);
	set_up_talks(w);
	assert_true(ip_prefix_parse(SPAN("127.0.0.0/8"), &w->allowed));
	w->env = (struct look_env){ .clock = &clock_system,
		.randomness = &zeros,
		.resolver = w->resolver,
		.talks = w->talks,
		.orgs = w->orgs,
		.allow_net = &w->allowed,
		.n_allow_net = 1 };
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	talks_free(w->talks);
	resolver_free(w->resolver);
	org_list_free(w->orgs);
	stop_release(&w->stop);
	trust_store_free(w->trust);
	test_peer_stop(&w->smtp);
	test_peer_stop(&w->https);
	test_dns_stop(&w->dns);
	SSL_CTX_free(w->smtp.tls);
	SSL_CTX_free(w->https.tls);
	SSL_CTX_free(w->client);
	test_id_free(&w->ca);
	test_id_free(&w->mx);
	test_id_free(&w->host);
	free(w);
	return 0;
}

static void
look(struct world *w, const char *domain, int64_t ms, struct arena *a,
    struct evidence *ev)
{
	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(
	    look_at(&w->env, span_str(domain),
		mono_after_ms(clock_mono(&clock_system), ms), a, ev),
	    ERR_OK);
}

static void
test_good(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "good.example", 10000, &a, &ev);
	assert_int_equal(ev.mx.result, DNS_OK);
	assert_int_equal(ev.sts_txt.n_txt, 1);
	assert_int_equal(ev.tlsrpt_txt.n_txt, 1);
	assert_int_equal(ev.sts_wildcard.result, DNS_NXDOMAIN);
	assert_true(span_eq(ev.sts_wildcard.name,
	    SPAN("_mta-sts-aaaaaaaaaaaaaaaa.good.example")));
	assert_int_equal(ev.apex_txt.result, DNS_UNASKED);
	assert_int_equal(ev.n_fetches, 1);
	assert_int_equal(ev.fetches[0].result, TALK_OK);
	assert_true(span_eq(ev.fetches[0].body, SPAN(POLICY)));
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_int_equal(ev.mx_hosts[0].probes[0].tls.trust, TRUST_OK);
	assert_int_equal(ev.mx_hosts[0].tlsa.result, DNS_NXDOMAIN);
	assert_true(ev.smtp_works_here);
	assert_false(ev.dnssec);
	assert_int_equal(ev.n_orgs, 2);
	arena_release(&a);
}

/* However many ask, a host at an address is probed once. */
static void
test_shared(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;
	int before;

	look(w, "good.example", 10000, &a, &ev);
	arena_release(&a);
	before = atomic_load(&w->smtp.connections);
	look(w, "second.example", 10000, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 2);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_int_equal(ev.mx_hosts[1].probes[0].stage, STAGE_DONE);
	assert_int_equal(atomic_load(&w->smtp.connections), before);
	arena_release(&a);
}

static void
test_implicit(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "implicit.example", 10000, &a, &ev);
	assert_int_equal(ev.mx.result, DNS_NODATA);
	assert_int_equal(ev.apex_a.n_addr, 1);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(ev.mx_hosts[0].implicit);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.sts_txt.result, DNS_NXDOMAIN);
	assert_int_equal(ev.apex_txt.n_txt, 1);
	assert_int_equal(ev.host_txt.result, DNS_NXDOMAIN);
	assert_true(span_eq(ev.doubled_txt.name,
	    SPAN("_mta-sts.implicit.example.implicit.example")));
	assert_int_equal(ev.n_fetches, 0);
	arena_release(&a);
}

/* What a domain's owner says is no reason to look into our own network. */
static void
test_not_allowed(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "private.example", 10000, &a, &ev);
	assert_int_equal(ev.mx_hosts[0].probes[0].result, TALK_NOT_ALLOWED);
	assert_int_equal(ev.fetches[0].result, TALK_NOT_ALLOWED);
	arena_release(&a);
}

static void
test_null_mx(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "null.example", 10000, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].host.n, 0);
	assert_int_equal(ev.mx_hosts[0].a.result, DNS_UNASKED);
	arena_release(&a);
}

static void
test_loop(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "loop.example", 10000, &a, &ev);
	assert_int_equal(ev.sts_txt.result, DNS_CHAIN);
	arena_release(&a);
}

/* RFC 8461 4.1: what counts is the name in the MX record, not its alias.
 * RFC 9525 6.1.1: nor does the certificate have to name the alias's target. */
static void
test_alias(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	look(w, "aliased.example", 10000, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(span_eq(ev.mx_hosts[0].host, SPAN("mx.aliased.example")));
	assert_int_equal(ev.mx_hosts[0].a.n_chain, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_string_equal(w->smtp.sni[0], "mx.aliased.example");
	arena_release(&a);
}

/* RFC 5321 5.1: with unusable MX records the domain's own address is none. */
static void
test_unusable_mx(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	look(w, "unusable.example", 10000, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].a.result, DNS_NXDOMAIN);
	assert_int_equal(ev.mx_hosts[0].n_probes, 0);
	assert_int_equal(ev.apex_a.result, DNS_UNASKED);
	assert_int_equal(atomic_load(&w->smtp.connections), 0);
	arena_release(&a);
}

/* RFC 5321 5.1: a CNAME at the mail domain is followed for MX. The policy
 * domain stays: its own names are asked, not those of the target. */
static void
test_cname_at_domain(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "cnamed.example", 10000, &a, &ev);
	assert_int_equal(ev.mx.n_chain, 1);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(span_eq(ev.mx_hosts[0].host, SPAN("mx.good.example")));
	assert_true(span_eq(ev.domain, SPAN("cnamed.example")));
	assert_true(span_eq(ev.host_a.name, SPAN("mta-sts.cnamed.example")));
	assert_int_equal(ev.host_a.result, DNS_NXDOMAIN);
	assert_int_equal(ev.n_fetches, 0);
	arena_release(&a);
}

static void
serve_nothing(struct test_peer *p, struct test_talk *t, int nth)
{
	(void)p;
	(void)nth;
	(void)test_line(t);
}

/* At the deadline everything that is out has a name, and nothing that comes
 * later hurts (memory checkers watch). The mail exchanger accepts and is mute.
 */
static void
test_deadline(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	w->smtp.serve = serve_nothing;
	look(w, "slow.example", 700, &a, &ev);
	assert_int_equal(ev.sts_txt.result, DNS_TIMEOUT);
	assert_true(span_eq(ev.sts_txt.name, SPAN("_mta-sts.slow.example")));
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].result, TALK_UNFINISHED);
	assert_in_range(ev.ms, 600, 10000);
	arena_release(&a);
}

struct one_of_many {
	struct world *w;
	pthread_t thread;
	enum err rc;
	size_t probes;
};

static void *
look_once(void *arg)
{
	struct one_of_many *o = arg;
	struct evidence ev;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	o->rc = look_at(&o->w->env, SPAN("good.example"),
	    mono_after_ms(clock_mono(&clock_system), 10000), &a, &ev);
	if (o->rc == ERR_OK && ev.n_mx_hosts == 1 &&
	    ev.mx_hosts[0].n_probes == 1 &&
	    ev.mx_hosts[0].probes[0].stage == STAGE_DONE)
		o->probes = 1;
	arena_release(&a);
	return NULL;
}

static void
test_many_at_once(void **state)
{
	struct one_of_many many[8];

	for (size_t i = 0; i < ROWS(many); i++) {
		many[i] = (struct one_of_many){ .w = *state };
		assert_int_equal(
		    pthread_create(&many[i].thread, NULL, look_once, &many[i]),
		    0);
	}
	for (size_t i = 0; i < ROWS(many); i++) {
		pthread_join(many[i].thread, NULL);
		assert_int_equal(many[i].rc, ERR_OK);
		assert_int_equal(many[i].probes, 1);
	}
	/* One probe, which is three connections. */
	assert_int_equal(
	    atomic_load(&((struct world *)*state)->smtp.connections), 3);
}

/* An arena that is too small is an error, not evidence. */
static void
test_no_memory(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	arena_init(&a, 8 * 1024);
	assert_int_equal(
	    look_at(&w->env, SPAN("good.example"),
		mono_after_ms(clock_mono(&clock_system), 10000), &a, &ev),
	    ERR_LIMIT);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_many_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_implicit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_not_allowed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_null_mx, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_alias, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unusable_mx, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_cname_at_domain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_deadline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
