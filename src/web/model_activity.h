/* model_activity.h - what happened, as a request asks for it: for the page and
 * for the API. */
#ifndef WEB_MODEL_ACTIVITY_H
#define WEB_MODEL_ACTIVITY_H

#include "store/history.h"
#include "web/call.h"

/* Of the query: kind, tag, after. False: the call is answered. */
bool
activity_asked(struct web_call *c, struct activity_filter *out) MUST_CHECK;

/* For "after": the place of that event, in c->a. */
struct span
activity_cursor(struct web_call *c, const struct activity_event *event);

#endif
