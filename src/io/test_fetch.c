/* The policy fetch against servers that play a script. */
#include "io/fetch.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "io/test_peer.h"

#define POLICY "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

struct https_script {
	struct test_wish leaf; /* but for its issuer and usual name */
	const char *answer; /* "": none */
	const char *to_browser; /* another one for browsers */
	bool no_close_notify;
	bool endless; /* chunks without end behind the answer */
	bool wants_client_cert;
	int min, max; /* of TLS */
	bool plain_http;
};

struct script_run {
	const struct https_script *s;
	char request[2048]; /* the first one */
};

static void
answer(const struct https_script *s, struct test_talk *t, bool is_browser)
{
	test_say(
	    t, is_browser && s->to_browser != NULL ? s->to_browser : s->answer);
	for (int i = 0; s->endless && i < 100000; i++) {
		size_t n = 0;

		if (SSL_write_ex(t->ssl, "8\r\n12345678\r\n", 13, &n) != 1)
			break;
	}
	if (s->no_close_notify)
		SSL_set_quiet_shutdown(t->ssl, 1);
}

static void
serve(struct test_peer *p, struct test_talk *t, int nth)
{
	struct script_run *r = (struct script_run *)(uintptr_t)p->script;
	const char *line;
	bool is_browser = false;
	size_t at = 0;

	if (r->s->plain_http) {
		test_say(t, "HTTP/1.0 400 Bad Request\r\n\r\n");
		return;
	}
	if (!test_tls(p, t, false))
		return;
	while ((line = test_line(t)) != NULL && line[0] != '\0') {
		is_browser |= strstr(line, "Mozilla") != NULL;
		if (nth == 0)
			at += (size_t)snprintf(r->request + at,
			    sizeof r->request - at, "%s\n", line);
	}
	if (line != NULL)
		answer(r->s, t, is_browser);
}

