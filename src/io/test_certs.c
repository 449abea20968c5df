/* Facts of chains, trust and DANE, on certificates made on the spot. */
#include "io/certs.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/test_table.h"
#include "io/test_peer.h"
#include "wire/cert_name.h"

/* Who takes part. */
enum who { ROOT, INTER, STRANGER, EXPIRED_ROOT, OLD_CROSS, N_CAS };

/* clang-format off */
static const struct {
	const char		*label;
	struct test_wish	 leaf; /* but for its issuer */
	enum who		 issuer; /* N_CAS: signs itself */
	int			 also; /* which CA is sent too, or -1 */
	enum trust		 want;
	bool			 want_untimely;
	uint32_t		 want_aside;
} chains[] = {
	{ .label = "leaf and intermediate", .issuer = INTER, .also = INTER,
	  .want = TRUST_OK },
	{ .label = "leaf of the root", .issuer = ROOT, .also = -1,
	  .want = TRUST_OK },
	{ .label = "the root sent too", .issuer = ROOT, .also = ROOT,
	  .want = TRUST_OK },
	{ .label = "intermediate missing, the leaf says where it is",
	  .leaf = { .aia = "caIssuers;URI:http://ca.example/i.der" },
	  .issuer = INTER, .also = -1, .want = TRUST_INCOMPLETE },
	{ .label = "an old cross certificate sent besides",
	  .issuer = ROOT, .also = OLD_CROSS, .want = TRUST_OK,
	  .want_aside = 2 },
	{ .label = "issuer unknown, the leaf says nothing",
	  .issuer = STRANGER, .also = -1, .want = TRUST_UNKNOWN_ROOT },
	{ .label = "a root that nobody trusts, sent too",
	  .issuer = STRANGER, .also = STRANGER, .want = TRUST_UNKNOWN_ROOT },
	{ .label = "the wrong intermediate sent",
	  .leaf = { .aia = "caIssuers;URI:http://ca.example/i.der" },
	  .issuer = INTER, .also = STRANGER, .want = TRUST_INCOMPLETE },
	{ .label = "signs itself", .issuer = N_CAS, .also = -1,
	  .want = TRUST_SELF_SIGNED },
	{ .label = "expired: trusted all the same",
	  .leaf = { .from_day = -90, .to_day = -1 },
	  .issuer = INTER, .also = INTER, .want = TRUST_OK,
	  .want_untimely = true },
	{ .label = "not yet valid",
	  .leaf = { .from_day = 1, .to_day = 90 },
	  .issuer = ROOT, .also = -1, .want = TRUST_OK,
	  .want_untimely = true },
	{ .label = "a trusted root has expired: nobody can see it",
	  .issuer = EXPIRED_ROOT, .also = -1, .want = TRUST_UNKNOWN_ROOT },
	{ .label = "for clients only",
	  .leaf = { .eku = "clientAuth" },
	  .issuer = ROOT, .also = -1, .want = TRUST_PURPOSE },
};
/* clang-format on */

struct pki {
	struct test_id ca[N_CAS];
	X509_STORE *store;
};

static void
pki_init(struct pki *p)
{
	p->ca[ROOT] =
	    test_issue(&(struct test_wish){ .cn = "Root", .ca = true });
	p->ca[INTER] = test_issue(&(struct test_wish){
	    .cn = "Inter", .ca = true, .issuer = &p->ca[ROOT] });
	p->ca[STRANGER] =
	    test_issue(&(struct test_wish){ .cn = "Stranger", .ca = true });
	p->ca[EXPIRED_ROOT] = test_issue(&(struct test_wish){
	    .cn = "Old Root", .ca = true, .from_day = -90, .to_day = -1 });
	p->ca[OLD_CROSS] = test_issue(&(struct test_wish){ .cn = "Cross",
	    .ca = true,
	    .issuer = &p->ca[STRANGER],
	    .from_day = -90,
	    .to_day = -1 });
	p->store = X509_STORE_new();
	X509_STORE_add_cert(p->store, p->ca[ROOT].x);
	X509_STORE_add_cert(p->store, p->ca[EXPIRED_ROOT].x);
}

static void
pki_free(struct pki *p)
{
	for (int i = 0; i < N_CAS; i++)
		test_id_free(&p->ca[i]);
	X509_STORE_free(p->store);
}

