/* portfolio_table.h - the portfolio's table, one row a domain. */
#ifndef WEB_PORTFOLIO_TABLE_H
#define WEB_PORTFOLIO_TABLE_H

#include "store/portfolio.h"
#include "web/page.h"

#define PORTFOLIO_FIRST                                                        \
	PORTFOLIO_WEIGHT /* the order unless one is asked for                  \
			  */

struct portfolio_row {
	const struct domain *d;
	struct span *tags;
	size_t n_tags;
};

/* page: what was asked, for the links of the heads. chosen: with a box before
 * each, as a part of a form. */
void
portfolio_table(struct web_call *c, const struct portfolio_page *page,
    const struct portfolio_row *rows, size_t n, bool chosen);

#endif
