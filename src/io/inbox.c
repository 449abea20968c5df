#include "io/inbox.h"

enum err
cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	enum err e = ERR_OK;

	if (pthread_condattr_init(&attr) != 0)
		return ERR_MEMORY;
	if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(c, &attr) != 0)
		e = ERR_SYSTEM;
	pthread_condattr_destroy(&attr);
	return e;
}

/* The deadline counts on the clock that was passed in, which in a test need
 * not be the machine's: what is left of it is waited for on the machine's. */
bool
cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock,
    const struct clock *clock, struct mono_time deadline)
{
	int64_t left_ns = deadline.ns - clock_mono(clock).ns;
	struct timespec until;

	if (left_ns <= 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += left_ns / 1000000000;
	until.tv_nsec += left_ns % 1000000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(c, lock, &until);
	return true;
}

enum err
inbox_init(struct inbox *b)
{
	enum err e;

	*b = (struct inbox){ .last = &b->first };
	if ((e = cond_init(&b->arrival)) != ERR_OK)
		return e;
	if (pthread_mutex_init(&b->lock, NULL) != 0) {
		pthread_cond_destroy(&b->arrival);
		return ERR_SYSTEM;
	}
	return ERR_OK;
}

void
inbox_release(struct inbox *b)
{
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->arrival);
}

void
inbox_put(struct inbox *b, struct letter *l)
{
	pthread_mutex_lock(&b->lock);
	l->next = NULL;
	*b->last = l;
	b->last = &l->next;
	pthread_cond_signal(&b->arrival);
	pthread_mutex_unlock(&b->lock);
}

struct letter *
inbox_take(
    struct inbox *b, const struct clock *clock, struct mono_time deadline)
{
	struct letter *l;

	pthread_mutex_lock(&b->lock);
	while (b->first == NULL &&
	       cond_wait_until(&b->arrival, &b->lock, clock, deadline))
		;
	l = b->first;
	if (l != NULL) {
		b->first = l->next;
		if (b->first == NULL)
			b->last = &b->first;
	}
	pthread_mutex_unlock(&b->lock);
	return l;
}

void
inbox_remove(struct inbox *b, struct letter *l)
{
	struct letter **at;

	pthread_mutex_lock(&b->lock);
	for (at = &b->first; *at != NULL && *at != l; at = &(*at)->next)
		;
	if (*at != NULL) {
		*at = l->next;
		if (b->last == &l->next)
			b->last = at;
	}
	pthread_mutex_unlock(&b->lock);
}
