/* media_type.h - the value of a Content-Type field (RFC 9110 8.3). */
#ifndef WIRE_MEDIA_TYPE_H
#define WIRE_MEDIA_TYPE_H

#include <stdbool.h>

#include "base/span.h"

struct media_type {
	struct span type; /* "text/plain", as written, trimmed; "" if none */
	struct span charset; /* its value without quotes; "" if none */
};

/* Cut a field value. Parameters other than charset are ignored, however odd
 * (RFC 8461 3.2). Borrows from value. */
struct media_type
media_type_parse(struct span value);

/* Is it text/plain, in any case? */
bool
media_type_is_text_plain(struct media_type m);

#endif
