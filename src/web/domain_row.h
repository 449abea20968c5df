/* domain_row.h - the portfolio as a spreadsheet takes it: the members of
 * mtasts.domain/1, a column each. */
#ifndef WEB_DOMAIN_ROW_H
#define WEB_DOMAIN_ROW_H

#include <stdio.h>

#include "store/domains.h"

/* The line of the columns' names, and one for each domain, with CRLF (RFC 4180
 * 2). Tags are one field, with ";" between them. What a spreadsheet would take
 * for a formula has a "'" in front. */
void
domain_row_csv_head(FILE *f);
void
domain_row_csv(FILE *f, const struct domain *d, const struct domain_tags *tags);

/* One field of it, quoted where it has to be. */
void
domain_row_csv_field(FILE *f, struct span text);

#endif
