/* portfolio_do.h - the same done to all domains of the portfolio that are like
 * that, part by part. */
#ifndef STORE_PORTFOLIO_DO_H
#define STORE_PORTFOLIO_DO_H

#include "store/portfolio.h"

enum portfolio_deed {
	PORTFOLIO_CHECK, /* as work_ask */
	PORTFOLIO_PAUSE, /* as domains_set_paused */
	PORTFOLIO_RESUME,
	PORTFOLIO_TAG, /* as domains_tag */
	PORTFOLIO_UNTAG,
	PORTFOLIO_DEEDS,
};

struct portfolio_order {
	enum portfolio_deed deed;
	struct portfolio_filter filter;
	struct span tag; /* of two of them: 1 to LIMIT_TAG octets */
};

/* Of those behind `after` in the order of names the first LIMIT_STORE_PAGE, in
 * one transaction. *last, in the arena, is what the next part begins behind; ""
 * if there was none left. *changed of them were not so before: of CHECK those
 * that are not paused. */
enum err
portfolio_do(struct store *s, const struct portfolio_order *order,
    struct span after, struct wall_time now, struct arena *a, struct span *last,
    int64_t *changed, struct error *e) MUST_CHECK;

#endif
