#include "serve/test_identity.h"

#include <assert.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static void
put_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert(e != NULL);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* A certificate without its signature. */
static X509 *
draft(const char *cn, EVP_PKEY *key, const X509 *issuer, long serial)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(
	    x, issuer != NULL ? X509_get_subject_name(issuer) : name);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400L);
	X509_gmtime_adj(X509_getm_notAfter(x), 90 * 86400L);
	X509_set_pubkey(x, key);
	return x;
}

static struct span
owned(unsigned char *p, int n)
{
	assert(n > 0);
	return (struct span){ (const char *)p, (size_t)n };
}

static void
free_span(struct span s)
{
	OPENSSL_free((void *)(uintptr_t)s.p);
}

struct test_ca
test_ca_new(void)
{
	struct test_ca ca = { .root_key = EVP_EC_gen("P-256"),
		.key = EVP_EC_gen("P-256") };
	unsigned char *p = NULL;
	int n;

	ca.root = draft("Test Root", ca.root_key, NULL, 1);
	put_extension(ca.root, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(ca.root, ca.root_key, EVP_sha256());
	ca.x = draft("Test Intermediate", ca.key, ca.root, 2);
	put_extension(ca.x, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(ca.x, ca.root_key, EVP_sha256());
	n = i2d_X509(ca.x, &p);
	ca.der = owned(p, n);
	return ca;
}

void
test_ca_free(struct test_ca *ca)
{
	X509_free(ca->root);
	X509_free(ca->x);
	EVP_PKEY_free(ca->root_key);
	EVP_PKEY_free(ca->key);
	free_span(ca->der);
}

struct test_leaf
test_leaf_new(const struct test_ca *ca, const char *name, EVP_PKEY *key)
{
	EVP_PKEY *own = key != NULL ? key : EVP_EC_gen("P-256");
	X509 *x = draft(name, own, ca->x, 3);
	struct test_leaf leaf;
	unsigned char *p = NULL, *chain;
	char san[300];
	int n;

	snprintf(san, sizeof san, "DNS:%s", name);
	put_extension(x, NID_basic_constraints, "critical,CA:FALSE");
	put_extension(x, NID_subject_alt_name, san);
	X509_sign(x, ca->key, EVP_sha256());
	n = i2d_X509(x, &p);
	assert(n > 0);
	chain = OPENSSL_malloc((size_t)n + ca->der.n);
	memcpy(chain, p, (size_t)n);
	memcpy(chain + n, ca->der.p, ca->der.n);
	leaf.chain = (struct span){ (char *)chain, (size_t)n + ca->der.n };
	OPENSSL_free(p);
	p = NULL;
	n = i2d_PrivateKey(own, &p);
	leaf.key = owned(p, n);
	X509_free(x);
	if (key == NULL)
		EVP_PKEY_free(own);
	return leaf;
}

void
test_leaf_free(struct test_leaf *leaf)
{
	free_span(leaf->chain);
	free_span(leaf->key);
}
