/* tls.h - TLS as a server with a certificate for each of very many names.
 *
 * One context; the name that the client asks for (SNI) chooses the certificate,
 * which comes from a store on demand and is kept, parsed, in a bounded cache. A
 * client that asks for no name, or for one that is not ours, gets no handshake:
 * alert unrecognized_name. RFC 8461 7.1: senders send SNI; and a certificate of
 * another customer would help nobody.
 *
 * Or one certificate for all clients, whatever they ask for, if at all: a
 * server that is found by one name, or by its address.
 *
 * TLS 1.2 and 1.3; ECDSA only, but for that one certificate, whose key may be
 * RSA. No session tickets and no sessions: policy
 * fetchers rarely come back while one lives, and tickets cost a fifth of a
 * handshake. One thread. */
#ifndef SERVE_TLS_H
#define SERVE_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"
#include "serve/lookup.h"

struct tls_identity {
	struct span chain; /* certificates in DER, leaf first, end to end */
	struct span key; /* ECPrivateKey in DER (RFC 5915) */
	uint64_t version; /* > 0 */
};

struct tls_source {
	/* name is a domain in lower case without a final dot. What *out
	 * borrows has to live until the next call. */
	enum lookup (*find)(void *arg, struct span name, uint64_t have,
	    struct tls_identity *out);
	void *arg;
};

/* In PEM, as other programs leave it. */
struct tls_fixed {
	struct span certificate; /* and those above it, leaf first */
	struct span key; /* of the leaf; not encrypted */
};

struct tls_config {
	/* For all clients, unless its certificate is ""; then there is no
	 * source. Not needed any more when tls_new returns. */
	struct tls_fixed fixed;
	struct tls_source source;
	const struct clock *clock;
	size_t max_identities; /* kept parsed; 8 KB each */
	int recheck_ms; /* ask the source again about an older one */
	uint64_t seed; /* random */
	bool no_h2; /* offer HTTP/1.1 alone */
};

struct tls_stats {
	uint64_t hits; /* handshakes with a pair that was there */
	uint64_t parsed; /* pairs read from the source's bytes */
	uint64_t unknown; /* handshakes for no name of ours */
	uint64_t failed; /* the source, or its bytes */
};

struct tls;

/* ERR_DATA: what fixed holds is no certificate with its key. */
enum err
tls_new(const struct tls_config *config, struct tls **out,
    struct error *error) MUST_CHECK;

/* After the last SSL of it. */
void
tls_free(struct tls *t);

/* What is known of a name has changed: the source is asked at its next
 * handshake. */
void
tls_forget(struct tls *t, struct span name);

/* A session, as the server, over the socket, which stays the caller's. NULL: no
 * memory. */
SSL *
tls_session(struct tls *t, int fd) MUST_CHECK;

/* The socket can be read again. Until that is said, a session that has found it
 * empty does not try. */
void
tls_ready(SSL *ssl);

/* The caller waits for the socket: a session keeps no buffers meanwhile, which
 * are 34 KB. */
void
tls_rest(SSL *ssl);

/* From now on the end follows what is written, which waits for it (the socket's
 * shutdown), or not. */
void
tls_last_words(SSL *ssl, bool last);

/* Once the handshake stands: did it agree on HTTP/2? */
bool
tls_is_h2(const SSL *ssl);

/* The name that the client asked for, as it wrote it; "" before that. */
struct span
tls_name(const SSL *ssl);

struct tls_stats
tls_stats(const struct tls *t);

#endif
