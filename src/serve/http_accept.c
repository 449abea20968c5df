#include "serve/http_accept.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS = 64 }; /* at a time, before it is the connections' turn */

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

void
http_accept_resume(struct http_server *s)
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

static size_t
most_of(const struct http_server *s, struct ip_addr peer)
{
	for (size_t i = 0; i < s->config.n_shared; i++)
		if (ip_in_prefix(peer, s->config.shared[i]))
			return s->config.max_connections;
	return s->config.max_per_address;
}

static void
take(struct http_server *s, int fd, bool secure, struct ip_addr peer)
{
	if (!per_address_add(s->addresses, peer, most_of(s, peer))) {
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

/* ---- the beginning ---- */

/* An answer goes out at once, even if it is not as long as a packet (accepted
 * sockets inherit that). */
static enum err
prepare_listener(int fd, int accept_s, struct error *error)
{
	int flags = fcntl(fd, F_GETFL), on = 1;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return error_set(error, ERR_SYSTEM, "cannot use a listener: %s",
		    strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &accept_s, sizeof accept_s);
	return ERR_OK;
}

enum err
http_accept_begin(struct http_server *s, struct error *error)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->config.n_listeners && e == ERR_OK; i++) {
		int fd = s->config.listeners[i].fd;

		e = prepare_listener(fd, s->config.accept_s, error);
		s->listeners[i] = event_new(
		    s->base, fd, EV_READ | EV_PERSIST, on_listener, s);
		if (e == ERR_OK && (s->listeners[i] == NULL ||
				       event_add(s->listeners[i], NULL) != 0))
			e = error_set(error, ERR_LIBRARY, "libevent");
	}
	return e;
}

/* ---- the end ---- */

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

void
http_accept_pass_over(struct http_server *s)
{
	for (size_t i = 0; i < s->config.n_listeners; i++)
		pass_over_new(s->config.listeners[i].fd);
}

void
http_accept_end(struct http_server *s)
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
