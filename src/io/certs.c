#include "io/certs.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "wire/name.h"
#include "wire/tlsa.h"

/* ---- facts ---- */

/* The longest head of s that is at most max bytes and cuts no character. */
static struct span
cut_utf8(struct span s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return span_head(s, max);
}

/* RFC 4514, with UTF-8 as it is rather than as \XX. */
static struct span
name_text(const X509_NAME *name, struct arena *a)
{
	BIO *mem = BIO_new(BIO_s_mem());
	struct span s = SPAN("");
	char *p;
	long n;

	if (mem == NULL)
		return s;
	if (X509_NAME_print_ex(mem, name, 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0 &&
	    (n = BIO_get_mem_data(mem, &p)) > 0)
		s = arena_span(a,
		    cut_utf8((struct span){ p, (size_t)n }, LIMIT_CERT_TEXT));
	BIO_free(mem);
	ERR_clear_error();
	return s;
}

/* The last one is the most specific, and the one that old clients took. */
static struct span
common_name(const X509_NAME *name, struct arena *a)
{
	struct span s = SPAN("");
	unsigned char *utf8 = NULL;
	int at = -1, last = -1, n;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		last = at;
	if (last < 0)
		return s;
	n = ASN1_STRING_to_UTF8(
	    &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
	if (n >= 0)
		s = arena_span(
		    a, cut_utf8((struct span){ (char *)utf8, (size_t)n },
			   LIMIT_CERT_TEXT));
	OPENSSL_free(utf8);
	ERR_clear_error();
	return s;
}

/* dNSName entries. One with a NUL inside is an attack of 2009 and names no
 * host; it is passed over, like one that no name can be as long as. */
static void
read_dns_ids(X509 *x, struct arena *a, struct cert *out)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int n = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
	size_t room = n < LIMIT_SANS ? (size_t)n : LIMIT_SANS;

	ERR_clear_error();
	if (n <= 0)
		goto out;
	out->dns_ids = arena_array(a, room, sizeof *out->dns_ids);
	if (out->dns_ids == NULL)
		goto out;
	for (int i = 0; i < n && out->n_dns_ids < room; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		struct span s;

		if (g->type != GEN_DNS || g->d.dNSName->length <= 0)
			continue;
		s = (struct span){ (const char *)g->d.dNSName->data,
			(size_t)g->d.dNSName->length };
		if (s.n > NAME_MAX_TEXT + 1 || span_find(s, '\0') != s.n)
			continue;
		out->dns_ids[out->n_dns_ids++] = arena_span(a, s);
	}
out:
	GENERAL_NAMES_free(names);
}

static bool
has_ca_issuers(const X509 *x)
{
	AUTHORITY_INFO_ACCESS *info =
	    X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	bool found = false;

	ERR_clear_error();
	for (int i = 0; info != NULL && i < sk_ACCESS_DESCRIPTION_num(info);
	     i++) {
		const ACCESS_DESCRIPTION *d =
		    sk_ACCESS_DESCRIPTION_value(info, i);

		if (OBJ_obj2nid(d->method) == NID_ad_ca_issuers &&
		    d->location->type == GEN_URI)
			found = true;
	}
	AUTHORITY_INFO_ACCESS_free(info);
	return found;
}

/* What cannot be read is the epoch, and so neither valid nor renewed. */
static struct wall_time
time_of(const ASN1_TIME *t)
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return (struct wall_time){ 0 };
	return civil_to_time((struct civil){ .year = tm.tm_year + 1900,
	    .month = tm.tm_mon + 1,
	    .day = tm.tm_mday,
	    .hour = tm.tm_hour,
	    .minute = tm.tm_min,
	    .second = tm.tm_sec });
}

static void
read_key(X509 *x, struct arena *a, struct cert *out)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	const char *type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
	int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
	int nid = X509_get_signature_nid(x);

	ERR_clear_error();
	out->key = arena_span(a, span_str(type != NULL ? type : ""));
	out->key_bits = bits > 0 ? (uint32_t)bits : 0;
	out->signature =
	    arena_span(a, span_str(nid != NID_undef ? OBJ_nid2ln(nid) : ""));
}

static struct span
digest_text(const X509 *x, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char text[2 * EVP_MAX_MD_SIZE];

	if (X509_digest(x, EVP_sha256(), md, &n) != 1)
		return SPAN("");
	for (unsigned i = 0; i < n; i++) {
		text[2 * i] = hex[md[i] >> 4];
		text[2 * i + 1] = hex[md[i] & 15];
	}
	return arena_span(a, (struct span){ text, 2 * (size_t)n });
}

