#include "serve/tls_fixed.h"

#include <limits.h>
#include <openssl/pem.h>

#include "base/limits.h"

static BIO *
reader(struct span s)
{
	return s.n <= INT_MAX ? BIO_new_mem_buf(s.p, (int)s.n) : NULL;
}

/* Nobody is asked for a password. */
static int
no_password(char *buf, int size, int for_writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)for_writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *
read_key(struct span pem)
{
	BIO *b = reader(pem);
	EVP_PKEY *key =
	    b != NULL ? PEM_read_bio_PrivateKey(b, NULL, no_password, NULL)
		      : NULL;

	BIO_free(b);
	return key;
}

/* All that stand there, in their order. */
static STACK_OF(X509) * read_certificates(struct span pem)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *b = reader(pem);
	X509 *x;

	while (b != NULL && all != NULL && sk_X509_num(all) < LIMIT_CERTS &&
	       (x = PEM_read_bio_X509(b, NULL, no_password, NULL)) != NULL)
		if (sk_X509_push(all, x) == 0) {
			X509_free(x);
			break;
		}
	BIO_free(b);
	return all;
}

/* RFC 9325 4.2 for TLS 1.2; RFC 8446 4.2.3: TLS 1.3 has PSS alone. */
static bool
allow_rsa(SSL_CTX *ctx)
{
	return SSL_CTX_set_cipher_list(ctx,
		   "ECDHE-RSA-AES128-GCM-SHA256:"
		   "ECDHE-RSA-AES256-GCM-SHA384:"
		   "ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
	       SSL_CTX_set1_sigalgs_list(ctx,
		   "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
		   "RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1;
}

static enum err
use(SSL_CTX *ctx, EVP_PKEY *key, STACK_OF(X509) * all, struct error *e)
{
	X509 *leaf;
	bool good;

	if (all == NULL || sk_X509_num(all) == 0)
		return error_set(
		    e, ERR_DATA, "the file of the certificate has none in PEM");
	if (key == NULL)
		return error_set(e, ERR_DATA,
		    "the file of the key has none in PEM, or one that is "
		    "encrypted");
	leaf = sk_X509_shift(all);
	if (X509_check_private_key(leaf, key) != 1) {
		X509_free(leaf);
		return error_set(e, ERR_DATA,
		    "the key does not belong to the first certificate");
	}
	good = (!EVP_PKEY_is_a(key, "RSA") || allow_rsa(ctx)) &&
	       SSL_CTX_use_cert_and_key(ctx, leaf, key, all, 1) == 1;
	X509_free(leaf);
	return good ? ERR_OK
		    : error_set(e, ERR_DATA,
			  "TLS cannot be served with that certificate and key");
}

enum err
tls_fixed_use(SSL_CTX *ctx, const struct tls_fixed *fixed, struct error *e)
{
	STACK_OF(X509) *all = read_certificates(fixed->certificate);
	EVP_PKEY *key = read_key(fixed->key);
	enum err rc = use(ctx, key, all, e);

	sk_X509_pop_free(all, X509_free);
	EVP_PKEY_free(key);
	return rc;
}
