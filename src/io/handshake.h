/* handshake.h - one TLS handshake and what it showed, as evidence. */
#ifndef IO_HANDSHAKE_H
#define IO_HANDSHAKE_H

#include "base/arena.h"
#include "core/evidence.h"
#include "io/certs.h"
#include "io/conn.h"
#include "io/trust.h"

/* What all handshakes of a run share. */
struct tls_client {
	SSL_CTX *ctx; /* of conn_tls_context */
	struct trust_store *trust;
};

struct handshake {
	struct span sni; /* "": none is sent */
	uint16_t min, max; /* enum tls_version; 0: all that there are */
	bool facts; /* read the certificates; else only version and result */
};

/* Do it on an open connection and fill *out; returns out->result. If der is not
 * NULL, the chain as presented goes there. Memory from a. */
enum talk_result
handshake_do(struct conn *c, const struct tls_client *client,
    const struct handshake *h, struct arena *a, struct tls_seen *out,
    struct der_chain *der);

/* Nothing seen yet. */
void
tls_seen_blank(struct tls_seen *out);

#endif
