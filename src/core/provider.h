/* provider.h - who runs a mail host, from its name. */
#ifndef CORE_PROVIDER_H
#define CORE_PROVIDER_H

#include "core/evidence.h"

/* A well-known provider by the end of its hosts' names (core/provider.def);
 * "" if it is none. */
struct span
provider_of(struct span host);

#endif
