/* sts_write.h - a policy and a record as we publish them: what every sender,
 * however strict, reads alike.
 *
 * The file is in CRLF, without a blank line, comment or extension (RFC
 * 8461 3.2; errata 6253 is open, and CRLF satisfies both readings); the record
 * has no white space before its semicolons (reading A1). */
#ifndef WIRE_STS_WRITE_H
#define WIRE_STS_WRITE_H

#include "base/buf.h"
#include "wire/sts_policy.h"

enum {
	/* Some senders stop at 64,000 octets and not at 65,536 (reading A23).
	 */
	STS_WRITE_MAX = 64000,
};

/* Patterns are written as they come. A policy of mode none needs none; one is
 * written all the same if there is one, since a sender is known that refuses
 * a policy without. False: b is too small, a pattern is none (RFC 8461 4.1),
 * mode or max_age is none of RFC 8461 3.2, there is no pattern where one is
 * needed, or the whole is longer than STS_WRITE_MAX; b is then of no use. */
bool
sts_write_policy(enum sts_mode mode, uint32_t max_age,
    const struct span *patterns, size_t n, struct buf *b) MUST_CHECK;

/* "v=STSv1; id=...;". False: b is too small, or id is none (RFC 8461 3.1). */
bool
sts_write_record(struct span id, struct buf *b) MUST_CHECK;

#endif
