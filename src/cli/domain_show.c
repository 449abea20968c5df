#include "cli/domain_show.h"

#include "base/limits.h"
#include "out/domain_out.h"
#include "store/findings.h"
#include "store/ledgers.h"

static enum err
load(struct store *s, int64_t domain, struct arena *a, struct domain_state *out,
    struct error *e)
{
	struct incident_filter open = {
		.domain = domain, .tag = SPAN(""), .max = LIMIT_STORE_PAGE
	};
	enum err rc = ledger_load(s, domain, a, &out->ledger, e);

	out->now = clock_wall(&clock_system);
	if (rc == ERR_OK)
		rc = findings_load(s, domain, a, &out->sightings, e);
	if (rc == ERR_OK)
		rc = publication_of(
		    s, domain, a, &out->published, &out->is_published, e);
	if (rc == ERR_OK)
		rc = incident_list(
		    s, &open, a, &out->incidents, &out->n_incidents, e);
	return rc;
}

enum err
domain_show(struct store *s, const struct domain *d, bool json,
    const struct style *style, struct error *e)
{
	struct domain_state state;
	struct span *tags;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = domains_tags(s, d->name, &a, &tags, &n, e);
	if (rc == ERR_OK)
		rc = load(s, d->id, &a, &state, e);
	if (rc == ERR_OK && !json)
		domain_text(d, tags, n, &state, style, stdout);
	if (rc == ERR_OK && json) {
		rc = domain_json(d, tags, n, &state, stdout);
		if (rc != ERR_OK)
			error_set(e, rc, "%s", err_text(rc));
	}
	arena_release(&a);
	return rc;
}
