#include "web/model_channels.h"

enum err
channels_look(struct web_call *c, struct channel_state **out, struct error *e)
{
	size_t n = c->config->n_channels;
	struct channel_state *all = arena_array(c->a, n + 1, sizeof *all);
	enum err rc = ERR_OK;

	*out = all;
	if (all == NULL)
		return error_set(e, ERR_MEMORY, "channels");
	for (size_t i = 0; rc == ERR_OK && i < n; i++) {
		const struct web_channel *own = &c->config->channels[i];

		all[i].channel = own;
		rc =
		    outbox_health(c->store, own->name, c->a, &all[i].health, e);
		if (rc == ERR_OK)
			rc = outbox_last_test(c->store, own->name, c->a,
			    &all[i].test, &all[i].was_tested, e);
	}
	return rc;
}
