/* census.h - how many domains stand how: now, and on each day of the last
 * LIMIT_CENSUS_DAYS. */
#ifndef STORE_CENSUS_H
#define STORE_CENSUS_H

#include "store/store.h"

/* So many domains. The words are those of struct domain_summary; "" where
 * nothing is known yet. */
struct census_row {
	int64_t day; /* since 1970; of census_now: 0 */
	struct span deployment, eligibility, verdict;
	int64_t n;
};

/* Of the domains that are not paused. */
enum err
census_now(struct store *s, struct arena *a, struct census_row **out, size_t *n,
    struct error *e) MUST_CHECK;

enum err
census_paused(struct store *s, int64_t *out, struct error *e) MUST_CHECK;

/* What there is now is what is remembered of this day; what is too old is
 * forgotten. */
enum err
census_keep(struct store *s, struct wall_time now, struct error *e) MUST_CHECK;

/* In the order of days; LIMIT_CENSUS_ROWS at most, the latest. */
enum err
census_days(struct store *s, struct wall_time from, struct arena *a,
    struct census_row **out, size_t *n, struct error *e) MUST_CHECK;

#endif
