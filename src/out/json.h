/* json.h - the few things that all our JSON writers share. */
#ifndef OUT_JSON_H
#define OUT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

/* A writer with a sticky error: memory can run out anywhere, and is looked at
 * once. */
struct json_writer {
	bool failed;
};

/* value is taken over, whatever happens; NULL is a failure. */
void
json_put(struct json_writer *w, json_t *object, const char *key, json_t *value);
void
json_add(struct json_writer *w, json_t *array, json_t *value);

/* Foreign bytes as a string for people: UTF-8 passes, controls become \u
 * escapes when dumped, and what is not UTF-8 becomes U+FFFD. */
json_t *
json_text(struct span s);

/* A string of ours. */
json_t *
json_word(const char *s);

json_t *
json_time(struct wall_time t);

/* The same, or null for what is empty, or 0. */
json_t *
json_text_or_null(struct span s);
json_t *
json_time_or_null(struct wall_time t);

/* The lines of a text, as json_text(), in a list. */
json_t *
json_text_lines(struct json_writer *w, struct span text);

/* One line, compact, with its newline. The root is released. ERR_MEMORY if w
 * has failed; ERR_CANT_CREATE if f cannot be written. */
enum err
json_line(struct json_writer *w, json_t *root, FILE *f) MUST_CHECK;

#endif
