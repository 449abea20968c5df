/* config_service.h - what holds between keys of [service] and [edge]. */
#ifndef ROLES_CONFIG_SERVICE_H
#define ROLES_CONFIG_SERVICE_H

#include "roles/config.h"

/* Where an edge listens if nothing is said: at the addresses of the service. A
 * full arena is told by a->failed alone. */
void
config_service_defaults(struct config *c, struct arena *a);

struct config_check {
	const char *key; /* at whose line the fault stands */
	/* A sentence, from a, or NULL. */
	const char *(*fault)(const struct config *c, struct arena *a);
};

extern const struct config_check config_service_checks[];
extern const size_t config_service_checks_n;

#endif
