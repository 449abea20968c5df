/* fuzz.h - what the fuzzers share. An invariant that does not hold ends the
 * run; asserts stay on in every build. */
#ifndef WIRE_FUZZ_H
#define WIRE_FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static inline struct span
fuzz_input(const uint8_t *data, size_t n)
{
	return (struct span){ n > 0 ? (const char *)data : "", n };
}

static inline bool
fuzz_is_inside(struct span part, struct span whole)
{
	return part.n == 0 ||
	       (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* A number out of the input, and what is left of it. */
static inline unsigned
fuzz_octet(struct span *in)
{
	unsigned c = in->n > 0 ? (unsigned char)in->p[0] : 0;

	*in = span_skip(*in, 1);
	return c;
}

#endif
