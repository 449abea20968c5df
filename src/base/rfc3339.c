#include "base/rfc3339.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/num.h"
#include "base/reader.h"

enum { DAY_S = 86400 };

/* Days from 1970-01-01; March is the year's first month here, so that the leap
 * day is its last. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

struct wall_time
civil_to_time(struct civil c)
{
	return (
	    struct wall_time){ days_from_civil(c.year, c.month, c.day) * DAY_S +
			       c.hour * 3600 + c.minute * 60 + c.second };
}

struct civil
civil_from_time(struct wall_time t)
{
	int64_t days = t.s / DAY_S - (t.s % DAY_S < 0);
	int of_day = (int)(t.s - days * DAY_S);
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = (int)(doe - (365 * yoe + yoe / 4 - yoe / 100));
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){
		.year = yoe + era * 400 + (month <= 2),
		.month = month,
		.day = doy - (153 * mp + 2) / 5 + 1,
		.hour = of_day / 3600,
		.minute = of_day / 60 % 60,
		.second = of_day % 60,
	};
}

struct rfc3339
rfc3339_format(struct wall_time t)
{
	static const int64_t first = -62167219200, last = 253402300799;
	struct rfc3339 out;
	struct civil c;

	t.s = t.s < first ? first : t.s > last ? last : t.s;
	c = civil_from_time(t);
	/* The remainders only tell the compiler what fits. */
	snprintf(out.text, sizeof out.text, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned)c.year % 10000, (unsigned)c.month % 100,
	    (unsigned)c.day % 100, (unsigned)c.hour % 100,
	    (unsigned)c.minute % 100, (unsigned)c.second % 100);
	return out;
}

/* n digits with a value from lo to hi, then the byte after (0: none). */
static bool
field(struct reader *r, size_t n, int lo, int hi, char after, int *out)
{
	uint64_t v;
	struct span digits = reader_run(r, ascii_is_digit, n);

	if (digits.n != n || !num_parse(digits, (uint64_t)hi, &v) ||
	    (int)v < lo)
		return false;
	*out = (int)v;
	return after == '\0' || reader_lit(r, (struct span){ &after, 1 });
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* time-offset, in seconds east of UTC */
static bool
offset(struct reader *r, int *out)
{
	bool west;
	int hour, minute;

	*out = 0;
	if (reader_lit(r, SPAN("Z")) || reader_lit(r, SPAN("z")))
		return true;
	west = reader_lit(r, SPAN("-"));
	if (!west && !reader_lit(r, SPAN("+")))
		return false;
	if (!field(r, 2, 0, 23, ':', &hour) || !field(r, 2, 0, 59, 0, &minute))
		return false;
	*out = (hour * 3600 + minute * 60) * (west ? -1 : 1);
	return true;
}

static bool
full_date(struct reader *r, struct civil *out)
{
	int year;

	if (!field(r, 4, 0, 9999, '-', &year) ||
	    !field(r, 2, 1, 12, '-', &out->month) ||
	    !field(r, 2, 1, 31, 0, &out->day) ||
	    out->day > month_days(year, out->month))
		return false;
	out->year = year;
	return true;
}

bool
rfc3339_parse_day(struct span text, struct wall_time *out)
{
	struct reader r = { .in = text };
	struct civil c = { 0 };

	if (!full_date(&r, &c) || !reader_end(&r))
		return false;
	*out = civil_to_time(c);
	return true;
}

bool
rfc3339_parse(struct span text, struct wall_time *out)
{
	struct reader r = { .in = text };
	struct civil c = { 0 };
	int east;

	if (!full_date(&r, &c))
		return false;
	/* RFC 3339 5.6: "T", which may be lower case or a space. */
	if (!reader_lit(&r, SPAN("T")) && !reader_lit(&r, SPAN("t")) &&
	    !reader_lit(&r, SPAN(" ")))
		return false;
	if (!field(&r, 2, 0, 23, ':', &c.hour) ||
	    !field(&r, 2, 0, 59, ':', &c.minute) ||
	    !field(&r, 2, 0, 60, 0, &c.second))
		return false;
	if (reader_lit(&r, SPAN(".")) &&
	    reader_run(&r, ascii_is_digit, 32).n == 0)
		return false;
	if (!offset(&r, &east) || !reader_end(&r))
		return false;
	if (c.second == 60)
		c.second = 59;
	out->s = civil_to_time(c).s - east;
	return true;
}
