#include "web/model_overview.h"

#include "base/limits.h"

enum { DAY_S = 86400 };

int64_t
overview_today(const struct web_call *c)
{
	return c->now.s / DAY_S;
}

static struct wall_time
begin_of(int64_t day)
{
	return (struct wall_time){ day * DAY_S };
}

enum err
overview_census(
    struct web_call *c, struct axis_day **out, size_t *n, struct error *e)
{
	int64_t today = overview_today(c);
	struct census_row *rows, *now, *all;
	size_t n_rows, n_now, n_all;
	enum err rc = census_days(c->store,
	    begin_of(today - LIMIT_CENSUS_DAYS + 1), c->a, &rows, &n_rows, e);

	*out = NULL;
	*n = 0;
	if (rc == ERR_OK)
		rc = census_now(c->store, c->a, &now, &n_now, e);
	if (rc != ERR_OK)
		return rc;
	/* Of today, and of a clock that was ahead. */
	while (n_rows > 0 && rows[n_rows - 1].day >= today)
		n_rows--;
	/* Today is there, though nothing may be watched. */
	all = arena_array(c->a, n_rows + n_now + 1, sizeof *all);
	for (size_t i = 0; all != NULL && i < n_rows + n_now; i++)
		all[i] = i < n_rows ? rows[i] : now[i - n_rows];
	n_all = n_rows + n_now + (n_now == 0);
	if (all != NULL && n_now == 0)
		all[n_rows] = (struct census_row){ today, SPAN(""), SPAN(""),
			SPAN(""), 0 };
	for (size_t i = n_rows; all != NULL && i < n_all; i++)
		all[i].day = today;
	if (all != NULL)
		*out = axis_days(all, n_all, c->a, n);
	return c->a->failed ? error_plain(e, ERR_MEMORY) : ERR_OK;
}

enum err
overview_expiries(
    struct web_call *c, struct portfolio_day **out, size_t *n, struct error *e)
{
	int64_t today = overview_today(c);

	return portfolio_expiries(c->store, begin_of(today),
	    begin_of(today + OVERVIEW_EXPIRY_DAYS), c->a, out, n, e);
}

enum err
overview_incidents(
    struct web_call *c, struct incident_day **out, size_t *n, struct error *e)
{
	return incident_days(c->store,
	    begin_of(overview_today(c) - OVERVIEW_INCIDENT_DAYS + 1), c->now,
	    c->a, out, n, e);
}
