#include "cli/domain_show.h"

#include "base/limits.h"
#include "out/domain_out.h"

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
		rc = domain_state_load(
		    s, d->id, clock_wall(&clock_system), &a, &state, e);
	if (rc == ERR_OK && !json)
		domain_text(d, tags, n, &state, style, stdout);
	if (rc == ERR_OK && json) {
		rc = domain_json(d, tags, n, &state, stdout);
		if (rc != ERR_OK)
			error_plain(e, rc);
	}
	arena_release(&a);
	return rc;
}
