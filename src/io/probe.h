/* probe.h - one address of a mail exchanger, looked at as a client on port 25
 * would see it.
 *
 * Up to three connections, one after the other:
 *
 * 1. greeting, EHLO, STARTTLS and the handshake a sender makes, with SNI
 *    (RFC 8461 7.1) and TLS 1.0 to 1.3; then QUIT.
 * 2. without SNI and with TLS 1.2 at most. Behind STARTTLS, in the same packet,
 *    goes a NOOP: a server that answers it inside TLS takes plaintext over into
 *    the protected session (RFC 3207 6).
 * 3. with TLS 1.0 and 1.1 only.
 *
 * The second and third are made only if the first reached TLS. No mail is sent,
 * and no command that would begin one. */
#ifndef IO_PROBE_H
#define IO_PROBE_H

#include "base/arena.h"
#include "core/evidence.h"
#include "io/handshake.h"

/* Borrowed by every probe of a run. */
struct probe_env {
	const struct clock *clock;
	struct stop *stop; /* may be NULL */
	struct tls_client tls;
	const char *ehlo_name;
	uint16_t port; /* 25; another in tests */
	int64_t connect_ms, greeting_ms; /* each counts by itself */
	int64_t talk_ms; /* from the greeting to the end of one connection */
};

/* Fill *out (but for dane, which is decided for each domain) and, if the
 * handshake succeeded, *der with the chain. Memory from a. */
void
probe_address(const struct probe_env *env, struct span host,
    struct ip_addr address, struct arena *a, struct probe *out,
    struct der_chain *der);

#endif
