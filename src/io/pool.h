/* pool.h - a bounded pool of threads for straight-line blocking work.
 *
 * A job may have a key. Of the jobs of one key only so many run at a time; the
 * others wait in the order in which they came, and hold no thread meanwhile.
 * With the peer's address as the key, nobody is visited by too many of us.
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

/* Embedded in what is to be done. run and drop own it from then on and may free
 * it; exactly one of them is called. */
struct pool_job {
	void (*run)(struct pool_job *job); /* on a thread of the pool */
	void (*drop)(struct pool_job *job); /* by pool_free: it never ran */
	uint64_t key; /* 0: none */
	unsigned
	    limit; /* jobs of this key at a time; the same in all of them */
	struct pool_job *next; /* the pool's own */
};

/* At most `threads` of them, with stacks of `stack` bytes (0: as the system
 * has it). */
enum err
pool_new(unsigned threads, size_t stack, struct pool **out) MUST_CHECK;

/* Jobs that wait are dropped, jobs at work are waited for. */
void
pool_free(struct pool *p);

/* Any thread, a job's own included. ERR_SYSTEM if there is no thread and none
 * can be had, ERR_MEMORY; the job is then still the caller's. */
enum err
pool_submit(struct pool *p, struct pool_job *job) MUST_CHECK;

#endif
