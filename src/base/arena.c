#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ALIGN = alignof(max_align_t),
	CHUNK_MIN = 8 * 1024, /* most jobs of the library fit into one */
	CHUNK_MAX = 256 * 1024,
};

struct arena_chunk {
	alignas(max_align_t) struct arena_chunk *next;
	size_t size; /* of bytes, for the next chunk's size */
	char bytes[];
};

struct arena_cleanup {
	struct arena_cleanup *next;
	void (*fn)(void *);
	void *arg;
};

void
arena_init(struct arena *a, size_t cap)
{
	*a = (struct arena){ .cap = cap };
}

void
arena_init_fixed(struct arena *a, void *mem, size_t n)
{
	size_t off = (size_t)(-(uintptr_t)mem & (ALIGN - 1));

	*a = (struct arena){ .fixed = true };
	if (off <= n) {
		a->at = (char *)mem + off;
		a->end = (char *)mem + n;
	}
}

void
arena_release(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (struct arena_cleanup *d = a->cleanups; d != NULL; d = d->next)
		d->fn(d->arg);
	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){ .cap = a->cap, .fixed = a->fixed };
}

/* A chunk with room for size bytes, twice the last one's size so that their
 * number stays logarithmic. */
static bool
add_chunk(struct arena *a, size_t size)
{
	size_t want = a->chunks != NULL ? a->chunks->size * 2 : CHUNK_MIN;
	size_t left = a->cap - a->used;
	struct arena_chunk *c;

	if (a->fixed || left < sizeof *c || size > left - sizeof *c)
		return false;
	if (want > CHUNK_MAX)
		want = CHUNK_MAX;
	if (want > left - sizeof *c)
		want = left - sizeof *c;
	if (want < size)
		want = size;
	c = malloc(sizeof *c + want);
	if (c == NULL)
		return false;
	c->size = want;
	c->next = a->chunks;
	a->chunks = c;
	a->used += sizeof *c + want;
	a->at = c->bytes;
	a->end = c->bytes + want;
	return true;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t need;
	void *p;

	if (size == 0)
		size = 1;
	if (size > SIZE_MAX - (ALIGN - 1))
		goto full;
	need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->at == NULL || need > (size_t)(a->end - a->at)) {
		if (!add_chunk(a, need))
			goto full;
	}
	p = a->at;
	a->at += need;
	return memset(p, 0, size);
full:
	a->failed = true;
	return NULL;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		a->failed = true;
		return NULL;
	}
	return arena_alloc(a, n * size);
}

void *
arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap > 0 ? *cap * 2 : 4;
	void *p;

	if (n < *cap)
		return items;
	if (more < *cap || (p = arena_array(a, more, size)) == NULL) {
		a->failed = true;
		return NULL;
	}
	if (n > 0)
		memcpy(p, items, n * size);
	*cap = more;
	return p;
}

struct span
arena_span(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n);

	if (p == NULL)
		return SPAN("");
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

char *
arena_str(struct arena *a, struct span s)
{
	char *p;

	if (span_find(s, '\0') < s.n || s.n == SIZE_MAX)
		return NULL;
	p = arena_alloc(a, s.n + 1);
	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct span
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || (p = arena_alloc(a, (size_t)n + 1)) == NULL) {
		a->failed = true;
		return SPAN("");
	}
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return (struct span){ p, (size_t)n };
}

struct span
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	struct span s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

bool
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct arena_cleanup *d = arena_alloc(a, sizeof *d);

	if (d == NULL)
		return false;
	*d = (struct arena_cleanup){ a->cleanups, fn, arg };
	a->cleanups = d;
	return true;
}
