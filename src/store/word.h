/* word.h - enums, which stand as their words in the tables. */
#ifndef STORE_WORD_H
#define STORE_WORD_H

#include "base/attr.h"
#include "base/err.h"
#include "base/span.h"
#include "core/checks.h"

/* Which of the n names the word is. `what` the word stands for is said in the
 * sentence of ERR_STORE, where it is none of them. */
enum err
word_read(struct span word, const char *const *names, size_t n,
    const char *what, size_t *out, struct error *e) MUST_CHECK;

/* One of severity_names. */
enum err
word_read_severity(
    struct span word, enum severity *out, struct error *e) MUST_CHECK;

#endif
