/* chart.h - pictures of shares: a bar of one moment, and a stack of days.
 *
 * Where what lies is worked out apart from how it is drawn, in whole units of
 * the picture. Every picture has a name and a description for who does not see
 * it; the figures stand beside it, which is the caller's. */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include <stdint.h>

#include "web/page.h"

enum { CHART_PARTS = 8 }; /* the most that are stacked */

/* One part of a whole. */
struct chart_part {
	enum tone tone;
	const char *label;
};

/* From where to where the parts reach on a line of `length` units:
 * ends[i] <= ends[i + 1], the last one is length; all of them 0 where there is
 * nothing. What is there and has less than a unit has one, if there are enough
 * for all. */
void
chart_split(const int64_t *values, size_t n, int length, int *ends);

/* A bar; `name` says what it shows. */
void
chart_bar(FILE *f, const char *name, const struct chart_part *parts,
    const int64_t *values, size_t n);

/* Days in their order, each once: how the whole was parted. */
struct chart_day {
	int64_t day; /* since 1970 */
	int64_t values[CHART_PARTS];
};

/* The days that the picture shows: from, and how many. */
struct chart_span {
	int64_t from;
	size_t n;
};

/* From the first to the last of them, `most` at most, the latest. Not one: n is
 * 0. */
struct chart_span
chart_span_of(const struct chart_day *days, size_t n, size_t most);

/* Where day number i of n begins, on an axis of `length` units. */
int
chart_x(size_t i, size_t n, int length);

/* Stacked shares, the first part at the bottom; a day without figures is left
 * white. What is too wide for a screen is scrolled. */
void
chart_stack(FILE *f, const char *name, const char *description,
    const struct chart_part *parts, size_t n_parts,
    const struct chart_day *days, size_t n, struct chart_span span);

/* What the colours mean, with the words beside them: of the parts that are
 * shown. */
void
chart_legend(
    FILE *f, const struct chart_part *parts, const bool *shown, size_t n);

/* "2026-11-27", "27 Nov", "Nov 2026" of a day. */
struct chart_date {
	char text[16];
};
struct chart_date
chart_day_iso(int64_t day);
struct chart_date
chart_day_short(int64_t day);
struct chart_date
chart_month(int64_t day);

#endif
