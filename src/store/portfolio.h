/* portfolio.h - the portfolio as a table to look through: sorted by any column,
 * filtered, searched, a page at a time; and counted.
 *
 * Every order has an index that also holds what is filtered by, so that a page
 * costs one walk along an index, whatever the filter, and a count another. */
#ifndef STORE_PORTFOLIO_H
#define STORE_PORTFOLIO_H

#include "store/domains.h"

enum portfolio_sort {
	PORTFOLIO_NAME,
	/* The heaviest first: what needs attention; those that are paused
	 * behind all others. */
	PORTFOLIO_WEIGHT,
	PORTFOLIO_PROVIDER,
	PORTFOLIO_MODE_SINCE,
	PORTFOLIO_CACHED_UNTIL,
	PORTFOLIO_CERTIFICATE, /* the earliest end of any of its certificates */
	PORTFOLIO_CHANGED, /* the last change */
	PORTFOLIO_SORTS,
};

extern const char *const portfolio_sort_names[]; /* "name", "weight", ... */

/* "": whatever it is. */
struct portfolio_filter {
	/* PORTFOLIO_UNSEEN: nobody has looked yet. */
	struct span verdict, deployment, eligibility;
	struct span provider, tag;
	struct span search; /* a part of the name, lower case */
	/* Of next_step: what has to be done; a word of core/next_step.def. */
	struct span next_step;
	struct span paused; /* "yes" or "no" */
	/* A certificate (the policy host's, or the worst MX host's) ends from
	 * then on, and before then; 0: whenever. */
	struct wall_time ends_from, ends_before;
};

#define PORTFOLIO_UNSEEN "unseen"

struct portfolio_page {
	struct portfolio_filter filter;
	enum portfolio_sort sort;
	bool descending; /* the order of the column turned round */
	/* Behind the row of this cursor, as portfolio_cursor() wrote it, or
	 * before it; "": from the beginning. One that is no good is ERR_USAGE.
	 */
	struct span after, before;
	size_t max; /* rows; LIMIT_STORE_PAGE at most */
};

/* Rows in order, and whether there are more on either side. */
enum err
portfolio_list(struct store *s, const struct portfolio_page *page,
    struct arena *a, struct domain **out, size_t *n, bool *more,
    struct error *e) MUST_CHECK;

/* Where a row stands in that order: text for a URL. */
struct span
portfolio_cursor(
    const struct domain *d, enum portfolio_sort sort, struct arena *a);

/* How many there are. */
enum err
portfolio_count(struct store *s, const struct portfolio_filter *filter,
    int64_t *out, struct error *e) MUST_CHECK;

/* The providers of most domains, those first, `most` of them at most; and tags
 * likewise, in their order. */
struct portfolio_share {
	struct span word;
	int64_t n;
};
enum err
portfolio_providers(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e) MUST_CHECK;
enum err
portfolio_tags(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e) MUST_CHECK;

/* Certificates (policy hosts', and worst MX hosts') that end from `from` on and
 * before `to`: how many domains a day (days since 1970), but for paused ones;
 * of the first LIMIT_STORE_PAGE days at most. */
struct portfolio_day {
	int64_t day;
	int64_t n;
};
enum err
portfolio_expiries(struct store *s, struct wall_time from, struct wall_time to,
    struct arena *a, struct portfolio_day **out, size_t *n,
    struct error *e) MUST_CHECK;

/* How many domains there are that are not paused and whose first end of a
 * certificate lies before until[i], and not before until[i - 1]; until[] rises.
 */
enum err
portfolio_ends(struct store *s, const struct wall_time *until, size_t n,
    int64_t *out, struct error *e) MUST_CHECK;

#endif
