/* siphash.h - a hash whose values strangers cannot foresee: for tables that are
 * filled with what they choose.
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012). */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

#include "base/span.h"

/* 16 random octets, drawn once for a table. */
struct siphash_key {
	unsigned char k[16];
};

uint64_t
siphash(const struct siphash_key *key, struct span s);

#endif
