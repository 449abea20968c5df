#include "web/model_cas.h"

static bool
is_configured(const struct web_call *c, struct span directory)
{
	return span_in(directory, c->config->cas, c->config->n_cas);
}

static struct ca_state
state_of(const struct ca_state *all, size_t n, struct span directory)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(all[i].directory, directory))
			return all[i];
	return (struct ca_state){ .directory = directory };
}

enum err
cas_view(struct web_call *c, struct ca_view **out, size_t *n, struct error *e)
{
	size_t n_known = 0, n_own = c->config->n_cas;
	struct ca_state *known = NULL;
	struct ca_view *all;
	enum err rc = cas_look(c->store, c->now, c->a, &known, &n_known, e);

	*out = NULL;
	*n = 0;
	if (rc != ERR_OK)
		return rc;
	all = arena_array(c->a, n_own + n_known + 1, sizeof *all);
	if (all == NULL)
		return error_set(e, ERR_MEMORY, "the CAs");
	for (size_t i = 0; i < n_own; i++)
		all[(*n)++] = (struct ca_view){
			state_of(known, n_known, c->config->cas[i]), true
		};
	for (size_t i = 0; i < n_known; i++)
		if (known[i].directory.n > 0 &&
		    !is_configured(c, known[i].directory))
			all[(*n)++] = (struct ca_view){ known[i], false };
	/* In the order of bytes it comes first. */
	if (n_known > 0 && known[0].directory.n == 0)
		all[(*n)++] = (struct ca_view){ known[0], false };
	*out = all;
	return ERR_OK;
}
