/* Handlers that are not there yet. */
#include "store/accounts.h"
#include "store/audit.h"
#include "web/call.h"

#define WEAK __attribute__((weak))

#undef ROUTE
#define ROUTE(method, path, kind, scope, handle)                               \
	WEAK enum err handle(struct web_call *c, struct error *e)              \
	{                                                                      \
		(void)c;                                                       \
		return error_set(e, ERR_USAGE, #handle " is not built");       \
	}
#include "web/routes.def"

WEAK enum err
audit_put(struct store *s, const struct audit_entry *entry, struct error *e)
{
	(void)s;
	(void)entry;
	(void)e;
	return ERR_OK;
}
