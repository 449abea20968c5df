/* done.h - an operation is done: the word of said.def for a page, and for a
 * program {"done": word}. */
#ifndef WEB_DONE_H
#define WEB_DONE_H

#include "web/call.h"

enum err
done_say(struct web_call *c, const char *said, struct error *e) MUST_CHECK;

#endif