static void
test_trust(void **state)
{
	struct tally t = { .failed = 0 };
	struct pki p;

	(void)state;
	pki_init(&p);
	for (size_t i = 0; i < ROWS(chains); i++) {
		struct test_wish w = chains[i].leaf;
		STACK_OF(X509) *sk = sk_X509_new_null();
		struct certs_verdict v;
		struct test_id leaf;
		struct arena a;

		w.cn = "mx.example";
		w.san = "DNS:mx.example";
		if (chains[i].issuer != N_CAS)
			w.issuer = &p.ca[chains[i].issuer];
		leaf = test_issue(&w);
		sk_X509_push(sk, leaf.x);
		if (chains[i].also >= 0)
			sk_X509_push(sk, p.ca[chains[i].also].x);
		arena_init(&a, 64 * 1024);
		v = certs_verify(p.store, sk, clock_wall(&clock_system), &a);
		t.label = chains[i].label;
		want_int(&t, "trust", v.trust, chains[i].want);
		want_int(&t, "untimely", v.untimely, chains[i].want_untimely);
		want_int(&t, "aside", v.aside, chains[i].want_aside);
		want_int(&t, "says why", v.error.n > 0, v.trust != TRUST_OK);
		arena_release(&a);
		sk_X509_free(sk);
		test_id_free(&leaf);
	}
	pki_free(&p);
	assert_int_equal(t.failed, 0);
}

static void
test_facts(void **state)
{
	struct test_id leaf = test_issue(&(struct test_wish){ .cn = "b\xc3\xbc"
								    "cher, inc",
	    .san = "DNS:a.example,DNS:*.b.example,IP:192.0.2.1",
	    .aia = "caIssuers;URI:http://ca.example/i.der",
	    .eku = "clientAuth",
	    .from_day = -3,
	    .to_day = 4 });
	int64_t now = clock_wall(&clock_system).s;
	STACK_OF(X509) *sk = sk_X509_new_null();
	struct cert *c;
	struct arena a;
	size_t n;

	(void)state;
	sk_X509_push(sk, leaf.x);
	arena_init(&a, 64 * 1024);
	certs_read(sk, &a, &c, &n);
	assert_int_equal(n, 1);
	assert_true(span_eq(c->subject, SPAN("CN=b\xc3\xbc"
					     "cher\\, inc")));
	assert_true(span_eq(c->cn, SPAN("b\xc3\xbc"
					"cher, inc")));
	assert_int_equal(c->n_dns_ids, 2);
	assert_true(span_eq(c->dns_ids[1], SPAN("*.b.example")));
	assert_true(span_eq(c->key, SPAN("EC")));
	assert_int_equal(c->key_bits, 256);
	assert_true(span_eq(c->signature, SPAN("ecdsa-with-SHA256")));
	assert_int_equal(c->sha256.n, 64);
	assert_true(c->self_issued);
	assert_false(c->ca);
	assert_false(c->server_auth);
	assert_true(c->has_ca_issuers);
	assert_in_range(
	    c->not_before.s, now - 3 * 86400 - 60, now - 3 * 86400 + 60);
	assert_in_range(
	    c->not_after.s, now + 4 * 86400 - 60, now + 4 * 86400 + 60);
	arena_release(&a);
	sk_X509_free(sk);
	test_id_free(&leaf);
}

/* A NUL inside a name (CVE-2009-2408): the entry counts for nothing. */
static void
test_nul_in_san(void **state)
{
	static const char evil[] = "mx.example\0.attacker.example";
	struct test_id leaf =
	    test_issue(&(struct test_wish){ .cn = "mx.example" });
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *g = GENERAL_NAME_new();
	STACK_OF(X509) *sk = sk_X509_new_null();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();
	struct cert *c;
	struct arena a;
	size_t n;

	(void)state;
	ASN1_STRING_set(s, evil, sizeof evil - 1);
	GENERAL_NAME_set0_value(g, GEN_DNS, s);
	sk_GENERAL_NAME_push(names, g);
	X509_add1_ext_i2d(leaf.x, NID_subject_alt_name, names, 0, 0);
	X509_sign(leaf.x, leaf.key, EVP_sha256());
	sk_X509_push(sk, leaf.x);
	arena_init(&a, 64 * 1024);
	certs_read(sk, &a, &c, &n);
	assert_int_equal(n, 1);
	assert_int_equal(c->n_dns_ids, 0);
	arena_release(&a);
	GENERAL_NAMES_free(names);
	sk_X509_free(sk);
	test_id_free(&leaf);
}

