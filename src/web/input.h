/* input.h - what an operation is told: a JSON object, or a form.
 *
 * Both are a list of named values. JSON is flat: strings, numbers, true, false,
 * null (as if it were not there) and lists of strings; a form is
 * application/x-www-form-urlencoded, where an empty value is as if it were not
 * there, a name that stands several times is a list, and "on" is true.
 *
 * Asking is sticky: whatever is wrong is remembered, and input_end() answers
 * with it. A member that nobody asked for is wrong too: what a program says and
 * we do not know, it must not believe to be done. */
#ifndef WEB_INPUT_H
#define WEB_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"

struct field {
	struct span name, value; /* decoded */
	uint8_t kind; /* of JSON: enum field_kind */
	bool was_asked;
};

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_EMPTY_LIST };

struct fields {
	struct field *all;
	size_t n;
};

/* "a=b&c=d" with "+" and percent-encoding (URL Standard 5.1); what is not UTF-8
 * or holds a NUL is ERR_DATA. */
enum err
fields_parse(struct span text, struct arena *a, struct fields *out,
    struct error *e) MUST_CHECK;

/* Percent-encoding undone, and "+" where it is a space. False: it is not UTF-8,
 * or holds a NUL. "" if it does not fit into the arena. */
bool
input_unescape(struct span s, bool plus_is_space, struct arena *a,
    struct span *out) MUST_CHECK;

/* And done, of what is not plain. "" if it does not fit. */
struct span
input_encode(struct span s, bool (*is_plain)(unsigned char c), struct arena *a);

/* Of all but letters and digits: so that it is one value of a query, whatever
 * it is. */
struct span
input_escape(struct span s, struct arena *a);

/* The value of the first of that name; "" if there is none. */
struct span
fields_find(const struct fields *f, const char *name);

/* A number of a query; `otherwise` where there is none, or it is no number of
 * that range. */
int64_t
fields_number(const struct fields *f, const char *name, int64_t least,
    int64_t most, int64_t otherwise);

struct input {
	struct fields fields;
	bool is_form;
	struct arena *a;
	char wrong[256]; /* the first thing that is; "": nothing so far */
};

/* Of JSON; a form is fields_parse(). ERR_DATA says what is wrong with it. */
enum err
input_json(struct span text, struct arena *a, struct fields *out,
    struct error *e) MUST_CHECK;

enum { INPUT_OPTIONAL, INPUT_REQUIRED };

/* Was something said under that name? */
bool
input_has(struct input *in, const char *name);

/* "" where nothing was said. */
struct span
input_text(struct input *in, const char *name, bool required);

/* One of these words, which end with NULL: its place; -1 where nothing was
 * said. */
int
input_word(struct input *in, const char *name, const char *const *words,
    bool required);

int64_t
input_number(struct input *in, const char *name, int64_t least, int64_t most,
    int64_t otherwise);

bool
input_flag(struct input *in, const char *name, bool otherwise);

/* Texts, max of them. Of a form's only value each line is one. */
struct span *
input_list(
    struct input *in, const char *name, size_t max, bool required, size_t *n);

/* Something is wrong, in our words. */
void
input_wrong(struct input *in, const char *fmt, ...) PRINTF(2, 3);

struct web_call;

/* Is all well, and was everything asked for? If not, the call is answered. */
bool
input_end(struct web_call *c) MUST_CHECK;

#endif
