/* chart_ledger.h - the ledger of a domain as a picture: one bar a version of
 * the policy, full while it was served and tapering until the last moment at
 * which a sender may hold it; ids as ticks, other MX hosts as marks, and a line
 * for now. What is right of it is what senders may still hold.
 *
 *        ids          |  ||   |    |
 *        version 2          [=========~~~~~~~~-|------
 *        version 1    [=======~~~~~~---
 *        other MX             ^            now ^
 *
 * Laying it out is pure: moments to places. Writing it knows no moments. */
#ifndef WEB_CHART_LEDGER_H
#define WEB_CHART_LEDGER_H

#include <stdio.h>

#include "core/ledger.h"

/* Units of the picture. */
enum {
	CHART_WIDTH = 760,
	CHART_LEFT = 96, /* names of the rows stand left of it */
	CHART_RIGHT = 748,
	CHART_GRIDS = 12, /* days with a name, at most */
	CHART_TICK_GAP = 3, /* ticks closer than that are one */
};

/* Places from left to right: from <= served_to <= named_to <= until. */
struct chart_bar {
	const struct ledger_version *version;
	int y, height;
	int from;
	int served_to; /* ... it was served */
	int named_to; /* ... an id of it was visible */
	int until; /* ... a sender may hold it */
};

struct chart_place {
	int x;
	struct wall_time at;
	size_t n; /* how many stand here */
};

struct chart_ledger {
	struct wall_time from, to; /* at CHART_LEFT and CHART_RIGHT */
	int height;
	int now_x;
	int ids_y, mx_y, axis_y;
	struct chart_bar *bars; /* the latest first; none: nothing to show */
	size_t n_bars;
	struct chart_place *ids; /* first sights of ids */
	size_t n_ids;
	struct chart_place *mx; /* changes of the MX hosts */
	size_t n_mx;
	struct chart_place grid[CHART_GRIDS]; /* midnights */
	size_t n_grid;
};

/* Borrows from l. ERR_MEMORY if a is full. */
enum err
chart_ledger_lay(const struct ledger *l, struct wall_time now, struct arena *a,
    struct chart_ledger *out) MUST_CHECK;

/* The picture, for eyes and for ears (role "img"); and the same as a table. */
void
chart_ledger_svg(const struct chart_ledger *chart, struct wall_time now,
    struct arena *a, FILE *f);
void
chart_ledger_table(
    const struct ledger *l, struct wall_time now, struct arena *a, FILE *f);

#endif
