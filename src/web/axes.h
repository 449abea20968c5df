/* axes.h - how a portfolio stands, counted: the two headline axes, eligible and
 * deployed, and the verdict. What the page, the pictures and the API count is
 * counted here. */
#ifndef WEB_AXES_H
#define WEB_AXES_H

#include "store/census.h"
#include "web/page.h"

enum axis_id { AXIS_ELIGIBILITY, AXIS_DEPLOYMENT, AXIS_VERDICT, AXES };

enum { AXIS_PARTS = 7 }; /* the most that one has */

struct axis_part {
	const char *word; /* of struct domain_summary; "": not looked at yet */
	const char *label;
};

struct axis {
	const char *name; /* of the filter, and in JSON */
	const char *title;
	const struct axis_part
	    *parts; /* in the order in which they are shown */
	size_t n;
	enum tone (*tone)(struct span word);
};

extern const struct axis axes[AXES];

/* What a domain's word is called, as a chip; what another version wrote as it
 * is. */
void
axis_chip(FILE *f, enum axis_id axis, struct span word);

struct axis_counts {
	int64_t parts[AXIS_PARTS];
	int64_t total;
};

/* The part's word as it is asked for, and in JSON: "unseen" where it has none.
 */
const char *
axis_part_name(const struct axis_part *part);

/* A word that another version wrote is unknown. */
void
axis_count(enum axis_id axis, const struct census_row *rows, size_t n,
    struct axis_counts *out);

/* Of the part of that word; 0 where there is none. */
int64_t
axis_count_of(
    enum axis_id axis, const struct axis_counts *counts, const char *word);

/* "12.5 %", "< 0.1 %", "0 %": never 100 % where anything is left. In a. */
const char *
axis_share(int64_t n, int64_t total, struct arena *a);

/* The days of a census, in their order. */
struct axis_day {
	int64_t day; /* since 1970 */
	struct axis_counts counts[AXES];
};

/* NULL: there is no memory, or there are none. */
struct axis_day *
axis_days(
    const struct census_row *rows, size_t n, struct arena *a, size_t *n_days);

#endif
