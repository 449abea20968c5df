/* The SMTP probe against servers that play a script. */
#include "io/probe.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "io/test_peer.h"

/* How a server behaves. NULL: as a sound one does. */
struct smtp_script {
	const char *greeting, *ehlo, *starttls;
	const char *behind_starttls; /* plaintext, before TLS */
	bool closes_at_starttls;
	bool keeps_plaintext; /* CVE-2011-0411 */
	bool refuses_pipelining; /* behind STARTTLS */
	bool wants_client_cert;
	int min, max; /* of TLS */
	bool floods;
};

static bool
serve_plain(struct test_peer *p, struct test_talk *t)
{
	const struct smtp_script *s = p->script;
	const char *line;

	test_say(
	    t, s->greeting != NULL ? s->greeting : "220 mx.example ESMTP\r\n");
	while ((line = test_line(t)) != NULL) {
		if (strncmp(line, "EHLO ", 5) == 0) {
			test_say(t, s->ehlo != NULL
					? s->ehlo
					: "250-mx.example\r\n250 STARTTLS\r\n");
		} else if (strcmp(line, "STARTTLS") == 0) {
			if (s->refuses_pipelining && t->n > 0) {
				test_say(t, "554 5.5.0 pipelining\r\n");
				return false;
			}
			test_say(t,
			    s->starttls != NULL ? s->starttls : "220 go\r\n");
			return s->starttls == NULL && !s->closes_at_starttls;
		} else {
			test_say(t, "221 bye\r\n");
			return false;
		}
	}
	return false;
}

static void
serve(struct test_peer *p, struct test_talk *t, int nth)
{
	const struct smtp_script *s = p->script;
	const char *line;

	(void)nth;
	if (s->floods) {
		for (int i = 0; i < 10000; i++)
			test_say(t, "220-more and more and more and more\r\n");
		return;
	}
	if (!serve_plain(p, t))
		return;
	if (s->behind_starttls != NULL)
		test_say(t, s->behind_starttls);
	if (!test_tls(p, t, s->keeps_plaintext))
		return;
	while ((line = test_line(t)) != NULL) {
		if (strcmp(line, "QUIT") == 0) {
			test_say(t, "221 bye\r\n");
			return;
		}
		test_say(t, "250 ok\r\n");
	}
}

