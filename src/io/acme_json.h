/* acme_json.h - the JSON of ACME: what a CA says is read with care, what we say
 * is put together. */
#ifndef IO_ACME_JSON_H
#define IO_ACME_JSON_H

#include <jansson.h>

#include "base/arena.h"

/* An object, or NULL: not JSON, another value, a member twice, a NUL in a
 * string, or no memory. The caller gives it back with json_decref. */
json_t *
acme_json_read(struct span text) MUST_CHECK;

/* The member as text, copied to a: "" if it is not there or no string. */
struct span
acme_json_text(const json_t *object, const char *key, struct arena *a);

/* A string of the given bytes, which are UTF-8 without a NUL; else NULL. */
json_t *
acme_json_string(struct span s);

/* The value, compact; it is given back in any case. Empty, and a->failed, if it
 * is NULL or does not fit. */
struct span
acme_json_dump(json_t *value, struct arena *a);

#endif
