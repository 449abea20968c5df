/* finding_json.h - findings as JSON: those of check, and the problems of lint.
 */
#ifndef OUT_FINDING_JSON_H
#define OUT_FINDING_JSON_H

#include "core/judge.h"
#include "out/json.h"

/* Is the finding shown when not all is asked for? */
bool
finding_is_shown(const struct finding *f, bool all);

/* The list "findings" of mtasts.check/1. */
json_t *
findings_json(struct json_writer *w, const struct judged *j, bool all);

/* The list "problems" of mtasts.lint/1. */
json_t *
problems_json(struct json_writer *w, const struct judged *j);

#endif
