/* domain_show.h - all that is remembered of one domain, printed. */
#ifndef CLI_DOMAIN_SHOW_H
#define CLI_DOMAIN_SHOW_H

#include "out/style.h"
#include "store/domains.h"

/* To standard output, as text or as JSON. */
enum err
domain_show(struct store *s, const struct domain *d, bool json,
    const struct style *style, struct error *e) MUST_CHECK;

#endif
