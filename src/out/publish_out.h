/* publish_out.h - a policy that we publish, said: how far it has come, what
 * stands in its way, and what its owner has to do.
 *
 * Schema "mtasts.publish/1". */
#ifndef OUT_PUBLISH_OUT_H
#define OUT_PUBLISH_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "out/publish_steps.h"
#include "out/style.h"
#include "store/publications.h"

/* The owner's two CNAMEs as lines of a zone. */
void
publish_cnames(struct span name, struct span target, FILE *f);

/* A domain that was asked for. */
enum err
publish_asked_json(struct span name, struct span target,
    enum publication_asked asked, FILE *f) MUST_CHECK;

/* One of which its owner said a word: remove, keep, replace or approve. */
enum err
publish_said_json(
    struct span name, struct span target, const char *word, FILE *f) MUST_CHECK;

/* All that is known of one. */
void
publish_text(const struct publish_state *s, const struct publish_steps *steps,
    const struct style *style, FILE *f);
enum err
publish_json(const struct publish_state *s, const struct publish_steps *steps,
    FILE *f) MUST_CHECK;

/* One of many, on a line. */
void
publish_line(
    const struct publication_row *r, const struct style *style, FILE *f);
enum err
publish_row_json(const struct publication_row *r, FILE *f) MUST_CHECK;

#endif
