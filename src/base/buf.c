#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void
buf_put(struct buf *b, struct span s)
{
	if (b->overflow || s.n > b->cap - b->n) {
		b->overflow = true;
		return;
	}
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, (struct span){ &c, 1 });
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->n;
	va_list ap;
	int n;

	if (b->overflow)
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->n, room, fmt, ap);
	va_end(ap);
	/* vsnprintf keeps the last byte for its NUL, which we do not. */
	if (n < 0 || (size_t)n >= room)
		b->overflow = true;
	else
		b->n += (size_t)n;
}
