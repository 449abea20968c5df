/* parallel.h - many jobs at once, their results in the order of the jobs. */
#ifndef CLI_PARALLEL_H
#define CLI_PARALLEL_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct parallel {
	size_t n; /* jobs, numbered from 0 */
	unsigned threads;

	/* How many results may wait for one that takes longer: the bound on
	 * the memory that they hold. */
	size_t window;

	/* Make job i's result; any thread. NULL stops the run. */
	void *(*make)(void *arg, size_t i);
	/* Take it, in the order of i; the thread that called parallel_run. A
	 * failure stops the run. */
	enum err (*take)(void *arg, size_t i, void *result);
	/* Throw away what is not taken because the run was stopped. */
	void (*drop)(void *result);
	void *arg;
};

/* Blocks until all results are taken or the run is stopped. ERR_MEMORY if a
 * result could not be made, ERR_SYSTEM if there is no thread; else what take
 * returned. */
enum err
parallel_run(const struct parallel *p) MUST_CHECK;

#endif
