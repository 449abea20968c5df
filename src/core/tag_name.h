/* tag_name.h - what domains may be tagged with. */
#ifndef CORE_TAG_NAME_H
#define CORE_TAG_NAME_H

#include "base/span.h"

/* Why it is no tag, as the end of a sentence that begins with "a tag"; NULL if
 * it is one. A tag is read by people and is one part of a path (RFC 3986
 * 5.2.4): it is printable, and not "." or "..". */
const char *
tag_name_fault(struct span tag);

#endif
