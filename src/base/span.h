/* span.h - bytes we do not own. All wire input travels as a span. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p; /* not NUL-terminated, may contain NUL, never NULL */
	size_t n;
};

/* From a string literal. SPAN_INIT is for static initializers, where C17 does
 * not allow a compound literal. */
/* clang-format off */
#define SPAN(lit) ((struct span)SPAN_INIT(lit))
#define SPAN_INIT(lit) { "" lit, sizeof(lit) - 1 }
/* clang-format on */

/* From a NUL-terminated string, which is borrowed. */
static inline struct span
span_str(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* In the order of bytes, a beginning before what it begins: as memcmp. */
static inline int
span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool
span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* What is left after the first n bytes; empty where there are fewer. */
static inline struct span
span_skip(struct span s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return (struct span){ s.p + n, s.n - n };
}

/* The first n bytes, or all of them where there are fewer. */
static inline struct span
span_head(struct span s, size_t n)
{
	return (struct span){ s.p, n < s.n ? n : s.n };
}

/* The last n bytes, or all of them where there are fewer. */
static inline struct span
span_tail(struct span s, size_t n)
{
	return span_skip(s, n < s.n ? s.n - n : 0);
}

/* Where c first stands in s, or s.n. */
static inline size_t
span_find(struct span s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

/* Is it one of the n? */
static inline bool
span_in(struct span one, const struct span *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(all[i], one))
			return true;
	return false;
}

/* The same ones, in whatever order? Each stands once in its set. */
static inline bool
span_set_eq(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (!span_in(a[i], b, n_b))
			return false;
	return true;
}

#endif
