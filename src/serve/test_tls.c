#include "serve/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_table.h"
#include "serve/test_identity.h"

/* A clock that stands until it is told. */
static int64_t test_now_ms;

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return (struct mono_time){ test_now_ms * 1000000 };
}

static const struct clock test_clock = { .mono = mono };

/* A store of two names, and one of wrong bytes each. */
struct world {
	struct test_ca ca;
	struct test_leaf a, b, renewed;
	int asked;
	uint64_t have; /* of the last question */
	bool down, gone, new_version;
	char name[256]; /* of the last question */
};

static enum lookup
find(void *arg, struct span name, uint64_t have, struct tls_identity *out)
{
	struct world *w = arg;
	bool is_a = span_eq(name, SPAN("mta-sts.a.example"));
	uint64_t version = w->new_version && is_a ? 2 : 1;
	struct test_leaf *leaf = !is_a		? &w->b
				 : version == 2 ? &w->renewed
						: &w->a;

	w->asked++;
	w->have = have;
	snprintf(w->name, sizeof w->name, "%.*s", (int)name.n, name.p);
	if (w->down)
		return LOOKUP_FAILED;
	if (w->gone)
		return LOOKUP_NONE;
	if (have == version)
		return LOOKUP_SAME;
	*out = (struct tls_identity){ leaf->chain, leaf->key, version };
	if (is_a || span_eq(name, SPAN("b.example")))
		return LOOKUP_FOUND;
	if (span_eq(name, SPAN("wrong-name.example")))
		return LOOKUP_FOUND;
	if (span_eq(name, SPAN("wrong-key.example")))
		out->key = w->a.key;
	else if (span_eq(name, SPAN("no-key.example")))
		out->key = SPAN("");
	else if (span_eq(name, SPAN("no-chain.example")))
		out->chain = SPAN("");
	else if (span_eq(name, SPAN("cut.example")))
		out->chain.n -= 1;
	else
		return LOOKUP_NONE;
	return LOOKUP_FOUND;
}

static int
set_up(void **state)
{
	static struct world w;

	signal(SIGPIPE, SIG_IGN);
	w = (struct world){ .ca = test_ca_new() };
	w.a = test_leaf_new(&w.ca, "mta-sts.a.example", NULL);
	w.renewed = test_leaf_new(&w.ca, "mta-sts.a.example", NULL);
	w.b = test_leaf_new(&w.ca, "b.example", NULL);
	test_now_ms = 0;
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	test_leaf_free(&w->a);
	test_leaf_free(&w->renewed);
	test_leaf_free(&w->b);
	test_ca_free(&w->ca);
	return 0;
}

static struct tls *
new_tls(struct world *w)
{
	struct tls_config config = {
		.source = { find, w },
		.clock = &test_clock,
		.max_identities = 2,
		.recheck_ms = 1000,
		.seed = 7,
	};
	struct tls *t;

	w->asked = 0;
	assert_int_equal(tls_new(&config, &t, NULL), ERR_OK);
	return t;
}

/* ---- both ends of a handshake, on one thread ---- */

struct wish {
	const char *sni; /* NULL: none */
	int version; /* 0: the newest */
	struct span alpn; /* as on the wire; "" none */
	bool rsa_only;
};

struct outcome {
	bool stands;
	int alert; /* that the client received, or -1 */
	int version;
	char name[64]; /* in the certificate; "" */
	unsigned char serial_key[32]; /* its key's digest */
	unsigned char leaf[32]; /* its own */
	int certificates;
	bool h2;
	char agreed[64]; /* tls_name */
};

static void
on_client_info(const SSL *ssl, int where, int ret)
{
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
		*(int *)SSL_get_app_data(ssl) = ret & 0xff;
}

static SSL *
new_client(SSL_CTX *ctx, int fd, const struct wish *wish)
{
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	SSL_set_connect_state(ssl);
	if (wish->sni != NULL)
		SSL_set_tlsext_host_name(ssl, wish->sni);
	if (wish->version != 0)
		SSL_set_max_proto_version(ssl, wish->version);
	if (wish->alpn.n > 0)
		SSL_set_alpn_protos(ssl, (const unsigned char *)wish->alpn.p,
		    (unsigned)wish->alpn.n);
	if (wish->rsa_only)
		SSL_set1_sigalgs_list(ssl, "RSA-PSS+SHA256:RSA+SHA256");
	SSL_set_info_callback(ssl, on_client_info);
	return ssl;
}

