/* order.h - a policy is ordered in the dashboard, of one domain or of many. */
#ifndef WEB_ORDER_H
#define WEB_ORDER_H

#include "store/publication_order.h"
#include "web/call.h"

/* What the body says: "mode" (testing or enforce), "max_age" and "overlap"
 * (seconds, or "2w"), "follow" (auto, approve or off) and "override", which
 * puts down the caller. Sticky, as input.h is. */
void
order_read(struct web_call *c, struct order_asked *out);

/* The service zone, in c->a; "" if none is known: then the call is answered. */
enum err
order_zone(struct web_call *c, struct span *out, struct error *e) MUST_CHECK;

/* publication_order() with a fresh label, in the caller's transaction; the
 * domain is in the portfolio. */
enum err
order_put(struct web_call *c, struct span name, const struct order_asked *asked,
    struct span zone, struct order_answer *out, struct error *e) MUST_CHECK;

/* "NAME is being removed" without the name; NULL if it is taken. */
const char *
order_refusal_text(enum order_refusal refusal);

#endif
