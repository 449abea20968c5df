/* buf.h - a bounded writer with a sticky error.
 *
 * What does not fit is dropped whole, and the buffer says so from then on: a
 * chain of writes needs one test at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/span.h"

struct buf {
	char *p; /* the caller's memory */
	size_t n, cap; /* n <= cap, always */
	bool overflow; /* sticky: something did not fit */
};

/* An empty buffer over cap bytes of the caller's. */
static inline struct buf
buf_init(void *mem, size_t cap)
{
	return (struct buf){ .p = mem, .cap = cap };
}

void
buf_put(struct buf *b, struct span s);

void
buf_putc(struct buf *b, char c);

void
buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/* What has been written; borrows from the buffer's memory. */
static inline struct span
buf_span(const struct buf *b)
{
	return (struct span){ b->p, b->n };
}

#endif
