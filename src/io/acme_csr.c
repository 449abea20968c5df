#include "io/acme_csr.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/base64url.h"
#include "base/limits.h"

/* ---- the request ---- */

static bool
add_name(GENERAL_NAMES *san, struct span name)
{
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (one == NULL || text == NULL ||
	    ASN1_STRING_set(text, name.p, (int)name.n) != 1) {
		GENERAL_NAME_free(one);
		ASN1_IA5STRING_free(text);
		return false;
	}
	GENERAL_NAME_set0_value(one, GEN_DNS, text);
	if (sk_GENERAL_NAME_push(san, one) > 0)
		return true;
	GENERAL_NAME_free(one);
	return false;
}

static bool
add_names(X509_REQ *req, const struct span *names, size_t n)
{
	GENERAL_NAMES *san = sk_GENERAL_NAME_new_null();
	STACK_OF(X509_EXTENSION) *all = NULL;
	bool good = san != NULL;

	for (size_t i = 0; good && i < n; i++)
		good = add_name(san, names[i]);
	good = good &&
	       X509V3_add1_i2d(&all, NID_subject_alt_name, san, 0, 0) == 1 &&
	       X509_REQ_add_extensions(req, all) == 1;
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	GENERAL_NAMES_free(san);
	return good;
}

enum err
acme_csr_write(EVP_PKEY *key, const struct span *names, size_t n,
    struct arena *a, struct span *out)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int len = -1;

	if (req != NULL && X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(req, key) == 1 && add_names(req, names, n) &&
	    X509_REQ_sign(req, key, EVP_sha256()) > 0)
		len = i2d_X509_REQ(req, &der);
	X509_REQ_free(req);
	if (len <= 0) {
		ERR_clear_error();
		return ERR_LIBRARY;
	}
	*out = arena_span(a, (struct span){ (const char *)der, (size_t)len });
	OPENSSL_free(der);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

/* ---- the certificate ---- */

static X509 *
first_of(struct span chain)
{
	BIO *in = BIO_new_mem_buf(chain.p, (int)chain.n);
	X509 *x = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	ERR_clear_error();
	return x;
}

static struct wall_time
time_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	if (epoch != NULL)
		(void)ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (struct wall_time){ (int64_t)days * 86400 + seconds };
}

/* The content octets of an INTEGER: with the zero that keeps it positive. */
static struct span
serial_octets(const X509 *x, struct arena *a)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	unsigned char octets[64] = { 0 };
	size_t len = n != NULL ? (size_t)BN_num_bytes(n) : sizeof octets;
	bool high;

	if (len + 1 > sizeof octets) {
		BN_free(n);
		return SPAN("");
	}
	BN_bn2bin(n, octets + 1);
	BN_free(n);
	high = len == 0 || (octets[1] & 0x80) != 0;
	return arena_span(
	    a, (struct span){ (const char *)octets + !high, len + high });
}

/* RFC 9773 4.1 */
static struct span
cert_id(X509 *x, struct arena *a)
{
	const ASN1_OCTET_STRING *issuer = X509_get0_authority_key_id(x);
	struct span id, serial = serial_octets(x, a);

	if (issuer == NULL || serial.n == 0)
		return SPAN("");
	id = (struct span){ (const char *)ASN1_STRING_get0_data(issuer),
		(size_t)ASN1_STRING_length(issuer) };
	id = base64url_encode(a, id);
	serial = base64url_encode(a, serial);
	return arena_printf(
	    a, "%.*s.%.*s", (int)id.n, id.p, (int)serial.n, serial.p);
}

/* Of x, which is given back. */
static bool
read_leaf(X509 *x, struct arena *a, struct acme_leaf *out)
{
	if (x == NULL)
		return false;
	out->from = time_of(X509_get0_notBefore(x));
	out->to = time_of(X509_get0_notAfter(x));
	out->cert_id = cert_id(x, a);
	X509_free(x);
	return true;
}

bool
acme_leaf_read(struct span chain, struct arena *a, struct acme_leaf *out)
{
	return read_leaf(first_of(chain), a, out);
}

bool
acme_leaf_read_der(struct span chain, struct arena *a, struct acme_leaf *out)
{
	const unsigned char *p = (const unsigned char *)chain.p;
	X509 *x = d2i_X509(NULL, &p, (long)chain.n);

	ERR_clear_error();
	return read_leaf(x, a, out);
}

bool
acme_leaf_der(struct span chain, struct arena *a, struct span *out)
{
	X509 *x = first_of(chain);
	unsigned char *der = NULL;
	int n = x != NULL ? i2d_X509(x, &der) : -1;

	X509_free(x);
	if (n <= 0)
		return false;
	*out = arena_span(a, (struct span){ (const char *)der, (size_t)n });
	OPENSSL_free(der);
	return !a->failed;
}

static const char *
leaf_fault(X509 *x, EVP_PKEY *key, const struct span *names, size_t n,
    struct wall_time now)
{
	if (X509_check_private_key(x, key) != 1)
		return "the CA's certificate is for another key";
	for (size_t i = 0; i < n; i++)
		if (X509_check_host(x, names[i].p, names[i].n,
			X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) != 1)
			return "the CA's certificate lacks a name";
	if (now.s >= time_of(X509_get0_notAfter(x)).s)
		return "the CA's certificate has expired";
	return NULL;
}

static int
write_pem(BIO *out, X509 *x)
{
	return PEM_write_bio_X509(out, x);
}

static int
write_der(BIO *out, X509 *x)
{
	return i2d_X509_bio(out, x);
}

/* Every certificate of a PEM, written again: out holds it then. */
static bool
rewrite(struct span sent, int (*write)(BIO *out, X509 *x), BIO *out)
{
	BIO *in = BIO_new_mem_buf(sent.p, (int)sent.n);
	X509 *x;
	bool good = in != NULL;

	for (int i = 0; good && i < LIMIT_CERTS; i++) {
		if ((x = PEM_read_bio_X509(in, NULL, NULL, NULL)) == NULL)
			break;
		good = write(out, x) == 1;
		X509_free(x);
	}
	BIO_free(in);
	ERR_clear_error();
	return good;
}

static struct span
span_of_bio(BIO *b)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);

	return n > 0 ? (struct span){ p, (size_t)n } : SPAN("");
}

const char *
acme_chain_take(struct span sent, EVP_PKEY *key, const struct span *names,
    size_t n, struct wall_time now, struct arena *a, struct span *out)
{
	X509 *x = first_of(sent);
	BIO *pem;
	const char *fault;

	if (x == NULL)
		return "the CA's certificate is none";
	fault = leaf_fault(x, key, names, n, now);
	X509_free(x);
	ERR_clear_error();
	if (fault != NULL)
		return fault;
	pem = BIO_new(BIO_s_mem());
	if (pem != NULL && rewrite(sent, write_pem, pem))
		*out = arena_span(a, span_of_bio(pem));
	else
		a->failed = true;
	BIO_free(pem);
	return NULL;
}

bool
acme_chain_der(struct span pem, struct arena *a, struct span *out)
{
	BIO *der = BIO_new(BIO_s_mem());
	bool good = der != NULL && rewrite(pem, write_der, der);

	if (good)
		*out = arena_span(a, span_of_bio(der));
	BIO_free(der);
	return good && out->n > 0 && !a->failed;
}
