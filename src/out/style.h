/* style.h - how text is dressed for where it goes. */
#ifndef OUT_STYLE_H
#define OUT_STYLE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/checks.h"

struct style {
	bool colour; /* ANSI SGR sequences */
	int width; /* columns to wrap at; 0: never */
};

enum ink {
	INK_PLAIN,
	INK_BOLD,
	INK_DIM,
	INK_GREEN,
	INK_YELLOW,
	INK_RED,
	INK_BLUE,
};

/* Colour only on a terminal and where NO_COLOR is not set (no-color.org);
 * width of the terminal, or 80. */
struct style
style_for(FILE *f);

/* The sequence that begins ink, and the one that ends it; "" without colour. */
const char *
style_on(const struct style *s, enum ink ink);
const char *
style_off(const struct style *s);

enum ink
style_severity_ink(enum severity severity);

/* Words of text on lines of the style's width, each after indent spaces; ends
 * with a newline. What follows a newline in text is something to copy, such as
 * a record: it stands on a line of its own and is never broken. Escapes what is
 * not printable. */
void
style_wrap(const struct style *s, FILE *f, int indent, struct span text);

#endif