/* clang-format off */
static const struct {
	const char		*label;
	struct smtp_script	 script;
	enum talk_result	 want;
	enum talk_stage		 want_stage;
	int			 want_greeting, want_ehlo, want_starttls;
	bool			 want_offered, want_injected;
	enum tls_version	 want_version;
	enum tri		 want_tls12, want_old, want_taken;
	int			 want_connections;
} cases[] = {
	{ .label = "a sound server",
	  .script = { .min = TLS_1_2 },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_YES, .want_old = TRI_NO, .want_taken = TRI_NO,
	  .want_connections = 3 },
	{ .label = "old versions too",
	  .script = { .min = TLS_1_0 },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_YES, .want_old = TRI_YES, .want_taken = TRI_NO,
	  .want_connections = 3 },
	{ .label = "TLS 1.1 at most",
	  .script = { .min = TLS_1_0, .max = TLS_1_1 },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_1,
	  .want_tls12 = TRI_NO, .want_old = TRI_YES, .want_taken = TRI_NO,
	  .want_connections = 2 },
	{ .label = "TLS 1.3 only: two failures tell the version",
	  .script = { .min = TLS_1_3 },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_NO, .want_old = TRI_NO, .want_taken = TRI_UNKNOWN,
	  .want_connections = 5 },
	{ .label = "takes plaintext over into TLS",
	  .script = { .min = TLS_1_2, .keeps_plaintext = true },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_YES, .want_old = TRI_NO, .want_taken = TRI_YES,
	  .want_connections = 3 },
	{ .label = "refuses pipelining: asked again without",
	  .script = { .min = TLS_1_2, .refuses_pipelining = true },
	  .want = TALK_OK, .want_stage = STAGE_DONE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_YES, .want_old = TRI_NO, .want_taken = TRI_NO,
	  .want_connections = 4 },
	{ .label = "turns us away",
	  .script = { .greeting = "554-no\r\n554 entry\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_GREETING,
	  .want_greeting = 554, .want_connections = 1 },
	{ .label = "comes back later",
	  .script = { .greeting = "421 busy\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_GREETING,
	  .want_greeting = 421, .want_connections = 1 },
	{ .label = "no EHLO",
	  .script = { .ehlo = "502 what?\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_EHLO,
	  .want_greeting = 220, .want_ehlo = 502, .want_connections = 1 },
	{ .label = "no STARTTLS",
	  .script = { .ehlo = "250-mx.example\r\n250 PIPELINING\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_STARTTLS,
	  .want_greeting = 220, .want_ehlo = 250, .want_connections = 1 },
	{ .label = "STARTTLS offered and refused",
	  .script = { .starttls = "454 not now\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_STARTTLS,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 454,
	  .want_offered = true, .want_connections = 1 },
	{ .label = "220, and the line is dead",
	  .script = { .closes_at_starttls = true },
	  .want = TALK_CLOSED, .want_stage = STAGE_STARTTLS,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_connections = 1 },
	{ .label = "RFC 3207 4: plaintext behind the 220 is dropped",
	  .script = { .starttls = "220 go\r\n250 injected\r\n" },
	  .want = TALK_CLOSED, .want_stage = STAGE_STARTTLS,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_injected = true, .want_connections = 1 },
	{ .label = "insists on a client certificate",
	  .script = { .min = TLS_1_2, .wants_client_cert = true },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_HANDSHAKE,
	  .want_greeting = 220, .want_ehlo = 250, .want_starttls = 220,
	  .want_offered = true, .want_version = TLS_1_3,
	  .want_tls12 = TRI_UNKNOWN, .want_connections = 1 },
	{ .label = "not SMTP",
	  .script = { .greeting = "SSH-2.0-OpenSSH_9.2\r\n" },
	  .want = TALK_PROTOCOL, .want_stage = STAGE_GREETING,
	  .want_connections = 1 },
	{ .label = "a greeting without end",
	  .script = { .floods = true },
	  .want = TALK_TOO_LONG, .want_stage = STAGE_GREETING,
	  .want_connections = 1 },
};
/* clang-format on */

static void
run_case(size_t i, SSL_CTX *client, struct trust_store *trust,
    const struct test_id *leaf, const struct test_id *ca, struct tally *t)
{
	struct test_peer peer = { .serve = serve,
		.script = &cases[i].script,
		.tls = test_server_tls(leaf, ca) };
	struct probe_env env = { .clock = &clock_system,
		.tls = { .ctx = client, .trust = trust },
		.ehlo_name = "client.example",
		.connect_ms = 60000,
		.greeting_ms = 60000,
		.talk_ms = 60000 };
	struct der_chain der;
	struct probe p;
	struct arena a;

	if (cases[i].script.min != 0)
		SSL_CTX_set_min_proto_version(peer.tls, cases[i].script.min);
	SSL_CTX_set_max_proto_version(peer.tls, cases[i].script.max);
	if (cases[i].script.wants_client_cert)
		SSL_CTX_set_verify(peer.tls,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	test_peer_start(&peer);
	env.port = peer.port;
	arena_init(&a, LIMIT_PROBE_MEMORY);
	probe_address(&env, SPAN("mx.example"), test_loopback(), &a, &p, &der);
	test_peer_stop(&peer);

	t->label = cases[i].label;
	want_int(t, "result", p.result, cases[i].want);
	want_int(t, "stage", p.stage, cases[i].want_stage);
	want_int(t, "greeting", p.greeting_code, cases[i].want_greeting);
	want_int(t, "ehlo", p.ehlo_code, cases[i].want_ehlo);
	want_int(t, "starttls", p.starttls_code, cases[i].want_starttls);
	want_int(t, "offered", p.starttls_offered, cases[i].want_offered);
	want_int(t, "injected", p.injected, cases[i].want_injected);
	want_int(t, "version", p.tls.version, cases[i].want_version);
	want_int(t, "tls12", p.tls12, cases[i].want_tls12);
	want_int(t, "old_tls", p.old_tls, cases[i].want_old);
	want_int(t, "takes_injection", p.takes_injection, cases[i].want_taken);
	want_int(t, "connections", atomic_load(&peer.connections),
	    cases[i].want_connections);
	if (p.stage == STAGE_DONE) {
		want_size(t, "chain", p.tls.n_chain, 2);
		want_size(t, "der", der.n_certs, 2);
		want_span(
		    t, "name", p.tls.chain[0].dns_ids[0], SPAN("mx.example"));
		want_int(t, "one chain", p.no_sni.chain == p.tls.chain, 1);
		want_int(t, "trust", p.tls.trust, TRUST_UNKNOWN_ROOT);
		/* RFC 8461 7.1: SNI is the MX host's name. Then none. */
		want_span(t, "SNI", span_str(peer.sni[0]), SPAN("mx.example"));
		want_span(t, "no SNI", span_str(peer.sni[1]), SPAN(""));
	}
	arena_release(&a);
	SSL_CTX_free(peer.tls);
}

static void
test_scripts(void **state)
{
	struct test_id ca =
	    test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	struct test_id leaf = test_issue(&(struct test_wish){
	    .cn = "mx.example", .san = "DNS:mx.example", .issuer = &ca });
	SSL_CTX *client = conn_tls_context();
	struct tally t = { .failed = 0 };
	struct trust_store *trust;

	(void)state;
	assert_int_equal(trust_store_new("/dev/null", &trust, NULL), ERR_OK);
	for (size_t i = 0; i < ROWS(cases); i++)
		run_case(i, client, trust, &leaf, &ca, &t);
	trust_store_free(trust);
	SSL_CTX_free(client);
	test_id_free(&leaf);
	test_id_free(&ca);
	assert_int_equal(t.failed, 0);
}

static void
test_nobody_there(void **state)
{
	struct test_peer peer = { .serve = serve };
	struct probe_env env = { .clock = &clock_system,
		.ehlo_name = "client.example",
		.connect_ms = 60000 };
	struct der_chain der;
	struct probe p;
	struct arena a;

	(void)state;
	test_peer_start(&peer);
	test_peer_stop(&peer); /* the port is free, and nobody listens */
	env.port = peer.port;
	arena_init(&a, LIMIT_PROBE_MEMORY);
	probe_address(&env, SPAN("mx.example"), test_loopback(), &a, &p, &der);
	assert_int_equal(p.result, TALK_REFUSED);
	assert_int_equal(p.stage, STAGE_CONNECT);
	arena_release(&a);
}

/* A run that ends does not wait for a peer that says nothing. */
static void
serve_silence(struct test_peer *p, struct test_talk *t, int nth)
{
	struct stop *stop = (struct stop *)(uintptr_t)p->script;

	(void)nth;
	stop_pull(stop);
	(void)test_line(t);
}

static void
test_stop(void **state)
{
	struct stop stop;
	struct test_peer peer = { .serve = serve_silence, .script = &stop };
	struct probe_env env = { .clock = &clock_system,
		.stop = &stop,
		.ehlo_name = "client.example",
		.connect_ms = 60000,
		.greeting_ms = 60000 };
	struct der_chain der;
	struct probe p;
	struct arena a;

	(void)state;
	assert_int_equal(stop_init(&stop), ERR_OK);
	test_peer_start(&peer);
	env.port = peer.port;
	arena_init(&a, LIMIT_PROBE_MEMORY);
	probe_address(&env, SPAN("mx.example"), test_loopback(), &a, &p, &der);
	assert_int_equal(p.result, TALK_UNFINISHED);
	assert_true(p.ms < 30000);
	arena_release(&a);
	test_peer_stop(&peer);
	stop_release(&stop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