static void
read_cert(X509 *x, struct arena *a, struct cert *out)
{
	uint32_t flags = X509_get_extension_flags(x);

	out->subject = name_text(X509_get_subject_name(x), a);
	out->issuer = name_text(X509_get_issuer_name(x), a);
	out->cn = common_name(X509_get_subject_name(x), a);
	read_dns_ids(x, a, out);
	out->not_before = time_of(X509_get0_notBefore(x));
	out->not_after = time_of(X509_get0_notAfter(x));
	read_key(x, a, out);
	out->sha256 = digest_text(x, a);
	out->self_issued = (flags & EXFLAG_SI) != 0;
	out->ca = (flags & EXFLAG_CA) != 0;
	/* All bits are set where there is no such extension. */
	out->server_auth =
	    (X509_get_extended_key_usage(x) & XKU_SSL_SERVER) != 0;
	out->has_ca_issuers = has_ca_issuers(x);
	ERR_clear_error();
}

static size_t
chain_length(STACK_OF(X509) * chain)
{
	int n = chain != NULL ? sk_X509_num(chain) : 0;

	if (n <= 0)
		return 0;
	return n < LIMIT_CERTS ? (size_t)n : LIMIT_CERTS;
}

void
certs_read(
    STACK_OF(X509) * chain, struct arena *a, struct cert **out, size_t *out_n)
{
	size_t n = chain_length(chain);

	*out_n = 0;
	*out = arena_array(a, n, sizeof **out);
	if (*out == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		read_cert(sk_X509_value(chain, (int)i), a, &(*out)[i]);
	*out_n = n;
}

void
certs_save(STACK_OF(X509) * chain, struct arena *a, struct der_chain *out)
{
	size_t n = chain_length(chain);

	*out = (struct der_chain){ .certs =
				       arena_array(a, n, sizeof *out->certs) };
	if (out->certs == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, (int)i), &der);

		if (len <= 0)
			break;
		out->certs[i] =
		    arena_span(a, (struct span){ (char *)der, (size_t)len });
		OPENSSL_free(der);
		out->n_certs++;
	}
}

/* ---- trust ---- */

/* Dates do not end the verification. Those of a root that we trust do. */
static int
on_verify(int ok, X509_STORE_CTX *ctx)
{
	int e = X509_STORE_CTX_get_error(ctx);
	struct certs_verdict *v = X509_STORE_CTX_get_app_data(ctx);

	if (ok)
		return ok;
	if (e != X509_V_ERR_CERT_HAS_EXPIRED &&
	    e != X509_V_ERR_CERT_NOT_YET_VALID)
		return 0;
	if (X509_STORE_CTX_get_error_depth(ctx) >=
	    X509_STORE_CTX_get_num_untrusted(ctx))
		return 0;
	v->untimely = true;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

/* The path ended at a certificate whose issuer nobody has. */
static enum trust
trust_of_open_end(X509_STORE_CTX *ctx)
{
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	bool leaf_only = path == NULL || sk_X509_num(path) <= 1;

	return leaf_only && has_ca_issuers(X509_STORE_CTX_get0_cert(ctx))
		   ? TRUST_INCOMPLETE
		   : TRUST_UNKNOWN_ROOT;
}

static enum trust
trust_of(X509_STORE_CTX *ctx)
{
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_OK:
		return TRUST_OK;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return TRUST_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
	case X509_V_ERR_CERT_REJECTED:
	case X509_V_ERR_CERT_HAS_EXPIRED: /* the root: see on_verify */
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TRUST_UNKNOWN_ROOT;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return trust_of_open_end(ctx);
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_INVALID_NON_CA:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
		return TRUST_PURPOSE;
	default:
		return TRUST_OTHER;
	}
}

/* Which of the chain did the path not need? */
static uint32_t
beside_path(X509_STORE_CTX *ctx, STACK_OF(X509) * chain)
{
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	uint32_t aside = 0;

	_Static_assert(LIMIT_CERTS <= 32, "a bit for each certificate");
	for (size_t i = 0; i < chain_length(chain); i++) {
		bool used = false;

		for (int k = 0; path != NULL && k < sk_X509_num(path); k++)
			used |= X509_cmp(sk_X509_value(path, k),
				    sk_X509_value(chain, (int)i)) == 0;
		aside |= (uint32_t)!used << i;
	}
	return aside;
}

void
certs_mark(const struct certs_verdict *v, struct cert *certs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		certs[i].aside = v->aside >> i & 1;
}

