#include "io/test_ca.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64url.h"
#include "base/num.h"
#include "io/acme_json.h"

enum { ANSWER_MAX = 16 * 1024 };

/* One request. */
struct asked {
	struct test_ca *ca;
	struct test_talk *t;
	char method[8], path[256];
	struct arena a;
	struct span body;
	int nth; /* to its path */
};

/* ---- reading ---- */

static bool
read_body(struct asked *q, size_t n)
{
	char *p = arena_alloc(&q->a, n);
	size_t have = q->t->n < n ? q->t->n : n, got;

	memcpy(p, q->t->in, have);
	q->t->n -= have;
	memmove(q->t->in, q->t->in + have, q->t->n);
	while (have < n) {
		if (SSL_read_ex(q->t->ssl, p + have, n - have, &got) != 1)
			return false;
		have += got;
	}
	q->body = (struct span){ p, n };
	return true;
}

static bool
read_request(struct asked *q)
{
	const char *line = test_line(q->t);
	uint64_t n = 0;

	if (line == NULL || sscanf(line, "%7s %255s", q->method, q->path) != 2)
		return false;
	while ((line = test_line(q->t)) != NULL && line[0] != '\0')
		if (strncmp(line, "Content-Length: ", 16) == 0 &&
		    !num_parse(span_str(line + 16), 65536, &n))
			return false;
	return line != NULL && read_body(q, n);
}

static void
count(struct asked *q)
{
	struct test_ca *ca = q->ca;
	size_t i = 0;

	while (ca->seen[i].times > 0 && strcmp(ca->seen[i].path, q->path) != 0)
		i++;
	assert(i < sizeof ca->seen / sizeof ca->seen[0]);
	snprintf(ca->seen[i].path, sizeof ca->seen[i].path, "%.63s", q->path);
	q->nth = ++ca->seen[i].times;
}

int
test_ca_seen(const struct test_ca *ca, const char *path)
{
	for (size_t i = 0; i < sizeof ca->seen / sizeof ca->seen[0]; i++)
		if (strcmp(ca->seen[i].path, path) == 0)
			return ca->seen[i].times;
	return 0;
}

/* The payload of a JWS. */
static struct span
payload_of(struct asked *q)
{
	json_t *jws = acme_json_read(q->body);
	struct span text = acme_json_text(jws, "payload", &q->a);
	struct span out = SPAN("");

	json_decref(jws);
	if (!base64url_decode(&q->a, text, &out))
		return SPAN("");
	return out;
}

/* ---- the certificate ---- */

static X509_REQ *
request_of(struct asked *q)
{
	json_t *d = acme_json_read(payload_of(q));
	struct span text = acme_json_text(d, "csr", &q->a), der = SPAN("");
	const unsigned char *p;

	json_decref(d);
	if (!base64url_decode(&q->a, text, &der))
		return NULL;
	p = (const unsigned char *)der.p;
	return d2i_X509_REQ(NULL, &p, (long)der.n);
}

static void
issue(struct asked *q)
{
	struct test_ca *ca = q->ca;
	X509_REQ *req = request_of(q);
	STACK_OF(X509_EXTENSION) * all;
	X509 *x = X509_new();
	BIO *pem = BIO_new(BIO_s_mem());
	X509V3_CTX ctx;
	X509_EXTENSION *aki;
	char *text;
	long n;

	assert(req != NULL);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x87654321);
	X509_set_issuer_name(x, X509_get_subject_name(ca->root.x));
	X509_gmtime_adj(X509_getm_notBefore(x), ca->ahead_s - 60);
	X509_gmtime_adj(X509_getm_notAfter(x), ca->ahead_s + 90 * 86400);
	X509_set_pubkey(x, X509_REQ_get0_pubkey(req));
	all = X509_REQ_get_extensions(req);
	for (int i = 0; i < sk_X509_EXTENSION_num(all); i++)
		X509_add_ext(x, sk_X509_EXTENSION_value(all, i), -1);
	X509V3_set_ctx(&ctx, ca->root.x, x, NULL, NULL, 0);
	aki = X509V3_EXT_conf_nid(
	    NULL, &ctx, NID_authority_key_identifier, "keyid");
	X509_add_ext(x, aki, -1);
	X509_EXTENSION_free(aki);
	X509_sign(x, ca->root.key, EVP_sha256());
	PEM_write_bio_X509(pem, x);
	PEM_write_bio_X509(pem, ca->root.x);
	n = BIO_get_mem_data(pem, &text);
	free(ca->chain);
	ca->chain = strndup(text, (size_t)n);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	X509_REQ_free(req);
	X509_free(x);
	BIO_free(pem);
}

