/* conn.h - one connection with one deadline, over TCP with TLS on demand, or
 * over UDP.
 *
 * Blocking for the caller, never longer than the deadline. Every call says how
 * it went as a talk_result; what a person should read is in reason. After
 * anything but TALK_OK only conn_close is of use.
 *
 * A peer that goes away must not kill us: conn_open blocks SIGPIPE for the
 * calling thread, and leaves it so. */
#ifndef IO_CONN_H
#define IO_CONN_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/span.h"
#include "core/evidence.h"
#include "io/stop.h"

struct conn {
	const struct clock *clock;
	struct stop *stop; /* may be NULL */
	struct mono_time deadline; /* of every call; may be changed between */
	int fd; /* -1: closed */
	SSL *ssl; /* NULL: in the clear */
	bool client_cert_asked;
	bool tls_silent; /* the handshake failed before a word of the peer */
	int alert; /* that the peer sent, or -1 */
	char reason[160]; /* why the last call failed; "" if it did not */
};

/* A connection that is not open yet. */
struct conn
conn_init(const struct clock *clock, struct stop *stop);

/* For the calling thread, and for good. */
void
conn_block_sigpipe(void);

/* Connect. */
enum talk_result
conn_open(struct conn *c, struct ip_addr address, uint16_t port,
    struct mono_time deadline);

/* The same over UDP: a socket that hears this peer only. One call of conn_read
 * is one datagram; an empty one is TALK_CLOSED, and not the end. */
enum talk_result
conn_open_datagram(struct conn *c, struct ip_addr address, uint16_t port,
    struct mono_time deadline);

/* At least one octet, at most cap; *n is how many. TALK_CLOSED: there will be
 * no more. */
enum talk_result
conn_read(struct conn *c, void *buf, size_t cap, size_t *n);

/* What has come already, without waiting: *n may be 0. In the clear only. */
enum talk_result
conn_peek_rest(struct conn *c, void *buf, size_t cap, size_t *n);

enum talk_result
conn_write(struct conn *c, struct span s);

struct conn_tls {
	SSL_CTX *ctx; /* of conn_tls_context */
	const char *sni; /* NULL: none */
	uint16_t min, max; /* enum tls_version; 0: what the context has */
};

/* The TLS handshake. The certificate is not judged: evidence only. If it fails
 * and tls_silent is set, the peer sent not one octet. */
enum talk_result
conn_start_tls(struct conn *c, const struct conn_tls *tls);

/* Within TLS says so before it goes; waits for nothing. */
void
conn_close(struct conn *c);

/* A client's context that can see whatever there is: TLS 1.0 to 1.3, old
 * ciphers and weak keys, no session kept. Shared by all threads, unchanged.
 * NULL: the library failed. */
SSL_CTX *
conn_tls_context(void) MUST_CHECK;

/* The name of a TLS alert as IANA has it: "certificate required". */
const char *
tls_alert_name(int alert);

/* What errno of a socket means for a conversation. */
enum talk_result
talk_of_errno(int e);

#endif
