/* packed.h - text that is large and seldom read, compressed (zlib). */
#ifndef STORE_PACKED_H
#define STORE_PACKED_H

#include "base/arena.h"
#include "base/err.h"

/* Of at most LIMIT_STORE_TEXT bytes, otherwise ERR_LIMIT. Lives in the arena.
 */
enum err
packed_write(struct span text, struct arena *a, struct span *out,
    struct error *e) MUST_CHECK;

/* The text again, in the arena. The store's file may be damaged: what is no
 * such thing, or would be larger, is ERR_STORE. */
enum err
packed_read(struct span packed, struct arena *a, struct span *out,
    struct error *e) MUST_CHECK;

#endif
