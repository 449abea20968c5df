#include "cli/domain_settings.h"

#include "base/limits.h"
#include "core/settings.h"
#include "store/domains.h"

static enum err
apply(const struct option_list *assignments, struct span before, struct buf *b,
    struct error *e)
{
	struct settings s;
	enum err rc = settings_parse(before, &s, e);

	for (size_t i = 0; rc == ERR_OK && i < assignments->n; i++)
		rc = settings_assign(&s, span_str(assignments->items[i]), e);
	if (rc == ERR_OK)
		settings_write(&s, b);
	return rc;
}

enum err
domain_settings_apply(struct store *s, struct span name,
    const struct option_list *assignments, struct wall_time now, bool *found,
    struct error *e)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct domain d;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = domains_hold(s, name, found, e);
	if (rc == ERR_OK && *found)
		rc = domains_get(s, name, &a, &d, found, e);
	if (rc == ERR_OK && *found)
		rc = apply(assignments, d.settings, &b, e);
	if (rc == ERR_OK && *found)
		rc = domains_set_settings(s, name, buf_span(&b), now, found, e);
	arena_release(&a);
	return rc;
}
