/* trust.h - the certification authorities that a run trusts.
 *
 * Loaded once, at the first need (some 40 ms for the 140 roots of a system's
 * bundle), then shared by all threads and never changed. */
#ifndef IO_TRUST_H
#define IO_TRUST_H

#include <openssl/x509.h>

#include "base/attr.h"
#include "base/err.h"

struct trust_store;

/* file: PEM, or NULL for the system's bundle. It is looked for now and read at
 * the first need. ERR_NO_INPUT if a named file cannot be read; a system
 * without a bundle is one that trusts nobody. */
enum err
trust_store_new(
    const char *file, struct trust_store **out, struct error *e) MUST_CHECK;

void
trust_store_free(struct trust_store *t);

/* Any thread; the first one loads, others wait for it. Borrowed. */
X509_STORE *
trust_store_get(struct trust_store *t);

#endif
