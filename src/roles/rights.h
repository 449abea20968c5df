/* rights.h - what a role may do beyond what all of them may. */
#ifndef ROLES_RIGHTS_H
#define ROLES_RIGHTS_H

#include <stdbool.h>

#include "roles/config.h"

struct role_rights {
	bool has_secrets; /* in its memory: passwords, keys */
	bool has_keys; /* reaches the store of secrets, and the sealing key */
	bool makes_sealing_key; /* before it is shut in, if there is none */
	bool serves; /* opens sockets before it is shut in, and accepts */
};

extern const struct role_rights role_rights[ROLES];

#endif
