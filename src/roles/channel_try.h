/* channel_try.h - one message to one channel, now and past the store: does it
 * arrive? */
#ifndef ROLES_CHANNEL_TRY_H
#define ROLES_CHANNEL_TRY_H

#include "roles/channel.h"

/* Read the configuration, send a test to the channel of that name, and say on
 * standard output what came of it. The exit status: 0 if it was delivered, 1 if
 * not, and ours, with a sentence on standard error, where it could not be
 * tried. */
int
channel_try(const char *path, const char *name, const struct clock *clock);

#endif
