#include "roles/config_web.h"

#include <string.h>

#include "base/ascii.h"
#include "base/num.h"
#include "serve/http_server.h"

enum { WEB_PORT = 8080 };

struct place {
	struct ip_addr address;
	uint64_t port;
};

/* "ADDRESS", "ADDRESS@PORT": it has been read before. */
static bool
read_place(const char *text, struct place *out)
{
	struct span s = span_str(text);
	size_t at = span_find(s, '@');

	out->port = WEB_PORT;
	return ip_parse(span_head(s, at), &out->address) &&
	       (at == s.n ||
		   num_parse(span_skip(s, at + 1), UINT16_MAX, &out->port));
}

/* RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3: who sends to it is on this machine. */
static bool
is_loopback(struct ip_addr a)
{
	static const struct ip_addr v6 = { IP_V6, { [15] = 1 } };

	return a.family == IP_V4 ? a.b[0] == 127 : ip_eq(a, v6);
}

/* ---- defaults ---- */

/* An IPv6 address stands in brackets (RFC 3986 3.2.2). */
static const char *
origin_of(const char *listen, struct arena *a)
{
	struct place at;
	bool v6;

	if (!read_place(listen, &at) || !is_loopback(at.address))
		return NULL;
	v6 = at.address.family == IP_V6;
	return arena_printf(a, "http://%s%s%s:%u", v6 ? "[" : "",
	    ip_format(at.address).s, v6 ? "]" : "", (unsigned)at.port)
	    .p;
}

/* As browsers send it (RFC 6454 6.2): in lower case, without what goes without
 * saying. */
static const char *
canonical(const char *given, struct arena *a)
{
	struct span s = arena_span(a, span_str(given));
	struct span port = SPAN(":80");

	for (size_t i = 0; i < s.n; i++)
		((char *)(uintptr_t)s.p)[i] =
		    (char)ascii_lower((unsigned char)s.p[i]);
	if (span_starts(s, SPAN("https:")))
		port = SPAN(":443");
	if (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	if (span_eq(span_tail(s, port.n), port))
		s.n -= port.n;
	return arena_str(a, s);
}

void
config_web_defaults(struct config *c, struct arena *a)
{
	static const char *here[] = { "127.0.0.1@8080" };

	if (c->web_listen.n == 0)
		c->web_listen = (struct config_list){ here, 1 };
	if (c->origin == NULL && c->certificate == NULL && c->proxies.n == 0)
		c->origin = origin_of(c->web_listen.items[0], a);
	if (c->origin != NULL)
		c->origin = canonical(c->origin, a);
}

/* ---- checks ---- */

static const char *
no_key(const struct config *c, struct arena *a)
{
	(void)a;
	return c->certificate != NULL && c->certificate_key == NULL
		   ? "certificate needs the key key: the file with the key "
		     "that belongs to it"
		   : NULL;
}

static const char *
no_certificate(const struct config *c, struct arena *a)
{
	(void)a;
	return c->certificate == NULL && c->certificate_key != NULL
		   ? "key needs the key certificate: the file with the "
		     "certificate that it belongs to"
		   : NULL;
}

/* Passwords and sessions would go over the network for everybody to read. */
static const char *
in_the_clear(const struct config *c, struct arena *a)
{
	struct place at;

	for (size_t i = 0; i < c->web_listen.n; i++)
		if (c->certificate == NULL && c->proxies.n == 0 &&
		    read_place(c->web_listen.items[i], &at) &&
		    !is_loopback(at.address))
			return arena_printf(a,
			    "listen = %s can be reached from outside: it needs "
			    "certificate and key, or the key proxy where one "
			    "stands in front of it with TLS",
			    c->web_listen.items[i])
			    .p;
	return NULL;
}

static const char *
no_origin(const struct config *c, struct arena *a)
{
	(void)a;
	return c->origin == NULL
		   ? "[web] needs the key origin: the URL at which browsers "
		     "find the dashboard"
		   : NULL;
}

static bool
is_https(const struct config *c)
{
	return span_starts(span_str(c->origin), SPAN("https://"));
}

static const char *
origin_has_path(const struct config *c, struct arena *a)
{
	struct span s = span_str(c->origin != NULL ? c->origin : "");

	s = span_skip(s, span_find(s, '/') + 2);
	for (size_t i = 0; i < s.n; i++)
		if (strchr("/?#@", s.p[i]) != NULL)
			return "origin takes a URL without a path: "
			       "https://HOST or https://HOST:PORT";
	(void)a;
	return NULL;
}

static const char *
wrong_scheme(const struct config *c, struct arena *a)
{
	(void)a;
	if (c->origin == NULL)
		return NULL;
	if (is_https(c) && c->certificate == NULL && c->proxies.n == 0)
		return "origin begins with https:// and nothing serves that: "
		       "it needs certificate and key, or the key proxy";
	if (!is_https(c) && c->certificate != NULL)
		return "origin begins with http:// where certificate is given: "
		       "it is https://";
	return NULL;
}

static const char *
many_listeners(const struct config *c, struct arena *a)
{
	return c->web_listen.n > HTTP_LISTENERS
		   ? arena_printf(a, "listen stands here more than %d times",
			 HTTP_LISTENERS)
			 .p
		   : NULL;
}

const struct config_check config_web_checks[] = {
	{ "certificate", no_key },
	{ "key", no_certificate },
	{ "listen", in_the_clear },
	{ "listen", no_origin },
	{ "origin", origin_has_path },
	{ "origin", wrong_scheme },
	{ "listen", many_listeners },
};
const size_t config_web_checks_n =
    sizeof config_web_checks / sizeof config_web_checks[0];
