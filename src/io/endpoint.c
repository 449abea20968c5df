#include "io/endpoint.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/num.h"
#include "wire/name.h"

/* False: of neither family. */
static bool
from_sockaddr(const struct sockaddr *s, struct ip_addr *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*out = (struct ip_addr){ .family = IP_NONE };
	switch (s->sa_family) {
	case AF_INET:
		memcpy(&v4, s, sizeof v4);
		out->family = IP_V4;
		memcpy(out->b, &v4.sin_addr, sizeof v4.sin_addr);
		return true;
	case AF_INET6:
		memcpy(&v6, s, sizeof v6);
		out->family = IP_V6;
		memcpy(out->b, &v6.sin6_addr, sizeof v6.sin6_addr);
		return true;
	}
	return false;
}

static enum err
look_up(const char *host, uint16_t port, struct endpoint *out, size_t max,
    size_t *n, struct error *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *all = NULL;
	int rc = getaddrinfo(host, NULL, &hints, &all);

	if (rc != 0)
		return error_set(e, ERR_NO_INPUT, "%s has no address: %s", host,
		    gai_strerror(rc));
	for (struct addrinfo *i = all; i != NULL && *n < max; i = i->ai_next)
		if (from_sockaddr(i->ai_addr, &out[*n].address))
			out[(*n)++].port = port;
	freeaddrinfo(all);
	return *n > 0 ? ERR_OK
		      : error_set(e, ERR_NO_INPUT, "%s has no address", host);
}

enum err
endpoint_find(struct span text, uint16_t default_port, struct endpoint *out,
    size_t max, size_t *n, struct error *e)
{
	size_t at = span_find(text, '@');
	struct span host = span_head(text, at);
	uint64_t port = default_port;
	char name[NAME_MAX_TEXT + 1];

	*n = 0;
	if (at < text.n &&
	    (!num_parse(span_skip(text, at + 1), UINT16_MAX, &port) ||
		port == 0))
		return error_set(e, ERR_DATA,
		    "what follows the \"@\" of a server is a port, from 1 to "
		    "65535");
	if (max > 0 && ip_parse(host, &out->address)) {
		out->port = (uint16_t)port;
		*n = 1;
		return ERR_OK;
	}
	if (host.n >= sizeof name || !name_is_domain(host))
		return error_set(e, ERR_DATA,
		    "a server is an address or a host name, with \"@port\" "
		    "behind it where the port is another one than %d",
		    default_port);
	memcpy(name, host.p, host.n);
	name[host.n] = '\0';
	return look_up(name, (uint16_t)port, out, max, n, e);
}
