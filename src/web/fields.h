/* fields.h - named values, as a query, a form or a JSON object give them.
 *
 * A form and a query are application/x-www-form-urlencoded (URL Standard 5).
 * JSON is flat: strings, whole numbers, true, false, null (as if it were not
 * there) and lists of strings. A name that stands several times, or in a list,
 * is a field each time; LIMIT_WEB_FIELDS of them. Names and values are UTF-8
 * without NUL, and live in the arena. */
#ifndef WEB_FIELDS_H
#define WEB_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_EMPTY_LIST };

struct field {
	struct span name, value; /* decoded */
	uint8_t kind; /* enum field_kind; of a form all are text */
	bool was_asked; /* see input.h */
};

struct fields {
	struct field *all;
	size_t n, room;
};

/* Of "a=b&c=d". ERR_DATA says what is wrong with it. */
enum err
fields_parse(struct span text, struct arena *a, struct fields *out,
    struct error *e) MUST_CHECK;

/* Of a JSON object. */
enum err
fields_json(struct span text, struct arena *a, struct fields *out,
    struct error *e) MUST_CHECK;

/* One more. ERR_DATA: there are too many. */
enum err
fields_add(struct fields *f, const struct field *one, struct arena *a,
    struct error *e) MUST_CHECK;

/* The value of the first of that name; "" if there is none. */
struct span
fields_find(const struct fields *f, const char *name);

/* A number of a query; `otherwise` where there is none, or it is no number of
 * that range. 0 <= least <= most, as with all numbers here. */
int64_t
fields_number(const struct fields *f, const char *name, int64_t least,
    int64_t most, int64_t otherwise);

/* Is it digits, and a number of that range? *out is untouched if not. */
bool
field_number(
    struct span s, int64_t least, int64_t most, int64_t *out) MUST_CHECK;

#endif
