/* stop.h - a switch that makes every conversation of a run end at once. */
#ifndef IO_STOP_H
#define IO_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct stop {
	atomic_bool pulled;
	int fd; /* readable once it is pulled, for poll; -1: there is none */
};

enum err
stop_init(struct stop *s) MUST_CHECK;

void
stop_release(struct stop *s);

/* Any thread; there is no way back. */
void
stop_pull(struct stop *s);

/* Wait for so long, or until it is pulled. NULL: nothing can pull it. */
void
stop_wait(struct stop *s, int64_t ms);

static inline bool
stop_is_pulled(struct stop *s)
{
	return atomic_load(&s->pulled);
}

#endif