struct certs_verdict
certs_verify(X509_STORE *store, STACK_OF(X509) * chain, struct wall_time now,
    struct arena *a)
{
	struct certs_verdict v = { .trust = TRUST_OTHER, .error = SPAN("") };
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int e;

	if (ctx == NULL || chain_length(chain) == 0 ||
	    X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain) !=
		1)
		goto out;
	X509_STORE_CTX_set_default(ctx, "ssl_server");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)now.s);
	X509_VERIFY_PARAM_set_depth(param, LIMIT_CERTS);
	X509_STORE_CTX_set_verify_cb(ctx, on_verify);
	X509_STORE_CTX_set_app_data(ctx, &v);
	if (X509_verify_cert(ctx) == 1)
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
	e = X509_STORE_CTX_get_error(ctx);
	v.trust = trust_of(ctx);
	if (v.trust == TRUST_OK)
		v.aside = beside_path(ctx, chain);
	else
		v.error =
		    arena_span(a, span_str(X509_verify_cert_error_string(e)));
out:
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return v;
}

/* ---- DANE ---- */

static STACK_OF(X509) * chain_parse(const struct der_chain *chain)
{
	STACK_OF(X509) *sk = sk_X509_new_null();

	for (size_t i = 0; sk != NULL && i < chain->n_certs; i++) {
		const unsigned char *p =
		    (const unsigned char *)chain->certs[i].p;
		X509 *x = d2i_X509(NULL, &p, (long)chain->certs[i].n);

		if (x == NULL)
			break;
		if (sk_X509_push(sk, x) == 0) {
			X509_free(x);
			break;
		}
	}
	return sk;
}

/* How many records the library takes. */
static size_t
add_records(SSL *ssl, const struct dns_tlsa *tlsa, size_t n)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		if (tlsa_check(&tlsa[i]) != TLSA_USABLE)
			continue;
		if (SSL_dane_tlsa_add(ssl, tlsa[i].usage, tlsa[i].selector,
			tlsa[i].matching, (const unsigned char *)tlsa[i].data.p,
			tlsa[i].data.n) > 0)
			taken++;
	}
	return taken;
}

static void
add_names(X509_VERIFY_PARAM *param, const struct span *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].n > 0)
			(void)X509_VERIFY_PARAM_add1_host(
			    param, names[i].p, names[i].n);
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
}

static int
verify_dane(SSL *ssl, STACK_OF(X509) * chain, const struct span *names,
    size_t n_names, struct wall_time now)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *nobody = X509_STORE_new();
	int e = X509_V_ERR_UNSPECIFIED;

	if (ctx != NULL && nobody != NULL &&
	    X509_STORE_CTX_init(ctx, nobody, sk_X509_value(chain, 0), chain) ==
		1) {
		X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(ssl));
		X509_VERIFY_PARAM_set_time(
		    X509_STORE_CTX_get0_param(ctx), (time_t)now.s);
		add_names(X509_STORE_CTX_get0_param(ctx), names, n_names);
		e = X509_verify_cert(ctx) == 1 ? X509_V_OK
					       : X509_STORE_CTX_get_error(ctx);
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(nobody);
	return e;
}

/* The library verifies DANE on a chain at rest as well as in a handshake; so
 * one look at an address serves all its domains and all TLSA records, however
 * late they become known. The SSL only holds the records. */
enum dane_match
certs_dane(const struct der_chain *chain, const struct dns_tlsa *tlsa,
    size_t n_tlsa, const struct span *names, size_t n_names,
    struct wall_time now, struct arena *a, struct span *error)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	STACK_OF(X509) *sk = chain_parse(chain);
	enum dane_match match = DANE_UNTRIED;
	int e;

	*error = SPAN("");
	if (ctx == NULL || sk == NULL || sk_X509_num(sk) == 0 ||
	    SSL_CTX_dane_enable(ctx) != 1 || (ssl = SSL_new(ctx)) == NULL ||
	    SSL_dane_enable(ssl, NULL) <= 0)
		goto out;
	/* RFC 7672 3.1.1: names do not count for DANE-EE(3). */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	if (add_records(ssl, tlsa, n_tlsa) == 0)
		goto out;
	e = verify_dane(ssl, sk, names, n_names, now);
	match = e == X509_V_OK ? DANE_OK : DANE_MISMATCH;
	if (e != X509_V_OK)
		*error =
		    arena_span(a, span_str(X509_verify_cert_error_string(e)));
out:
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	sk_X509_pop_free(sk, X509_free);
	ERR_clear_error();
	return match;
}
