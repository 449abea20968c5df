/* domain_row.h - a domain of the portfolio as programs get it: the same columns
 * in JSON and in CSV. */
#ifndef WEB_DOMAIN_ROW_H
#define WEB_DOMAIN_ROW_H

#include "out/json.h"
#include "store/domains.h"

/* The members of a domain, "domain" first; null where there is nothing, or
 * nobody has looked yet. Its tags, its note and its settings are the caller's.
 */
void
domain_row_json(struct json_writer *w, json_t *o, const struct domain *d);

/* The line of the columns' names, and one for each domain, with CRLF (RFC 4180
 * 2). What a spreadsheet would take for a formula has a "'" in front. */
void
domain_row_csv_head(FILE *f);
void
domain_row_csv(FILE *f, const struct domain *d);

/* One field of it, quoted where it has to be. */
void
domain_row_csv_field(FILE *f, struct span text);

#endif
