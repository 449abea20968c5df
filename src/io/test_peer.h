/* test_peer.h - for tests only: certificates made on the spot, and peers on
 * loopback that play a script. */
#ifndef IO_TEST_PEER_H
#define IO_TEST_PEER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "wire/ipaddr.h"

/* A certificate and its key. */
struct test_id {
	X509 *x;
	EVP_PKEY *key;
};

/* What it shall say. Zero is a sound leaf. */
struct test_wish {
	const char *cn;
	const char *san; /* "DNS:a.example,DNS:b.example" */
	int from_day, to_day; /* from now; both 0: -1 to 30 */
	bool ca;
	const char *aia; /* "caIssuers;URI:http://..." */
	const char *eku; /* "clientAuth" */
	struct test_id *issuer; /* NULL: signs itself */
};

struct test_id
test_issue(const struct test_wish *w);

void
test_id_free(struct test_id *id);
/* Its certificate, as a file that one trusts. */
void
test_id_write(const struct test_id *id, const char *path);

/* One connection, seen from the peer. */
struct test_talk {
	int fd;
	SSL *ssl; /* once TLS stands */
	char in[4096];
	size_t n;
};

struct test_peer {
	/* Serves the nth connection (from 0); may just return. */
	void (*serve)(struct test_peer *p, struct test_talk *t, int nth);
	const void *script;
	SSL_CTX *tls; /* NULL: none */

	uint16_t port; /* where it listens, on 127.0.0.1 */
	atomic_int connections;
	char sni[8][64]; /* of the first handshakes; "": none was sent */
	int handshakes;
	int fd;
	pthread_t thread;
};

/* Listen and serve one connection after the other, on a thread of its own. */
void
test_peer_start(struct test_peer *p);

void
test_peer_stop(struct test_peer *p);

/* A server's context that shows leaf and then the given others. */
SSL_CTX *
test_server_tls(const struct test_id *leaf, const struct test_id *above);

/* The next line without its end, in a static place of t; NULL: no more. */
const char *
test_line(struct test_talk *t);

void
test_say(struct test_talk *t, const char *text);

/* The handshake, as the server, by p->tls; false if it failed. What has been
 * read in plaintext is dropped, unless kept. */
bool
test_tls(struct test_peer *p, struct test_talk *t, bool keep_plaintext);

/* 127.0.0.1 */
struct ip_addr
test_loopback(void);

#endif
