/* config_web.h - what holds between keys of [web]. */
#ifndef ROLES_CONFIG_WEB_H
#define ROLES_CONFIG_WEB_H

#include "roles/config.h"

/* Where a browser finds the dashboard, if nothing is said: at the first
 * address. A full arena is told by a->failed alone. */
void
config_web_defaults(struct config *c, struct arena *a);

/* Is ADDRESS[@PORT] of this machine alone? */
bool
config_web_is_near(const char *listen);

/* A sentence, from a, or NULL. */
const char *
config_web_origin_fault(const struct config *c, struct arena *a);

#endif
