#include "roles/config_service.h"

#include "base/limits.h"
#include "core/acme_plan.h"
#include "core/published.h"
#include "roles/place.h"
#include "serve/http_server.h"
#include "wire/name.h"

enum { PUBLISHING = 1 << ROLE_PUBLISH | 1 << ROLE_CERTS | 1 << ROLE_EDGE };

/* ---- defaults ---- */

static void
listen_at_all(struct config_list *out, const struct config_list *addresses,
    unsigned port, struct arena *a)
{
	if (out->n > 0)
		return;
	out->items = arena_array(a, addresses->n, sizeof *out->items);
	if (out->items == NULL)
		return;
	for (size_t i = 0; i < addresses->n; i++)
		out->items[i] =
		    arena_printf(a, "%s@%u", addresses->items[i], port).p;
	out->n = addresses->n;
}

void
config_service_defaults(struct config *c, struct arena *a)
{
	const struct config_list *addresses = &c->service_addresses;

	if (addresses->n == 0)
		return;
	listen_at_all(&c->listen_https, addresses, 443, a);
	listen_at_all(&c->listen_http, addresses, 80, a);
	listen_at_all(&c->listen_dns, addresses, 53, a);
}

/* ---- checks ---- */

static const char *
no_zone(const struct config *c, struct arena *a)
{
	for (int i = 0; i < ROLES; i++)
		if (c->service_zone == NULL &&
		    (c->roles & PUBLISHING & 1U << i) != 0)
			return arena_printf(a,
			    "the role %s needs the key zone of [service]",
			    role_names[i])
			    .p;
	return NULL;
}

/* A label and a dot go in front of it (RFC 1035 2.3.4). */
static const char *
zone_too_long(const struct config *c, struct arena *a)
{
	int most = NAME_MAX_TEXT - PUBLISHED_LABEL_OCTETS - 1;

	if (c->service_zone == NULL || strlen(c->service_zone) <= (size_t)most)
		return NULL;
	return arena_printf(a,
	    "zone is longer than %d characters, which leaves no room for the "
	    "names in it",
	    most)
	    .p;
}

static const char *
no_address(const struct config *c, struct arena *a)
{
	(void)a;
	return c->service_zone != NULL && c->service_addresses.n == 0
		   ? "zone needs the key address: where policies are served"
		   : NULL;
}

static const char *
no_server(const struct config *c, struct arena *a)
{
	(void)a;
	return c->service_zone != NULL && c->service_servers.n == 0
		   ? "zone needs the key name-server: who serves it"
		   : NULL;
}

static bool
is_in_zone(const struct config *c, struct span name)
{
	struct span zone = span_str(c->service_zone);

	return name.n > zone.n && name.p[name.n - zone.n - 1] == '.' &&
	       name_eq(span_skip(name, name.n - zone.n), zone);
}

static bool
has_host(const struct config *c, const char *name)
{
	struct ip_addr address;
	struct span host;

	for (size_t i = 0; i < c->service_hosts.n; i++)
		if (place_read_pair(
			span_str(c->service_hosts.items[i]), &host, &address) &&
		    name_eq(host, span_str(name)))
			return true;
	return false;
}

/* Nobody would find it: its address is looked for in the zone itself. */
static const char *
server_without_host(const struct config *c, struct arena *a)
{
	for (size_t i = 0; i < c->service_servers.n; i++) {
		const char *name = c->service_servers.items[i];

		if (c->service_zone != NULL && is_in_zone(c, span_str(name)) &&
		    !has_host(c, name))
			return arena_printf(a,
			    "name-server %s is in the zone and has no key "
			    "host with its address",
			    name)
			    .p;
	}
	return NULL;
}

static const char *
host_outside(const struct config *c, struct arena *a)
{
	for (size_t i = 0; i < c->service_hosts.n; i++) {
		const char *pair = c->service_hosts.items[i];
		struct ip_addr address;
		struct span name;

		if (place_read_pair(span_str(pair), &name, &address) &&
		    (c->service_zone == NULL || !is_in_zone(c, name)))
			return arena_printf(a, "host %.*s is not in the zone",
			    (int)name.n, name.p)
			    .p;
	}
	return NULL;
}

static const char *
relative_sealing_key(const struct config *c, struct arena *a)
{
	(void)a;
	return c->sealing_key != NULL && c->sealing_key[0] != '/'
		   ? "sealing-key takes an absolute path"
		   : NULL;
}

