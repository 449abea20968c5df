/* zone_transfer.h - the mail domains of a zone, from a name server (RFC 5936).
 *
 * One TCP connection, blocking. The server is the administrator's own choice,
 * so it may stand at any address; what it says is hostile all the same. */
#ifndef IO_ZONE_TRANSFER_H
#define IO_ZONE_TRANSFER_H

#include "base/clock.h"
#include "io/endpoint.h"
#include "io/random.h"
#include "io/stop.h"
#include "io/tsig_key_file.h"
#include "io/zone_file.h"

enum { ZONE_TRANSFER_PORT = 53 };

struct zone_transfer_limits {
	int64_t idle_ms; /* without an octet of the server */
	int64_t total_ms; /* over all, connecting included */
	uint64_t bytes; /* of the whole transfer */
};

/* Those of base/limits.h. */
extern const struct zone_transfer_limits zone_transfer_limits;

/* All of it borrowed. */
struct zone_transfer {
	struct span zone; /* canonical */
	const struct endpoint *servers; /* the first that can be reached */
	size_t n_servers;
	const struct tsig_key *key; /* NULL: unsigned */
	const struct zone_transfer_limits *limits;
	const struct clock *clock;
	const struct randomness *random;
	struct stop *stop; /* may be NULL */
};

/* Ask for the zone and hand on every name below it that has an MX record, as
 * zone_file_read does. Memory does not grow with the zone, so names are taken
 * before it is known that the zone is whole and, with a key, what the server
 * signed: they count for something with ERR_OK only.
 *
 * ERR_NO_INPUT if no server can be reached or the server says no, ERR_DATA if
 * what it sends is not one whole zone or is not signed as it must be, ERR_LIMIT
 * if it is too much, takes too long, or the taker has enough. A sentence in e
 * says what to do, where there is something. */
enum err
zone_transfer_read(const struct zone_transfer *z,
    const struct zone_file_reader *r, struct error *e) MUST_CHECK;

#endif