static void
look(SSL *client, SSL *server, struct outcome *out)
{
	X509 *x = SSL_get1_peer_certificate(client);

	out->stands = true;
	out->version = SSL_version(client);
	out->certificates = sk_X509_num(SSL_get_peer_cert_chain(client));
	X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName,
	    out->name, sizeof out->name);
	X509_pubkey_digest(x, EVP_sha256(), out->serial_key, NULL);
	X509_digest(x, EVP_sha256(), out->leaf, NULL);
	X509_free(x);
	out->h2 = tls_is_h2(server);
	snprintf(out->agreed, sizeof out->agreed, "%.*s",
	    (int)tls_name(server).n, tls_name(server).p);
}

static struct outcome
shake(struct tls *t, const struct wish *wish)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct outcome out = { .alert = -1 };
	bool more = true;
	SSL *client, *server;
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	client = new_client(ctx, fds[0], wish);
	server = tls_session(t, fds[1]);
	assert_non_null(server);
	SSL_set_app_data(client, &out.alert);
	for (int i = 0; more && i < 20; i++) {
		int c = SSL_do_handshake(client);
		int s;

		tls_ready(server);
		s = SSL_do_handshake(server);
		tls_rest(server);

		if (c == 1 && s == 1)
			look(client, server, &out);
		more = !out.stands && out.alert < 0;
		ERR_clear_error();
	}
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(ctx);
	close(fds[0]);
	close(fds[1]);
	return out;
}

static struct outcome
shake_for(struct tls *t, const char *sni)
{
	struct wish wish = { .sni = sni, .alpn = SPAN("") };

	return shake(t, &wish);
}

/* ---- who gets what ---- */

