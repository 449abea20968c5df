/* tsig.h - transaction signatures (RFC 8945): the record at the end of a
 * message, and the octets that its MAC covers.
 *
 * Pure: the MAC itself is io's, see io/tsig_stream.h. Messages are hostile. */
#ifndef WIRE_TSIG_H
#define WIRE_TSIG_H

#include "wire/dns_message.h"

enum {
	TSIG_FUDGE_S = 300, /* RFC 8945 10 recommends it */
	TSIG_MAC_MAX = 64, /* octets of the longest MAC below */
	/* RFC 8945 5.3.1: how many messages without a signature may stand
	 * between two that have one. */
	TSIG_BETWEEN_MAX = 99,
};

/* RFC 8945 6, but for those that it does not recommend. */
enum tsig_algorithm { TSIG_SHA256, TSIG_SHA384, TSIG_SHA512, TSIG_ALGORITHMS };

struct tsig_algorithm_row {
	struct span name; /* as it stands in the record */
	const char *digest; /* the hash, as libraries call it */
	size_t mac_n; /* octets of its MAC */
};

extern const struct tsig_algorithm_row tsig_algorithms[TSIG_ALGORITHMS];

/* RFC 8945 3: what the error member says. */
enum tsig_error {
	TSIG_BADSIG = 16,
	TSIG_BADKEY = 17,
	TSIG_BADTIME = 18,
	TSIG_BADTRUNC = 22,
};

/* RFC 8945 4.2 */
struct tsig {
	struct dns_name key, algorithm;
	uint64_t time_s; /* since 1970, 48 bits */
	uint16_t fudge_s;
	uint16_t original_id;
	uint16_t error; /* enum tsig_error, or another rcode */
	struct span mac, other; /* borrowed */
	size_t at; /* where the record begins, or will begin */
};

enum tsig_find { TSIG_ABSENT, TSIG_FOUND, TSIG_MALFORMED };

/* Look for the TSIG record of a message; *out borrows from it and is whole with
 * TSIG_FOUND only. RFC 8945 5.2: there is one at most, and it is the last
 * record. TSIG_MALFORMED: it is not, or the message breaks its format anywhere;
 * octets behind the last record do so too. */
enum tsig_find
tsig_find(struct span message, struct tsig *out) MUST_CHECK;

/* Who takes the octets of a digest, one span after the other. A span is
 * borrowed for the call. */
struct tsig_sink {
	void (*put)(void *arg, struct span s);
	void *arg;
};

/* RFC 8945 4.3.1: the MAC of the query, or of the last signed message. */
void
tsig_digest_prior(struct span mac, const struct tsig_sink *to);

/* What of the record is digested behind the message. */
enum tsig_scope {
	TSIG_VARIABLES, /* RFC 8945 4.3.3: a query, the first message behind */
	TSIG_TIMERS, /* RFC 8945 5.3.1: every later one */
};

/* RFC 8945 4.3.2: the message as it was before the record t was put at its end,
 * or as it is if that has not been done yet (t->at == message.n), and then the
 * members of t. */
void
tsig_digest_message(struct span message, const struct tsig *t,
    enum tsig_scope scope, const struct tsig_sink *to);

/* Put t behind the message in b, which begins with its header, and count it
 * there. False if a name of t is none; b may overflow. */
bool
tsig_write(struct buf *b, const struct tsig *t);

#endif
