/* bench.h - what the measuring programs share. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "store/store.h"

/* An error ends the program. */
void
must(enum err err, const struct error *e);

/* Of the monotonic clock. */
double
ms_now(void);

/* The size of the store: of its file, or of its database. */
int64_t
store_bytes(struct store *s);

#endif
