/* account_name.h - what people and programs may be called. */
#ifndef CORE_ACCOUNT_NAME_H
#define CORE_ACCOUNT_NAME_H

#include "base/arena.h"
#include "base/span.h"

/* Why it is no name for an account or a token, as the end of a sentence that
 * begins with it; NULL if it is one. A name is read by people, in the audit log
 * too: it is printable, and no account's looks like a token's there. */
const char *
account_name_fault(struct span name, struct arena *a);

#endif
