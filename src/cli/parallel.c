#include "cli/parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct slot {
	void *result;
	bool done;
};

struct run {
	const struct parallel *p;
	pthread_mutex_t lock;
	pthread_cond_t made, taken;
	size_t next; /* the first job that nobody has begun */
	size_t first; /* the first result that is not taken */
	bool stop;
	struct slot *slots; /* a ring of p->window */
};

/* The next job, once there is room for its result. False: no more work. */
static bool
begin(struct run *r, size_t *out)
{
	bool more;

	pthread_mutex_lock(&r->lock);
	while (
	    !r->stop && r->next < r->p->n && r->next >= r->first + r->p->window)
		pthread_cond_wait(&r->taken, &r->lock);
	more = !r->stop && r->next < r->p->n;
	if (more)
		*out = r->next++;
	pthread_mutex_unlock(&r->lock);
	return more;
}

static void *
work(void *arg)
{
	struct run *r = arg;
	size_t i;

	while (begin(r, &i)) {
		void *result = r->p->make(r->p->arg, i);

		pthread_mutex_lock(&r->lock);
		r->slots[i % r->p->window] = (struct slot){ result, true };
		pthread_cond_broadcast(&r->made);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static struct slot
wait_for(struct run *r, size_t i)
{
	struct slot *s = &r->slots[i % r->p->window], got;

	pthread_mutex_lock(&r->lock);
	while (!s->done)
		pthread_cond_wait(&r->made, &r->lock);
	got = *s;
	*s = (struct slot){ 0 };
	r->first = i + 1;
	pthread_cond_broadcast(&r->taken);
	pthread_mutex_unlock(&r->lock);
	return got;
}

static enum err
take_all(struct run *r)
{
	const struct parallel *p = r->p;

	for (size_t i = 0; i < p->n; i++) {
		struct slot s = wait_for(r, i);
		enum err rc = s.result == NULL ? ERR_MEMORY
					       : p->take(p->arg, i, s.result);

		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

static void
stop(struct run *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->taken);
	pthread_mutex_unlock(&r->lock);
}

/* As many threads as can be had; one is enough. */
static unsigned
start(struct run *r, pthread_t *threads, unsigned n)
{
	unsigned started = 0;

	while (started < n &&
	       pthread_create(&threads[started], NULL, work, r) == 0)
		started++;
	return started;
}

enum err
parallel_run(const struct parallel *p)
{
	struct run r = { .p = p };
	unsigned want = p->threads < p->n ? p->threads : (unsigned)p->n;
	pthread_t *threads = calloc(want + 1, sizeof *threads);
	enum err rc = ERR_MEMORY;
	unsigned started;

	r.slots = calloc(p->window, sizeof *r.slots);
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.made, NULL);
	pthread_cond_init(&r.taken, NULL);
	if (threads == NULL || r.slots == NULL)
		goto out;
	started = start(&r, threads, want);
	rc = started > 0 || want == 0 ? take_all(&r) : ERR_SYSTEM;
	stop(&r);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < p->window; i++)
		if (r.slots[i].result != NULL)
			p->drop(r.slots[i].result);
out:
	pthread_cond_destroy(&r.taken);
	pthread_cond_destroy(&r.made);
	pthread_mutex_destroy(&r.lock);
	free(r.slots);
	free(threads);
	return rc;
}
