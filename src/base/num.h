/* num.h - the one number parser. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/span.h"

/* Decimal ASCII digits and nothing else, at least one, no more than max.
 * *out is untouched on failure. */
bool
num_parse(struct span digits, uint64_t max, uint64_t *out) MUST_CHECK;

/* A number and one of s m h d w ("90s", "2w"), in seconds, no more than max_s.
 * A bare number is seconds. */
bool
num_parse_duration(struct span text, uint64_t max_s, uint64_t *out) MUST_CHECK;

#endif
