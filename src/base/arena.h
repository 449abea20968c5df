/* arena.h - the memory of one job: a domain check, a request, a report.
 *
 * Everything that a job needs comes out of its arena and goes back at once
 * when the job ends. The cap is the bound against hostile input: an arena that
 * has reached it hands out NULL and stays failed, so that a job may look once
 * at its end rather than at every step.
 *
 * An arena belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/span.h"

struct arena_chunk;
struct arena_cleanup;

struct arena {
	struct arena_chunk *chunks; /* newest first; NULL on fixed memory */
	struct arena_cleanup *cleanups; /* newest first */
	char *at, *end; /* what is free in the newest chunk */
	size_t used, cap; /* bytes taken from the system */
	bool fixed; /* the caller's memory, never more */
	bool failed; /* sticky: something did not fit */
};

/* An empty arena that takes at most cap bytes from the system. */
void
arena_init(struct arena *a, size_t cap);

/* An arena over n bytes of the caller's; takes nothing from the system. */
void
arena_init_fixed(struct arena *a, void *mem, size_t n);

/* Run the deferred cleanups, newest first, and give all memory back. The arena
 * is empty afterwards and may be used again. */
void
arena_release(struct arena *a);

/* size zeroed bytes, aligned for any type. NULL if they do not fit. */
void *
arena_alloc(struct arena *a, size_t size) MUST_CHECK;

/* n zeroed elements of size bytes; NULL if they do not fit or overflow. */
void *
arena_array(struct arena *a, size_t n, size_t size) MUST_CHECK;

/* Room for one more element: returns items, or a larger copy of them with *cap
 * set anew, or NULL (items stays valid). The old copy is given back only with
 * the arena, so a list of n costs at most 2n. */
void *
arena_grow(struct arena *a, void *items, size_t n, size_t *cap,
    size_t size) MUST_CHECK;

/* A copy of s that lives as long as the arena; empty if it does not fit. */
struct span
arena_span(struct arena *a, struct span s);

/* A NUL-terminated copy of s; NULL if s holds a NUL or does not fit. This is
 * the one way from foreign bytes to a C string. */
char *
arena_str(struct arena *a, struct span s) MUST_CHECK;

/* Formatted text, NUL-terminated behind the span; empty if it does not fit. */
struct span
arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
struct span
arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF(2, 0);

/* Have fn(arg) called when the arena is released. False, and nothing deferred,
 * if there is no memory for it: the caller then cleans up himself. */
bool
arena_defer(struct arena *a, void (*fn)(void *), void *arg) MUST_CHECK;

#endif
