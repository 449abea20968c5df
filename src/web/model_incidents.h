/* model_incidents.h - the incidents that a request asks for: for the pages and
 * for the API. */
#ifndef WEB_MODEL_INCIDENTS_H
#define WEB_MODEL_INCIDENTS_H

#include "store/incidents.h"
#include "web/call.h"

/* Of the query: state or day, severity, domain, tag, after. Not good: the call
 * is answered. */
enum err
incidents_asked(struct web_call *c, struct incident_filter *out, bool *good,
    struct error *e) MUST_CHECK;

/* The number in the path; 0, which no incident has, where it is none. */
int64_t
incident_number(const struct web_call *c);

/* The call is answered: there is none of that number. */
enum err
incident_missing(struct web_call *c);

/* The one in the path. Not found: the call is answered. */
enum err
incident_asked(struct web_call *c, struct incident *out, bool *found,
    struct error *e) MUST_CHECK;

#endif
