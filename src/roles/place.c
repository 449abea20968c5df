#include "roles/place.h"

#include <stdint.h>

#include "base/num.h"
#include "wire/name.h"

static bool
is_port(struct span s)
{
	uint64_t port;

	return num_parse(s, 65535, &port) && port > 0;
}

bool
place_is_resolver(struct span s)
{
	size_t at = span_find(s, '@');
	struct ip_addr address;

	return ip_parse(span_head(s, at), &address) &&
	       (at == s.n || is_port(span_skip(s, at + 1)));
}

bool
place_read_pair(struct span s, struct span *name, struct ip_addr *address)
{
	size_t sign = span_find(s, '=');

	*name = span_head(s, sign);
	return sign < s.n && name_is_domain(*name) &&
	       ip_parse(span_skip(s, sign + 1), address);
}

static bool
is_host(struct span s)
{
	if (s.n > 0 && s.p[0] == '[')
		return name_is_ip_literal(s);
	return name_is_domain(s) ||
	       (name_is_ip_literal(s) && span_find(s, ':') == s.n);
}

static bool
is_host_port(struct span s)
{
	size_t end = s.n > 0 && s.p[0] == '[' ? span_find(s, ']') : 0;
	size_t colon = end + span_find(span_skip(s, end), ':');

	return is_host(span_head(s, colon)) &&
	       (colon == s.n || is_port(span_skip(s, colon + 1)));
}

static bool
takes_scheme(struct span *s, struct span scheme)
{
	if (!span_starts(*s, scheme))
		return false;
	*s = span_skip(*s, scheme.n);
	return true;
}

bool
place_is_server(struct span s)
{
	return (takes_scheme(&s, SPAN("smtp://")) ||
		   takes_scheme(&s, SPAN("smtps://"))) &&
	       is_host_port(s);
}

static bool
has_wsp(struct span s)
{
	return span_find(s, ' ') < s.n || span_find(s, '\t') < s.n;
}

bool
place_is_url(struct span s)
{
	return (takes_scheme(&s, SPAN("https://")) ||
		   takes_scheme(&s, SPAN("http://"))) &&
	       is_host_port(span_head(s, span_find(s, '/'))) && !has_wsp(s);
}

bool
place_is_mailbox(struct span s)
{
	size_t at = span_find(s, '@');

	if (at == 0 || at == s.n || has_wsp(s) || span_find(s, '<') < s.n ||
	    span_find(s, '>') < s.n || span_find(s, ',') < s.n)
		return false;
	return name_is_domain(span_skip(s, at + 1));
}
