/* base64url.h - octets as text for URLs: RFC 4648 5, without padding, as JOSE
 * has it (RFC 7515 2). */
#ifndef BASE_BASE64URL_H
#define BASE_BASE64URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/span.h"

/* Empty, and a->failed, if it does not fit. */
struct span
base64url_encode(struct arena *a, struct span octets);

/* False if text is not the one encoding of any octets: another character, a
 * padding, an impossible length, bits that are set beyond the last octet; or if
 * it does not fit, and then a->failed is set. */
bool
base64url_decode(
    struct arena *a, struct span text, struct span *out) MUST_CHECK;

#endif
