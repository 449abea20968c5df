/* domain_out.h - a domain of the portfolio, said. */
#ifndef OUT_DOMAIN_OUT_H
#define OUT_DOMAIN_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "store/domains.h"

/* One object on one line, schema "mtasts.domain/1". */
enum err
domain_json(const struct domain *d, const struct span *tags, size_t n,
    FILE *f) MUST_CHECK;

/* All that is known, a line each. */
void
domain_text(const struct domain *d, const struct span *tags, size_t n, FILE *f);

/* The name, the verdict and the tags on one line. */
void
domain_line(const struct domain *d, const struct span *tags, size_t n, FILE *f);

#endif
