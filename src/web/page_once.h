/* page_once.h - what lets somebody in, and is shown this once: the
 * answer to the form that made it. So it is in no URL, and in no page that can
 * be asked for again. */
#ifndef WEB_PAGE_ONCE_H
#define WEB_PAGE_ONCE_H

#include "web/call.h"

struct once {
	const char *heading,
	    *what; /* what: a sentence on what it is good for */
	const char *label; /* of the button that copies */
	struct span text;
	struct wall_time until; /* 0: for ever */
};

void
page_once(struct web_call *c, const struct once *once);

#endif
