#include "serve/http_server.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/http2.h"
#include "serve/http_accept.h"

enum {
	TICK_MIN_MS = 5,
	TICK_MAX_MS = 1000,
};

struct http_server_config
http_server_defaults(const struct clock *clock)
{
	return (struct http_server_config){
		.clock = clock,
		.stop_fd = -1,
		.wake_fd = -1,
		.max_connections = LIMIT_HTTP_CONNECTIONS,
		.max_per_address = LIMIT_HTTP_PER_ADDRESS,
		.max_bodies = LIMIT_HTTP_BODIES,
		.accept_s = LIMIT_HTTP_ACCEPT_S,
		.handshake_ms = LIMIT_HTTP_HANDSHAKE_MS,
		.head_ms = LIMIT_HTTP_HEAD_MS,
		.body_ms = LIMIT_HTTP_BODY_MS,
		.write_ms = LIMIT_HTTP_WRITE_MS,
		.idle_ms = LIMIT_HTTP_IDLE_MS,
		.linger_ms = LIMIT_HTTP_LINGER_MS,
		.drain_ms = LIMIT_HTTP_DRAIN_MS,
		.settle_ms = LIMIT_HTTP_SETTLE_MS,
	};
}

const struct http_date *
http_server_date(struct http_server *s)
{
	struct wall_time now = clock_wall(s->config.clock);

	if (now.s != s->date_of.s) {
		s->date_of = now;
		s->date = http_date(now);
	}
	return &s->date;
}

/* ---- deadlines, and the end ---- */

/* The system would go on for minutes to offer the client what it does not take,
 * and keep it meanwhile. */
