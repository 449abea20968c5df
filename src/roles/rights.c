#include "roles/rights.h"

const struct role_rights role_rights[ROLES] = {
	[ROLE_NOTIFY] = { .has_secrets = true },
	[ROLE_CERTS] = { .has_secrets = true,
	    .has_keys = true,
	    .makes_sealing_key = true },
	[ROLE_EDGE] = { .has_secrets = true, .has_keys = true, .serves = true },
	[ROLE_WEB] = { .has_secrets = true, .serves = true },
};
