/* acme_jws.h - requests to a CA, signed (RFC 8555 6.2; RFC 7515, RFC 7518).
 *
 * Account keys are ECDSA P-256 (ES256), the one algorithm that every CA must
 * take; so are the keys of certificates. */
#ifndef IO_ACME_JWS_H
#define IO_ACME_JWS_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/err.h"

/* A new P-256 key. The caller gives it back with EVP_PKEY_free. */
enum err
acme_key_new(EVP_PKEY **out, struct error *e) MUST_CHECK;

/* The key as PKCS #8 in DER, and back. It is a secret: der is wiped by
 * OPENSSL_cleanse when it is done with; the arena must hold it no longer than
 * needed. ERR_DATA if der is not a P-256 key. */
enum err
acme_key_write(EVP_PKEY *key, struct arena *a, struct span *der,
    struct error *e) MUST_CHECK;

enum err
acme_key_read(struct span der, EVP_PKEY **out, struct error *e) MUST_CHECK;

/* The key as a server takes it: ECPrivateKey in DER (RFC 5915). As above. */
enum err
acme_key_write_ec(EVP_PKEY *key, struct arena *a, struct span *der,
    struct error *e) MUST_CHECK;

/* The public key in the one form that is hashed (RFC 7638 3). */
struct span
acme_jwk(const EVP_PKEY *key, struct arena *a);

/* The hash of such a form, as text: the thumbprint of RFC 7638 3.1. */
struct span
acme_thumbprint(struct span jwk, struct arena *a);

struct acme_jws {
	EVP_PKEY *key;
	struct span kid; /* the account's URL; "": the key itself is named */
	struct span nonce; /* "": none, in an inner JWS */
	struct span url;
	struct span payload; /* "": POST-as-GET (RFC 8555 6.3) */
};

/* The flattened JSON of RFC 7515 7.2.2. */
enum err
acme_jws_sign(
    const struct acme_jws *w, struct arena *a, struct span *out) MUST_CHECK;

/* RFC 8555 7.3.4: the account's key, bound to an account elsewhere by a MAC
 * key (HS256). */
enum err
acme_jws_bind(const EVP_PKEY *account, struct span eab_kid, struct span mac_key,
    struct span url, struct arena *a, struct span *out) MUST_CHECK;

/* The signatures themselves, of a signing input: 64 octets, R and S (RFC 7518
 * 3.4); 32 octets (RFC 7518 3.2). Empty on failure. */
struct span
acme_es256(EVP_PKEY *key, struct span input, struct arena *a);

struct span
acme_hs256(struct span mac_key, struct span input, struct arena *a);

#endif
