#include "io/acme_jws.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/base64url.h"
#include "io/acme_json.h"

enum { COORDINATE = 32 };

static enum err
library_failed(struct error *e, const char *what)
{
	ERR_clear_error();
	return error_set(e, ERR_LIBRARY, "%s", what);
}

/* ---- keys ---- */

enum err
acme_key_new(EVP_PKEY **out, struct error *e)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key == NULL)
		return library_failed(e, "no key can be made");
	*out = key;
	return ERR_OK;
}

/* What the library wrote, which is given back. */
static enum err
keep_key(unsigned char *p, size_t n, struct arena *a, struct span *der,
    struct error *e)
{
	*der = arena_span(a, (struct span){ (const char *)p, n });
	OPENSSL_clear_free(p, n);
	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	return ERR_OK;
}

enum err
acme_key_write(
    EVP_PKEY *key, struct arena *a, struct span *der, struct error *e)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *p = NULL;
	int n = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &p) : -1;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (n <= 0)
		return library_failed(e, "a key cannot be written");
	return keep_key(p, (size_t)n, a, der, e);
}

enum err
acme_key_write_ec(
    EVP_PKEY *key, struct arena *a, struct span *der, struct error *e)
{
	unsigned char *p = NULL;
	int n = i2d_PrivateKey(key, &p);

	if (n <= 0)
		return library_failed(e, "a key cannot be written");
	return keep_key(p, (size_t)n, a, der, e);
}

static bool
is_p256(const EVP_PKEY *key)
{
	char group[32];

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

enum err
acme_key_read(struct span der, EVP_PKEY **out, struct error *e)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)der.n);

	if (key == NULL || !is_p256(key) ||
	    p != (const unsigned char *)der.p + der.n) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return error_set(e, ERR_DATA, "not a key for ECDSA P-256");
	}
	*out = key;
	return ERR_OK;
}

/* RFC 7518 6.2.1.2: as many octets as the curve's, leading zeros too. */
static struct span
coordinate(const EVP_PKEY *key, const char *which, struct arena *a)
{
	unsigned char octets[COORDINATE];
	BIGNUM *n = NULL;
	bool good = EVP_PKEY_get_bn_param(key, which, &n) == 1 &&
		    BN_bn2binpad(n, octets, COORDINATE) == COORDINATE;

	BN_free(n);
	if (!good) {
		a->failed = true;
		return SPAN("");
	}
	return base64url_encode(
	    a, (struct span){ (const char *)octets, sizeof octets });
}

struct span
acme_jwk(const EVP_PKEY *key, struct arena *a)
{
	struct span x = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, a);
	struct span y = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, a);

	/* RFC 7638 3.2: the required members alone, in the order of their
	 * names. */
	return arena_printf(a,
	    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%.*s\",\"y\":\"%.*s\"}",
	    (int)x.n, x.p, (int)y.n, y.p);
}

struct span
acme_thumbprint(struct span jwk, struct arena *a)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)jwk.p, jwk.n, hash);
	return base64url_encode(
	    a, (struct span){ (const char *)hash, sizeof hash });
}

/* ---- signatures ---- */

/* OpenSSL gives the ASN.1 of RFC 3279 2.2.3; JOSE wants R and S side by side.
 */
static bool
flatten(const unsigned char *der, size_t n, unsigned char rs[2 * COORDINATE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good = sig != NULL &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, COORDINATE) > 0 &&
		    BN_bn2binpad(
			ECDSA_SIG_get0_s(sig), rs + COORDINATE, COORDINATE) > 0;

	ECDSA_SIG_free(sig);
	return good;
}

struct span
acme_es256(EVP_PKEY *key, struct span input, struct arena *a)
{
	unsigned char der[80], rs[2 * COORDINATE];
	size_t n = sizeof der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good =
	    ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(
		ctx, der, &n, (const unsigned char *)input.p, input.n) == 1 &&
	    flatten(der, n, rs);

	EVP_MD_CTX_free(ctx);
	if (!good) {
		ERR_clear_error();
		return SPAN("");
	}
	return arena_span(a, (struct span){ (const char *)rs, sizeof rs });
}

struct span
acme_hs256(struct span mac_key, struct span input, struct arena *a)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (HMAC(EVP_sha256(), mac_key.p, (int)mac_key.n,
		(const unsigned char *)input.p, input.n, mac, &n) == NULL) {
		ERR_clear_error();
		return SPAN("");
	}
	return arena_span(a, (struct span){ (const char *)mac, n });
}

/* ---- JWS ---- */

/* What is signed (RFC 7515 5.1): header and payload, each encoded. */
struct signing {
	struct span protected, payload, input;
};

static struct signing
signing_of(struct span header, struct span payload, struct arena *a)
{
	struct signing s = { .protected = base64url_encode(a, header),
		.payload = base64url_encode(a, payload) };

	s.input = arena_printf(a, "%.*s.%.*s", (int)s.protected.n,
	    s.protected.p, (int)s.payload.n, s.payload.p);
	return s;
}

static enum err
flattened(const struct signing *s, struct span signature, struct arena *a,
    struct span *out)
{
	struct span text = base64url_encode(a, signature);

	if (!a->failed && signature.n == 0)
		return ERR_LIBRARY;
	*out = arena_printf(a,
	    "{\"protected\":\"%.*s\",\"payload\":\"%.*s\","
	    "\"signature\":\"%.*s\"}",
	    (int)s->protected.n, s->protected.p, (int)s->payload.n,
	    s->payload.p, (int)text.n, text.p);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

static struct span
header_of(const struct acme_jws *w, struct arena *a)
{
	bool by_account = w->kid.n > 0;
	json_t *h = json_pack(
	    "{s:s, s:o}", "alg", "ES256", "url", acme_json_string(w->url));
	bool good;

	/* RFC 8555 6.2: either of them, never both. */
	good = json_object_set_new(h, by_account ? "kid" : "jwk",
		   by_account ? acme_json_string(w->kid)
			      : acme_json_read(acme_jwk(w->key, a))) == 0;
	if (w->nonce.n > 0 &&
	    json_object_set_new(h, "nonce", acme_json_string(w->nonce)) != 0)
		good = false;
	if (!good) {
		json_decref(h);
		h = NULL;
	}
	return acme_json_dump(h, a);
}

enum err
acme_jws_sign(const struct acme_jws *w, struct arena *a, struct span *out)
{
	struct signing s = signing_of(header_of(w, a), w->payload, a);

	if (a->failed)
		return ERR_MEMORY;
	return flattened(&s, acme_es256(w->key, s.input, a), a, out);
}

enum err
acme_jws_bind(const EVP_PKEY *account, struct span eab_kid, struct span mac_key,
    struct span url, struct arena *a, struct span *out)
{
	json_t *h = json_pack("{s:s, s:o, s:o}", "alg", "HS256", "kid",
	    acme_json_string(eab_kid), "url", acme_json_string(url));
	struct signing s =
	    signing_of(acme_json_dump(h, a), acme_jwk(account, a), a);

	if (a->failed)
		return ERR_MEMORY;
	return flattened(&s, acme_hs256(mac_key, s.input, a), a, out);
}