/* From the wildcard the system would choose where an answer comes from. */
static const char *
dns_wildcard(const struct config *c, struct arena *a)
{
	for (size_t i = 0; i < c->listen_dns.n; i++) {
		struct span text = span_str(c->listen_dns.items[i]);
		struct ip_addr at, zero;

		if (!ip_parse(span_head(text, span_find(text, '@')), &at))
			continue;
		zero = (struct ip_addr){ .family = at.family };
		if (ip_eq(at, zero))
			return arena_printf(a,
			    "listen-dns cannot be %s: name each address",
			    c->listen_dns.items[i])
			    .p;
	}
	return NULL;
}

static const char *
more_than(
    const struct config_list *all, const char *key, int most, struct arena *a)
{
	return all->n > (size_t)most
		   ? arena_printf(
			 a, "%s stands here more than %d times", key, most)
			 .p
		   : NULL;
}

static const char *
many_addresses(const struct config *c, struct arena *a)
{
	return more_than(
	    &c->service_addresses, "address", LIMIT_DNS_ADDRESSES, a);
}

static const char *
many_servers(const struct config *c, struct arena *a)
{
	return more_than(
	    &c->service_servers, "name-server", LIMIT_DNS_SERVERS, a);
}

static const char *
many_hosts(const struct config *c, struct arena *a)
{
	return more_than(&c->service_hosts, "host", LIMIT_DNS_HOSTS, a);
}

static const char *
many_secondaries(const struct config *c, struct arena *a)
{
	return more_than(
	    &c->secondaries, "secondary", LIMIT_DNS_SECONDARIES, a);
}

static const char *
many_https(const struct config *c, struct arena *a)
{
	return more_than(
	    &c->listen_https, "listen-https", HTTP_LISTENERS / 2, a);
}

static const char *
many_http(const struct config *c, struct arena *a)
{
	return more_than(&c->listen_http, "listen-http", HTTP_LISTENERS / 2, a);
}

static const char *
many_dns(const struct config *c, struct arena *a)
{
	return more_than(&c->listen_dns, "listen-dns", LIMIT_DNS_LISTENERS, a);
}

/* ---- the CAs ---- */

static const char *
no_ca(const struct config *c, struct arena *a)
{
	(void)a;
	return (c->roles & 1U << ROLE_CERTS) != 0 && c->cas.n == 0
		   ? "the role certs needs a ca in [certs]"
		   : NULL;
}

static const char *
no_consent(const struct config *c, struct arena *a)
{
	(void)a;
	return (c->roles & 1U << ROLE_CERTS) != 0 && !c->ca_agree
		   ? "the role certs needs agree = on in [certs], which says "
		     "that you agree to the terms of its CAs"
		   : NULL;
}

/* RFC 8555 6.1 */
static const char *
plain_ca(const struct config *c, struct arena *a)
{
	(void)a;
	for (size_t i = 0; i < c->cas.n; i++)
		if (!span_starts(span_str(c->cas.items[i]), SPAN("https://")))
			return "ca takes a URL that begins with https://";
	return NULL;
}

static const char *
many_cas(const struct config *c, struct arena *a)
{
	return more_than(&c->cas, "ca", ACME_CAS_MAX, a);
}

static const char *
half_binding(const struct config *c, struct arena *a)
{
	(void)a;
	return (c->eab_kid == NULL) != (c->eab_key_file == NULL)
		   ? "eab-kid and eab-key-file belong together"
		   : NULL;
}

const struct config_check config_service_checks[] = {
	{ "roles", no_zone },
	{ "zone", zone_too_long },
	{ "zone", no_address },
	{ "zone", no_server },
	{ "name-server", server_without_host },
	{ "host", host_outside },
	{ "sealing-key", relative_sealing_key },
	{ "listen-dns", dns_wildcard },
	{ "address", many_addresses },
	{ "name-server", many_servers },
	{ "host", many_hosts },
	{ "secondary", many_secondaries },
	{ "listen-https", many_https },
	{ "listen-http", many_http },
	{ "listen-dns", many_dns },
	{ "roles", no_ca },
	{ "roles", no_consent },
	{ "ca", plain_ca },
	{ "ca", many_cas },
	{ "eab-kid", half_binding },
};
const size_t config_service_checks_n =
    sizeof config_service_checks / sizeof config_service_checks[0];
