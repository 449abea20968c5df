/* input.h - what an operation is told, asked for field by field.
 *
 * A program gives JSON, a page a form (fields.h), where an empty value is as if
 * it were not there, a name that stands several times is a list, and "on" is
 * true.
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
#include "base/span.h"
#include "web/fields.h"

struct input {
	struct fields fields;
	bool is_form;
	struct arena *a;
	char wrong[256]; /* the first thing that is; "": nothing so far */
};

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
