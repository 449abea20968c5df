#include "io/stop.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum err
stop_init(struct stop *s)
{
	atomic_init(&s->pulled, false);
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return s->fd < 0 ? ERR_SYSTEM : ERR_OK;
}

void
stop_release(struct stop *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void
stop_pull(struct stop *s)
{
	atomic_store(&s->pulled, true);
	/* The counter of an eventfd that nobody reads cannot be full. */
	(void)!write(s->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

void
stop_wait(struct stop *s, int64_t ms)
{
	struct pollfd p = { .fd = s != NULL ? s->fd : -1, .events = POLLIN };

	(void)poll(&p, 1, ms < INT_MAX ? (int)ms : INT_MAX);
}
