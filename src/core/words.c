#include "core/words.h"

#include <stdint.h>

#include "base/escape.h"
#include "base/rfc3339.h"

const char *
words_date(struct arena *a, struct wall_time t)
{
	struct civil c = civil_from_time(t);

	return arena_printf(a, "%04d-%02d-%02d %02d:%02d UTC", (int)c.year,
	    c.month, c.day, c.hour, c.minute)
	    .p;
}

static const struct {
	const char *name;
	uint64_t s;
} units[] = {
	{ "week", 7 * 86400 },
	{ "day", 86400 },
	{ "hour", 3600 },
	{ "minute", 60 },
	{ "second", 1 },
};

static const char *
amount(struct arena *a, uint64_t s, size_t unit)
{
	uint64_t n = s / units[unit].s;

	return arena_printf(a, "%llu %s%s", (unsigned long long)n,
	    units[unit].name, n == 1 ? "" : "s")
	    .p;
}

const char *
words_duration(struct arena *a, uint64_t s)
{
	size_t i = 0;

	while (units[i].s > 1 && (s < units[i].s || s % units[i].s != 0))
		i++;
	return amount(a, s, i);
}

const char *
words_about(struct arena *a, uint64_t s)
{
	size_t i = 1; /* "9 days", not "1 week" */

	while (units[i].s > 1 && s / units[i].s < 2)
		i++;
	return amount(a, s, i);
}

const char *
words_distance(struct arena *a, struct wall_time now, struct wall_time t)
{
	bool past = t.s < now.s;
	uint64_t s = past ? (uint64_t)now.s - (uint64_t)t.s
			  : (uint64_t)t.s - (uint64_t)now.s;

	return arena_printf(a, past ? "%s ago" : "in %s", words_about(a, s)).p;
}

const char *
words_count(struct arena *a, int64_t n)
{
	if (n < 1000)
		return arena_printf(a, "%d", (int)n).p;
	return arena_printf(
	    a, "%s,%03d", words_count(a, n / 1000), (int)(n % 1000))
	    .p;
}

const char *
words_list(struct arena *a, const struct span *all, size_t n)
{
	enum { SHOWN = 8, NAME_SHOWN = 80 /* octets */ };
	struct span s = SPAN("none");
	size_t shown = n < SHOWN ? n : SHOWN;

	for (size_t i = 0; i < shown; i++)
		s = arena_printf(a, "%.*s%s%s", i > 0 ? (int)s.n : 0, s.p,
		    i > 0 ? ", " : "", escape_str(a, all[i], NAME_SHOWN));
	if (n > shown)
		s = arena_printf(
		    a, "%.*s and %zu more", (int)s.n, s.p, n - shown);
	return s.p;
}
