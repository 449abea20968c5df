/* percent.h - percent-encoding, of forms, queries and paths (RFC 3986 2.1). */
#ifndef WEB_PERCENT_H
#define WEB_PERCENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/span.h"

/* Undone, and "+" where it is a space. A % that is no encoding stays as it is
 * (URL Standard 1.3). False: it is not UTF-8, or holds a NUL. "" if it does not
 * fit into the arena. */
bool
percent_decode(struct span s, bool plus_is_space, struct arena *a,
    struct span *out) MUST_CHECK;

/* Done, of what is not plain. "" if it does not fit. */
struct span
percent_encode(
    struct span s, bool (*is_plain)(unsigned char c), struct arena *a);

/* Of all but letters and digits: so that it is one value of a query, whatever
 * it is. */
struct span
percent_escape(struct span s, struct arena *a);

#endif
