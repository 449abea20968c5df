/* escape.h - foreign bytes made fit to be read by a person.
 *
 * Nothing said over the network is trusted to be text. Printable UTF-8 passes;
 * everything that could move a cursor, hide or reorder what follows, or end a
 * line (controls, C1, bidirectional overrides, line separators, invalid UTF-8)
 * becomes \xNN, and a backslash becomes "\\", so that nothing is lost. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

/* Would that code point move a cursor, hide or reorder text, or end a line? */
bool
escape_is_unprintable(uint32_t c);

void
escape_put(struct buf *b, struct span s);

/* A NUL-terminated escaped copy of the first max bytes of s, with "..." behind
 * it where s is longer. Never NULL: "" if it does not fit into the arena. */
const char *
escape_str(struct arena *a, struct span s, size_t max);

/* Escaped to f, but for "\n" and a backslash, which pass: for text that we
 * wrote around foreign bytes and that may have lines of its own. */
void
escape_print(FILE *f, struct span text);

#endif
