/* secret.h - what lets somebody in: 32 octets by random, as text that a person
 * can copy. Whoever reads the store finds a SHA-256 of it, from which there is
 * no way back: nobody guesses 256 bits, so it needs no salt and no slowness. */
#ifndef IO_SECRET_H
#define IO_SECRET_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"
#include "io/random.h"

enum { SECRET_OCTETS = 32, SECRET_TEXT = 43 /* base64url */, SECRET_DIGEST = 32 };

struct secret {
	char text[SECRET_TEXT + 1];
	uint8_t hash[SECRET_DIGEST];
};

enum err
secret_make(
    const struct randomness *r, struct secret *out, struct error *e) MUST_CHECK;

/* The hash of such a text; false if it is none. */
bool
secret_hash(struct span text, uint8_t hash[SECRET_DIGEST]) MUST_CHECK;

#endif
