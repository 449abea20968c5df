/* layout.h - how evidence stands in memory: one table for each struct.
 *
 * The writer, the reader and the comparison walk the same tables, so that they
 * cannot come apart. Within out/ only. */
#ifndef OUT_LAYOUT_H
#define OUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
	KIND_BOOL,
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_I32,
	KIND_I64,
	KIND_ENUM, /* uint8_t, by the names of the row */
	KIND_TIME,
	KIND_SPAN,
	KIND_ADDRESS,
	KIND_STRUCT, /* of the row's layout, inside */
	KIND_SPANS, /* pointer and count */
	KIND_ADDRESSES, /* pointer and count */
	KIND_STRUCTS, /* pointer and count, of the row's layout */
};

struct layout;

struct member {
	const char *name;
	enum kind kind;
	size_t at, count_at; /* offsets */
	const struct layout *layout;
	const char *const *names;

	/* Does it count when two looks are compared? Asked of the struct that
	 * has the member; NULL: always. */
	bool (*counts)(const void *whole);
	bool is_set; /* a list whose order means nothing */
};

struct layout {
	size_t size;
	const struct member *members; /* ends with a NULL name */
};

extern const struct layout evidence_layout, host_seen_layout;

/* What one element of a list takes; m is one of the last three kinds. */
size_t
member_element_size(const struct member *m);

/* The value of type at p. The tables know offsets only; what stands there is of
 * that type, and aligned for it. */
#define GET(type, p) (*(const type *)(const void *)(p))
#define SET(type, p, v) (*(type *)(void *)(p) = (v))

#endif
