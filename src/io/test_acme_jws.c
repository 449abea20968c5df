/* Signatures and thumbprints against the examples of the RFCs. */
#include "io/acme_jws.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/base64url.h"
#include "base/test_table.h"
#include "io/acme_json.h"

/* The key of RFC 7515 A.3.1, as PKCS #8: its "d", and its "x" and "y". */
static const char d_text[] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
static const char jwk_text[] =
    "{\"crv\":\"P-256\",\"kty\":\"EC\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";

/* RFC 7515 A.3.1: the signing input, and the signature over it. */
static const char input_text[] =
    "eyJhbGciOiJFUzI1NiJ9"
    "."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char signature_text[] =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
    "pmWQxfKTUJqPP3-Kg6NU1Q";

struct world {
	struct arena a;
	EVP_PKEY *key; /* of RFC 7515 A.3.1 */
};

static struct span
octets(struct arena *a, const char *text)
{
	struct span out = SPAN("");

	assert_true(base64url_decode(a, span_str(text), &out));
	return out;
}

static EVP_PKEY *
rfc_key(struct arena *a)
{
	json_t *jwk = acme_json_read(span_str(jwk_text));
	struct span d = octets(a, d_text), x, y;
	unsigned char point[65] = { 4 };
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn((const unsigned char *)d.p, (int)d.n, NULL);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	x = octets(a, json_string_value(json_object_get(jwk, "x")));
	y = octets(a, json_string_value(json_object_get(jwk, "y")));
	memcpy(point + 1, x.p, 32);
	memcpy(point + 33, y.p, 32);
	OSSL_PARAM_BLD_push_utf8_string(
	    b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, n);
	OSSL_PARAM_BLD_push_octet_string(
	    b, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point);
	params = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	json_decref(jwk);
	return key;
}

static int
setup(void **state)
{
	struct world *w = test_calloc(1, sizeof *w);

	arena_init(&w->a, 1024 * 1024);
	w->key = rfc_key(&w->a);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	EVP_PKEY_free(w->key);
	arena_release(&w->a);
	test_free(w);
	return 0;
}

/* Is rs a signature over input? By OpenSSL's own form, so that R and S are seen
 * to be in their places. */
static bool
verifies(EVP_PKEY *key, struct span input, struct span rs)
{
	const unsigned char *p = (const unsigned char *)rs.p;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int n, good;

	assert_int_equal(rs.n, 64);
	ECDSA_SIG_set0(
	    sig, BN_bin2bn(p, 32, NULL), BN_bin2bn(p + 32, 32, NULL));
	n = i2d_ECDSA_SIG(sig, &der);
	EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key);
	good = EVP_DigestVerify(
	    ctx, der, (size_t)n, (const unsigned char *)input.p, input.n);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return good == 1;
}

static void
test_es256(void **state)
{
	struct world *w = *state;
	struct span input = span_str(input_text);

	/* The RFC's signature is one for the key at hand; so is ours. */
	assert_true(verifies(w->key, input, octets(&w->a, signature_text)));
	for (int i = 0; i < 300; i++) /* one R in 256 begins with a zero */
		assert_true(
		    verifies(w->key, input, acme_es256(w->key, input, &w->a)));
	assert_false(
	    verifies(w->key, SPAN("other"), acme_es256(w->key, input, &w->a)));
}

