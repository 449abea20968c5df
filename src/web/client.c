#include "web/client.h"

#include "base/ascii.h"

bool
client_is_proxy(const struct web_config *config, struct ip_addr a)
{
	for (size_t i = 0; i < config->n_proxies; i++)
		if (ip_in_prefix(a, config->proxies[i]))
			return true;
	return false;
}

/* The last part of a list "a, b, c", which gets shorter. */
static struct span
pop_part(struct span *list)
{
	size_t n = list->n;
	struct span part;

	while (n > 0 && list->p[n - 1] != ',')
		n--;
	part = ascii_trim(span_skip(*list, n));
	*list = span_head(*list, n > 0 ? n - 1 : 0);
	return part;
}

/* "192.0.2.1", "2001:db8::1", and with a port, as some proxies have it:
 * "192.0.2.1:80", "[2001:db8::1]:80" (RFC 7239 6). One that listens for both
 * families says IPv4 as ::ffff:192.0.2.1; all of these are not one /64. */
static bool
parse_client(struct span s, struct ip_addr *out)
{
	size_t colon = span_find(s, ':'), bracket = span_find(s, ']');

	if (span_starts(s, SPAN("[")) && bracket < s.n)
		s = span_head(span_skip(s, 1), bracket - 1);
	else if (span_find(span_skip(s, colon + 1), ':') == s.n - colon - 1)
		s = span_head(s, colon);
	if (!ip_parse(s, out))
		return false;
	*out = ip_unmapped(*out);
	return true;
}

struct ip_addr
client_find(const struct web_config *config, const struct http_request *http)
{
	const struct http_head *h = http->head;
	struct ip_addr client = http->peer, before;
	size_t i = h->n_fields;
	struct span list = SPAN("");

	while (client_is_proxy(config, client)) {
		while (list.n == 0 && i-- > 0)
			if (ascii_eq_nocase(
				h->fields[i].name, SPAN("x-forwarded-for")))
				list = h->fields[i].value;
		if (list.n == 0 || !parse_client(pop_part(&list), &before))
			break;
		client = before;
	}
	return client;
}
