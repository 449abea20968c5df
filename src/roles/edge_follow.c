/* The edge role: what has changed in the store is made known to the servers. */
#include <inttypes.h>

#include "roles/edge.h"
#include "store/certificates.h"

uint32_t
edge_serial(uint64_t number)
{
	uint32_t serial = (uint32_t)number;

	return serial != 0 ? serial : 1;
}

/* A label that cannot be kept in memory is asked for. */
static void
change_zone(struct dns_zone *zone, const struct served *s)
{
	struct dns_entry entry = { .id_n = 0 };

	if (s->gone) {
		dns_zone_remove(zone, s->label);
		return;
	}
	if (edge_entry(s, &entry) &&
	    dns_zone_put(zone, s->label, &entry) == ERR_OK)
		return;
	dns_zone_remove(zone, s->label);
}

/* Of most changes an id is all. A row that is gone may have made room for
 * another one of the same host. */
static bool
changes_policy(const struct edge_follower *f, const struct served *s)
{
	return s->gone || s->body_number > f->number;
}

static enum err
follow_served(
    struct edge_follower *f, struct arena *a, bool *more, struct error *e)
{
	struct span *hosts;
	struct served *all;
	size_t n, n_hosts = 0;
	enum err rc = served_changes(
	    f->store, f->at_served, LIMIT_STORE_PAGE, a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	hosts = arena_array(a, n + 1, sizeof *hosts);
	if (hosts == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < n; i++) {
		change_zone(f->zone, &all[i]);
		if (changes_policy(f, &all[i]))
			hosts[n_hosts++] = all[i].host;
		f->at_served = all[i].number;
	}
	if (n_hosts > 0)
		f->forget(f->arg, EDGE_POLICY, hosts, n_hosts);
	*more = n == LIMIT_STORE_PAGE;
	return ERR_OK;
}

static enum err
follow_certificates(
    struct edge_follower *f, struct arena *a, bool *more, struct error *e)
{
	struct certificate *all;
	struct span *hosts;
	size_t n;
	enum err rc = certificate_changes(
	    f->store, f->at_certificates, LIMIT_STORE_PAGE, a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	hosts = arena_array(a, n + 1, sizeof *hosts);
	if (hosts == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < n; i++) {
		hosts[i] = all[i].host;
		f->at_certificates = all[i].number;
	}
	if (n > 0)
		f->forget(f->arg, EDGE_CERTIFICATE, hosts, n);
	*more = n == LIMIT_STORE_PAGE;
	return ERR_OK;
}

static void
arrive(struct edge_follower *f)
{
	f->number = f->goal;
	dns_zone_set_serial(f->zone, edge_serial(f->number));
	if (!f->is_loaded)
		dns_zone_loaded(f->zone);
	f->is_loaded = true;
}

static enum err
set_goal(struct edge_follower *f, struct error *e)
{
	uint64_t last;
	enum err rc = served_last(f->store, &last, e);

	if (rc != ERR_OK)
		return rc;
	f->is_astray = last < f->number;
	if (f->is_astray)
		return error_set(e, ERR_DATA,
		    "the store has gone back, from change %" PRIu64
		    " to change %" PRIu64,
		    f->number, last);
	f->goal = last;
	return ERR_OK;
}

/* The goal is read before the changes: all up to it are among them. */
enum err
edge_follow(struct edge_follower *f, bool *more, struct error *e)
{
	struct arena a;
	enum err rc = ERR_OK;

	*more = false;
	if (f->goal == f->number)
		rc = set_goal(f, e);
	if (rc != ERR_OK || (f->goal == f->number && f->is_loaded))
		return rc;
	arena_init(&a, LIMIT_EDGE_PAGE);
	rc = follow_served(f, &a, more, e);
	if (rc == ERR_OK && !*more)
		rc = follow_certificates(f, &a, more, e);
	arena_release(&a);
	if (rc == ERR_OK && !*more)
		arrive(f);
	return rc;
}
