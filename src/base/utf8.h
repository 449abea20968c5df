/* utf8.h - UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* The length (1 to 4) of the sequence that s begins with, its code point in
 * *out; 0 if s is empty or begins with no valid sequence. */
size_t
utf8_next(struct span s, uint32_t *out);

bool
utf8_is_valid(struct span s);

#endif
