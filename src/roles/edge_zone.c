/* The edge role: the service zone as the configuration has it. */
#include "roles/edge.h"
#include "roles/place.h"

enum {
	/* How long resolvers believe that there is no such name: an owner who
	 * was too quick with his CNAMEs waits that long. */
	NEGATIVE_TTL_S = 60,
	/* Secondaries learn of changes by NOTIFY. One that has missed it asks
	 * by itself; one that cannot reach us serves what it has for two
	 * weeks. */
	REFRESH_S = 300,
	RETRY_S = 60,
	EXPIRE_S = 14 * 86400,
};

/* "hostmaster@example.com" as a name; a dot in front of the sign is part of a
 * label (RFC 1035 8). */
static struct span
mailbox_name(struct arena *a, const struct config *c)
{
	struct span text =
	    c->service_mailbox != NULL
		? span_str(c->service_mailbox)
		: arena_printf(a, "hostmaster@%s", c->service_zone);
	size_t sign = span_find(text, '@');
	char *mem = arena_alloc(a, 4 * text.n);
	struct buf b = buf_init(mem, mem != NULL ? 4 * text.n : 0);

	for (size_t i = 0; i < sign; i++)
		if (text.p[i] == '.' || text.p[i] == '\\')
			buf_printf(&b, "\\%03d", text.p[i]);
		else
			buf_putc(&b, text.p[i]);
	buf_putc(&b, '.');
	buf_put(&b, span_skip(text, sign + 1));
	return buf_span(&b);
}

static bool
set_hosts(const struct config *c, struct arena *a, struct dns_zone_config *out)
{
	const struct config_list *all = &c->service_hosts;
	struct dns_zone_host *hosts = arena_array(a, all->n, sizeof *hosts);

	if (all->n > 0 && hosts == NULL)
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (!place_read_pair(span_str(all->items[i]), &hosts[i].name,
			&hosts[i].address))
			return false;
	out->hosts = hosts;
	out->n_hosts = all->n;
	return true;
}

static bool
set_addresses(
    const struct config *c, struct arena *a, struct dns_zone_config *out)
{
	const struct config_list *all = &c->service_addresses;
	struct ip_addr *addresses = arena_array(a, all->n, sizeof *addresses);

	if (all->n > 0 && addresses == NULL)
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (!ip_parse(span_str(all->items[i]), &addresses[i]))
			return false;
	out->addresses = addresses;
	out->n_addresses = all->n;
	return true;
}

static bool
set_servers(
    const struct config *c, struct arena *a, struct dns_zone_config *out)
{
	const struct config_list *all = &c->service_servers;
	struct span *servers = arena_array(a, all->n, sizeof *servers);

	if (all->n == 0 || servers == NULL)
		return false;
	for (size_t i = 0; i < all->n; i++)
		servers[i] = span_str(all->items[i]);
	out->servers = servers;
	out->n_servers = all->n;
	out->primary = servers[0];
	return true;
}

enum err
edge_zone_config(const struct config *c, struct arena *a,
    struct dns_zone_config *out, struct error *e)
{
	bool good;

	*out = (struct dns_zone_config){ .name = span_str(c->service_zone),
		.mailbox = mailbox_name(a, c),
		.ttl = c->service_ttl_s,
		.negative_ttl = NEGATIVE_TTL_S,
		.refresh = REFRESH_S,
		.retry = RETRY_S,
		.expire = EXPIRE_S,
		.index_max = (size_t)c->edge_labels };
	good = set_servers(c, a, out) && set_hosts(c, a, out) &&
	       set_addresses(c, a, out);
	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	return good ? ERR_OK
		    : error_set(e, ERR_USAGE,
			  "the configuration of the zone is not whole");
}
