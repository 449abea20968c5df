/* published_label.h - the label of a target that was never issued before. */
#ifndef IO_PUBLISHED_LABEL_H
#define IO_PUBLISHED_LABEL_H

#include "base/err.h"
#include "core/published.h"
#include "io/random.h"

/* Base32 by random, not terminated. */
enum err
published_label(const struct randomness *r, char out[PUBLISHED_LABEL_OCTETS],
    struct error *e) MUST_CHECK;

#endif
