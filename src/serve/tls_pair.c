/* d2i_ECPrivateKey is deprecated in OpenSSL 3, and takes a tenth of the time of
 * what replaces it: every use of it is in this file. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "serve/tls_pair.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/limits.h"
#include "wire/name.h"

struct tls_pair {
	X509 *leaf;
	EVP_PKEY *key;
	STACK_OF(X509) * above; /* may be empty */
};

bool
tls_library_init(struct tls_library *library)
{
	library->ctx = OSSL_LIB_CTX_new();
	library->none = library->ctx != NULL
			    ? OSSL_PROVIDER_load(library->ctx, "null")
			    : NULL;
	return library->none != NULL;
}

void
tls_library_release(struct tls_library *library)
{
	if (library->none != NULL)
		OSSL_PROVIDER_unload(library->none);
	OSSL_LIB_CTX_free(library->ctx);
}

/* The one at the front. ctx: NULL for the common library. */
static X509 *
read_certificate(struct span *in, OSSL_LIB_CTX *ctx)
{
	const unsigned char *p = (const unsigned char *)in->p;
	X509 *x = X509_new_ex(ctx, NULL);

	if (x == NULL || in->n > LONG_MAX ||
	    d2i_X509(&x, &p, (long)in->n) == NULL) {
		X509_free(x);
		return NULL;
	}
	*in = span_skip(*in, (size_t)((const char *)p - in->p));
	return x;
}

static EVP_PKEY *
read_key(struct span in)
{
	const unsigned char *p = (const unsigned char *)in.p;
	EC_KEY *ec =
	    in.n <= LONG_MAX ? d2i_ECPrivateKey(NULL, &p, (long)in.n) : NULL;
	EVP_PKEY *key = EVP_PKEY_new();

	if (ec != NULL && key != NULL && (const char *)p == in.p + in.n &&
	    EVP_PKEY_assign_EC_KEY(key, ec) == 1)
		return key;
	EC_KEY_free(ec);
	EVP_PKEY_free(key);
	return NULL;
}

/* Have the certificate hold the key, which must be its own to the octet. That
 * they belong together need not be found out again in each handshake, then. */
static bool
join(X509 *leaf, EVP_PKEY *key)
{
	unsigned char *its = NULL, *ours = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &its);
	bool same;

	same = n > 0 && X509_set_pubkey(leaf, key) == 1 &&
	       i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &ours) == n &&
	       memcmp(its, ours, (size_t)n) == 0;
	OPENSSL_free(its);
	OPENSSL_free(ours);
	return same;
}

/* How long the DER element at the front is; 0: it is none. Only the lengths
 * that a certificate can have, two and three octets of them. */
static size_t
der_size(struct span in)
{
	size_t octets, n = 0;

	if (in.n < 2 || in.p[0] != 0x30)
		return 0;
	octets = (unsigned char)in.p[1];
	if (octets < 0x80)
		return octets + 2 <= in.n ? octets + 2 : 0;
	octets -= 0x80;
	if (octets < 1 || octets > 3 || in.n < 2 + octets)
		return 0;
	for (size_t i = 0; i < octets; i++)
		n = n << 8 | (unsigned char)in.p[2 + i];
	return n <= in.n - 2 - octets ? n + 2 + octets : 0;
}

/* The certificate at the front of *in, a reference of the caller's. */
static X509 *
read_shared(struct span *in, struct cache *cache)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct span der = span_head(*in, der_size(*in));
	struct span name = { (const char *)digest, sizeof digest };
	struct cache_item *kept;
	bool shared;
	X509 *x;

	SHA256((const unsigned char *)der.p, der.n, digest);
	kept = cache_get(cache, name);
	if (kept != NULL) {
		*in = span_skip(*in, der.n);
		X509_up_ref(kept->value);
		return kept->value;
	}
	x = read_certificate(&der, NULL);
	if (x == NULL || der.n != 0) {
		X509_free(x);
		return NULL;
	}
	*in = span_skip(*in, (size_t)(der.p - in->p));
	X509_up_ref(x);
	shared = cache_put(cache, name, (struct cache_item){ .value = x }, 0);
	(void)shared; /* without memory for that it is this pair's alone */
	return x;
}

static bool
read_above(struct tls_pair *p, struct span in, struct cache *cache)
{
	p->above = sk_X509_new_null();
	if (p->above == NULL)
		return false;
	while (in.n > 0) {
		X509 *x = sk_X509_num(p->above) < LIMIT_CERTS - 1
			      ? read_shared(&in, cache)
			      : NULL;

		if (x == NULL)
			return false;
		if (sk_X509_push(p->above, x) == 0) {
			X509_free(x);
			return false;
		}
	}
	return true;
}

struct tls_pair *
tls_pair_new(const struct tls_identity *identity, struct span name,
    struct cache *above, const struct tls_library *library)
{
	struct tls_pair *p = calloc(1, sizeof *p);
	struct span chain = identity->chain;

	if (p == NULL)
		return NULL;
	p->leaf = read_certificate(&chain, library->ctx);
	p->key = p->leaf != NULL ? read_key(identity->key) : NULL;
	/* The flags are worked out here, where errors are cleared away (there
	 * is no SHA-1 for a fingerprint), and not in the midst of a handshake.
	 */
	if (p->key != NULL && join(p->leaf, p->key) &&
	    !(X509_get_extension_flags(p->leaf) & EXFLAG_INVALID) &&
	    X509_check_host(p->leaf, name.p, name.n,
		X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1 &&
	    read_above(p, chain, above))
		return p;
	tls_pair_free(p);
	return NULL;
}

void
tls_pair_free(void *pair)
{
	struct tls_pair *p = pair;

	if (p == NULL)
		return;
	X509_free(p->leaf);
	EVP_PKEY_free(p->key);
	sk_X509_pop_free(p->above, X509_free);
	free(p);
}

void
tls_above_free(void *x509)
{
	X509_free(x509);
}

bool
tls_pair_use(const struct tls_pair *p, SSL *ssl)
{
	return SSL_use_cert_and_key(ssl, p->leaf, p->key, p->above, 1) == 1;
}
