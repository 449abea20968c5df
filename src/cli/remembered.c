#include "cli/remembered.h"

#include "store/domains.h"
#include "store/ledgers.h"
#include "store/publications.h"

enum err
remembered_load(struct store *s, struct span name, struct arena *a,
    struct remembered *out, struct error *e)
{
	struct domain d;
	bool found;
	enum err rc;

	*out = (struct remembered){ .domain = 0 };
	if (s == NULL)
		return ERR_OK;
	rc = domains_get(s, name, a, &d, &found, e);
	if (rc != ERR_OK || !found)
		return rc;
	out->domain = d.id;
	rc = ledger_load(s, d.id, a, &out->ledger, e);
	if (rc == ERR_OK)
		rc = publication_of(
		    s, d.id, a, &out->published, &out->is_published, e);
	out->is_published = out->is_published &&
			    out->published.state.stage != PUBLICATION_ENDED;
	return rc;
}
