/* check_json.h - a judged domain as JSON, schema "mtasts.check/1". */
#ifndef OUT_CHECK_JSON_H
#define OUT_CHECK_JSON_H

#include <stdio.h>

#include "base/err.h"
#include "core/judge.h"

/* One object on one line. Checks that passed, and those that another one
 * blocks, are there if all is set. */
enum err
check_json(const struct judged *j, bool all, FILE *f) MUST_CHECK;

#endif
