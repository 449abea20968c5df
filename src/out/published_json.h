/* published_json.h - what a domain publishes, as members of an object: the same
 * in mtasts.check/1 and mtasts.lint/1. */
#ifndef OUT_PUBLISHED_JSON_H
#define OUT_PUBLISHED_JSON_H

#include "core/judge.h"
#include "out/json.h"

/* "id", if there is one. */
void
published_put_record(struct json_writer *w, json_t *o, const struct judged *j);

/* "mode" and "max_age" as far as they could be read, and "mx". */
void
published_put_policy(struct json_writer *w, json_t *o, const struct judged *j);

/* "rua", all of them in order. */
void
published_put_tlsrpt(struct json_writer *w, json_t *o, const struct judged *j);

#endif
