/* bearer.h - what lets in whoever has it: a session, a link, a token. 32 octets
 * by random, said as text; what is kept of it is its SHA-256, which lets nobody
 * in. */
#ifndef IO_BEARER_H
#define IO_BEARER_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "io/random.h"

enum { BEARER_TEXT = 64, BEARER_HASH = 32 };

struct bearer {
	char text[BEARER_TEXT + 1]; /* lower case hex, NUL-terminated */
	uint8_t hash[BEARER_HASH];
};

/* A new one. ERR_SYSTEM: there is no randomness. */
enum err
bearer_make(
    const struct randomness *r, struct bearer *out, struct error *e) MUST_CHECK;

/* The hash of what somebody shows. False: that is no such text, so nobody has
 * it. */
bool
bearer_hash(struct span text, uint8_t out[BEARER_HASH]) MUST_CHECK;

#endif
