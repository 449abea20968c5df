#include "roles/sockets.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/read_file.h"

enum {
	BACKLOG = 4096, /* the system may allow less */
	HTTPS_PORT = 443,
	HTTP_PORT = 80,
	WEB_PORT = 8080,
	DNS_PORT = 53,
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
    uint16_t port, struct error *e)
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
		rc = place(all->items[i], port, &at, e);
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

void
sockets_wipe(struct sockets *s)
{
	OPENSSL_cleanse((void *)(uintptr_t)s->key.p, s->key.n);
	s->key = SPAN("");
}

static void
close_all(struct sockets *s)
{
	for (size_t i = 0; i < s->n_http; i++)
		close(s->http[i].fd);
	for (size_t i = 0; i < s->n_dns; i++)
		dns_sockets_close(&s->dns[i]);
	sockets_wipe(s);
	*s = (struct sockets){ .certificate = SPAN(""), .key = SPAN("") };
}

static enum err
open_edge(struct sockets *s, const struct config *c, struct error *e)
{
	enum err rc = add_http(s, &c->listen_https, true, HTTPS_PORT, e);

	if (rc == ERR_OK)
		rc = add_http(s, &c->listen_http, false, HTTP_PORT, e);
	return rc == ERR_OK ? add_dns(s, &c->listen_dns, e) : rc;
}

static enum err
read_certificate(
    struct sockets *s, const struct config *c, struct arena *a, struct error *e)
{
	enum err rc;

	if (c->certificate == NULL)
		return ERR_OK;
	rc = read_file(c->certificate, LIMIT_TLS_PEM, a, &s->certificate, e);
	return rc == ERR_OK
		   ? read_file(c->certificate_key, LIMIT_TLS_PEM, a, &s->key, e)
		   : rc;
}

static enum err
open_web(
    struct sockets *s, const struct config *c, struct arena *a, struct error *e)
{
	bool secure = c->certificate != NULL;
	enum err rc = add_http(s, &c->web_listen, secure, WEB_PORT, e);

	return rc == ERR_OK ? read_certificate(s, c, a, e) : rc;
}

enum err
sockets_check_certificate(
    const struct config *c, struct arena *a, struct error *e)
{
	struct sockets s = { .certificate = SPAN(""), .key = SPAN("") };
	struct tls_config config = { .clock = &clock_system };
	struct tls *tls = NULL;
	enum err rc = read_certificate(&s, c, a, e);

	if (rc != ERR_OK || s.certificate.n == 0)
		return rc;
	config.fixed = (struct tls_fixed){ s.certificate, s.key };
	rc = tls_new(&config, &tls, e);
	tls_free(tls);
	sockets_wipe(&s);
	return rc;
}

enum err
sockets_open(const struct config *c, enum role_id role, struct arena *a,
    struct sockets *out, struct error *e)
{
	enum err rc;

	*out = (struct sockets){ .certificate = SPAN(""), .key = SPAN("") };
	allow_many();
	rc = role == ROLE_WEB ? open_web(out, c, a, e) : open_edge(out, c, e);
	if (rc != ERR_OK)
		close_all(out);
	return rc;
}
