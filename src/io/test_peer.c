#include "io/test_peer.h"

#include <assert.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- certificates ---- */

static void
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	if (value == NULL)
		return;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert(e != NULL);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

struct test_id
test_issue(const struct test_wish *w)
{
	static atomic_long serial = 1;
	struct test_id id = { X509_new(), EVP_EC_gen("P-256") };
	X509 *issuer = w->issuer != NULL ? w->issuer->x : id.x;
	X509_NAME *name = X509_get_subject_name(id.x);
	bool no_days = w->from_day == 0 && w->to_day == 0;

	X509_set_version(id.x, X509_VERSION_3);
	ASN1_INTEGER_set(
	    X509_get_serialNumber(id.x), atomic_fetch_add(&serial, 1));
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const unsigned char *)w->cn, -1, -1, 0);
	X509_set_issuer_name(id.x, X509_get_subject_name(issuer));
	X509_gmtime_adj(
	    X509_getm_notBefore(id.x), 86400L * (no_days ? -1 : w->from_day));
	X509_gmtime_adj(
	    X509_getm_notAfter(id.x), 86400L * (no_days ? 30 : w->to_day));
	X509_set_pubkey(id.x, id.key);
	add_extension(id.x, issuer, NID_basic_constraints,
	    w->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	add_extension(id.x, issuer, NID_subject_key_identifier, "hash");
	add_extension(id.x, issuer, NID_subject_alt_name, w->san);
	add_extension(id.x, issuer, NID_info_access, w->aia);
	add_extension(id.x, issuer, NID_ext_key_usage, w->eku);
	X509_sign(
	    id.x, w->issuer != NULL ? w->issuer->key : id.key, EVP_sha256());
	return id;
}

void
test_id_free(struct test_id *id)
{
	X509_free(id->x);
	EVP_PKEY_free(id->key);
}

void
test_id_write(const struct test_id *id, const char *path)
{
	FILE *f = fopen(path, "we");
	bool written = f != NULL && PEM_write_X509(f, id->x) == 1;

	if (f == NULL || fclose(f) != 0 || !written)
		abort();
}

SSL_CTX *
test_server_tls(const struct test_id *leaf, const struct test_id *above)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_use_certificate(ctx, leaf->x);
	SSL_CTX_use_PrivateKey(ctx, leaf->key);
	if (above != NULL)
		SSL_CTX_add1_chain_cert(ctx, above->x);
	return ctx;
}

/* ---- peers ---- */

struct ip_addr
test_loopback(void)
{
	return (struct ip_addr){ .family = IP_V4, .b = { 127, 0, 0, 1 } };
}

static void
hang_up(struct test_talk *t)
{
	char rest[512];

	if (t->ssl != NULL) {
		SSL_shutdown(t->ssl);
		SSL_free(t->ssl);
	}
	/* What is unread would turn the close into a reset. */
	shutdown(t->fd, SHUT_WR);
	while (recv(t->fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
		;
	close(t->fd);
	ERR_clear_error();
}

static void *
thread_main(void *arg)
{
	struct test_peer *p = arg;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		struct test_talk t = { .fd = fd };
		int nth = atomic_fetch_add(&p->connections, 1);

		p->serve(p, &t, nth);
		hang_up(&t);
	}
	return NULL;
}

void
test_peer_start(struct test_peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = bind(p->fd, (struct sockaddr *)&at, sizeof at);
	assert(rc == 0);
	rc = listen(p->fd, 16);
	assert(rc == 0);
	getsockname(p->fd, (struct sockaddr *)&at, &len);
	p->port = ntohs(at.sin_port);
	atomic_init(&p->connections, 0);
	rc = pthread_create(&p->thread, NULL, thread_main, p);
	assert(rc == 0);
}

void
test_peer_stop(struct test_peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
}

static bool
read_more(struct test_talk *t)
{
	size_t room = sizeof t->in - 1 - t->n, got = 0;

	if (t->ssl != NULL) {
		if (SSL_read_ex(t->ssl, t->in + t->n, room, &got) != 1)
			return false;
	} else {
		ssize_t n = recv(t->fd, t->in + t->n, room, 0);

		if (n <= 0)
			return false;
		got = (size_t)n;
	}
	t->n += got;
	return true;
}

const char *
test_line(struct test_talk *t)
{
	static _Thread_local char line[sizeof t->in];
	char *lf;
	size_t n;

	while ((lf = memchr(t->in, '\n', t->n)) == NULL)
		if (t->n == sizeof t->in - 1 || !read_more(t))
			return NULL;
	n = (size_t)(lf - t->in) + 1;
	memcpy(line, t->in, n);
	line[n - 1] = '\0';
	if (n > 1 && line[n - 2] == '\r')
		line[n - 2] = '\0';
	t->n -= n;
	memmove(t->in, lf + 1, t->n);
	return line;
}

void
test_say(struct test_talk *t, const char *text)
{
	size_t n = strlen(text), put;

	if (t->ssl != NULL)
		(void)SSL_write_ex(t->ssl, text, n, &put);
	else
		(void)send(t->fd, text, n, MSG_NOSIGNAL);
}

static void
note_sni(struct test_peer *p, const SSL *ssl)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	if (p->handshakes < (int)(sizeof p->sni / sizeof p->sni[0]))
		snprintf(p->sni[p->handshakes++], sizeof p->sni[0], "%s",
		    name != NULL ? name : "");
}

bool
test_tls(struct test_peer *p, struct test_talk *t, bool keep_plaintext)
{
	if (!keep_plaintext)
		t->n = 0;
	t->ssl = SSL_new(p->tls);
	SSL_set_fd(t->ssl, t->fd);
	if (SSL_accept(t->ssl) == 1) {
		note_sni(p, t->ssl);
		return true;
	}
	SSL_free(t->ssl);
	t->ssl = NULL;
	ERR_clear_error();
	return false;
}
