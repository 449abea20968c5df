/* filter_form.h - the fields that the forms above lists share. */
#ifndef WEB_FILTER_FORM_H
#define WEB_FILTER_FORM_H

#include "web/call.h"

void
filter_form_option(
    FILE *f, struct span value, struct span label, bool is_chosen);

/* "tag": those of most domains, and the chosen one. */
enum err
filter_form_tags(
    struct web_call *c, struct span chosen, struct error *e) MUST_CHECK;

#endif
