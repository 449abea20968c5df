/* tls_pair.h - a certificate with its key and the certificates above it, parsed
 * from DER. */
#ifndef SERVE_TLS_PAIR_H
#define SERVE_TLS_PAIR_H

#include <openssl/provider.h>
#include <openssl/ssl.h>

#include "serve/cache.h"
#include "serve/tls.h"

struct tls_pair;

/* What leaves are parsed with: a library without algorithms. With the common
 * one d2i_X509 goes through all of its decoders for the key, which takes ten
 * times as long as all else and finds a copy of what the private key has
 * anyway. */
struct tls_library {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *none; /* or ctx would load the common one */
};

/* To be released even if there is no memory for it: false. */
bool
tls_library_init(struct tls_library *library) MUST_CHECK;

/* After the last pair. What is all zero has nothing to release. */
void
tls_library_release(struct tls_library *library);

/* above: intermediates by the digest of their DER; they are shared, for parsing
 * one takes as long as parsing a leaf and it is as large. NULL if the bytes are
 * no such thing, if key and certificate do not belong together, or if the
 * certificate is not one for the name: it would not be this customer's. */
struct tls_pair *
tls_pair_new(const struct tls_identity *identity, struct span name,
    struct cache *above, const struct tls_library *library) MUST_CHECK;

void
tls_pair_free(void *pair);

/* For the release of above. */
void
tls_above_free(void *x509);

/* Have the session show it. It takes references: the pair may go before. */
bool
tls_pair_use(const struct tls_pair *p, SSL *ssl) MUST_CHECK;

#endif
