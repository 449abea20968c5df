#include "io/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { TABLE = 1024 }; /* lanes at a time are few: those at work or ready */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	size_t stack;
	bool stopping;
	unsigned max, started, idle;
	struct pool_job *ready, **ready_last;
	struct pool_lane *table[TABLE];
	pthread_t threads[];
};

static struct pool_lane **
lane_find(struct pool *p, uint64_t key)
{
	/* The keys are digests or addresses; one multiplication spreads both.
	 */
	struct pool_lane **at =
	    &p->table[(key * 0x9e3779b97f4a7c15u) >> 54 & (TABLE - 1)];

	while (*at != NULL && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

/* Put a lane with nobody waiting behind it into the table. */
static void
lane_open(struct pool *p, struct pool_lane *lane, uint64_t key)
{
	struct pool_lane **at = lane_find(p, key);

	assert(*at == NULL);
	*lane = (struct pool_lane){ .key = key, .last = &lane->first };
	*at = lane;
}

/* The lane's contents move from one place in memory to another. */
static void
lane_move(struct pool *p, struct pool_lane *from, struct pool_lane *to)
{
	struct pool_lane **at = lane_find(p, from->key);

	assert(*at == from);
	*to = *from;
	if (to->first == NULL)
		to->last = &to->first;
	*at = to;
}

static void
push_ready(struct pool *p, struct pool_job *job)
{
	job->next = NULL;
	*p->ready_last = job;
	p->ready_last = &job->next;
	pthread_cond_signal(&p->work);
}

static struct pool_job *
pop_ready(struct pool *p)
{
	struct pool_job *job = p->ready;

	p->ready = job->next;
	if (p->ready == NULL)
		p->ready_last = &p->ready;
	return job;
}

/* The lane's job is done: the next in line, if any, takes the lane over. */
static void
lane_pass_on(struct pool *p, struct pool_lane *lane)
{
	struct pool_job *job = lane->first;

	if (job == NULL) {
		*lane_find(p, lane->key) = lane->next;
		return;
	}
	lane->first = job->next;
	lane_move(p, lane, &job->lane);
	push_ready(p, job);
}

/* One job, with the lock released while it runs. The job may free itself, so
 * its lane moves to our stack for that time. */
static void
work(struct pool *p)
{
	struct pool_job *job = pop_ready(p);
	uint64_t key = job->key;
	struct pool_lane lane;

	if (key != 0)
		lane_move(p, &job->lane, &lane);
	pthread_mutex_unlock(&p->lock);
	job->run(job);
	pthread_mutex_lock(&p->lock);
	if (key != 0)
		lane_pass_on(p, &lane);
}

static void *
thread_main(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->ready == NULL && !p->stopping) {
			p->idle++;
			pthread_cond_wait(&p->work, &p->lock);
			p->idle--;
		}
		if (p->stopping)
			break;
		work(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Signals are the main thread's business, and none shall hit a worker; a
 * thread inherits the mask of the one that starts it. */
static bool
start_thread(struct pool *p)
{
	pthread_attr_t attr;
	sigset_t all, old;
	bool ok;

	if (pthread_attr_init(&attr) != 0)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ok =
	    (p->stack == 0 ||
		pthread_attr_setstacksize(&attr, p->stack) == 0) &&
	    pthread_create(&p->threads[p->started], &attr, thread_main, p) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	p->started += ok;
	return ok;
}

enum err
pool_new(unsigned threads, size_t stack, struct pool **out)
{
	struct pool *p;

	assert(threads > 0);
	p = calloc(1, sizeof *p + threads * sizeof p->threads[0]);
	if (p == NULL)
		return ERR_MEMORY;
	p->max = threads;
	p->stack = stack;
	p->ready_last = &p->ready;
	if (pthread_mutex_init(&p->lock, NULL) != 0) {
		free(p);
		return ERR_SYSTEM;
	}
	if (pthread_cond_init(&p->work, NULL) != 0) {
		pthread_mutex_destroy(&p->lock);
		free(p);
		return ERR_SYSTEM;
	}
	*out = p;
	return ERR_OK;
}

enum err
pool_submit(struct pool *p, struct pool_job *job)
{
	enum err e = ERR_OK;
	struct pool_lane *lane;

	pthread_mutex_lock(&p->lock);
	lane = job->key != 0 ? *lane_find(p, job->key) : NULL;
	if (lane != NULL) {
		job->next = NULL;
		*lane->last = job;
		lane->last = &job->next;
		goto out;
	}
	/* A thread that was signalled still counts as idle: with one job more
	 * than idle threads, one too many is started at worst. */
	if ((p->idle == 0 || p->ready != NULL) && p->started < p->max &&
	    !start_thread(p) && p->started == 0) {
		e = ERR_SYSTEM;
		goto out;
	}
	if (job->key != 0)
		lane_open(p, &job->lane, job->key);
	push_ready(p, job);
out:
	pthread_mutex_unlock(&p->lock);
	return e;
}

static void
drop_line(struct pool_job *job)
{
	struct pool_job *next;

	for (; job != NULL; job = next) {
		next = job->next;
		job->drop(job);
	}
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->started; i++)
		pthread_join(p->threads[i], NULL);
	for (struct pool_job *j = p->ready; j != NULL; j = j->next)
		if (j->key != 0)
			drop_line(j->lane.first);
	drop_line(p->ready);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
