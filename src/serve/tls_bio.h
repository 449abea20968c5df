/* tls_bio.h - inside the server's TLS: the socket below a session.
 *
 * Two system calls fewer than OpenSSL's own. A read that brought less than
 * there was room for has emptied the socket: the next is not tried before the
 * loop says that there is more. And what is written before the end of a
 * connection waits for that, so that both are one packet. */
#ifndef SERVE_TLS_BIO_H
#define SERVE_TLS_BIO_H

#include <openssl/bio.h>
#include <stdbool.h>

#include "base/attr.h"

/* NULL: no memory. For BIO_meth_free, after the last BIO of it. */
BIO_METHOD *
tls_bio_method(void) MUST_CHECK;

/* Over the socket, which stays the caller's. NULL: no memory. */
BIO *
tls_bio_new(const BIO_METHOD *method, int fd) MUST_CHECK;

/* The socket may have something again. */
void
tls_bio_ready(BIO *b);

/* More follows what is written from now on, or not. */
void
tls_bio_more(BIO *b, bool more);

#endif
