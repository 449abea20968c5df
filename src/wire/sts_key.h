/* sts_key.h - the keys of a policy (RFC 8461 3.2), and what was meant for one.
 */
#ifndef WIRE_STS_KEY_H
#define WIRE_STS_KEY_H

#include "base/span.h"

enum sts_key {
	STS_KEY_VERSION,
	STS_KEY_MODE,
	STS_KEY_MX,
	STS_KEY_MAX_AGE,
	STS_KEYS, /* how many; also: none of them */
};

extern const struct span sts_keys[STS_KEYS];

/* The key that s is, letter for letter; STS_KEYS if none. */
enum sts_key
sts_key_of(struct span s);

/* The same but for case. */
enum sts_key
sts_key_of_nocase(struct span s);

/* The key that s is one slip of the finger away from; STS_KEYS if none. Words
 * of their own ("max", "node") are no slips. */
enum sts_key
sts_key_nearly(struct span s);

#endif
