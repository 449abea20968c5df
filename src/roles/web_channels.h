/* web_channels.h - the channels as the dashboard may show them. */
#ifndef ROLES_WEB_CHANNELS_H
#define ROLES_WEB_CHANNELS_H

#include "roles/config.h"
#include "web/web.h"

/* One for each of c->channels: to whom it goes, and nothing that lets anybody
 * in. Everything is in the arena, or borrowed from c; NULL if it is full. */
struct web_channel *
web_channels(const struct config *c, struct arena *a) MUST_CHECK;

#endif
