/* query.h - what a query asks for, read strictly.
 *
 * What is not understood is refused, so that nobody takes the answer to another
 * question for the one to his own. An empty value is as if it were not there: a
 * form sends all of its fields. Where false comes back the call is answered. */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "web/call.h"

/* *out stays as it is where nothing is asked for. */
bool
query_number(struct web_call *c, const char *name, int64_t least, int64_t most,
    int64_t *out) MUST_CHECK;

/* The place of one of these words, which end with NULL. */
bool
query_word(struct web_call *c, const char *name, const char *const *words,
    size_t *out) MUST_CHECK;

/* A day, "2026-11-27", as the moment at which it begins. */
bool
query_day(
    struct web_call *c, const char *name, struct wall_time *out) MUST_CHECK;

/* A link to the same page with one field of the query set to another value, and
 * the others as they are: what stands between the quotes of href="". A value of
 * "" leaves the field out. */
void
query_link(struct web_call *c, const char *name, struct span value);

/* Links to the beginning of a list, where the field is set, and to what comes
 * behind `next`, unless that is "". */
void
query_pages(struct web_call *c, const char *name, struct span next);

#endif
