#include "roles/host_cache.h"

#include <stdlib.h>

#include "base/limits.h"
#include "out/evidence_text.h"

enum { PLACES = 1024 }; /* a power of two */

struct place {
	struct arena arena; /* of all that is here */
	struct span name; /* empty: nothing is */
	struct host_version version;
	struct host_seen seen;
	uint64_t turn; /* in which it was got last */
};

struct host_cache {
	uint64_t turn; /* from 1 */
	size_t bytes; /* of all arenas */
	struct place places[PLACES];
};

enum err
host_cache_new(struct host_cache **out)
{
	struct host_cache *c = calloc(1, sizeof *c);

	if (c == NULL)
		return ERR_MEMORY;
	c->turn = 1;
	*out = c;
	return ERR_OK;
}

static void
clear(struct host_cache *c, struct place *p)
{
	c->bytes -= p->arena.used;
	arena_release(&p->arena);
	*p = (struct place){ .name = SPAN("") };
}

void
host_cache_empty(struct host_cache *c)
{
	for (size_t i = 0; i < PLACES; i++)
		clear(c, &c->places[i]);
}

void
host_cache_free(struct host_cache *c)
{
	if (c != NULL)
		host_cache_empty(c);
	free(c);
}

void
host_cache_begin(struct host_cache *c)
{
	c->turn++;
	if (c->bytes > LIMIT_HOSTS_KEPT)
		host_cache_empty(c);
}

/* FNV-1a. Who chooses names that share a place gains nothing: these cost what
 * they cost without a cache. */
static struct place *
place_of(struct host_cache *c, struct span name)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * 16777619;
	return &c->places[(hash ^ hash >> 16) & (PLACES - 1)];
}

static bool
is_at(const struct place *p, struct span name, const struct host_version *v)
{
	return span_eq(p->name, name) && p->version.host == v->host &&
	       p->version.number == v->number;
}

static enum err
fill(struct host_cache *c, struct place *p, struct span name, struct span json,
    struct error *e)
{
	enum err rc;

	clear(c, p);
	arena_init(&p->arena, LIMIT_CHECK_MEMORY);
	p->name = arena_span(&p->arena, name);
	rc = host_seen_from_text(json, &p->arena, &p->seen, e);
	c->bytes += p->arena.used;
	if (rc == ERR_OK && p->arena.failed)
		rc = error_plain(e, ERR_MEMORY);
	if (rc != ERR_OK)
		clear(c, p);
	return rc;
}

/* Is not to be kept, or somebody uses what is in its place. */
static bool
must_pass(const struct host_cache *c, const struct place *p, struct span json)
{
	return json.n > LIMIT_HOST_KEPT ||
	       (p->name.n > 0 && p->turn == c->turn);
}

enum err
host_cache_get(struct host_cache *c, struct store *s, struct span name,
    struct arena *a, struct host_seen *out, bool *found, struct error *e)
{
	struct place *p = place_of(c, name);
	struct host_version version;
	struct span json;
	struct wall_time at;
	enum err rc = hosts_version(s, name, &version, found, e);

	if (rc != ERR_OK || !*found)
		return rc;
	if (!is_at(p, name, &version)) {
		rc = hosts_get(s, name, a, &json, &at, found, e);
		if (rc != ERR_OK || !*found)
			return rc;
		if (must_pass(c, p, json))
			return host_seen_from_text(json, a, out, e);
		rc = fill(c, p, name, json, e);
		if (rc != ERR_OK)
			return rc;
		p->version = version;
	}
	p->turn = c->turn;
	*out = p->seen;
	return ERR_OK;
}
