#include "web/web.h"

#include <stdlib.h>

#include "base/limits.h"
#include "web/inside.h"

enum err
web_new(const struct web_config *config, struct web **out, struct error *e)
{
	struct web *w = calloc(1, sizeof *w);
	enum err rc;

	*out = NULL;
	if (w == NULL)
		return error_set(e, ERR_MEMORY, "starting the dashboard");
	w->config = config;
	arena_init(&w->a, LIMIT_WEB_MEMORY);
	rc = sink_init(&w->sink, e);
	if (rc != ERR_OK) {
		free(w);
		return rc;
	}
	*out = w;
	return ERR_OK;
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	arena_release(&w->a);
	sink_release(&w->sink);
	free(w);
}
