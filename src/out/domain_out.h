/* domain_out.h - a domain of the portfolio, said. */
#ifndef OUT_DOMAIN_OUT_H
#define OUT_DOMAIN_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "out/domain_state.h"
#include "store/domains.h"

/* One object, schema "mtasts.domain/1"; with what is remembered unless state is
 * NULL. */
json_t *
domain_to_json(struct json_writer *w, const struct domain *d,
    const struct span *tags, size_t n, const struct domain_state *state);

/* The same on one line. */
enum err
domain_json(const struct domain *d, const struct span *tags, size_t n,
    const struct domain_state *state, FILE *f) MUST_CHECK;

/* All that is known, a line each, then what is remembered. */
void
domain_text(const struct domain *d, const struct span *tags, size_t n,
    const struct domain_state *state, const struct style *s, FILE *f);

/* The name, the verdict and the tags on one line. */
void
domain_line(const struct domain *d, const struct span *tags, size_t n, FILE *f);

#endif
