/* model_overview.h - the portfolio over time, as the page and the API show it.
 */
#ifndef WEB_MODEL_OVERVIEW_H
#define WEB_MODEL_OVERVIEW_H

#include "store/incidents.h"
#include "store/portfolio.h"
#include "web/axes.h"

enum {
	OVERVIEW_EXPIRY_DAYS = 90,
	OVERVIEW_INCIDENT_DAYS = 365,
};

/* Days since 1970 of this moment. */
int64_t
overview_today(const struct web_call *c);

/* Each day of which there is a count, and as the last one, always, today as it
 * is now. */
enum err
overview_census(struct web_call *c, struct axis_day **out, size_t *n,
    struct error *e) MUST_CHECK;

/* From today on, days on which certificates end. */
enum err
overview_expiries(struct web_call *c, struct portfolio_day **out, size_t *n,
    struct error *e) MUST_CHECK;

/* Each day up to today. */
enum err
overview_incidents(struct web_call *c, struct incident_day **out, size_t *n,
    struct error *e) MUST_CHECK;

#endif
