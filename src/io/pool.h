/* pool.h - a bounded pool of threads for straight-line blocking work.
 *
 * A job may have a key. Jobs of one key run one after the other, in the order
 * in which they came, and wait without holding a thread: with the peer's
 * address as the key, nobody is visited by two of us at a time. Key 0 is no
 * key.
 *
 * Threads are started when there is work for them, and have all signals
 * blocked. */
#ifndef IO_POOL_H
#define IO_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct pool;
struct pool_job;

/* One key's place in line. */
struct pool_lane {
	uint64_t key;
	struct pool_lane *next; /* in the table */
	struct pool_job *first, **last; /* who waits behind the one at work */
};

/* Embedded in what is to be done. run and drop own it from then on and may free
 * it; exactly one of them is called. */
struct pool_job {
	void (*run)(struct pool_job *job); /* on a thread of the pool */
	void (*drop)(struct pool_job *job); /* by pool_free: it never ran */
	uint64_t key;

	struct pool_job *next; /* the pool's own from here on */
	struct pool_lane lane;
};

/* At most `threads` of them, with stacks of `stack` bytes (0: as the system
 * has it). */
enum err
pool_new(unsigned threads, size_t stack, struct pool **out) MUST_CHECK;

/* Jobs that wait are dropped, jobs at work are waited for. */
void
pool_free(struct pool *p);

/* Any thread, a job's own included. ERR_SYSTEM if there is no thread and none
 * can be had; the job is then still the caller's. */
enum err
pool_submit(struct pool *p, struct pool_job *job) MUST_CHECK;

#endif
