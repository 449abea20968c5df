#include "io/test_world.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

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

	/* Name servers: two that agree on one, and one that lags. */
	{ "cut.example", DNS_NS, "ns.cut.example" },
	{ "cut.example", DNS_NS, "old.cut.example" },
	{ "cut.example", DNS_NS, "lame.cut.example" },
	{ "cut.example", DNS_NS, "away.cut.example" },
	{ "ns.cut.example", DNS_A, "127.0.0.1" },
	{ "old.cut.example", DNS_A, "127.0.0.2" },
	{ "lame.cut.example", DNS_A, "127.0.0.3" },
	{ "away.cut.example", DNS_A, "10.0.0.53" },
	{ "mail.cut.example", DNS_MX, "10 mx.good.example" },
	{ "_mta-sts.mail.cut.example", DNS_TXT, "v=STSv1; id=2;" },

	/* The record is another's; so are its servers. */
	{ "two.cut.example", DNS_MX, "10 mx.good.example" },
	{ "_mta-sts.two.cut.example", DNS_CNAME, "id.publisher.example" },
	{ "id.publisher.example", DNS_TXT, "v=STSv1; id=3;" },
	{ "publisher.example", DNS_NS, "ns.cut.example" },

	{ "slow.example", DNS_MX, "10 mx.slow.example" },
	{ "mx.slow.example", DNS_A, "127.0.0.1" },
	{ "_mta-sts.slow.example", TEST_DNS_SILENT, "" },
	{ NULL, 0, NULL },
};

static const struct test_rr old_zone[] = {
	{ "mail.cut.example", DNS_MX, "10 mx.good.example" },
	{ "_mta-sts.mail.cut.example", DNS_TXT, "v=STSv1; id=1;" },
	{ "two.cut.example", DNS_MX, "10 mx.old.example" },
	{ "_mta-sts.two.cut.example", DNS_CNAME, "id.publisher.example" },
	{ NULL, 0, NULL },
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
		    .talk_ms = 60000 },
		.fetch = { .clock = &clock_system,
		    .stop = &w->stop,
		    .tls = tls,
		    .user_agent = "mtasts/test",
		    .port = w->https.port,
		    .fetch_ms = 60000,
		    .connect_ms = 60000 },
		.server = { .clock = &clock_system,
		    .randomness = &randomness_system,
		    .stop = &w->stop,
		    .port = w->dns.port,
		    .try_ms = 60000 },
		.stop = &w->stop,
		.workers = 4,
	};

	assert_int_equal(talks_new(&o, &w->talks), ERR_OK);
}

/* One port, which has to be free at all three addresses. */
static void
set_up_name_servers(struct world *w)
{
	for (;;) {
		w->dns = (struct test_dns){ .zone = zone };
		assert_true(test_dns_start(&w->dns));
		w->lagging = (struct test_dns){ .zone = old_zone,
			.host = "127.0.0.2",
			.port = w->dns.port };
		w->lame = (struct test_dns){ .zone = old_zone,
			.host = "127.0.0.3",
			.port = w->dns.port,
			.refuses = true };
		if (test_dns_start(&w->lagging)) {
			if (test_dns_start(&w->lame))
				return;
			test_dns_stop(&w->lagging);
		}
		test_dns_stop(&w->dns);
	}
}

int
test_world_set_up(void **state)
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
	set_up_name_servers(w);
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

int
test_world_tear_down(void **state)
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
	test_dns_stop(&w->lagging);
	test_dns_stop(&w->lame);
	SSL_CTX_free(w->smtp.tls);
	SSL_CTX_free(w->https.tls);
	SSL_CTX_free(w->client);
	test_id_free(&w->ca);
	test_id_free(&w->mx);
	test_id_free(&w->host);
	free(w);
	return 0;
}
