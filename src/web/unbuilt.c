/* Handlers that are not there yet. */
#include "web/call.h"

#undef ROUTE
#define ROUTE(method, path, kind, scope, handle)                               \
	__attribute__((weak)) enum err handle(                                 \
	    struct web_call *c, struct error *e)                               \
	{                                                                      \
		(void)c;                                                       \
		return error_set(e, ERR_USAGE, #handle " is not built");       \
	}
#include "web/routes.def"