/* clang-format off */
static const struct {
	const char	*label;
	struct wish	 wish;
	int		 want_alert; /* -1: the handshake stands */
	int		 want_version;
	const char	*want_name;
	bool		 want_h2;
} cases[] = {
	{ "one of ours", { "mta-sts.a.example", 0, SPAN_INIT(""), false },
	  -1, TLS1_3_VERSION, "mta-sts.a.example", false },
	{ "another of ours", { "b.example", 0, SPAN_INIT(""), false },
	  -1, TLS1_3_VERSION, "b.example", false },
	{ "RFC 4343: in any case", { "MTA-STS.a.EXAMPLE", 0, SPAN_INIT(""), false },
	  -1, TLS1_3_VERSION, "mta-sts.a.example", false },
	{ "TLS 1.2", { "b.example", TLS1_2_VERSION, SPAN_INIT(""), false },
	  -1, TLS1_2_VERSION, "b.example", false },
	{ "RFC 8461 7.1: no SNI", { NULL, 0, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "no SNI in TLS 1.2", { NULL, TLS1_2_VERSION, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "RFC 6066 3: not ours", { "c.example", 0, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "not ours in TLS 1.2", { "c.example", TLS1_2_VERSION, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "below ours", { "x.b.example", 0, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "no domain", { "_b.example", 0, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "an address", { "192.0.2.1", 0, SPAN_INIT(""), false },
	  SSL_AD_UNRECOGNIZED_NAME, 0, "", false },
	{ "another customer's certificate in the store", { "wrong-name.example", 0, SPAN_INIT(""), false },
	  SSL_AD_INTERNAL_ERROR, 0, "", false },
	{ "a key that does not fit", { "wrong-key.example", 0, SPAN_INIT(""), false },
	  SSL_AD_INTERNAL_ERROR, 0, "", false },
	{ "no key", { "no-key.example", 0, SPAN_INIT(""), false },
	  SSL_AD_INTERNAL_ERROR, 0, "", false },
	{ "no certificate", { "no-chain.example", 0, SPAN_INIT(""), false },
	  SSL_AD_INTERNAL_ERROR, 0, "", false },
	{ "a certificate that is cut off", { "cut.example", 0, SPAN_INIT(""), false },
	  SSL_AD_INTERNAL_ERROR, 0, "", false },
	{ "TLS 1.1", { "b.example", TLS1_1_VERSION, SPAN_INIT(""), false },
	  SSL_AD_PROTOCOL_VERSION, 0, "", false },
	{ "a client that knows RSA alone", { "b.example", 0, SPAN_INIT(""), true },
	  SSL_AD_HANDSHAKE_FAILURE, 0, "", false },
	{ "RFC 7301: h2 before HTTP/1.1", { "b.example", 0, SPAN_INIT("\x08http/1.1\x02h2"), false },
	  -1, TLS1_3_VERSION, "b.example", true },
	{ "HTTP/1.1", { "b.example", 0, SPAN_INIT("\x08http/1.1"), false },
	  -1, TLS1_3_VERSION, "b.example", false },
	{ "RFC 7301 3.2: neither", { "b.example", 0, SPAN_INIT("\x03xyz"), false },
	  SSL_AD_NO_APPLICATION_PROTOCOL, 0, "", false },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tls *t = new_tls(*state);
	struct tally y = { 0 };

	for (size_t i = 0; i < ROWS(cases); i++) {
		struct outcome o = shake(t, &cases[i].wish);

		y.label = cases[i].label;
		want_int(&y, "alert", o.alert, cases[i].want_alert);
		want_bool(&y, "stands", o.stands, cases[i].want_alert == -1);
		want_int(&y, "version", o.version, cases[i].want_version);
		want_span(
		    &y, "name", span_str(o.name), span_str(cases[i].want_name));
		want_bool(&y, "h2", o.h2, cases[i].want_h2);
		if (o.stands) {
			want_int(&y, "certificates", o.certificates, 2);
			want_span(&y, "agreed", span_str(o.agreed),
			    span_str(cases[i].wish.sni));
		}
	}
	assert_int_equal(y.failed, 0);
	tls_free(t);
}

/* Its key is ours by then, and its octets are still what the CA has signed. */
static void
test_as_issued(void **state)
{
	struct world *w = *state;
	struct span leaf = span_head(w->b.chain, w->b.chain.n - w->ca.der.n);
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct tls *t = new_tls(w);
	struct outcome o = shake_for(t, "b.example");

	SHA256((const unsigned char *)leaf.p, leaf.n, digest);
	assert_memory_equal(o.leaf, digest, sizeof digest);
	tls_free(t);
}

/* ---- what is remembered ---- */

static bool
same_key(const struct outcome *a, const struct outcome *b)
{
	return memcmp(a->serial_key, b->serial_key, sizeof a->serial_key) == 0;
}

static void
test_asks_seldom(void **state)
{
	struct world *w = *state;
	struct tls *t = new_tls(w);

	assert_true(shake_for(t, "b.example").stands);
	assert_string_equal(w->name, "b.example");
	assert_int_equal(w->have, 0);
	assert_true(shake_for(t, "B.example").stands);
	assert_int_equal(w->asked, 1);
	test_now_ms = 1000;
	assert_true(shake_for(t, "b.example").stands);
	assert_int_equal(w->asked, 2);
	assert_int_equal(w->have, 1);
	assert_int_equal(tls_stats(t).parsed, 1);
	assert_int_equal(tls_stats(t).hits, 2);
	tls_free(t);
}

static void
test_renewal(void **state)
{
	struct world *w = *state;
	struct tls *t = new_tls(w);
	struct outcome old = shake_for(t, "mta-sts.a.example"), now;

	w->new_version = true;
	now = shake_for(t, "mta-sts.a.example");
	assert_true(same_key(&old, &now)); /* not asked yet */
	test_now_ms = 1000;
	now = shake_for(t, "mta-sts.a.example");
	assert_true(now.stands);
	assert_false(same_key(&old, &now));
	tls_free(t);
}

/* What was forgotten is asked for at once. */
static void
test_forget(void **state)
{
	struct world *w = *state;
	struct tls *t = new_tls(w);
	struct outcome old = shake_for(t, "mta-sts.a.example"), now;

	w->new_version = true;
	tls_forget(t, SPAN("b.example"));
	now = shake_for(t, "mta-sts.a.example");
	assert_true(same_key(&old, &now));
	tls_forget(t, SPAN("mta-sts.a.example"));
	now = shake_for(t, "mta-sts.a.example");
	assert_true(now.stands);
	assert_false(same_key(&old, &now));
	assert_int_equal(w->have, 0);
	tls_free(t);
}

/* A store that is down, or holds rubbish, does not end what works. */
static void
test_store_down(void **state)
{
	struct world *w = *state;
	struct tls *t = new_tls(w);
	struct test_leaf rubbish = { SPAN("rubbish"), SPAN("rubbish") };
	struct test_leaf sound = w->renewed;

	assert_true(shake_for(t, "mta-sts.a.example").stands);
	w->down = true;
	test_now_ms = 1000;
	assert_true(shake_for(t, "mta-sts.a.example").stands);
	assert_int_equal(
	    shake_for(t, "b.example").alert, SSL_AD_INTERNAL_ERROR);
	w->down = false;
	w->new_version = true;
	w->renewed = rubbish;
	test_now_ms = 2000;
	assert_true(shake_for(t, "mta-sts.a.example").stands);
	assert_int_equal(tls_stats(t).failed, 3);
	w->renewed = sound;
	tls_free(t);
}

static void
test_withdrawn(void **state)
{
	struct world *w = *state;
	struct tls *t = new_tls(w);

	assert_true(shake_for(t, "b.example").stands);
	w->gone = true;
	test_now_ms = 1000;
	assert_int_equal(
	    shake_for(t, "b.example").alert, SSL_AD_UNRECOGNIZED_NAME);
	assert_int_equal(tls_stats(t).unknown, 1);
	tls_free(t);
}

/* No session can be taken up again, and none is offered to be. */
static void
test_no_tickets(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct tls *t = new_tls(*state);

	for (size_t i = 0; i < ROWS(versions); i++) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		struct wish wish = { "b.example", versions[i], SPAN(""),
			false };
		SSL *client, *server;
		int fds[2];
		char c;

		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
		    0);
		client = new_client(ctx, fds[0], &wish);
		server = tls_session(t, fds[1]);
		for (int k = 0; k < 5; k++) {
			SSL_do_handshake(client);
			tls_ready(server);
			SSL_do_handshake(server);
		}
		assert_int_equal(SSL_read(client, &c, 1), -1);
		assert_false(SSL_SESSION_is_resumable(SSL_get_session(client)));
		SSL_free(client);
		SSL_free(server);
		SSL_CTX_free(ctx);
		close(fds[0]);
		close(fds[1]);
	}
	tls_free(t);
}

/* ---- one certificate for all ---- */

/* What stands there in PEM, in a BIO; more may be written. */
static BIO *
pem_of_certificates(struct span chain)
{
	const unsigned char *p = (const unsigned char *)chain.p;
	const unsigned char *end = p + chain.n;
	BIO *b = BIO_new(BIO_s_mem());

	while (p < end) {
		X509 *x = d2i_X509(NULL, &p, end - p);

		assert_non_null(x);
		PEM_write_bio_X509(b, x);
		X509_free(x);
	}
	return b;
}

static BIO *
pem_of_key(EVP_PKEY *key, const char *password)
{
	BIO *b = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(b, key,
	    password != NULL ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
	    (void *)(uintptr_t)password);
	return b;
}

static struct span
text_of(BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);

	return (struct span){ p, (size_t)n };
}

static enum err
new_fixed(
    struct span certificate, struct span key, struct tls **out, struct error *e)
{
	struct tls_config config = { .clock = &test_clock,
		.fixed = { certificate, key } };

	return tls_new(&config, out, e);
}

/* clang-format off */
static const struct {
	const char	*label;
	bool		 is_rsa;
	struct wish	 wish;
	int		 want_alert, want_version;
	bool		 want_h2;
} fixed[] = {
	{ "ECDSA", false, { "b.example", 0, SPAN_INIT(""), false }, -1, TLS1_3_VERSION, false },
	{ "no SNI", false, { NULL, 0, SPAN_INIT(""), false }, -1, TLS1_3_VERSION, false },
	{ "TLS 1.2", false, { NULL, TLS1_2_VERSION, SPAN_INIT(""), false }, -1, TLS1_2_VERSION, false },
	{ "another name", false, { "c.example", 0, SPAN_INIT(""), false }, -1, TLS1_3_VERSION, false },
	{ "h2", false, { NULL, 0, SPAN_INIT("\x02h2"), false }, -1, TLS1_3_VERSION, true },
	{ "RSA", true, { "b.example", 0, SPAN_INIT("\x02h2"), true }, -1, TLS1_3_VERSION, true },
	{ "RSA in TLS 1.2", true, { NULL, TLS1_2_VERSION, SPAN_INIT(""), false }, -1, TLS1_2_VERSION, false },
	{ "RSA wanted, and ECDSA there", false, { NULL, 0, SPAN_INIT(""), true },
	  SSL_AD_HANDSHAKE_FAILURE, 0, false },
	{ "TLS 1.1", true, { NULL, TLS1_1_VERSION, SPAN_INIT(""), false }, SSL_AD_PROTOCOL_VERSION, 0, false },
};
/* clang-format on */

static void
test_fixed(void **state)
{
	struct world *w = *state;
	struct tally y = { 0 };

	for (size_t i = 0; i < ROWS(fixed); i++) {
		EVP_PKEY *key =
		    fixed[i].is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
		struct test_leaf leaf = test_leaf_new(&w->ca, "b.example", key);
		BIO *certificates = pem_of_certificates(leaf.chain);
		BIO *private = pem_of_key(key, NULL);
		struct outcome o;
		struct error e;
		struct tls *t;

		y.label = fixed[i].label;
		assert_int_equal(
		    new_fixed(text_of(certificates), text_of(private), &t, &e),
		    ERR_OK);
		o = shake(t, &fixed[i].wish);
		want_int(&y, "alert", o.alert, fixed[i].want_alert);
		want_int(&y, "version", o.version, fixed[i].want_version);
		want_bool(&y, "h2", o.h2, fixed[i].want_h2);
		if (fixed[i].want_alert == -1) {
			want_span(
			    &y, "name", span_str(o.name), SPAN("b.example"));
			want_int(&y, "certificates", o.certificates, 2);
		}
		tls_free(t);
		BIO_free(private);
		BIO_free(certificates);
		test_leaf_free(&leaf);
		EVP_PKEY_free(key);
	}
	assert_int_equal(y.failed, 0);
}

/* A sentence says which file it is. */
static void
test_fixed_faults(void **state)
{
	struct world *w = *state;
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_RSA_gen(2048);
	struct test_leaf leaf = test_leaf_new(&w->ca, "b.example", key);
	BIO *certificates = pem_of_certificates(leaf.chain);
	BIO *own = pem_of_key(key, NULL), *wrong = pem_of_key(other, NULL);
	BIO *locked = pem_of_key(key, "secret");
	const struct {
		const char *label;
		struct span certificate, key;
		const char *want;
	} rows[] = {
		{ "no certificate", text_of(own), text_of(own),
		    "the file of the certificate has none in PEM" },
		{ "DER", leaf.chain, text_of(own),
		    "the file of the certificate has none in PEM" },
		{ "no key", text_of(certificates), SPAN(""),
		    "the file of the key has none in PEM, or one that is "
		    "encrypted" },
		{ "an encrypted key", text_of(certificates), text_of(locked),
		    "the file of the key has none in PEM, or one that is "
		    "encrypted" },
		{ "another key", text_of(certificates), text_of(wrong),
		    "the key does not belong to the first certificate" },
	};
	struct tally y = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct error e = { .text = "" };
		struct tls *t = NULL;

		y.label = rows[i].label;
		want_int(&y, "error",
		    new_fixed(rows[i].certificate, rows[i].key, &t, &e),
		    ERR_DATA);
		want_span(&y, "text", span_str(e.text), span_str(rows[i].want));
	}
	BIO_free(certificates);
	BIO_free(own);
	BIO_free(wrong);
	BIO_free(locked);
	test_leaf_free(&leaf);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	assert_int_equal(y.failed, 0);
}

int
main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(test_cases),
		TEST(test_as_issued),
		TEST(test_asks_seldom),
		TEST(test_renewal),
		TEST(test_forget),
		TEST(test_store_down),
		TEST(test_withdrawn),
		TEST(test_no_tickets),
		TEST(test_fixed),
		TEST(test_fixed_faults),
	};

	return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
