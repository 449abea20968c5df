/* test_identity.h - for tests and figures only: a CA, and certificates of it as
 * the store has them. */
#ifndef SERVE_TEST_IDENTITY_H
#define SERVE_TEST_IDENTITY_H

#include <openssl/x509.h>

#include "base/span.h"

struct test_ca {
	X509 *root, *x; /* x is the intermediate, which signs leaves */
	EVP_PKEY *root_key, *key;
	struct span der; /* of x */
};

struct test_leaf {
	struct span chain; /* in DER: the leaf, the intermediate */
	struct span key; /* ECPrivateKey in DER */
};

struct test_ca
test_ca_new(void);

void
test_ca_free(struct test_ca *ca);

/* For that name alone. key may be NULL: a new one. */
struct test_leaf
test_leaf_new(const struct test_ca *ca, const char *name, EVP_PKEY *key);

void
test_leaf_free(struct test_leaf *leaf);

#endif
