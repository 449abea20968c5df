/* Handlers that are not there yet. */
#include "store/accounts.h"
#include "store/audit.h"
#include "web/call.h"
#include "web/page.h"

#define WEAK __attribute__((weak))

#undef ROUTE
#define ROUTE(method, path, kind, scope, handle)                               \
	WEAK enum err handle(struct web_call *c, struct error *e)              \
	{                                                                      \
		(void)c;                                                       \
		return error_set(e, ERR_USAGE, #handle " is not built");       \
	}
#include "web/routes.def"

WEAK FILE *
page_begin(struct web_call *c, struct span title, enum page_place place)
{
	FILE *f = call_body(c);

	(void)place;
	html_say(f,
	    "<!doctype html>\n<html lang=\"en\">\n<title>%.*s</title>\n"
	    "<main>\n",
	    HTML_SPAN(title));
	return f;
}

WEAK void
page_end(struct web_call *c)
{
	html_say(call_body(c), "</main>\n");
}

WEAK enum err
audit_put(struct store *s, const struct audit_entry *entry, struct error *e)
{
	(void)s;
	(void)entry;
	(void)e;
	return ERR_OK;
}
