#include "serve/dns_zone.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "wire/name.h"

enum { ZONE_MEMORY = 256 * 1024 }; /* the constants, at the limits below */

struct dns_zone {
	struct arena a; /* of the constants */
	struct dns_zone_constants constants;
	struct dns_source source;
	_Atomic uint32_t serial;
	pthread_rwlock_t lock; /* of all that follows */
	struct dns_index index;
	bool loaded;
	uint64_t changes; /* puts and removals */
};

bool
dns_wire_is_under(struct span name, struct span parent, struct span *out_labels)
{
	size_t at = 0;

	while (name.n - at > parent.n)
		at += (unsigned char)name.p[at] + 1U;
	*out_labels = span_head(name, at);
	return span_eq(span_skip(name, at), parent);
}

/* ---- the constants ---- */

static enum err
set_name(struct dns_wire_name *out, struct span text, const char *what,
    struct error *e)
{
	struct buf b = buf_init(out->p, sizeof out->p);

	if (text.n == 0 || !dns_name_write(&b, text))
		return error_set(e, ERR_USAGE, "%s: %.*s is no domain name",
		    what, (int)text.n, text.p);
	out->n = (unsigned char)b.n;
	return ERR_OK;
}

static enum err
set_host(struct dns_zone_constants *c, struct dns_constant_host *out,
    const struct dns_zone_host *host, struct error *e)
{
	struct span labels;
	enum err rc = set_name(&out->name, host->name, "host", e);

	if (rc != ERR_OK)
		return rc;
	if (!dns_wire_is_under(
		dns_wire_span(&out->name), dns_wire_span(&c->apex), &labels) ||
	    labels.n == 0)
		return error_set(e, ERR_USAGE,
		    "host: %.*s is not below the zone", (int)host->name.n,
		    host->name.p);
	out->address = host->address;
	return ERR_OK;
}

static enum err
set_names(struct dns_zone_constants *c, const struct dns_zone_config *config,
    struct error *e)
{
	enum err rc = set_name(&c->apex, config->name, "zone", e);

	if (rc == ERR_OK)
		rc = set_name(&c->primary, config->primary, "primary", e);
	if (rc == ERR_OK)
		rc = set_name(&c->mailbox, config->mailbox, "mailbox", e);
	for (size_t i = 0; rc == ERR_OK && i < config->n_servers; i++)
		rc = set_name(
		    &c->servers[i], config->servers[i], "name server", e);
	for (size_t i = 0; rc == ERR_OK && i < config->n_hosts; i++)
		rc = set_host(c, &c->hosts[i], &config->hosts[i], e);
	return rc;
}

static enum err
set_constants(
    struct dns_zone *z, const struct dns_zone_config *config, struct error *e)
{
	struct dns_zone_constants *c = &z->constants;

	if (config->n_servers == 0)
		return error_set(e, ERR_USAGE, "a zone needs a name server");
	if (config->n_servers > LIMIT_DNS_SERVERS ||
	    config->n_hosts > LIMIT_DNS_HOSTS ||
	    config->n_addresses > LIMIT_DNS_ADDRESSES)
		return error_set(e, ERR_LIMIT,
		    "a zone has at most %d name servers, %d hosts and %d "
		    "addresses",
		    LIMIT_DNS_SERVERS, LIMIT_DNS_HOSTS, LIMIT_DNS_ADDRESSES);
	*c = (struct dns_zone_constants){
		.servers =
		    arena_array(&z->a, config->n_servers, sizeof *c->servers),
		.n_servers = config->n_servers,
		.hosts = arena_array(&z->a, config->n_hosts, sizeof *c->hosts),
		.n_hosts = config->n_hosts,
		.addresses = arena_array(
		    &z->a, config->n_addresses, sizeof *c->addresses),
		.n_addresses = config->n_addresses,
		.ttl = config->ttl,
		.negative_ttl = config->negative_ttl,
		.refresh = config->refresh,
		.retry = config->retry,
		.expire = config->expire,
	};
	if (z->a.failed)
		return error_set(e, ERR_MEMORY, "out of memory");
	if (config->n_addresses > 0)
		memcpy(c->addresses, config->addresses,
		    config->n_addresses * sizeof *c->addresses);
	return set_names(c, config, e);
}

/* ---- the zone ---- */

