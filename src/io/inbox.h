/* inbox.h - where the thread of one domain waits for whatever comes first.
 *
 * The resolver and the workers put letters in; the domain's thread takes them
 * out, one by one, until its deadline. A letter is the first member of the
 * thing it announces, so that posting needs no memory. */
#ifndef IO_INBOX_H
#define IO_INBOX_H

#include <pthread.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"

struct letter {
	struct letter *next;
	void *tag; /* the receiver's own; nobody else looks at it */
};

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t arrival;
	struct letter *first, **last;
};

enum err
inbox_init(struct inbox *b) MUST_CHECK;

/* Nobody may hold the inbox any more. Letters left in it are not touched. */
void
inbox_release(struct inbox *b);

/* Any thread. A letter is in one inbox at a time. */
void
inbox_put(struct inbox *b, struct letter *l);

/* The oldest letter, waited for until the deadline; NULL if none came. */
struct letter *
inbox_take(struct inbox *b, const struct clock *clock,
    struct mono_time deadline) MUST_CHECK;

/* Take l out again if it is still in there. */
void
inbox_remove(struct inbox *b, struct letter *l);

/* A condition variable that waits by the monotonic clock. */
enum err
cond_init(pthread_cond_t *c) MUST_CHECK;

/* Wait on c until it is signalled or the deadline of clock has come; false if
 * it has. As with every condition variable, the caller looks again. */
bool
cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock,
    const struct clock *clock, struct mono_time deadline);

#endif