static void
give_up_sending(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void
expire(struct http_server *s, struct http_conn *c)
{
	switch (c->phase) {
	case HTTP_IDLE:
		http_conn_drain(c);
		return;
	case HTTP_WRITING:
		give_up_sending(c->fd);
		s->stats.timeouts++;
		break;
	case HTTP_HANDSHAKING:
	case HTTP_READING_HEAD:
	case HTTP_READING_BODY:
		s->stats.timeouts++;
		break;
	case HTTP_LINGERING:
	case HTTP_PHASES:
		break;
	}
	http_conn_close(c);
}

/* Whoever is at the front of its queue has waited longest. What expires leaves
 * its queue. */
static void
expire_all(struct http_server *s, struct mono_time now)
{
	for (int i = 0; i < HTTP_PHASES; i++) {
		struct http_conn *c;

		while ((c = s->queues[i].first) != NULL &&
		       c->deadline.ns <= now.ns)
			expire(s, c);
	}
}

static void
end_if_drained(struct http_server *s, struct mono_time now)
{
	if (!s->deaf)
		return;
	if (now.ns >= s->drained_by.ns)
		for (int i = 0; i < HTTP_PHASES; i++)
			while (s->queues[i].first != NULL)
				http_conn_close(s->queues[i].first);
	if (s->stats.open == 0)
		event_base_loopbreak(s->base);
}

/* Once we are deaf: those that have had the time to begin a request and did
 * not. */
static void
end_silent(struct http_server *s, struct mono_time now)
{
	const struct http_queue *q = &s->queues[HTTP_READING_HEAD];
	struct mono_time end =
	    mono_after_ms(now, (int64_t)q->ms - s->config.settle_ms);
	struct http_conn *c = q->first;

	while (s->deaf && c != NULL && c->deadline.ns <= end.ns) {
		struct http_conn *behind = c->behind;

		if (c->in.n == 0 && c->h2 == NULL)
			http_conn_close(c);
		c = behind;
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	struct mono_time now = clock_mono(s->config.clock);

	(void)fd;
	(void)what;
	expire_all(s, now);
	http_accept_resume(s);
	end_silent(s, now);
	end_if_drained(s, now);
}

static void
on_settled(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	struct mono_time now = clock_mono(s->config.clock);

	(void)fd;
	(void)what;
	http_accept_end(s);
	end_silent(s, now);
	end_if_drained(s, now);
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	const struct timeval settle = { s->config.settle_ms / 1000,
		s->config.settle_ms % 1000 * 1000 };

	(void)fd;
	(void)what;
	s->draining = true;
	s->drained_by =
	    mono_after_ms(clock_mono(s->config.clock), s->config.drain_ms);
	while (s->queues[HTTP_IDLE].first != NULL)
		http_conn_drain(s->queues[HTTP_IDLE].first);
	if (s->config.settle_ms > 0)
		http_accept_pass_over(s);
	if (evtimer_add(s->settled, &settle) != 0)
		on_settled(-1, 0, s);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;

	(void)fd;
	(void)what;
	s->config.woken(s->config.woken_arg);
}

/* ---- setting up ---- */

/* Often enough that no deadline is late by more than a quarter. */
static struct timeval
tick_of(const struct http_server *s)
{
	int ms = s->config.drain_ms;

	for (int i = 0; i < HTTP_PHASES; i++)
		if (s->queues[i].ms < ms)
			ms = s->queues[i].ms;
	ms /= 4;
	ms = ms < TICK_MIN_MS	? TICK_MIN_MS
	     : ms > TICK_MAX_MS ? TICK_MAX_MS
				: ms;
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

static enum err
add_timers(struct http_server *s, struct error *error)
{
	struct timeval tick = tick_of(s);

	s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	if (s->tick == NULL || event_add(s->tick, &tick) != 0)
		return error_set(error, ERR_LIBRARY, "libevent");
	s->settled = evtimer_new(s->base, on_settled, s);
	if (s->settled == NULL)
		return error_set(error, ERR_LIBRARY, "libevent");
	return ERR_OK;
}

/* fd may be -1. */
static enum err
add_signal(struct http_server *s, int fd, short what, event_callback_fn call,
    struct event **out, struct error *error)
{
	if (fd < 0)
		return ERR_OK;
	*out = event_new(s->base, fd, what, call, s);
	if (*out == NULL || event_add(*out, NULL) != 0)
		return error_set(error, ERR_LIBRARY, "libevent");
	return ERR_OK;
}

/* A loop without locks: it has one thread. */
static struct event_base *
new_base(void)
{
	struct event_config *ec = event_config_new();
	struct event_base *base = NULL;

	if (ec != NULL &&
	    event_config_set_flag(ec, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(ec);
	if (ec != NULL)
		event_config_free(ec);
	return base;
}

enum err
http_server_new(const struct http_server_config *config,
    struct http_server **out, struct error *error)
{
	struct http_server *s = calloc(1, sizeof *s);
	enum err e = ERR_OK;

	assert(config->n_listeners <= HTTP_LISTENERS);
	if (s == NULL)
		return error_set(error, ERR_MEMORY, "HTTP server");
	s->config = *config;
	s->date_of.s = -1;
	s->queues[HTTP_HANDSHAKING].ms = config->handshake_ms;
	s->queues[HTTP_READING_HEAD].ms = config->head_ms;
	s->queues[HTTP_READING_BODY].ms = config->body_ms;
	s->queues[HTTP_WRITING].ms = config->write_ms;
	s->queues[HTTP_IDLE].ms = config->idle_ms;
	s->queues[HTTP_LINGERING].ms = config->linger_ms;
	s->addresses = per_address_new(config->max_connections, config->seed);
	s->h2_callbacks = http2_callbacks();
	s->base = new_base();
	if (s->addresses == NULL || s->h2_callbacks == NULL || s->base == NULL)
		e = error_set(error, ERR_MEMORY, "HTTP server");
	if (e == ERR_OK)
		e = http_accept_begin(s, error);
	if (e == ERR_OK)
		e = add_timers(s, error);
	if (e == ERR_OK)
		e = add_signal(
		    s, config->stop_fd, EV_READ, on_stop, &s->stop, error);
	if (e == ERR_OK)
		e = add_signal(s, config->wake_fd, EV_READ | EV_PERSIST,
		    on_wake, &s->wake, error);
	s->deaf = e != ERR_OK; /* the listeners stay the caller's */
	if (e == ERR_OK)
		*out = s;
	else
		http_server_free(s);
	return e;
}

enum err
http_server_run(struct http_server *s, struct error *error)
{
	if (event_base_dispatch(s->base) < 0)
		return error_set(error, ERR_LIBRARY, "libevent");
	return ERR_OK;
}

static void
free_event(struct event *e)
{
	if (e != NULL)
		event_free(e);
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < HTTP_PHASES; i++)
		while (s->queues[i].first != NULL)
			http_conn_close(s->queues[i].first);
	for (size_t i = 0; i < HTTP_LISTENERS; i++)
		free_event(s->listeners[i]);
	for (size_t i = 0; !s->deaf && i < s->config.n_listeners; i++)
		close(s->config.listeners[i].fd);
	free_event(s->tick);
	free_event(s->stop);
	free_event(s->wake);
	free_event(s->settled);
	if (s->base != NULL)
		event_base_free(s->base);
	nghttp2_session_callbacks_del(s->h2_callbacks);
	per_address_free(s->addresses);
	free(s);
}

struct http_server_stats
http_server_stats(const struct http_server *s)
{
	return s->stats;
}
