/* lint_out.h - one judged file or record, without a domain around it. */
#ifndef OUT_LINT_OUT_H
#define OUT_LINT_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "core/judge.h"
#include "out/style.h"

enum lint_kind { LINT_RECORD, LINT_POLICY, LINT_TLSRPT };

/* What a sender that keeps to the recommended readings concludes:
 * "ok", "none" or "invalid". */
const char *
lint_result(const struct judged *j, enum lint_kind kind);

/* One object on one line, schema "mtasts.lint/1". */
enum err
lint_json(const struct judged *j, enum lint_kind kind, FILE *f) MUST_CHECK;

/* A line that says the result, then the problems by weight. */
void
lint_text(const struct judged *j, enum lint_kind kind, const struct style *s,
    FILE *f);

#endif
