#include "serve/tls.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "serve/cache.h"
#include "serve/tls_bio.h"
#include "serve/tls_fixed.h"
#include "serve/tls_pair.h"
#include "wire/name.h"

struct tls {
	SSL_CTX *ctx;
	BIO_METHOD *socket;
	struct tls_library library; /* of the pairs' certificates */
	struct tls_config config;
	struct tls_stats stats;
	struct cache *pairs; /* struct tls_pair by name */
	struct cache *above; /* X509 by digest */
};

/* ---- the certificate of a name ---- */

static bool
is_fresh(const struct tls *t, const struct cache_item *kept)
{
	struct mono_time until =
	    mono_after_ms(kept->asked, t->config.recheck_ms);

	return clock_mono(t->config.clock).ns < until.ns;
}

/* NULL, with stats.failed counted, if the bytes are not what they should be. */
static struct tls_pair *
keep(struct tls *t, struct span name, const struct tls_identity *identity)
{
	struct tls_pair *p =
	    tls_pair_new(identity, name, t->above, &t->library);
	struct cache_item item = { p, identity->version,
		clock_mono(t->config.clock) };

	ERR_clear_error();
	if (p == NULL)
		return NULL;
	t->stats.parsed++;
	return cache_put(t->pairs, name, item, 0) ? p : NULL;
}

/* What there is to show, or NULL: then *none tells whether the name is not
 * ours. What cannot be renewed is shown as long as it is there. */
static struct tls_pair *
pair_of(struct tls *t, struct span name, bool *none)
{
	struct cache_item *kept = cache_get(t->pairs, name);
	struct tls_identity identity = { .version = 0 };
	struct tls_pair *p;

	*none = false;
	if (kept != NULL && is_fresh(t, kept)) {
		t->stats.hits++;
		return kept->value;
	}
	switch (t->config.source.find(t->config.source.arg, name,
	    kept != NULL ? kept->version : 0, &identity)) {
	case LOOKUP_FOUND:
		p = keep(t, name, &identity);
		if (p != NULL)
			return p;
		t->stats.failed++;
		break;
	case LOOKUP_SAME:
		if (kept != NULL)
			t->stats.hits++;
		break;
	case LOOKUP_NONE:
		cache_drop(t->pairs, name);
		*none = true;
		return NULL;
	case LOOKUP_FAILED:
		t->stats.failed++;
		break;
	}
	if (kept == NULL)
		return NULL;
	kept->asked = clock_mono(t->config.clock);
	return kept->value;
}

/* RFC 6066 3: "unrecognized_name" for a name that the server does not know. The
 * callback is called for a client that names nothing, too. */
static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
	char mem[512];
	struct tls *t = arg;
	struct span name;
	struct tls_pair *p;
	struct arena a;
	bool none;

	arena_init_fixed(&a, mem, sizeof mem);
	name = name_canonical(&a, tls_name(ssl));
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	if (a.failed || !name_is_domain(name)) {
		t->stats.unknown++;
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	p = pair_of(t, name, &none);
	if (p != NULL && tls_pair_use(p, ssl))
		return SSL_TLSEXT_ERR_OK;
	t->stats.unknown += none;
	if (!none)
		*alert = SSL_AD_INTERNAL_ERROR;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- the context ---- */

/* RFC 7301 3.2: a client whose protocols are all unknown is told so. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n,
    const unsigned char *in, unsigned in_n, void *arg)
{
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	const struct tls *t = arg;
	size_t from = t->config.no_h2 ? 3 : 0;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_n, ours + from,
		(unsigned)(sizeof ours - 1 - from), in,
		in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Short lists: OpenSSL 3.0 goes through all of them in every handshake. RFC
 * 9325 4.2 has the suites for TLS 1.2. */
static bool
set_algorithms(SSL_CTX *ctx)
{
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx,
		   "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
		   "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
	       SSL_CTX_set_cipher_list(ctx,
		   "ECDHE-ECDSA-AES128-GCM-SHA256:"
		   "ECDHE-ECDSA-AES256-GCM-SHA384:"
		   "ECDHE-ECDSA-CHACHA20-POLY1305") == 1 &&
	       SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1 &&
	       SSL_CTX_set1_sigalgs_list(ctx, "ECDSA+SHA256:ECDSA+SHA384") == 1;
}

static SSL_CTX *
new_context(struct tls *t)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	if (!set_algorithms(ctx) || SSL_CTX_set_num_tickets(ctx, 0) != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_options(
	    ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
		     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
		     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One read for all that has come, and not two for each record. */
	SSL_CTX_set_read_ahead(ctx, 1);
	if (t->config.fixed.certificate.n == 0) {
		SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
		SSL_CTX_set_tlsext_servername_arg(ctx, t);
	}
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, t);
	return ctx;
}

enum err
tls_new(const struct tls_config *config, struct tls **out, struct error *error)
{
	bool is_fixed = config->fixed.certificate.n > 0;
	struct tls *t = calloc(1, sizeof *t);
	enum err rc;
	struct cache_config pairs = { .max_items = config->max_identities,
		.seed = config->seed,
		.release = tls_pair_free };
	struct cache_config above = { .max_items = LIMIT_TLS_INTERMEDIATES,
		.seed = config->seed,
		.release = tls_above_free };

	if (t == NULL)
		return error_set(error, ERR_MEMORY, "TLS");
	t->config = *config;
	t->pairs = cache_new(&pairs);
	t->above = cache_new(&above);
	t->ctx = new_context(t);
	t->socket = tls_bio_method();
	if (!tls_library_init(&t->library) || t->socket == NULL ||
	    t->pairs == NULL || t->above == NULL || t->ctx == NULL)
		rc = error_set(error, ERR_LIBRARY, "cannot set up TLS");
	else
		rc = is_fixed ? tls_fixed_use(t->ctx, &config->fixed, error)
			      : ERR_OK;
	ERR_clear_error();
	t->config.fixed = (struct tls_fixed){ SPAN(""), SPAN("") };
	if (rc == ERR_OK)
		*out = t;
	else
		tls_free(t);
	return rc;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	cache_free(t->pairs);
	cache_free(t->above);
	tls_library_release(&t->library);
	free(t);
}

void
tls_forget(struct tls *t, struct span name)
{
	cache_drop(t->pairs, name);
}

/* ---- sessions ---- */

SSL *
tls_session(struct tls *t, int fd)
{
	SSL *ssl = SSL_new(t->ctx);
	BIO *b = ssl != NULL ? tls_bio_new(t->socket, fd) : NULL;

	if (b == NULL) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_bio(ssl, b, b);
	SSL_set_accept_state(ssl);
	return ssl;
}

void
tls_ready(SSL *ssl)
{
	tls_bio_ready(SSL_get_rbio(ssl));
}

/* SSL_MODE_RELEASE_BUFFERS would do so after every record. What is in them
 * stays. */
void
tls_rest(SSL *ssl)
{
	(void)SSL_free_buffers(ssl);
}

void
tls_last_words(SSL *ssl, bool last)
{
	tls_bio_more(SSL_get_rbio(ssl), last);
}

bool
tls_is_h2(const SSL *ssl)
{
	const unsigned char *name;
	unsigned n;

	SSL_get0_alpn_selected(ssl, &name, &n);
	return n == 2 && memcmp(name, "h2", 2) == 0;
}

struct span
tls_name(const SSL *ssl)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	return span_str(name != NULL ? name : "");
}

struct tls_stats
tls_stats(const struct tls *t)
{
	return t->stats;
}
