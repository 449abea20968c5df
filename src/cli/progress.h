/* progress.h - a line on a terminal that says how far the run has come. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "io/collect.h"

struct progress {
	bool on; /* standard error is a terminal */
	bool shown; /* the line stands there */
	size_t total; /* domains to come to */
	struct mono_time last;
	pthread_mutex_t lock;
};

/* Does nothing from then on unless standard error is a terminal. */
void
progress_init(struct progress *p);
void
progress_release(struct progress *p);

/* Matches struct collect_options. Draws ten times a second at most. */
void
progress_update(void *arg, const struct collect_progress *now);

/* Take the line away, so that something else can be printed. */
void
progress_clear(struct progress *p);

#endif
