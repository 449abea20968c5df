#include "store/domain_state.h"

#include "base/limits.h"
#include "store/findings.h"
#include "store/ledgers.h"

enum err
domain_state_load(struct store *s, int64_t domain, struct wall_time now,
    struct arena *a, struct domain_state *out, struct error *e)
{
	const struct incident_filter open = {
		.domain = domain, .tag = SPAN(""), .max = LIMIT_STORE_PAGE
	};
	enum err rc = ledger_load(s, domain, a, &out->ledger, e);

	out->now = now;
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