/* ---- answers ---- */

static void
say(struct asked *q, const char *status, const char *location, const char *body)
{
	char text[ANSWER_MAX], nonce[64] = "";

	/* RFC 8555 6.5: whatever is signed is answered with a nonce. */
	if (strcmp(q->method, "GET") != 0)
		snprintf(nonce, sizeof nonce, "Replay-Nonce: nonce-%d\r\n",
		    atomic_fetch_add(&q->ca->nonces, 1));
	snprintf(text, sizeof text,
	    "HTTP/1.1 %s\r\n%s%s%s%sContent-Length: %zu\r\n\r\n%s", status,
	    nonce, location != NULL ? "Location: " : "",
	    location != NULL ? location : "", location != NULL ? "\r\n" : "",
	    strlen(body), strcmp(q->method, "HEAD") != 0 ? body : "");
	test_say(q->t, text);
}

static void
say_directory(struct asked *q)
{
	char body[2048], ari[128] = "";
	int port = q->ca->peer.port;

	if (q->ca->window != NULL)
		snprintf(ari, sizeof ari,
		    "\"renewalInfo\":\"https://127.0.0.1:%d/ari\",", port);
	snprintf(body, sizeof body,
	    "{\"newNonce\":\"https://127.0.0.1:%d/nonce\","
	    "\"newAccount\":\"https://127.0.0.1:%d/accounts\","
	    "\"newOrder\":\"https://127.0.0.1:%d/orders\","
	    "\"revokeCert\":\"https://127.0.0.1:%d/revoke\","
	    "\"keyChange\":\"https://127.0.0.1:%d/key\",%s"
	    "\"meta\":{\"caaIdentities\":[\"ca.example\"]}}",
	    port, port, port, port, port, ari);
	say(q, "200 OK", NULL, body);
}

static void
say_order(struct asked *q, const char *status)
{
	struct test_ca *ca = q->ca;
	const char *state = ca->chain != NULL	   ? "valid"
			    : ca->token[0] != '\0' ? "ready"
						   : "pending";
	char body[1024], location[128];
	int port = ca->peer.port;

	snprintf(location, sizeof location, "https://127.0.0.1:%d/order", port);
	snprintf(body, sizeof body,
	    "{\"status\":\"%s\",\"finalize\":\"https://127.0.0.1:%d/finalize\","
	    "\"authorizations\":[\"https://127.0.0.1:%d/authz\"],"
	    "\"certificate\":\"https://127.0.0.1:%d/cert\"}",
	    state, port, port, port);
	say(q, status, location, body);
}

static void
say_authorization(struct asked *q)
{
	struct test_ca *ca = q->ca;
	const char *state = ca->token[0] != '\0' ? "valid" : "pending";
	char body[1024];

	snprintf(body, sizeof body,
	    "{\"status\":\"%s\",\"identifier\":{\"type\":\"dns\","
	    "\"value\":\"a.example\"},\"challenges\":["
	    "{\"type\":\"dns-01\",\"status\":\"pending\",\"url\":\"x\","
	    "\"token\":\"other\"},"
	    "{\"type\":\"http-01\",\"status\":\"%s\",\"url\":"
	    "\"https://127.0.0.1:%d/challenge\",\"token\":\"t0ken_-\"}]}",
	    state, state, ca->peer.port);
	say(q, "200 OK", NULL, body);
}

static void
keep_payload(struct asked *q)
{
	struct span s = payload_of(q);

	snprintf(q->ca->payload, sizeof q->ca->payload, "%.*s", (int)s.n, s.p);
}

