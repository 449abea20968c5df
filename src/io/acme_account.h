/* acme_account.h - what an account does beside ordering: another key, and the
 * revocation of its certificates. */
#ifndef IO_ACME_ACCOUNT_H
#define IO_ACME_ACCOUNT_H

#include "io/acme_http.h"

/* Give the account the key to (RFC 8555 7.3.5). The client speaks with it from
 * then on; it is borrowed as the first one was. Both keys are to be kept until
 * this has succeeded: where the answer was lost, the one that the CA knows is
 * found by asking with each. */
enum err
acme_account_rekey(struct acme_client *c, EVP_PKEY *to, struct arena *a,
    struct acme_reply *out) MUST_CHECK;

/* RFC 5280 5.3.1; those that a subscriber may give. */
enum acme_reason {
	ACME_REASON_NONE = 0,
	ACME_REASON_KEY_COMPROMISED = 1,
	ACME_REASON_SUPERSEDED = 4,
	ACME_REASON_CESSATION = 5,
};

/* Revoke the first certificate of the chain (PEM; RFC 8555 7.6). One that is
 * revoked already is no failure. ERR_DATA if the chain is none. */
enum err
acme_account_revoke(struct acme_client *c, struct span chain,
    enum acme_reason reason, struct arena *a,
    struct acme_reply *out) MUST_CHECK;

#endif
