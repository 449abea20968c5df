/* calendar.h - days as months: each a table, so that it is read as one. */
#ifndef WEB_CALENDAR_H
#define WEB_CALENDAR_H

#include <stdint.h>
#include <stdio.h>

struct calendar_day {
	int64_t n; /* what is counted; 0: nothing stands in the day */
	const char *class; /* "l0" to "l4", "good", "warn", "bad" */
	const char *words; /* "3 domains": what is counted, in words */
};

struct calendar {
	int64_t from; /* days since 1970 */
	size_t n;
	const struct calendar_day *days; /* n of them */
	/* Where a day leads, written within an attribute; NULL: nowhere. Only
	 * days on which something is counted are links. */
	void (*link)(FILE *f, int64_t day, void *arg);
	void *arg;
};

/* The months of all days, in their order; those in which nothing stands are one
 * line. */
void
calendar_write(FILE *f, const struct calendar *c);

/* 0 for none, 1 for few, up to 4 for the most: l0 to l4. */
const char *
calendar_level(int64_t n, int64_t most);

/* Monday is 0. */
int
calendar_weekday(int64_t day);

#endif
