#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { REDRAW_MS = 100 };

void
progress_init(struct progress *p)
{
	*p = (struct progress){ .on = isatty(STDERR_FILENO) == 1 };
	pthread_mutex_init(&p->lock, NULL);
}

void
progress_release(struct progress *p)
{
	progress_clear(p);
	pthread_mutex_destroy(&p->lock);
}

void
progress_update(void *arg, const struct collect_progress *now)
{
	struct progress *p = arg;
	struct mono_time t = clock_mono(&clock_system);

	if (!p->on)
		return;
	pthread_mutex_lock(&p->lock);
	if (mono_ms_until(p->last, t) >= REDRAW_MS) {
		fprintf(stderr,
		    "\r\033[K%u of %zu domains; DNS %u of %u; connections %u "
		    "of %u",
		    now->domains_done, p->total, now->questions_done,
		    now->questions, now->talks_done, now->talks);
		p->last = t;
		p->shown = true;
	}
	pthread_mutex_unlock(&p->lock);
}

void
progress_clear(struct progress *p)
{
	pthread_mutex_lock(&p->lock);
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
	pthread_mutex_unlock(&p->lock);
}
