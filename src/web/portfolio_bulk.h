/* portfolio_bulk.h - below the portfolio's table: what is done with those of
 * its domains that are chosen. */
#ifndef WEB_PORTFOLIO_BULK_H
#define WEB_PORTFOLIO_BULK_H

#include "store/portfolio.h"
#include "web/call.h"

/* A part of the form that the table is in. total: how many match. */
void
portfolio_bulk(
    struct web_call *c, const struct portfolio_page *page, int64_t total);

#endif
