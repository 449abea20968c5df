/* The world as the publish role looks at it. */
#include <stdlib.h>

#include "base/limits.h"
#include "io/endpoint.h"
#include "io/fetch.h"
#include "io/resolver.h"
#include "io/server_query.h"
#include "roles/place.h"
#include "roles/publish.h"
#include "version.h"
#include "wire/name.h"
#include "wire/sts_record.h"

enum {
	DNS_MS = 10 * 1000, /* one question to the resolver */
	SERVER_MS = 3 * 1000, /* one datagram to a name server */
	/* An address at which nobody is shall not use up the time that the
	 * others need. */
	PAGE_MS = 15 * 1000,
	CONNECT_MS = 4 * 1000,
};

struct world {
	struct publish_eyes eyes; /* first: the functions cast */
	const struct config *config;
	struct resolver *resolver;
	SSL_CTX *tls;
	struct trust_store *trust;
	struct fetch_env fetch;
	struct server_env server;
};

static const struct world *
world_of(const struct publish_eyes *w)
{
	return (const struct world *)w;
}

/* ---- the delegation ---- */

/* Hop by hop, and not by asking for addresses: a target that cannot be resolved
 * since the service zone is not delegated yet is a CNAME all the same. An owner
 * may lead the way through names of his own. */
static enum publish_lead
see_lead(const struct publish_eyes *w, struct span name, struct span target,
    struct mono_time deadline, struct arena *a)
{
	for (int i = 0; i < LIMIT_CNAME_CHAIN; i++) {
		struct resolver_query q = { name, DNS_CNAME };
		struct dns_answer answer;

		if (resolver_lookup(world_of(w)->resolver, &q, 1, deadline, a,
			&answer) != ERR_OK ||
		    !dns_is_known(&answer))
			return LEAD_UNKNOWN;
		if (answer.n_chain == 0)
			return LEAD_NONE;
		name = answer.chain[0];
		if (name_eq(name, target))
			return LEAD_OURS;
	}
	return LEAD_NONE;
}

static bool
is_of_service(const struct config *c, struct ip_addr address)
{
	struct ip_addr ours;

	for (size_t i = 0; i < c->service_addresses.n; i++)
		if (ip_parse(span_str(c->service_addresses.items[i]), &ours) &&
		    ip_eq(ours, address))
			return true;
	return false;
}

static bool
see_arrival(const struct publish_eyes *w, struct span name,
    struct mono_time deadline, struct arena *a)
{
	struct resolver_query q[] = { { name, DNS_A }, { name, DNS_AAAA } };
	struct dns_answer answers[2];

	if (resolver_lookup(
		world_of(w)->resolver, q, 2, deadline, a, answers) != ERR_OK)
		return false;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < answers[i].n_addr; k++)
			if (is_of_service(
				world_of(w)->config, answers[i].addr[k]))
				return true;
	return false;
}

/* ---- the policy ---- */

static bool
is_silence(uint8_t result)
{
	return result == TALK_REFUSED || result == TALK_UNREACHABLE ||
	       result == TALK_TIMEOUT;
}

static enum publish_shown
see_page(const struct publish_eyes *w, struct span domain,
    struct ip_addr address, struct span body, struct mono_time deadline,
    struct arena *a)
{
	struct fetch f;

	fetch_address(
	    &world_of(w)->fetch, domain, address, deadline, NULL, a, &f);
	if (is_silence(f.result) && f.stage <= STAGE_CONNECT)
		return SHOWN_NOTHING;
	return f.result == TALK_OK && f.status == 200 && !f.truncated &&
		       span_eq(f.body, body)
		   ? SHOWN_IT
		   : SHOWN_OTHER;
}

/* ---- the name servers ---- */

struct listing {
	const struct world *w;
	struct mono_time deadline;
	struct arena *a;
	struct publish_server *all;
	size_t n, cap;
};

static void
add_server(struct listing *l, struct ip_addr address, uint16_t port)
{
	struct publish_server *all =
	    arena_grow(l->a, l->all, l->n, &l->cap, sizeof *all);

	if (all == NULL)
		return;
	l->all = all;
	all[l->n++] = (struct publish_server){ address, port };
}

static void
add_address(struct listing *l, struct span text)
{
	struct ip_addr address;

	if (ip_parse(text, &address))
		add_server(l, address, l->w->server.port);
}

/* Its name is in the zone, so that its addresses are told to us. */
static bool
add_own(struct listing *l, struct span name)
{
	const struct config_list *hosts = &l->w->config->service_hosts;
	size_t before = l->n;

	for (size_t i = 0; i < hosts->n; i++) {
		struct ip_addr address;
		struct span host;

		if (place_read_pair(
			span_str(hosts->items[i]), &host, &address) &&
		    name_eq(host, name))
			add_server(l, address, l->w->server.port);
	}
	return l->n > before;
}

