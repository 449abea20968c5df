#include "serve/http_server.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/http2.h"
#include "serve/http_conn.h"

enum {
	ACCEPTS = 64, /* at a time, before it is the connections' turn */
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

/* ---- accepting ---- */

static struct ip_addr
ip_of(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	struct ip_addr a = { .family = IP_NONE };

	if (ss->ss_family == AF_INET) {
		a.family = IP_V4;
		memcpy(a.b, &v4->sin_addr, 4);
	} else if (ss->ss_family == AF_INET6 &&
		   IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		a.family = IP_V4;
		memcpy(a.b, v6->sin6_addr.s6_addr + 12, 4);
	} else if (ss->ss_family == AF_INET6) {
		a.family = IP_V6;
		memcpy(a.b, &v6->sin6_addr, 16);
	}
	return a;
}

static void
pause_accepting(struct http_server *s)
{
	for (size_t i = 0; i < s->config.n_listeners; i++)
		event_del(s->listeners[i]);
	s->paused = true;
}

static void
resume_accepting(struct http_server *s)
{
	if (!s->paused || s->deaf)
		return;
	s->paused = false;
	for (size_t i = 0; i < s->config.n_listeners; i++)
		if (event_add(s->listeners[i], NULL) != 0)
			s->paused = true; /* the next tick tries again */
}

static bool
has_room(const struct http_server *s)
{
	return s->stats.open < s->config.max_connections;
}

/* A client that has had its answer gives way to one that waits for its. */
static bool
make_room(struct http_server *s)
{
	struct http_conn *idle = s->queues[HTTP_IDLE].first;

	if (has_room(s))
		return true;
	if (idle == NULL)
		return false;
	s->stats.made_room++;
	http_conn_close(idle);
	return true;
}

static void
take(struct http_server *s, int fd, bool secure, struct ip_addr peer)
{
	if (!per_address_add(s->addresses, peer, s->config.max_per_address)) {
		s->stats.refused++;
		close(fd);
		return;
	}
	s->stats.accepted++;
	http_conn_start(s, fd, secure, peer);
}

/* What goes wrong with one connection is its own matter; anything else, such as
 * no descriptors, is waited for. */
static bool
is_passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPROTO ||
	       error == EPERM;
}

enum accepted { ACCEPTED, NOBODY_WAITS, CANNOT_ACCEPT };

static enum accepted
accept_one(struct http_server *s, const struct http_listener *l)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;
	int fd = accept4(
	    l->fd, (struct sockaddr *)&ss, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		take(s, fd, l->secure, ip_of(&ss));
	else if (errno == EAGAIN)
		return NOBODY_WAITS;
	else if (!is_passing(errno))
		return CANNOT_ACCEPT;
	return ACCEPTED;
}

static const struct http_listener *
listener_of(const struct http_server *s, int fd)
{
	size_t i = 0;

	while (s->config.listeners[i].fd != fd)
		i++;
	return &s->config.listeners[i];
}

static void
on_listener(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	enum accepted last = ACCEPTED;

	(void)what;
	if (!make_room(s)) {
		pause_accepting(s);
		return;
	}
	/* The first is there; whether another is, is not known. */
	for (int i = 0; i < ACCEPTS && last == ACCEPTED && has_room(s); i++)
		last = accept_one(s, listener_of(s, fd));
	if (last == CANNOT_ACCEPT)
		pause_accepting(s);
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
	resume_accepting(s);
	end_silent(s, now);
	end_if_drained(s, now);
}

/* The first packet of a connection is passed over from here on, and not
 * refused: the client sends it again after a second, when this listener is
 * gone and another one of its address answers. Those that follow it come
 * through, so that what has begun arrives. Where that cannot be had, what
 * comes in the very last moment is refused. */
static void
pass_over_new(int fd)
{
	enum { FLAGS = 13, SYN = 2, ACK = 16, WHOLE = 0xffff };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, WHOLE),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	(void)setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* What waits is taken, and there are no listeners any more: who connects now
 * finds another one. */
static void
become_deaf(struct http_server *s)
{
	for (size_t i = 0; i < s->config.n_listeners; i++) {
		const struct http_listener *l = &s->config.listeners[i];

		while (has_room(s) && accept_one(s, l) == ACCEPTED)
			;
		event_free(s->listeners[i]);
		s->listeners[i] = NULL;
		close(l->fd);
	}
	s->deaf = true;
}

static void
on_settled(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	struct mono_time now = clock_mono(s->config.clock);

	(void)fd;
	(void)what;
	become_deaf(s);
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
		for (size_t i = 0; i < s->config.n_listeners; i++)
			pass_over_new(s->config.listeners[i].fd);
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

/* An answer goes out at once, even if it is not as long as a packet (accepted
 * sockets inherit that). */
static enum err
prepare_listener(int fd, struct error *error)
{
	int flags = fcntl(fd, F_GETFL), on = 1;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return error_set(error, ERR_SYSTEM, "cannot use a listener: %s",
		    strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return ERR_OK;
}

static enum err
add_listeners(struct http_server *s, struct error *error)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->config.n_listeners && e == ERR_OK; i++) {
		int fd = s->config.listeners[i].fd;

		e = prepare_listener(fd, error);
		s->listeners[i] = event_new(
		    s->base, fd, EV_READ | EV_PERSIST, on_listener, s);
		if (e == ERR_OK && (s->listeners[i] == NULL ||
				       event_add(s->listeners[i], NULL) != 0))
			e = error_set(error, ERR_LIBRARY, "libevent");
	}
	return e;
}

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
		e = add_listeners(s, error);
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