static void
answer(struct asked *q)
{
	struct test_ca *ca = q->ca;
	char location[128];

	snprintf(location, sizeof location, "https://127.0.0.1:%d/account",
	    ca->peer.port);
	if (strcmp(q->path, "/dir") == 0) {
		say_directory(q);
	} else if (strcmp(q->path, "/nonce") == 0) {
		say(q, "200 OK", NULL, "");
	} else if (strcmp(q->path, "/accounts") == 0) {
		say(q, "201 Created", location, "{\"status\":\"valid\"}");
	} else if (strcmp(q->path, "/orders") == 0) {
		keep_payload(q);
		free(ca->chain);
		ca->chain = NULL;
		ca->token[0] = '\0';
		say_order(q, "201 Created");
	} else if (strcmp(q->path, "/order") == 0) {
		say_order(q, "200 OK");
	} else if (strcmp(q->path, "/authz") == 0) {
		say_authorization(q);
	} else if (strcmp(q->path, "/challenge") == 0) {
		snprintf(ca->token, sizeof ca->token, "t0ken_-");
		say(q, "200 OK", NULL, "{\"status\":\"processing\"}");
	} else if (strcmp(q->path, "/finalize") == 0) {
		issue(q);
		say_order(q, "200 OK");
	} else if (strcmp(q->path, "/cert") == 0) {
		say(q, "200 OK", NULL, ca->chain != NULL ? ca->chain : "");
	} else if (strcmp(q->path, "/revoke") == 0 ||
		   strcmp(q->path, "/key") == 0) {
		keep_payload(q);
		say(q, "200 OK", NULL, "");
	} else if (strncmp(q->path, "/ari/", 5) == 0) {
		test_say(q->t, "HTTP/1.1 200 OK\r\nRetry-After: 21600\r\n"
			       "Connection: close\r\n\r\n");
		test_say(q->t, ca->window);
		q->nth = -1;
	} else {
		say(q, "404 Not Found", NULL, "");
	}
}

static const struct test_ca_rule *
rule_for(const struct asked *q)
{
	const struct test_ca_rule *r = q->ca->rules;

	for (; r != NULL && r->path != NULL; r++) {
		int from = r->from > 0 ? r->from : 1;

		if (strcmp(r->path, q->path) == 0 && q->nth >= from &&
		    (r->times == 0 || q->nth < from + r->times))
			return r;
	}
	return NULL;
}

static void
pad(struct asked *q)
{
	const char *text = q->ca->pad != NULL ? q->ca->pad : " ";
	size_t n = strlen(text), at = 0;
	char block[4096];

	while (sizeof block - 1 - at >= n) {
		memcpy(block + at, text, n);
		at += n;
	}
	block[at] = '\0';
	for (size_t sent = 0; sent < q->ca->padding; sent += at)
		test_say(q->t, block);
}

/* False: the connection ends. */
static bool
serve_one(struct asked *q)
{
	const struct test_ca_rule *r;
	char rest;
	size_t n;

	if (!read_request(q))
		return false;
	count(q);
	r = rule_for(q);
	if (r == NULL) {
		answer(q);
		return q->nth > 0;
	}
	if (r->answer == NULL)
		return false;
	if (r->answer[0] == '\0') {
		(void)SSL_read_ex(q->t->ssl, &rest, 1, &n);
		return false;
	}
	test_say(q->t, "HTTP/1.1 ");
	test_say(q->t, r->answer);
	pad(q);
	return false;
}

static void
serve(struct test_peer *p, struct test_talk *t, int nth)
{
	struct test_ca *ca =
	    (struct test_ca *)((char *)p - offsetof(struct test_ca, peer));
	bool more = test_tls(p, t, false);

	(void)nth;
	while (more) {
		struct asked q = { .ca = ca, .t = t };

		arena_init(&q.a, 1024 * 1024);
		more = serve_one(&q);
		arena_release(&q.a);
	}
}

/* ---- beginning and end ---- */

void
test_ca_start(struct test_ca *ca)
{
	struct test_wish leaf = {
		.cn = "ca", .san = "IP:127.0.0.1", .issuer = &ca->root
	};
	FILE *f;
	int fd;

	ca->root =
	    test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	ca->leaf = test_issue(&leaf);
	snprintf(ca->file, sizeof ca->file, "/tmp/test_ca.XXXXXX");
	fd = mkstemp(ca->file);
	assert(fd >= 0);
	f = fdopen(fd, "w");
	PEM_write_X509(f, ca->root.x);
	fclose(f);
	if (trust_store_new(ca->file, &ca->trust, NULL) != ERR_OK)
		abort();
	ca->peer.serve = serve;
	ca->peer.tls = test_server_tls(&ca->leaf, NULL);
	test_peer_start(&ca->peer);
	snprintf(ca->directory, sizeof ca->directory,
	    "https://127.0.0.1:%d/dir", ca->peer.port);
}

void
test_ca_stop(struct test_ca *ca)
{
	test_peer_stop(&ca->peer);
	SSL_CTX_free(ca->peer.tls);
	trust_store_free(ca->trust);
	test_id_free(&ca->root);
	test_id_free(&ca->leaf);
	unlink(ca->file);
	free(ca->chain);
}
