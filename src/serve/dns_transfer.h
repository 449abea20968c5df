/* dns_transfer.h - the whole zone, to one who may have it (RFC 5936 2.2).
 *
 * One message after the other, each made when the last one has gone: a
 * secondary that reads slowly costs one buffer. Names that change meanwhile may
 * arrive as they were or as they are; the serial is that of the beginning, so
 * the secondary comes again for the change. */
#ifndef SERVE_DNS_TRANSFER_H
#define SERVE_DNS_TRANSFER_H

#include "base/clock.h"
#include "io/tsig_stream.h"
#include "serve/dns_zone.h"
#include "wire/dns_query.h"

struct dns_transfer;

/* Begin the answer to an AXFR, or to an IXFR that gets all (RFC 1995 4). The
 * query is copied; zone and clock are borrowed. signer is NULL, or the stream
 * that has accepted the query, with tsig as in it: the transfer owns what is in
 * the stream from here on. NULL if there is no memory; the stream is still the
 * caller's then. */
struct dns_transfer *
dns_transfer_new(struct dns_zone *zone, const struct clock *clock,
    const struct dns_query *query, const struct tsig_stream *signer,
    const struct tsig *tsig);

void
dns_transfer_free(struct dns_transfer *t);

/* Write the next message into mem, LIMIT_DNS_TRANSFER_MESSAGE octets. *out is
 * empty when all is said. An error: the rest cannot be signed or is not to be
 * had, and the connection is to be closed: half a zone is none. */
enum err
dns_transfer_next(
    struct dns_transfer *t, char *mem, struct span *out) MUST_CHECK;

#endif
