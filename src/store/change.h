/* change.h - for this folder: numbers of changes (served.h), and who writes
 * several rows of a domain.
 *
 * Two writers of one domain that took its rows in different orders would wait
 * for each other. So all take them in one order: the number, if they need one;
 * the domain's row of `work`, as a round does with its work_finish; and then
 * whatever else there is, which nobody wants meanwhile. */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/attr.h"
#include "base/err.h"
#include "store/sql.h"

/* The next number. Nobody else is given one until the transaction ends, so that
 * they come in the order of commits: whoever sees one sees all before it. */
enum err
change_next(struct sql *sql, int64_t *out, struct error *e) MUST_CHECK;

/* The domain is ours until the transaction ends. Not found: it is gone. */
enum err
change_hold(
    struct sql *sql, int64_t domain, bool *found, struct error *e) MUST_CHECK;

#endif