/* clang-format off */
static const struct {
	const char	*label;
	uint8_t		 usage, selector, matching;
	bool		 of_ca; /* the record is of the CA, else of the leaf */
	bool		 spoilt; /* its last octet is wrong */
	struct span	 name; /* what the leaf should be for */
	int		 to_day;
	enum dane_match	 want;
} dane[] = {
	{ "3 1 1", 3, 1, 1, false, false, SPAN_INIT("mx.example"), 30, DANE_OK },
	{ "3 1 1, another key", 3, 1, 1, false, true, SPAN_INIT("mx.example"),
	  30, DANE_MISMATCH },
	{ "RFC 7672 3.1.1: DANE-EE ignores names", 3, 1, 1, false, false,
	  SPAN_INIT("other.example"), 30, DANE_OK },
	{ "RFC 7672 3.1.1: DANE-EE ignores dates", 3, 1, 1, false, false,
	  SPAN_INIT("mx.example"), -1, DANE_OK },
	{ "2 0 1", 2, 0, 1, true, false, SPAN_INIT("mx.example"), 30, DANE_OK },
	{ "RFC 7672 3.1.2: DANE-TA wants a name", 2, 0, 1, true, false,
	  SPAN_INIT("other.example"), 30, DANE_MISMATCH },
	{ "RFC 7672 3.1.2: DANE-TA wants a date", 2, 0, 1, true, false,
	  SPAN_INIT("mx.example"), -1, DANE_MISMATCH },
	{ "1 1 1 is not usable", 1, 1, 1, false, false,
	  SPAN_INIT("mx.example"), 30, DANE_UNTRIED },
};
/* clang-format on */

static struct dns_tlsa
record(size_t i, X509 *x, unsigned char *data)
{
	unsigned char *der = NULL;
	int n = dane[i].selector == 1 ? i2d_PUBKEY(X509_get0_pubkey(x), &der)
				      : i2d_X509(x, &der);
	unsigned len = 0;

	EVP_Digest(der, (size_t)n, data, &len, EVP_sha256(), NULL);
	OPENSSL_free(der);
	data[31] = (unsigned char)(data[31] ^ dane[i].spoilt);
	return (struct dns_tlsa){ .usage = dane[i].usage,
		.selector = dane[i].selector,
		.matching = dane[i].matching,
		.data = { (char *)data, len } };
}

static void
test_dane(void **state)
{
	struct tally t = { .failed = 0 };
	struct pki p;

	(void)state;
	pki_init(&p);
	for (size_t i = 0; i < ROWS(dane); i++) {
		struct test_id *ca = &p.ca[STRANGER];
		struct test_id leaf =
		    test_issue(&(struct test_wish){ .cn = "mx.example",
			.san = "DNS:mx.example",
			.from_day = -90,
			.to_day = dane[i].to_day,
			.issuer = ca });
		STACK_OF(X509) *sk = sk_X509_new_null();
		unsigned char data[EVP_MAX_MD_SIZE];
		struct dns_tlsa rr =
		    record(i, dane[i].of_ca ? ca->x : leaf.x, data);
		struct der_chain der;
		struct span error;
		struct arena a;

		sk_X509_push(sk, leaf.x);
		sk_X509_push(sk, ca->x);
		arena_init(&a, 64 * 1024);
		certs_save(sk, &a, &der);
		t.label = dane[i].label;
		want_int(&t, "match",
		    certs_dane(&der, &rr, 1, &dane[i].name, 1,
			clock_wall(&clock_system), &a, &error),
		    dane[i].want);
		want_int(
		    &t, "says why", error.n > 0, dane[i].want == DANE_MISMATCH);
		arena_release(&a);
		sk_X509_free(sk);
		test_id_free(&leaf);
	}
	pki_free(&p);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_nul_in_san),
		cmocka_unit_test(test_dane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
