/* num.h - the one number parser, and how a time is written for it. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/span.h"

/* Decimal ASCII digits and nothing else, at least one, no more than max.
 * *out is untouched on failure. */
bool
num_parse(struct span digits, uint64_t max, uint64_t *out) MUST_CHECK;

/* A number and one of s m h d w ("90s", "2w"), in seconds, no more than max_s.
 * A bare number is seconds. */
bool
num_parse_duration(struct span text, uint64_t max_s, uint64_t *out) MUST_CHECK;

/* As that reads it, in the largest unit that leaves nothing over: "2w". */
void
num_put_duration(struct buf *b, uint64_t s);

#endif
