/* model_channels.h - how the ways to tell people are: for the page and for the
 * API. */
#ifndef WEB_MODEL_CHANNELS_H
#define WEB_MODEL_CHANNELS_H

#include "store/outbox.h"
#include "web/call.h"

struct channel_state {
	const struct web_channel *channel;
	struct outbox_health health;
	bool was_tested; /* lately */
	struct outbox_test test; /* the last one, if so */
};

/* One for each channel of the configuration, in its order. */
enum err
channels_look(
    struct web_call *c, struct channel_state **out, struct error *e) MUST_CHECK;

#endif
