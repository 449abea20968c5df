#include "serve/dns_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BACKLOG = 512,
	TRIES = 16, /* to find a port that is free for UDP and TCP */
	/* Datagrams that wait while we are at others: 4 MB hold some 5,000, as
	 * each counts with its housekeeping. The system may allow less. */
	RECEIVE_OCTETS = 4 * 1024 * 1024,
};

socklen_t
dns_sockaddr_set(union dns_sockaddr *out, const struct endpoint *at)
{
	memset(out, 0, sizeof *out);
	if (at->address.family == IP_V6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(at->port);
		memcpy(&out->v6.sin6_addr, at->address.b, 16);
		return sizeof out->v6;
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(at->port);
	memcpy(&out->v4.sin_addr, at->address.b, 4);
	return sizeof out->v4;
}

struct ip_addr
dns_sockaddr_address(const union dns_sockaddr *s)
{
	struct ip_addr a = { .family = IP_V4 };

	if (s->any.sa_family == AF_INET6) {
		a.family = IP_V6;
		memcpy(a.b, &s->v6.sin6_addr, 16);
	} else
		memcpy(a.b, &s->v4.sin_addr, 4);
	return a;
}

static bool
set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/* Nobody may make us send fragments by telling us of a small path (RFC 8900
 * 3.7). What the system does not have is no reason not to serve. */
static void
tune(int fd, int family, int type)
{
	if (type != SOCK_DGRAM)
		return;
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_OCTETS);
	if (family == IP_V6)
		(void)set(
		    fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
	else
		(void)set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

static bool
bind_to(int fd, const struct endpoint *at, int type)
{
	bool is_v6 = at->address.family == IP_V6;
	union dns_sockaddr address;
	socklen_t n = dns_sockaddr_set(&address, at);

	return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	       set(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
	       (!is_v6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
	       bind(fd, &address.any, n) == 0 &&
	       (type != SOCK_STREAM || listen(fd, BACKLOG) == 0);
}

static int
new_socket(int family, int type)
{
	return socket(family == IP_V6 ? AF_INET6 : AF_INET,
	    type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

enum err
dns_socket_open(const struct endpoint *at, int type, int *out, struct error *e)
{
	int fd = new_socket(at->address.family, type);

	if (fd < 0 || !bind_to(fd, at, type)) {
		int saved = errno;

		if (fd >= 0)
			close(fd);
		return error_set(e, ERR_SYSTEM, "cannot serve DNS at %s@%u: %s",
		    ip_format(at->address).s, at->port, strerror(saved));
	}
	tune(fd, at->address.family, type);
	*out = fd;
	return ERR_OK;
}

static enum err
open_both(struct endpoint at, struct dns_sockets *out, struct error *e)
{
	enum err rc = dns_socket_open(&at, SOCK_DGRAM, &out->udp, e);

	if (rc != ERR_OK)
		return rc;
	at.port = dns_socket_port(out->udp);
	rc = dns_socket_open(&at, SOCK_STREAM, &out->tcp, e);
	if (rc != ERR_OK)
		close(out->udp);
	return rc;
}

enum err
dns_sockets_open(
    const struct endpoint *at, struct dns_sockets *out, struct error *e)
{
	enum err rc = open_both(*at, out, e);

	/* TCP has the port that UDP was given; if that is taken, another one
	 * is given. */
	for (int i = 0; i < TRIES && at->port == 0 && rc == ERR_SYSTEM; i++)
		rc = open_both(*at, out, e);
	return rc;
}

void
dns_sockets_close(struct dns_sockets *s)
{
	close(s->udp);
	close(s->tcp);
}

enum err
dns_socket_connect(const struct endpoint *to, int *out)
{
	int fd = new_socket(to->address.family, SOCK_DGRAM);
	union dns_sockaddr address;
	socklen_t n = dns_sockaddr_set(&address, to);

	if (fd < 0)
		return ERR_SYSTEM;
	if (connect(fd, &address.any, n) != 0) {
		close(fd);
		return ERR_SYSTEM;
	}
	*out = fd;
	return ERR_OK;
}

uint16_t
dns_socket_port(int fd)
{
	union dns_sockaddr address;
	socklen_t n = sizeof address;

	if (getsockname(fd, &address.any, &n) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
						       : address.v4.sin_port);
}