/* RFC 7515 A.1.1 */
static void
test_hs256(void **state)
{
	struct world *w = *state;
	struct span key = octets(&w->a,
	    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
	    "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
	struct span input =
	    SPAN("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
		 "."
		 "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQ"
		 "ogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
		 "lfQ");
	struct span mac = acme_hs256(key, input, &w->a);
	struct tally t = { .label = "RFC 7515 A.1.1" };

	want_span(&t, "MAC", base64url_encode(&w->a, mac),
	    SPAN("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
	assert_int_equal(t.failed, 0);
}

static void
test_thumbprint(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "RFC 7515 A.3.1" };

	/* RFC 7638 3: members in order, no white space. */
	want_span(
	    &t, "form to hash", acme_jwk(w->key, &w->a), span_str(jwk_text));
	t.label = "RFC 7638 3.1";
	want_span(&t, "thumbprint",
	    acme_thumbprint(
		SPAN("{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuP"
		     "iLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPF"
		     "FxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY"
		     "4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368"
		     "QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS"
		     "D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_x"
		     "BniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}"),
		&w->a),
	    SPAN("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
	assert_int_equal(t.failed, 0);
}

/* ---- whole requests ---- */

/* A part of a JWS, decoded. */
static json_t *
part(struct world *w, const json_t *jws, const char *member)
{
	const char *text = json_string_value(json_object_get(jws, member));

	assert_non_null(text);
	return acme_json_read(octets(&w->a, text));
}

static struct span
signing_input(struct world *w, const json_t *jws)
{
	return arena_printf(&w->a, "%s.%s",
	    json_string_value(json_object_get(jws, "protected")),
	    json_string_value(json_object_get(jws, "payload")));
}

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 kid, nonce, payload;
	const char	*want_header; /* compact, members in order of names */
} requests[] = {
	{ "RFC 8555 6.2: by account", SPAN_INIT("https://ca.example/a/1"),
	  SPAN_INIT("n0nce"), SPAN_INIT("{}"),
	  "{\"alg\":\"ES256\",\"kid\":\"https://ca.example/a/1\","
	  "\"nonce\":\"n0nce\",\"url\":\"https://ca.example/new\"}" },
	{ "RFC 8555 6.2: by key", SPAN_INIT(""), SPAN_INIT("n0nce"),
	  SPAN_INIT("{}"),
	  "{\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\",\"kty\":\"EC\","
	  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
	  "\"nonce\":\"n0nce\",\"url\":\"https://ca.example/new\"}" },
	{ "RFC 8555 6.3: POST-as-GET", SPAN_INIT("https://ca.example/a/1"),
	  SPAN_INIT("n0nce"), SPAN_INIT(""),
	  "{\"alg\":\"ES256\",\"kid\":\"https://ca.example/a/1\","
	  "\"nonce\":\"n0nce\",\"url\":\"https://ca.example/new\"}" },
	{ "RFC 8555 7.3.5: inside of another, without a nonce", SPAN_INIT(""),
	  SPAN_INIT(""), SPAN_INIT("{}"),
	  "{\"alg\":\"ES256\",\"jwk\":{\"crv\":\"P-256\",\"kty\":\"EC\","
	  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
	  "\"url\":\"https://ca.example/new\"}" },
	{ "a CA that would break out of its string",
	  SPAN_INIT("https://ca.example/\",\"alg\":\"none"), SPAN_INIT("n\\"),
	  SPAN_INIT("{}"),
	  "{\"alg\":\"ES256\",\"kid\":\"https://ca.example/\\\",\\\"alg\\\":"
	  "\\\"none\",\"nonce\":\"n\\\\\",\"url\":\"https://ca.example/new\"}" },
};
/* clang-format on */

static void
test_requests(void **state)
{
	struct world *w = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(requests); i++) {
		struct acme_jws r = { w->key, requests[i].kid,
			requests[i].nonce, SPAN("https://ca.example/new"),
			requests[i].payload };
		struct span text = SPAN(""), payload, signature;
		json_t *jws, *header;
		char *dump;

		t.label = requests[i].label;
		assert_int_equal(acme_jws_sign(&r, &w->a, &text), ERR_OK);
		jws = acme_json_read(text);
		/* RFC 7515 7.2.2: these members and no other. */
		assert_int_equal(json_object_size(jws), 3);
		header = part(w, jws, "protected");
		dump = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
		want_span(&t, "header", span_str(dump),
		    span_str(requests[i].want_header));
		payload = octets(
		    &w->a, json_string_value(json_object_get(jws, "payload")));
		want_span(&t, "payload", payload, requests[i].payload);
		signature = octets(&w->a,
		    json_string_value(json_object_get(jws, "signature")));
		want_bool(&t, "verifies",
		    verifies(w->key, signing_input(w, jws), signature), true);
		free(dump);
		json_decref(header);
		json_decref(jws);
	}
	assert_int_equal(t.failed, 0);
}

/* RFC 8555 7.3.4 */
static void
test_bind(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "RFC 8555 7.3.4" };
	struct span text = SPAN(""), mac;
	json_t *jws, *header;
	char *dump;

	assert_int_equal(
	    acme_jws_bind(w->key, SPAN("kid-1"), SPAN("a secret of 16 o"),
		SPAN("https://ca.example/new-account"), &w->a, &text),
	    ERR_OK);
	jws = acme_json_read(text);
	header = part(w, jws, "protected");
	dump = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
	want_span(&t, "header", span_str(dump),
	    SPAN("{\"alg\":\"HS256\",\"kid\":\"kid-1\","
		 "\"url\":\"https://ca.example/new-account\"}"));
	want_span(&t, "payload",
	    octets(&w->a, json_string_value(json_object_get(jws, "payload"))),
	    span_str(jwk_text));
	mac =
	    acme_hs256(SPAN("a secret of 16 o"), signing_input(w, jws), &w->a);
	want_span(&t, "MAC",
	    octets(&w->a, json_string_value(json_object_get(jws, "signature"))),
	    mac);
	free(dump);
	json_decref(header);
	json_decref(jws);
	assert_int_equal(t.failed, 0);
}

/* ---- keys ---- */

static void
test_keys(void **state)
{
	struct world *w = *state;
	struct span der = SPAN("");
	EVP_PKEY *key = NULL, *other = EVP_RSA_gen(2048), *p384;
	struct error e;

	/* RFC 5915 3: a sequence of version 1, and the key's octets. */
	assert_int_equal(acme_key_write_ec(w->key, &w->a, &der, &e), ERR_OK);
	assert_memory_equal(der.p + 2, "\x02\x01\x01\x04\x20", 5);
	assert_memory_equal(der.p + 7, octets(&w->a, d_text).p, 32);
	assert_int_equal(acme_key_write(w->key, &w->a, &der, &e), ERR_OK);
	assert_int_equal(acme_key_read(der, &key, &e), ERR_OK);
	assert_int_equal(EVP_PKEY_eq(key, w->key), 1);
	EVP_PKEY_free(key);
	assert_int_equal(acme_key_new(&key, &e), ERR_OK);
	assert_int_equal(EVP_PKEY_eq(key, w->key), 0);
	EVP_PKEY_free(key);

	/* What is no such key. */
	assert_int_equal(
	    acme_key_read(span_head(der, der.n - 1), &key, &e), ERR_DATA);
	assert_int_equal(acme_key_read(SPAN(""), &key, &e), ERR_DATA);
	assert_int_equal(
	    acme_key_read(arena_printf(&w->a, "%s", "no key"), &key, &e),
	    ERR_DATA);
	assert_int_equal(acme_key_write(other, &w->a, &der, &e), ERR_OK);
	assert_int_equal(acme_key_read(der, &key, &e), ERR_DATA);
	p384 = EVP_EC_gen("P-384");
	assert_int_equal(acme_key_write(p384, &w->a, &der, &e), ERR_OK);
	assert_int_equal(acme_key_read(der, &key, &e), ERR_DATA);
	EVP_PKEY_free(other);
	EVP_PKEY_free(p384);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_es256),
		cmocka_unit_test(test_hs256),
		cmocka_unit_test(test_thumbprint),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("acme_jws", tests, setup, teardown);
}
