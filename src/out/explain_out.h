/* explain_out.h - the catalogue of checks, told. */
#ifndef OUT_EXPLAIN_OUT_H
#define OUT_EXPLAIN_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "core/checks.h"
#include "out/style.h"

void
explain_text(enum check_id id, const struct style *s, FILE *f);

/* One object on one line, schema "mtasts.explain/1". */
enum err
explain_json(enum check_id id, FILE *f) MUST_CHECK;

#endif
