#include "roles/line.h"

#include <stdio.h>
#include <unistd.h>

#include "store/work.h"

enum {
	FIRST_WAIT_MS = 1000,
	LAST_WAIT_MS = 60 * 1000,
	HOST_NAME = 64,
	WORKER_NAME = 256,
};

static int64_t
next_wait(const struct line *l)
{
	int64_t last = l->last_wait_ms > 0 ? l->last_wait_ms : LAST_WAIT_MS;

	if (l->wait_ms == 0)
		return l->first_wait_ms > 0 ? l->first_wait_ms : FIRST_WAIT_MS;
	return l->wait_ms * 2 < last ? l->wait_ms * 2 : last;
}

void
line_failed(struct line *l, const struct error *e)
{
	if (l->wait_ms == 0)
		log_say(l->env->log, LOG_STORE_FAILED, log_error(e));
	line_close(l);
	l->wait_ms = next_wait(l);
	l->retry = mono_after_ms(clock_mono(l->env->clock), l->wait_ms);
}

void
line_worked(struct line *l)
{
	l->wait_ms = 0;
}

void
line_close(struct line *l)
{
	store_free(l->store);
	l->store = NULL;
}

bool
line_is_up(struct line *l)
{
	struct error e;

	if (l->store != NULL)
		return true;
	if (l->wait_ms > 0 &&
	    mono_ms_until(clock_mono(l->env->clock), l->retry) > 0)
		return false;
	if (store_open(l->env->config->store, STORE_USE,
		clock_wall(l->env->clock), &l->store, &e) == ERR_OK)
		return true;
	line_failed(l, &e);
	return false;
}

void
line_pause(const struct line *l, int64_t ms)
{
	stop_wait(l->env->stop, l->wait_ms > 0 ? l->wait_ms : ms);
}

static enum err
join(struct line *l, const char *role, int64_t *worker, struct error *e)
{
	char host[HOST_NAME] = "?", name[WORKER_NAME];
	int64_t number;
	enum err rc;

	(void)gethostname(host, sizeof host - 1);
	snprintf(name, sizeof name, "%s/%ld", host, (long)getpid());
	rc = work_join(l->store, span_str(name), span_str(role),
	    clock_wall(l->env->clock), &number, e);
	if (rc != ERR_OK)
		return rc;
	*worker = number;
	log_say(l->env->log, LOG_JOINED, log_int("worker", number),
	    log_text("name", span_str(name)));
	return ERR_OK;
}

enum err
line_beat(struct line *l, const char *role, int64_t *worker, struct error *e)
{
	bool found = false;
	enum err rc = ERR_OK;

	if (*worker != 0)
		rc = work_heartbeat(
		    l->store, *worker, clock_wall(l->env->clock), &found, e);
	return rc == ERR_OK && !found ? join(l, role, worker, e) : rc;
}

void
line_leave(struct line *l, int64_t worker)
{
	struct error e;

	if (l->store != NULL && worker != 0 &&
	    work_leave(l->store, worker, &e) != ERR_OK)
		log_say(l->env->log, LOG_STORE_FAILED, log_error(&e));
	line_close(l);
}
