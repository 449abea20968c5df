/* portfolio_filters.h - the form above the portfolio's table that asks for less
 * than all of it. */
#ifndef WEB_PORTFOLIO_FILTERS_H
#define WEB_PORTFOLIO_FILTERS_H

#include "store/portfolio.h"
#include "web/call.h"

/* What there is to choose from. */
struct portfolio_choices {
	struct portfolio_share *providers, *tags;
	size_t n_providers, n_tags;
};

enum err
portfolio_choices_read(struct web_call *c, struct portfolio_choices *out,
    struct error *e) MUST_CHECK;

/* With what was asked for chosen in it. */
void
portfolio_filters(struct web_call *c, const struct portfolio_page *page,
    const struct portfolio_choices *choices);

#endif
