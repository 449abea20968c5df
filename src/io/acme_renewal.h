/* acme_renewal.h - when a certificate is to be renewed: when the CA says (RFC
 * 9773), else at two thirds of its life. */
#ifndef IO_ACME_RENEWAL_H
#define IO_ACME_RENEWAL_H

#include "core/renewal.h"
#include "io/acme_csr.h"
#include "io/acme_http.h"

/* Ask the CA that issued it what it suggests for a certificate. *out is set
 * from its answer; out->failure is another than none where it has no
 * suggestion, which out->failure == ACME_FAILED_GONE says of a CA without ARI.
 * *retry_s is when to ask again. */
enum err
acme_renewal_ask(struct acme_client *c, const struct acme_leaf *leaf,
    struct arena *a, struct renewal_window *window, int64_t *retry_s,
    struct acme_reply *out) MUST_CHECK;

#endif