/* False: it could not be looked up. */
static bool
add_resolved(struct listing *l, struct span name)
{
	struct resolver_query q[] = { { name, DNS_A }, { name, DNS_AAAA } };
	struct dns_answer answers[2];

	if (resolver_lookup(l->w->resolver, q, 2, l->deadline, l->a, answers) !=
	    ERR_OK)
		return false;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < answers[i].n_addr; k++)
			add_server(l, answers[i].addr[k], l->w->server.port);
	return dns_is_known(&answers[0]) && dns_is_known(&answers[1]);
}

/* An address, and perhaps a port: no name that would be looked up. */
static void
add_secondary(struct listing *l, const char *text)
{
	struct endpoint to;
	size_t n;
	struct error e;

	if (endpoint_find(span_str(text), l->w->server.port, &to, 1, &n, &e) ==
	    ERR_OK)
		add_server(l, to.address, to.port);
}

/* Where no name server is named the edges are all that there are. */
static bool
list_servers(const struct publish_eyes *w, struct mono_time deadline,
    struct arena *a, struct publish_server **out, size_t *n)
{
	const struct config *c = world_of(w)->config;
	struct listing l = { .w = world_of(w), .deadline = deadline, .a = a };
	bool known = true;

	for (size_t i = 0; i < c->service_servers.n; i++) {
		struct span name = span_str(c->service_servers.items[i]);

		if (!add_own(&l, name))
			known &= add_resolved(&l, name);
	}
	for (size_t i = 0;
	     c->service_servers.n == 0 && i < c->service_addresses.n; i++)
		add_address(&l, span_str(c->service_addresses.items[i]));
	for (size_t i = 0; i < c->secondaries.n; i++)
		add_secondary(&l, c->secondaries.items[i]);
	*out = l.all;
	*n = l.n;
	return known && !a->failed;
}

static enum publish_shown
see_id(const struct publish_eyes *w, struct publish_server server,
    struct span target, struct span id, struct mono_time deadline,
    struct arena *a)
{
	struct server_env env = world_of(w)->server;
	struct server_answer seen;
	struct sts_rrset set;

	env.port = server.port;
	server_query(&env, server.address, target, DNS_TXT, deadline, a, &seen);
	if (is_silence(seen.result))
		return SHOWN_NOTHING;
	if (seen.result != TALK_OK)
		return SHOWN_OTHER;
	set = sts_rrset_parse(seen.answer.txt, seen.answer.n_txt, a);
	return set.verdict == STS_RRSET_OK && span_eq(set.record.id, id)
		   ? SHOWN_IT
		   : SHOWN_OTHER;
}

/* ---- beginning and end ---- */

static enum err
set_up(struct world *w, const struct role_env *env,
    const struct publish_ports *ports, struct error *e)
{
	const struct config *c = env->config;
	struct resolver_options r = { .clock = env->clock,
		.servers = c->resolvers.items,
		.n_servers = c->resolvers.n,
		.trust_anchor = c->trust_anchor,
		.timeout_ms = DNS_MS };
	enum err rc = get_global_init();

	if (rc != ERR_OK)
		return error_plain(e, rc);
	if ((w->tls = conn_tls_context()) == NULL)
		return error_set(e, ERR_LIBRARY, "OpenSSL does not start");
	if ((rc = trust_store_new(c->ca_file, &w->trust, e)) != ERR_OK ||
	    (rc = resolver_new(&r, &w->resolver, e)) != ERR_OK)
		return rc;
	w->fetch = (struct fetch_env){ .clock = env->clock,
		.stop = env->stop,
		.tls = { .ctx = w->tls, .trust = w->trust },
		.user_agent = c->user_agent != NULL
				  ? c->user_agent
				  : "mtasts/" MTASTS_VERSION_TEXT,
		.port = ports->https,
		.fetch_ms = PAGE_MS,
		.connect_ms = CONNECT_MS };
	w->server = (struct server_env){ .clock = env->clock,
		.randomness = env->randomness,
		.stop = env->stop,
		.port = ports->dns,
		.try_ms = SERVER_MS };
	return ERR_OK;
}

enum err
publish_eyes_new(const struct role_env *env, const struct publish_ports *ports,
    const struct publish_eyes **out, struct error *e)
{
	struct world *w = calloc(1, sizeof *w);
	enum err rc;

	if (w == NULL)
		return error_plain(e, ERR_MEMORY);
	w->eyes = (struct publish_eyes){ see_lead, see_arrival, see_page,
		list_servers, see_id };
	w->config = env->config;
	rc = set_up(w, env, ports, e);
	if (rc == ERR_OK)
		*out = &w->eyes;
	else
		publish_eyes_free(&w->eyes);
	return rc;
}

void
publish_eyes_free(const struct publish_eyes *eyes)
{
	struct world *w = (struct world *)(uintptr_t)eyes;

	if (w == NULL)
		return;
	resolver_free(w->resolver);
	trust_store_free(w->trust);
	SSL_CTX_free(w->tls);
	free(w);
}
