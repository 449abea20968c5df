/* certs.h - what a presented certificate chain says, and whether it leads to a
 * trusted root. Everything in it is hostile. */
#ifndef IO_CERTS_H
#define IO_CERTS_H

#include <openssl/x509.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/evidence.h"

/* The first LIMIT_CERTS certificates of a presented chain, leaf first. Memory
 * from a; what does not fit is left out, and a->failed is set. */
void
certs_read(
    STACK_OF(X509) * chain, struct arena *a, struct cert **out, size_t *out_n);

void
certs_save(STACK_OF(X509) * chain, struct arena *a, struct der_chain *out);

struct certs_verdict {
	enum trust trust;
	struct span error; /* the library's words, if not TRUST_OK */
	bool untimely; /* one on the path is not valid at that time */
	uint32_t aside; /* bit i: number i is not on the path to the root */
};

/* Build a path from the first certificate through the others to a root of
 * store, for a TLS server, and check signatures, purposes and constraints.
 * Names are not looked at, and dates do not count: they are evidence of their
 * own. (They do help to choose between two paths.) A root of the store that has
 * expired counts as unknown, since nobody can see it in the evidence.
 *
 * A path that ends in the air is told apart thus. Where the leaf's own issuer
 * is missing and the leaf says where to find it (AIA caIssuers), an
 * intermediate was not sent: INCOMPLETE. A leaf without AIA comes from a
 * private CA, and an intermediate whose issuer nobody knows names the root
 * above it: UNKNOWN_ROOT. */
struct certs_verdict
certs_verify(X509_STORE *store, STACK_OF(X509) * chain, struct wall_time now,
    struct arena *a);

/* Note in what was read of a chain what lies beside the path that was found. */
void
certs_mark(const struct certs_verdict *v, struct cert *certs, size_t n);

/* Does the chain satisfy one of the TLSA records (RFC 7672 3.1)? DANE-EE(3)
 * ignores names and dates; DANE-TA(2) wants one of names in the leaf. Records
 * that are not usable are passed over; UNTRIED if there is no other. *error
 * says why it is a mismatch, in memory of a. */
enum dane_match
certs_dane(const struct der_chain *chain, const struct dns_tlsa *tlsa,
    size_t n_tlsa, const struct span *names, size_t n_names,
    struct wall_time now, struct arena *a, struct span *error);

#endif
