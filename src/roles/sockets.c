#include "roles/sockets.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BACKLOG = 4096, /* the system may allow less */
	HTTPS_PORT = 443,
	HTTP_PORT = 80,
	DNS_PORT = 53,
	DESCRIPTORS_LEFT = 256, /* for stores, DNS and libraries */
};

/* Each connection takes a descriptor, and the limit that programs start with is
 * meant for those that use select(2). */
static void
allow_many(void)
{
	struct rlimit all;

	if (getrlimit(RLIMIT_NOFILE, &all) != 0)
		return;
	all.rlim_cur = all.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &all);
}

static bool
set(int fd, int level, int name)
{
	return setsockopt(fd, level, name, &(int){ 1 }, sizeof(int)) == 0;
}

static enum err
open_http(const struct endpoint *at, int *out, struct error *e)
{
	union dns_sockaddr address;
	socklen_t n = dns_sockaddr_set(&address, at);
	bool is_v6 = at->address.family == IP_V6;
	char mem[128];
	const char *why;
	int fd = socket(address.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && set(fd, SOL_SOCKET, SO_REUSEADDR) &&
	    set(fd, SOL_SOCKET, SO_REUSEPORT) &&
	    (!is_v6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
	    bind(fd, &address.any, n) == 0 && listen(fd, BACKLOG) == 0) {
		*out = fd;
		return ERR_OK;
	}
	why = strerror_r(errno, mem, sizeof mem);
	if (fd >= 0)
		close(fd);
	return error_set(e, ERR_SYSTEM, "cannot serve HTTP at %s@%u: %s",
	    ip_format(at->address).s, at->port, why);
}

/* ADDRESS@PORT, as the configuration has taken it. */
static enum err
place(const char *text, uint16_t port, struct endpoint *out, struct error *e)
{
	size_t n;

	return endpoint_find(span_str(text), port, out, 1, &n, e);
}

static enum err
add_http(struct sockets *s, const struct config_list *all, bool secure,
    struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < all->n; i++) {
		struct http_listener *l = &s->http[s->n_http];
		struct endpoint at;

		if (s->n_http == HTTP_LISTENERS)
			return error_set(e, ERR_LIMIT,
			    "HTTP is served at no more than %d addresses",
			    HTTP_LISTENERS);
		l->secure = secure;
		rc = place(
		    all->items[i], secure ? HTTPS_PORT : HTTP_PORT, &at, e);
		if (rc == ERR_OK)
			rc = open_http(&at, &l->fd, e);
		s->n_http += rc == ERR_OK;
	}
	return rc;
}

static enum err
add_dns(struct sockets *s, const struct config_list *all, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < all->n; i++) {
		if (s->n_dns == LIMIT_DNS_LISTENERS)
			return error_set(e, ERR_LIMIT,
			    "DNS is served at no more than %d addresses",
			    LIMIT_DNS_LISTENERS);
		rc = place(all->items[i], DNS_PORT, &s->dns_at[s->n_dns], e);
		if (rc == ERR_OK)
			rc = dns_sockets_open(
			    &s->dns_at[s->n_dns], &s->dns[s->n_dns], e);
		s->n_dns += rc == ERR_OK;
	}
	return rc;
}

static void
close_all(struct sockets *s)
{
	for (size_t i = 0; i < s->n_http; i++)
		close(s->http[i].fd);
	for (size_t i = 0; i < s->n_dns; i++)
		dns_sockets_close(&s->dns[i]);
	*s = (struct sockets){ .n_http = 0 };
}

static enum err
open_edge(const struct config *c, struct sockets *out, struct error *e)
{
	enum err rc = add_http(out, &c->listen_https, true, e);

	if (rc == ERR_OK)
		rc = add_http(out, &c->listen_http, false, e);
	return rc == ERR_OK ? add_dns(out, &c->listen_dns, e) : rc;
}

enum err
sockets_open(const struct config *c, enum role_id role, struct sockets *out,
    struct error *e)
{
	enum err rc;

	*out = (struct sockets){ .n_http = 0 };
	allow_many();
	rc = role == ROLE_WEB
		 ? add_http(out, &c->listen_web, c->web_certificate != NULL, e)
		 : open_edge(c, out, e);
	if (rc != ERR_OK)
		close_all(out);
	return rc;
}

size_t
sockets_room(size_t wanted)
{
	struct rlimit files;
	size_t room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur <= 2 * DESCRIPTORS_LEFT)
		return DESCRIPTORS_LEFT;
	room = (size_t)files.rlim_cur - DESCRIPTORS_LEFT;
	return wanted < room ? wanted : room;
}

int
sockets_drain_ms(const struct config *c)
{
	uint64_t ms = c->drain_s * 1000 * 3 / 4;

	return ms < LIMIT_HTTP_DRAIN_MS ? (int)ms : LIMIT_HTTP_DRAIN_MS;
}