/* Whoever changes the zone goes first: under load there is always a reader. */
static bool
init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t writers_first;
	bool ok;

	if (pthread_rwlockattr_init(&writers_first) != 0)
		return false;
	ok = pthread_rwlockattr_setkind_np(&writers_first,
		 PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0 &&
	     pthread_rwlock_init(lock, &writers_first) == 0;
	pthread_rwlockattr_destroy(&writers_first);
	return ok;
}

enum err
dns_zone_new(const struct dns_zone_config *config,
    const struct randomness *random, struct dns_zone **out, struct error *e)
{
	struct dns_zone *z = calloc(1, sizeof *z);
	struct siphash_key key;
	enum err rc;

	if (z == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	arena_init(&z->a, ZONE_MEMORY);
	rc = set_constants(z, config, e);
	if (rc == ERR_OK && !randomness_fill(random, key.k, sizeof key.k))
		rc = error_set(e, ERR_SYSTEM, "no randomness");
	if (rc == ERR_OK && !init_lock(&z->lock))
		rc = error_set(e, ERR_SYSTEM, "no lock to be had");
	if (rc != ERR_OK) {
		arena_release(&z->a);
		free(z);
		return rc;
	}
	z->source = config->source;
	atomic_init(&z->serial, config->serial);
	dns_index_init(&z->index, config->index_max, &key);
	*out = z;
	return ERR_OK;
}

void
dns_zone_free(struct dns_zone *z)
{
	if (z == NULL)
		return;
	dns_index_release(&z->index);
	pthread_rwlock_destroy(&z->lock);
	arena_release(&z->a);
	free(z);
}

enum err
dns_zone_put(
    struct dns_zone *z, struct span label, const struct dns_entry *entry)
{
	enum err rc;

	pthread_rwlock_wrlock(&z->lock);
	rc = dns_index_put(&z->index, label, entry);
	if (rc != ERR_OK)
		z->index.evicted = true; /* it is not the whole zone now */
	z->changes++;
	pthread_rwlock_unlock(&z->lock);
	return rc;
}

void
dns_zone_remove(struct dns_zone *z, struct span label)
{
	pthread_rwlock_wrlock(&z->lock);
	dns_index_remove(&z->index, label);
	z->changes++;
	pthread_rwlock_unlock(&z->lock);
}

void
dns_zone_loaded(struct dns_zone *z)
{
	pthread_rwlock_wrlock(&z->lock);
	z->loaded = true;
	pthread_rwlock_unlock(&z->lock);
}

void
dns_zone_set_serial(struct dns_zone *z, uint32_t serial)
{
	atomic_store(&z->serial, serial);
}

uint32_t
dns_zone_serial(const struct dns_zone *z)
{
	return atomic_load(&z->serial);
}

const struct dns_zone_constants *
dns_zone_constants(const struct dns_zone *z)
{
	return &z->constants;
}

/* Keep what the source has said, unless something has changed since it was
 * asked: it might be that very label. Without memory it is asked again. */
static void
keep(struct dns_zone *z, struct span label, const struct dns_entry *entry,
    uint64_t changes)
{
	pthread_rwlock_wrlock(&z->lock);
	if (z->changes == changes &&
	    dns_index_put(&z->index, label, entry) != ERR_OK)
		z->index.evicted = true;
	pthread_rwlock_unlock(&z->lock);
}

enum lookup
dns_zone_find(struct dns_zone *z, struct span label, struct dns_entry *out)
{
	bool found, whole;
	uint64_t changes;
	enum lookup said;

	pthread_rwlock_rdlock(&z->lock);
	found = dns_index_get(&z->index, label, out);
	whole = z->loaded && !z->index.evicted;
	changes = z->changes;
	pthread_rwlock_unlock(&z->lock);
	if (found || whole)
		return found ? LOOKUP_FOUND : LOOKUP_NONE;
	said = z->source.find(z->source.arg, label, out);
	if (said != LOOKUP_FOUND)
		return said;
	assert(out->id_n <= DNS_ID_MAX);
	keep(z, label, out, changes);
	return LOOKUP_FOUND;
}

enum lookup
dns_zone_next(struct dns_zone *z, struct span after, char *label,
    size_t *label_n, struct dns_entry *out)
{
	return z->source.next(z->source.arg, after, label, label_n, out);
}
