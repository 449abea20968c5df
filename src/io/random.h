/* random.h - randomness is passed in, never asked for. */
#ifndef IO_RANDOM_H
#define IO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct randomness {
	/* n bytes into buf; false if there are none to be had. Any thread. */
	bool (*fill)(const struct randomness *r, void *buf, size_t n);
};

/* The kernel's generator. */
extern const struct randomness randomness_system;

static inline bool MUST_CHECK
randomness_fill(const struct randomness *r, void *buf, size_t n)
{
	return r->fill(r, buf, n);
}

#endif
