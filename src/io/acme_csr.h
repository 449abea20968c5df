/* acme_csr.h - what is asked for, and whether it was given. */
#ifndef IO_ACME_CSR_H
#define IO_ACME_CSR_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

/* A request for the names (RFC 2986), signed with key, in DER: they stand in
 * the subject alternative name alone (RFC 8555 7.4). */
enum err
acme_csr_write(EVP_PKEY *key, const struct span *names, size_t n,
    struct arena *a, struct span *out) MUST_CHECK;

/* Of a certificate that we hold. */
struct acme_leaf {
	struct wall_time from, to; /* its validity */
	struct span cert_id; /* RFC 9773 4.1; "" without an authority key id */
};

/* Read the first certificate of a chain in PEM. False: there is none. */
bool
acme_leaf_read(
    struct span chain, struct arena *a, struct acme_leaf *out) MUST_CHECK;

/* The same of a chain in DER, end to end. */
bool
acme_leaf_read_der(
    struct span chain, struct arena *a, struct acme_leaf *out) MUST_CHECK;

/* A chain in PEM as it is served: the certificates in DER, end to end. False:
 * there is none, or no memory. */
bool
acme_chain_der(struct span pem, struct arena *a, struct span *out) MUST_CHECK;

/* The first certificate itself, in DER. False: there is none, or no memory. */
bool
acme_leaf_der(struct span chain, struct arena *a, struct span *out) MUST_CHECK;

/* Take what the CA sent as a chain in PEM: it is what was ordered if its first
 * certificate is for that key and for all of the names, and in time now. *out
 * is the chain, written anew, so that nothing but certificates is in it. NULL,
 * or in words what is wrong. */
const char *
acme_chain_take(struct span sent, EVP_PKEY *key, const struct span *names,
    size_t n, struct wall_time now, struct arena *a, struct span *out);

#endif
