/* portfolio_axes.h - the two headline axes above the portfolio's table: each a
 * bar, and a tile for each of its parts, which leads to the domains that are
 * counted in it; and the verdict in a line. */
#ifndef WEB_PORTFOLIO_AXES_H
#define WEB_PORTFOLIO_AXES_H

#include "web/axes.h"

/* counts: of what is watched; paused: how many domains are not. */
void
portfolio_axes(
    struct web_call *c, const struct axis_counts counts[AXES], int64_t paused);

#endif
