/* overview_calendars.h - days as calendars, with their figures as tables: a day
 * leads to the list of exactly what is counted in it. */
#ifndef WEB_OVERVIEW_CALENDARS_H
#define WEB_OVERVIEW_CALENDARS_H

#include "web/model_overview.h"

/* The days from today on on which certificates end. */
enum err
overview_ends(struct web_call *c, const struct portfolio_day *list, size_t n,
    struct error *e) MUST_CHECK;

/* Each day up to today. */
enum err
overview_incident_days(struct web_call *c, const struct incident_day *list,
    size_t n, struct error *e) MUST_CHECK;

#endif
