/* tls_fixed.h - one certificate for all clients, from PEM. */
#ifndef SERVE_TLS_FIXED_H
#define SERVE_TLS_FIXED_H

#include "serve/tls.h"

/* Every session of the context shows it; with a key of RSA the context can do
 * what such a key needs. ERR_DATA with a sentence: the bytes are no
 * certificate, no key, or one that does not belong to it. */
enum err
tls_fixed_use(
    SSL_CTX *ctx, const struct tls_fixed *fixed, struct error *e) MUST_CHECK;

#endif
