#include "io/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { TABLE = 1024 };

/* One key, while there are jobs of it. */
struct lane {
	uint64_t key;
	unsigned under_way; /* at work, or ready to be */
	struct pool_job *first, **last; /* who waits behind those */
	struct lane *next; /* in the table */
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	size_t stack;
	bool stopping;
	unsigned max, started, idle;
	struct pool_job *ready, **ready_last;
	struct lane *table[TABLE];
	pthread_t threads[];
};

/* Where the key's lane is, or would be. */
static struct lane **
lane_find(struct pool *p, uint64_t key)
{
	/* Keys are digests or addresses; one multiplication spreads both. */
	struct lane **at =
	    &p->table[(key * 0x9e3779b97f4a7c15u) >> 54 & (TABLE - 1)];

	while (*at != NULL && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

static struct lane *
lane_open(struct pool *p, uint64_t key)
{
	struct lane **at = lane_find(p, key);

	if (*at != NULL)
		return *at;
	*at = calloc(1, sizeof **at);
	if (*at == NULL)
		return NULL;
	(*at)->key = key;
	(*at)->last = &(*at)->first;
	return *at;
}

/* Nobody of the key is under way: it is forgotten. */
static void
lane_close(struct pool *p, uint64_t key)
{
	struct lane **at = lane_find(p, key), *lane = *at;

	if (lane == NULL || lane->under_way > 0)
		return;
	assert(lane->first == NULL);
	*at = lane->next;
	free(lane);
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

/* A job of the key is done: the next in line, if any, takes its place. */
static void
lane_pass_on(struct pool *p, uint64_t key)
{
	struct lane *lane = *lane_find(p, key);
	struct pool_job *job = lane->first;

	if (job == NULL) {
		lane->under_way--;
		lane_close(p, key);
		return;
	}
	lane->first = job->next;
	if (lane->first == NULL)
		lane->last = &lane->first;
	push_ready(p, job);
}

/* One job, with the lock released while it runs. The job may free itself. */
static void
work(struct pool *p)
{
	struct pool_job *job = pop_ready(p);
	uint64_t key = job->key;

	pthread_mutex_unlock(&p->lock);
	job->run(job);
	pthread_mutex_lock(&p->lock);
	if (key != 0)
		lane_pass_on(p, key);
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

/* A thread that was signalled still counts as idle; with jobs ready, one too
 * many may be started, which does no harm. */
static bool
has_thread(struct pool *p)
{
	if ((p->idle == 0 || p->ready != NULL) && p->started < p->max)
		(void)start_thread(p);
	return p->started > 0;
}

static enum err
submit_keyed(struct pool *p, struct pool_job *job)
{
	struct lane *lane = lane_open(p, job->key);

	if (lane == NULL)
		return ERR_MEMORY;
	if (lane->under_way == job->limit) {
		job->next = NULL;
		*lane->last = job;
		lane->last = &job->next;
		return ERR_OK;
	}
	if (!has_thread(p)) {
		lane_close(p, job->key);
		return ERR_SYSTEM;
	}
	lane->under_way++;
	push_ready(p, job);
	return ERR_OK;
}

enum err
pool_submit(struct pool *p, struct pool_job *job)
{
	enum err e = ERR_OK;

	assert(job->key == 0 || job->limit > 0);
	pthread_mutex_lock(&p->lock);
	if (job->key != 0)
		e = submit_keyed(p, job);
	else if (has_thread(p))
		push_ready(p, job);
	else
		e = ERR_SYSTEM;
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
	struct lane *lane, *next;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->started; i++)
		pthread_join(p->threads[i], NULL);
	drop_line(p->ready);
	for (size_t i = 0; i < TABLE; i++) {
		for (lane = p->table[i]; lane != NULL; lane = next) {
			next = lane->next;
			drop_line(lane->first);
			free(lane);
		}
	}
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
