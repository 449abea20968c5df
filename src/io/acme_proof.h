/* acme_proof.h - the names of an order are proven to be ours: HTTP-01 (RFC 8555
 * 7.5, 8.3). */
#ifndef IO_ACME_PROOF_H
#define IO_ACME_PROOF_H

#include "io/acme_order.h"

/* Look at every authorization of the order, show the answers of those that are
 * pending, and then tell the CA. Those that are proven, or that the CA is
 * looking at, are left alone. */
enum err
acme_proof_answer(struct acme_client *ca, const struct acme_order *o,
    const struct acme_hooks *hooks, struct arena *a, struct acme_reply *out,
    struct error *e) MUST_CHECK;

/* Which of the order's authorizations failed, and why: a failure with one part
 * for each such name. */
enum err
acme_proof_fault(struct acme_client *ca, const struct acme_order *o,
    struct arena *a, struct acme_reply *out) MUST_CHECK;

#endif
