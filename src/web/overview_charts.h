/* overview_charts.h - how the shares of an axis have gone: a picture, and its
 * figures as a table. */
#ifndef WEB_OVERVIEW_CHARTS_H
#define WEB_OVERVIEW_CHARTS_H

#include "web/axes.h"

/* Of the days in their order; the last one is now. There is one at least. */
enum err
overview_stack(struct web_call *c, const struct axis_day *list, size_t n,
    enum axis_id id, const char *title, struct error *e) MUST_CHECK;

#endif
