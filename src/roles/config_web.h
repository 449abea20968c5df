/* config_web.h - what holds between keys of [web]. */
#ifndef ROLES_CONFIG_WEB_H
#define ROLES_CONFIG_WEB_H

#include "roles/config_service.h"

/* Where it listens if nothing is said, and where a browser finds it then; an
 * origin that is given is put as browsers send it. A full arena is told by
 * a->failed alone. */
void
config_web_defaults(struct config *c, struct arena *a);

extern const struct config_check config_web_checks[];
extern const size_t config_web_checks_n;

#endif
