/* model_portfolio.h - what is asked of the portfolio by an address: of the
 * page, of the API and of the CSV alike.
 *
 *   verdict, deployment, eligibility   a word; "unseen": nobody looked yet
 *   next_step                                     a word
 *   paused                                        yes or no
 *   certificate_from, certificate_to              days on, or between, which a
 *                                                 certificate ends
 *   provider, tag                                 as it is
 *   search                                        a part of the name
 *   sort                                          of portfolio_sort_names
 *   order                                         asc or desc
 *   after, before, max                            where a page begins; rows
 */
#ifndef WEB_MODEL_PORTFOLIO_H
#define WEB_MODEL_PORTFOLIO_H

#include <stdio.h>

#include "store/portfolio.h"
#include "web/input.h"

enum { PORTFOLIO_PAGE_ROWS = 100 }; /* unless it is said */

/* ERR_DATA says which value is no good, for who asks. Spans borrow from the
 * query, or are in a. only: a name that is not above is no good either. */
enum err
portfolio_read(const struct fields *query, enum portfolio_sort sort, bool only,
    struct arena *a, struct portfolio_page *out, struct error *e) MUST_CHECK;

/* The address that asks for it, to stand in an attribute in quotes: path and
 * query. `sort` is what needs not be said. at: the place of the first row, for
 * people; 0: it is not said. */
void
portfolio_write(FILE *f, const char *path, const struct portfolio_page *page,
    enum portfolio_sort sort, int64_t at);

/* Does it ask for less than all? */
bool
portfolio_is_filtered(const struct portfolio_filter *filter);

#endif
