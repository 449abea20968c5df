#include "roles/test_published.h"

#include <stdio.h>

#include "io/random.h"
#include "store/certificates.h"
#include "store/domains.h"
#include "store/publications.h"
#include "store/work.h"

enum { MEMORY = 4 * 1024 * 1024, LEASE_S = 60, DAY = 86400 };

static struct wall_time
later(int64_t s)
{
	return (struct wall_time){ clock_wall(&clock_system).s + s };
}

static enum err
not_due(struct error *e)
{
	return error_set(e, ERR_STORE, "it is not due, or another one's");
}

/* Of its own each time, so that no claim is left behind. */
static enum err
join(struct store *s, int64_t *worker, struct error *e)
{
	return work_join(
	    s, SPAN("test/1"), SPAN("publish"), later(0), worker, e);
}

/* ---- policies ---- */

static enum err
ask(struct store *s, struct span domain, struct span label, struct arena *a,
    struct published *p, struct error *e)
{
	const struct publish_order order = { .mode = STS_MODE_ENFORCE,
		.max_age = DAY,
		.override_by = SPAN("") };
	enum publication_asked asked;
	struct domains_added added;
	bool found;
	enum err rc = domains_add(s, &domain, 1, later(0), &added, e);

	if (rc == ERR_OK)
		rc = publication_ask(
		    s, domain, &order, label, later(0), &asked, e);
	if (rc == ERR_OK)
		rc = publication_get(s, domain, a, p, &found, e);
	return rc == ERR_OK ? publication_wake(s, p->domain, later(0), e) : rc;
}

static enum err
claim(struct store *s, int64_t worker, int64_t domain, struct arena *a,
    struct publication_claim *out, struct error *e)
{
	struct publication_claim *all;
	size_t n = 0;
	enum err rc = publication_claim(
	    s, worker, later(0), later(LEASE_S), 100, a, &all, &n, e);

	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		if (all[i].domain == domain) {
			*out = all[i];
			return ERR_OK;
		}
	return rc == ERR_OK ? not_due(e) : rc;
}

static enum err
step(struct store *s, const struct published *before,
    const struct published *after, struct arena *a, struct error *e)
{
	struct publication_claim c;
	int64_t worker;
	bool held = false;
	enum err rc = join(s, &worker, e);

	if (rc == ERR_OK)
		rc = claim(s, worker, before->domain, a, &c, e);
	if (rc == ERR_OK)
		rc = publication_save(s, worker, &c, before, after, later(DAY),
		    later(0), &held, e);
	if (rc == ERR_OK && !held)
		rc = not_due(e);
	return rc == ERR_OK ? work_leave(s, worker, e) : rc;
}

enum err
test_publish(struct store *s, struct span domain, struct span label,
    struct span body, const char *id, struct error *e)
{
	struct published before, after;
	struct arena a;
	enum err rc;

	arena_init(&a, MEMORY);
	rc = ask(s, domain, label, &a, &before, e);
	if (rc == ERR_OK) {
		after = before;
		after.state.stage = PUBLICATION_LIVE;
		if (!span_eq(body, before.state.body)) {
			after.state.version++;
			after.state.body = body;
		}
		snprintf(after.state.id, sizeof after.state.id, "%s", id);
		after.state.id_version = after.state.version;
		rc = step(s, &before, &after, &a, e);
	}
	arena_release(&a);
	return rc;
}

enum err
test_unpublish(struct store *s, struct span domain, struct error *e)
{
	struct published before, after;
	struct arena a;
	enum err rc;

	arena_init(&a, MEMORY);
	rc = ask(s, domain, SPAN("aaaaaaaaaaaaaaaa"), &a, &before, e);
	if (rc == ERR_OK) {
		after = before;
		after.state.stage = PUBLICATION_ENDED;
		after.state.body = SPAN("");
		after.state.id[0] = '\0';
		rc = step(s, &before, &after, &a, e);
	}
	arena_release(&a);
	return rc;
}

/* ---- certificates ---- */

static enum err
finish(struct store *s, int64_t worker, const struct certificate_order *o,
    struct span chain, struct span key_name, struct error *e)
{
	const struct certificate_outcome out = { .order = SPAN(""),
		.key_name = key_name,
		.chain = chain,
		.not_before = later(-DAY),
		.not_after = later(60 * DAY),
		.issuer = SPAN("https://ca.example/directory"),
		.renew_at = later(40 * DAY),
		.due_at = later(40 * DAY),
		.problem = SPAN("") };
	bool held = false;
	enum err rc =
	    certificate_finish(s, worker, o, &out, later(0), &held, e);

	return rc == ERR_OK && !held ? not_due(e) : rc;
}

static enum err
order(struct store *s, struct span host, struct span chain,
    struct span key_name, struct arena *a, struct error *e)
{
	struct certificate_order *all;
	int64_t worker;
	size_t n = 0;
	enum err rc = join(s, &worker, e);

	if (rc == ERR_OK)
		rc = certificate_claim(
		    s, worker, later(0), later(LEASE_S), 100, a, &all, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		if (span_eq(all[i].host, host))
			rc = finish(s, worker, &all[i], chain, key_name, e);
	return rc == ERR_OK ? work_leave(s, worker, e) : rc;
}

enum err
test_certify(struct store *s, struct secrets *secrets,
    const struct sealing_key *sealing_key, struct span domain,
    struct span chain, struct span key, struct error *e)
{
	struct published p;
	struct span host, name, sealed;
	struct arena a;
	uint64_t last = 0;
	bool found = false;
	enum err rc;

	arena_init(&a, MEMORY);
	host = arena_printf(&a, "mta-sts.%.*s", (int)domain.n, domain.p);
	rc = publication_get(s, domain, &a, &p, &found, e);
	if (rc == ERR_OK)
		rc = served_last(s, &last, e);
	name = arena_printf(&a, "certificate/%.*s/%llu", (int)host.n, host.p,
	    (unsigned long long)last);
	/* Due now, even if there is one. */
	if (rc == ERR_OK)
		rc = certificate_want(s, p.domain, host, false, later(0), e);
	if (rc == ERR_OK)
		rc = certificate_want(s, p.domain, host, true, later(0), e);
	if (rc == ERR_OK && sealed_write(sealing_key, &randomness_system, name,
				key, &a, &sealed) != ERR_OK)
		rc = error_set(e, ERR_LIBRARY, "cannot seal");
	if (rc == ERR_OK)
		rc = secret_put(secrets, name, sealed, later(0), e);
	if (rc == ERR_OK)
		rc = order(s, host, chain, name, &a, e);
	arena_release(&a);
	return rc;
}