/* clang-format off */
static const struct {
	const char		*label;
	struct https_script	 script;
	enum talk_result	 want;
	enum talk_stage		 want_stage;
	int			 want_status;
	struct span		 want_body;
	bool			 want_truncated, want_too_big;
	enum trust		 want_trust;
	enum tls_version	 want_old;
	enum tri		 want_tls12;
	int			 want_browser;
	bool			 want_browser_policy;
	struct span		 want_type;
} cases[] = {
	{ .label = "a policy",
	  .script = { .min = TLS_1_2, .answer = OK_HEAD
	      "Content-Length: 44\r\n\r\n" POLICY },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 200,
	  .want_body = SPAN_INIT(POLICY), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_type = SPAN_INIT("text/plain") },
	{ .label = "in chunks, with a trailer that is no header",
	  .script = { .min = TLS_1_2, .answer = OK_HEAD
	      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n"
	      "Content-Encoding: gzip\r\n\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 200,
	  .want_body = SPAN_INIT("abcde"), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_type = SPAN_INIT("text/plain") },
	{ .label = "until the connection ends, in good order",
	  .script = { .min = TLS_1_2, .answer = OK_HEAD "\r\n" POLICY },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 200,
	  .want_body = SPAN_INIT(POLICY), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_type = SPAN_INIT("text/plain") },
	{ .label = "until the connection ends, without close_notify",
	  .script = { .min = TLS_1_2, .no_close_notify = true,
	      .answer = OK_HEAD "\r\n" POLICY },
	  .want = TALK_CLOSED, .want_stage = STAGE_BODY, .want_status = 200,
	  .want_body = SPAN_INIT(POLICY), .want_truncated = true,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES,
	  .want_type = SPAN_INIT("text/plain") },
	{ .label = "shorter than its Content-Length",
	  .script = { .min = TLS_1_2,
	      .answer = OK_HEAD "Content-Length: 45\r\n\r\n" POLICY },
	  .want = TALK_CLOSED, .want_stage = STAGE_BODY, .want_status = 200,
	  .want_body = SPAN_INIT(POLICY), .want_truncated = true,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES,
	  .want_type = SPAN_INIT("text/plain") },
	{ .label = "the last chunk is missing",
	  .script = { .min = TLS_1_2,
	      .answer = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" },
	  .want = TALK_CLOSED, .want_stage = STAGE_BODY, .want_status = 200,
	  .want_body = SPAN_INIT("abc"), .want_truncated = true,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES,
	  .want_type = SPAN_INIT("text/plain") },
	{ .label = "without end",
	  .script = { .min = TLS_1_2, .endless = true,
	      .answer = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n" },
	  .want = TALK_TOO_LONG, .want_stage = STAGE_BODY, .want_status = 200,
	  .want_too_big = true, .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_type = SPAN_INIT("text/plain") },
	{ .label = "a redirect is not followed",
	  .script = { .min = TLS_1_2, .answer = "HTTP/1.1 301 Moved\r\n"
	      "Location: https://mta-sts.example/x\r\nContent-Length: 0\r\n\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 301,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES },
	{ .label = "RFC 8461 3.3: HTTP caching is not used, a 304 is no policy",
	  .script = { .min = TLS_1_2,
	      .answer = "HTTP/1.1 304 Not Modified\r\n\r\n" },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 304,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES },
	{ .label = "an interim answer first",
	  .script = { .min = TLS_1_2, .answer = "HTTP/1.1 103 Early Hints\r\n"
	      "Content-Type: text/html\r\n\r\n" OK_HEAD
	      "Content-Length: 1\r\n\r\nx" },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 200,
	  .want_body = SPAN_INIT("x"), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_type = SPAN_INIT("text/plain") },
	{ .label = "not HTTP",
	  .script = { .min = TLS_1_2, .answer = "SSH-2.0-OpenSSH_9.2\r\n" },
	  .want = TALK_PROTOCOL, .want_stage = STAGE_RESPONSE,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES },
	{ .label = "no answer",
	  .script = { .min = TLS_1_2, .answer = "" },
	  .want = TALK_CLOSED, .want_stage = STAGE_RESPONSE,
	  .want_trust = TRUST_OK, .want_tls12 = TRI_YES },
	{ .label = "robots are turned away, browsers are not",
	  .script = { .min = TLS_1_2,
	      .answer = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno",
	      .to_browser = OK_HEAD "Content-Length: 44\r\n\r\n" POLICY },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 403,
	  .want_body = SPAN_INIT("no"), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_YES, .want_browser = 200,
	  .want_browser_policy = true },
	{ .label = "a certificate for another name",
	  .script = { .min = TLS_1_2, .leaf.san = "DNS:www.example",
	      .answer = "" },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_CERTIFICATE,
	  .want_trust = TRUST_OK },
	{ .label = "the name only as a common name",
	  .script = { .min = TLS_1_2, .leaf.san = "email:a@example",
	      .answer = "" },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_CERTIFICATE,
	  .want_trust = TRUST_OK },
	{ .label = "an expired certificate",
	  .script = { .min = TLS_1_2, .leaf = { .from_day = -9, .to_day = -1 },
	      .answer = "" },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_CERTIFICATE,
	  .want_trust = TRUST_OK },
	{ .label = "TLS 1.1 only",
	  .script = { .min = TLS_1_0, .max = TLS_1_1, .answer = "" },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_HANDSHAKE,
	  .want_old = TLS_1_1 },
	{ .label = "TLS 1.3 only",
	  .script = { .min = TLS_1_3,
	      .answer = OK_HEAD "Content-Length: 1\r\n\r\nx" },
	  .want = TALK_OK, .want_stage = STAGE_DONE, .want_status = 200,
	  .want_body = SPAN_INIT("x"), .want_trust = TRUST_OK,
	  .want_tls12 = TRI_NO, .want_type = SPAN_INIT("text/plain") },
	{ .label = "plain HTTP on the port",
	  .script = { .plain_http = true, .answer = "" },
	  .want = TALK_HANDSHAKE, .want_stage = STAGE_HANDSHAKE },
};
/* clang-format on */

struct world {
	struct test_id ca;
	struct trust_store *trust;
	SSL_CTX *client;
};

static void
run_case(size_t i, struct world *w, struct tally *t)
{
	struct script_run r = { .s = &cases[i].script };
	struct test_wish wish = cases[i].script.leaf;
	struct test_peer peer = { .serve = serve, .script = &r };
	struct fetch_env env = { .clock = &clock_system,
		.tls = { .ctx = w->client, .trust = w->trust },
		.user_agent = "mtasts/test",
		.fetch_ms = 60000,
		.connect_ms = 60000 };
	struct test_id leaf;
	struct fetch f;
	struct arena a;

	wish.cn = "mta-sts.example";
	if (wish.san == NULL)
		wish.san = "DNS:mta-sts.example";
	wish.issuer = &w->ca;
	leaf = test_issue(&wish);
	peer.tls = test_server_tls(&leaf, NULL);
	if (cases[i].script.min != 0)
		SSL_CTX_set_min_proto_version(peer.tls, cases[i].script.min);
	SSL_CTX_set_max_proto_version(peer.tls, cases[i].script.max);
	test_peer_start(&peer);
	env.port = peer.port;
	arena_init(&a, LIMIT_PROBE_MEMORY);
	fetch_address(&env, SPAN("example"), test_loopback(),
	    mono_after_ms(clock_mono(&clock_system), 60000), NULL, &a, &f);
	test_peer_stop(&peer);

	t->label = cases[i].label;
	want_int(t, "result", f.result, cases[i].want);
	want_int(t, "stage", f.stage, cases[i].want_stage);
	want_int(t, "status", f.status, cases[i].want_status);
	if (!cases[i].want_too_big)
		want_span(t, "body", f.body, cases[i].want_body);
	want_int(t, "truncated", f.truncated, cases[i].want_truncated);
	want_int(t, "too big", f.too_big, cases[i].want_too_big);
	if (f.too_big)
		want_int(
		    t, "bytes", (int64_t)f.body_bytes, LIMIT_POLICY_BYTES + 1);
	want_int(t, "trust", f.tls.trust, cases[i].want_trust);
	want_int(t, "old version", f.old_version, cases[i].want_old);
	want_int(t, "tls12", f.tls12, cases[i].want_tls12);
	want_int(t, "browser", f.browser_status, cases[i].want_browser);
	want_int(t, "browser's policy", f.browser_gets_policy,
	    cases[i].want_browser_policy);
	want_span(t, "type", f.content_type, cases[i].want_type);
	want_int(t, "encoding", (int64_t)f.content_encoding.n, 0);
	/* RFC 8461 7.1: SNI is the policy host's name. */
	if (f.status != 0)
		want_span(
		    t, "SNI", span_str(peer.sni[0]), SPAN("mta-sts.example"));
	/* RFC 8461 3.2: this host and this path, nothing else. RFC 8461 3.3:
	 * no If-None-Match, no If-Modified-Since. */
	if (i == 0)
		want_span(t, "request", span_str(r.request),
		    SPAN("GET /.well-known/mta-sts.txt HTTP/1.1\n"
			 "Host: mta-sts.example\n"
			 "User-Agent: mtasts/test\n"
			 "Accept: text/plain, */*;q=0.1\n"
			 "Cache-Control: no-cache\n"));
	arena_release(&a);
	SSL_CTX_free(peer.tls);
	test_id_free(&leaf);
}

/* The CA goes to a file: that is how a store is filled. */
static void
world_init(struct world *w)
{
	char path[] = "/tmp/test_fetch.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	w->ca = test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	PEM_write_X509(f, w->ca.x);
	fclose(f);
	assert_int_equal(trust_store_new(path, &w->trust, NULL), ERR_OK);
	assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(
			     trust_store_get(w->trust))),
	    1);
	unlink(path);
	w->client = conn_tls_context();
	assert_int_equal(get_global_init(), ERR_OK);
}

static void
test_scripts(void **state)
{
	struct tally t = { .failed = 0 };
	struct world w;

	(void)state;
	/* The environment must not choose where we connect. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	world_init(&w);
	for (size_t i = 0; i < ROWS(cases); i++)
		run_case(i, &w, &t);
	trust_store_free(w.trust);
	SSL_CTX_free(w.client);
	test_id_free(&w.ca);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_scripts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
