/* test_ca.h - for tests only: a small CA on loopback that does what its script
 * says, and otherwise what RFC 8555 and RFC 9773 say. One account, one order at
 * a time; names are never looked at. */
#ifndef IO_TEST_CA_H
#define IO_TEST_CA_H

#include "io/test_peer.h"
#include "io/trust.h"

/* What is said in the place of the usual answer. */
struct test_ca_rule {
	const char *path; /* "/order"; NULL ends the rules */
	int from, times; /* from that request to the path on (1 is the first;
			    0: 1), so many of them (0: all) */
	const char
	    *answer; /* status, fields and body as they are sent; NULL: it
			hangs up; "": it is silent until the client goes */
};

struct test_ca {
	const struct test_ca_rule *rules; /* NULL: none */
	const char *window; /* RFC 9773 4.2, the body; NULL: no renewalInfo */
	int64_t ahead_s; /* of its clock, by which certificates are dated */
	/* What follows a rule's answer, again and again: so many octets. */
	const char *pad; /* NULL: " " */
	size_t padding;

	struct test_peer peer;
	struct test_id root, leaf, other;
	struct trust_store *trust;
	char file[64]; /* of the root */
	char directory[64]; /* its URL */
	atomic_int nonces;

	/* What the client did; to be read when it is done. */
	struct {
		char path[64];
		int times;
	} seen[32];
	char payload[8192]; /* of the last request to newOrder, revokeCert or
			       keyChange, decoded */
	char token[64]; /* of the challenge that was answered; "": none */
	char *chain; /* PEM */
};

void
test_ca_start(struct test_ca *ca);

void
test_ca_stop(struct test_ca *ca);

/* How often a path was asked for. */
int
test_ca_seen(const struct test_ca *ca, const char *path);

#endif
