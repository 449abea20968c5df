#include "roles/config_web.h"

#include "base/limits.h"

static bool
parse_address(const char *listen, struct ip_addr *out)
{
	struct span text = span_str(listen);

	return ip_parse(span_head(text, span_find(text, '@')), out);
}

bool
config_web_is_near(const char *listen)
{
	static const struct ip_prefix v4 = { { .family = IP_V4, .b = { 127 } },
		8 };
	static const struct ip_prefix v6 = {
		{ .family = IP_V6, .b = { [15] = 1 } }, 128
	};
	struct ip_addr at;

	return parse_address(listen, &at) &&
	       (ip_in_prefix(at, v4) || ip_in_prefix(at, v6));
}

void
config_web_defaults(struct config *c, struct arena *a)
{
	bool is_secure = c->web_certificate != NULL;
	struct ip_addr at;
	const char *port;
	bool is_v6;

	if (c->web_origin != NULL || c->listen_web.n == 0 ||
	    !parse_address(c->listen_web.items[0], &at))
		return;
	port = strchr(c->listen_web.items[0], '@');
	is_v6 = at.family == IP_V6;
	c->web_origin =
	    arena_printf(a, "%s://%s%s%s%s%s", is_secure ? "https" : "http",
		is_v6 ? "[" : "", ip_format(at).s, is_v6 ? "]" : "",
		port != NULL ? ":" : "", port != NULL ? port + 1 : "")
		.p;
}

/* What browsers say of a page (RFC 6454 6.2): compared octet by octet. */
const char *
config_web_origin_fault(const struct config *c, struct arena *a)
{
	struct span origin =
	    span_str(c->web_origin != NULL ? c->web_origin : "");
	struct span host = span_skip(origin, span_find(origin, '/') + 2);

	(void)a;
	if (span_find(host, '/') < host.n)
		return "origin takes a scheme and a host, such as "
		       "https://sts.example.net, without a path";
	if (c->web_certificate != NULL &&
	    !span_starts(origin, SPAN("https://")))
		return "origin begins with https:// where there is a "
		       "certificate";
	return NULL;
}
