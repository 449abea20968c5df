/* rfc3339.h - dates and times as text, in UTC (RFC 3339 5.6). */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/span.h"

struct civil {
	int64_t year;
	int month, day, hour, minute, second; /* month and day from 1 */
};

struct rfc3339 {
	char text[32]; /* "2026-11-22T10:00:00Z", NUL-terminated */
};

/* The calendar of t in UTC (proleptic Gregorian). */
struct civil
civil_from_time(struct wall_time t);

/* The moment of c in UTC. The fields are taken as they are. */
struct wall_time
civil_to_time(struct civil c);

/* Years outside 0..9999 are printed as the nearest moment inside. */
struct rfc3339
rfc3339_format(struct wall_time t);

/* A date-time with "Z" or an offset; a fraction of a second is dropped, and a
 * leap second counts as the one before it. *out is untouched on failure. */
bool
rfc3339_parse(struct span text, struct wall_time *out) MUST_CHECK;

/* A full-date, "2026-11-27": the moment at which that day begins in UTC. */
bool
rfc3339_parse_day(struct span text, struct wall_time *out) MUST_CHECK;

#endif
