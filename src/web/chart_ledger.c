/* Moments to places. */
#include "web/chart_ledger.h"

#include <stdlib.h>

enum {
	DAY_S = 86400,
	HEAD = 36, /* the word "now", and the row of ids */
	ROW = 24,
	ROW_OF_MANY = 14,
	MANY = 16, /* bars that are drawn narrow */
	BAR_LEAST = 2, /* what was there for a minute is seen too */
	MX_ROW = 22,
	AXIS_ROW = 24,
	MARGIN_PARTS = 24, /* of the time shown, free at either end */
};

/* A moment beyond the picture stands at its edge. */
static int
place(const struct chart_ledger *chart, struct wall_time t)
{
	int64_t span = chart->to.s - chart->from.s;
	int64_t at = t.s < chart->from.s ? 0 : t.s - chart->from.s;

	if (at > span)
		at = span;
	/* Both are less than 2^40. */
	return CHART_LEFT + (int)(at * (CHART_RIGHT - CHART_LEFT) / span);
}

static struct wall_time
earlier(struct wall_time a, struct wall_time b)
{
	return a.s < b.s ? a : b;
}

static void
find_span(
    const struct ledger *l, struct wall_time now, struct chart_ledger *chart)
{
	struct wall_time from = now, to = now;
	int64_t margin;

	for (size_t i = 0; i < l->n_versions; i++) {
		from = earlier(from, l->versions[i].first_seen);
		wall_extend(&to, ledger_horizon(&l->versions[i], now));
	}
	margin = (to.s - from.s) / MARGIN_PARTS;
	if (margin < DAY_S / 2)
		margin = DAY_S / 2;
	chart->from.s = from.s - margin;
	chart->to.s = to.s + margin;
}

/* ---- bars ---- */

static int
at_least(int x, int least)
{
	return x > least ? x : least;
}

static void
lay_bar(struct chart_ledger *chart, const struct ledger_version *v,
    struct wall_time now, int y, int row)
{
	struct wall_time served = v->served ? now : v->last_seen;
	struct wall_time named = served;
	struct chart_bar *bar = &chart->bars[chart->n_bars++];

	if (v->named)
		named = now;
	else if (!v->served)
		wall_extend(&named, v->renewed);
	*bar = (struct chart_bar){ .version = v,
		.y = y,
		.height = row > ROW_OF_MANY ? row - 8 : row - 4,
		.from = place(chart, v->first_seen) };
	bar->served_to = at_least(place(chart, served), bar->from + BAR_LEAST);
	bar->named_to = at_least(place(chart, named), bar->served_to);
	bar->until =
	    at_least(place(chart, ledger_horizon(v, now)), bar->named_to);
}

static enum err
lay_bars(const struct ledger *l, struct wall_time now, struct arena *a,
    struct chart_ledger *chart)
{
	int row = l->n_versions > MANY ? ROW_OF_MANY : ROW;

	chart->bars = arena_array(a, l->n_versions, sizeof *chart->bars);
	if (chart->bars == NULL && l->n_versions > 0)
		return ERR_MEMORY;
	for (size_t i = l->n_versions; i-- > 0;)
		lay_bar(chart, &l->versions[i], now,
		    HEAD + row * (int)chart->n_bars, row);
	chart->mx_y = HEAD + row * (int)chart->n_bars;
	return ERR_OK;
}

/* ---- ticks ---- */

/* Those that would touch are one. In the order of time. */
static void
add_place(const struct chart_ledger *chart, struct chart_place *all, size_t *n,
    struct wall_time at)
{
	int x = place(chart, at);

	if (*n > 0 && x < all[*n - 1].x + CHART_TICK_GAP) {
		all[*n - 1].n++;
		return;
	}
	all[(*n)++] = (struct chart_place){ .x = x, .at = at, .n = 1 };
}

static bool
is_shown(const struct chart_ledger *chart, struct wall_time t)
{
	return t.s >= chart->from.s && t.s <= chart->to.s;
}

static enum err
lay_ticks(const struct ledger *l, struct arena *a, struct chart_ledger *chart)
{
	chart->ids = arena_array(a, l->n_ids + 1, sizeof *chart->ids);
	chart->mx = arena_array(a, l->n_mx_sets + 1, sizeof *chart->mx);
	if (chart->ids == NULL || chart->mx == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < l->n_ids; i++)
		if (is_shown(chart, l->ids[i].first_seen))
			add_place(chart, chart->ids, &chart->n_ids,
			    l->ids[i].first_seen);
	/* The first set is no change. */
	for (size_t i = 1; i < l->n_mx_sets; i++)
		if (is_shown(chart, l->mx_sets[i].first_seen))
			add_place(chart, chart->mx, &chart->n_mx,
			    l->mx_sets[i].first_seen);
	return ERR_OK;
}

/* ---- days ---- */

/* Whole days, the fewest that make no more names than there is room for. */
static int64_t
grid_step(const struct chart_ledger *chart)
{
	static const int steps[] = { 1, 2, 7, 14, 28, 91, 182, 364, 728, 1820,
		3640 };
	enum { NAMES = 8 };
	int64_t days = (chart->to.s - chart->from.s) / DAY_S + 1;
	size_t i = 0;

	while (
	    i + 1 < sizeof steps / sizeof steps[0] && days / steps[i] > NAMES)
		i++;
	return (int64_t)steps[i] * DAY_S;
}

static void
lay_grid(struct chart_ledger *chart)
{
	int64_t step = grid_step(chart);
	int64_t t = (chart->from.s / step + 1) * step;

	while (t < chart->to.s && chart->n_grid < CHART_GRIDS) {
		const struct wall_time at = { t };

		chart->grid[chart->n_grid++] =
		    (struct chart_place){ place(chart, at), at, 1 };
		t += step;
	}
}

enum err
chart_ledger_lay(const struct ledger *l, struct wall_time now, struct arena *a,
    struct chart_ledger *out)
{
	enum err rc;

	*out = (struct chart_ledger){ .ids_y = HEAD - 10 };
	find_span(l, now, out);
	out->now_x = place(out, now);
	rc = lay_bars(l, now, a, out);
	if (rc == ERR_OK)
		rc = lay_ticks(l, a, out);
	if (rc != ERR_OK)
		return rc;
	out->axis_y = out->mx_y + (out->n_mx > 0 ? MX_ROW : 6);
	out->height = out->axis_y + AXIS_ROW;
	lay_grid(out);
	return ERR_OK;
}
