/* fresh.h - names that were never given before: by random. */
#ifndef IO_FRESH_H
#define IO_FRESH_H

#include "base/err.h"
#include "core/published.h"
#include "io/random.h"

/* An id for the record: hexadecimal digits, NUL-terminated. */
enum err
fresh_id(const struct randomness *r, char out[PUBLICATION_ID_OCTETS + 1],
    struct error *e) MUST_CHECK;

/* The label of a publication, see core/published.h; not terminated. */
enum err
fresh_label(const struct randomness *r, char out[PUBLISHED_LABEL_OCTETS],
    struct error *e) MUST_CHECK;

#endif
