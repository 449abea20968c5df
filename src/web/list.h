/* list.h - a page of a list, for programs: {"items": [...], "next": ...}. */
#ifndef WEB_LIST_H
#define WEB_LIST_H

#include "web/call.h"

/* How many the query wants ("max"): 100 unless it says another number from 1 to
 * LIMIT_STORE_PAGE. */
size_t
list_max(const struct web_call *c);

/* What "after" has to be for what follows; "": nothing does. items is taken
 * over. */
enum err
list_say(struct web_call *c, struct json_writer *w, json_t *items,
    struct span next, struct error *e) MUST_CHECK;

#endif
