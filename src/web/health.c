/* Are we at work? For whoever watches the watchers. */
#include "store/work.h"
#include "web/call.h"

enum err
page_healthz(struct web_call *c, struct error *e)
{
	struct work_overdue overdue = { 0 };
	enum err rc = ERR_OK;

	c->type = "text/plain";
	if (c->store != NULL)
		rc = work_overdue(c->store,
		    (struct wall_time){ c->now.s - c->config->stale_s },
		    &overdue, e);
	/* Whoever has the store opens it anew when he is told. */
	if (rc != ERR_OK)
		return rc;
	if (c->store == NULL) {
		c->status = 503;
		fputs("the store is out of reach\n", call_body(c));
	} else if (overdue.domains > 0) {
		c->status = 503;
		fputs("domains are not looked at any more\n", call_body(c));
	} else {
		fputs("ok\n", call_body(c));
	}
	return ERR_OK;
}
