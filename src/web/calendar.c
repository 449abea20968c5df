#include "web/calendar.h"

#include <string.h>

#include "base/rfc3339.h"
#include "web/chart.h"
#include "web/html.h"

enum { WEEK = 7, DAY_S = 86400 };

const char *
calendar_level(int64_t n, int64_t most)
{
	static const char *const levels[] = { "l0", "l1", "l2", "l3", "l4" };

	if (n <= 0)
		return levels[0];
	return levels[most > 1 ? 1 + 3 * (n - 1) / (most - 1) : 1];
}

int
calendar_weekday(int64_t day)
{
	int64_t weekday = (day + 3) % WEEK; /* 1970 began with a Thursday */

	return (int)(weekday < 0 ? weekday + WEEK : weekday);
}

static int
day_of_month(int64_t day)
{
	return civil_from_time((struct wall_time){ day * DAY_S }).day;
}

static void
say_blanks(FILE *f, int n)
{
	for (int i = 0; i < n; i++)
		html_say(f, "<td class=\"blank\"></td>");
}

/* As much as a day has room for; all of it is in its words. */
static void
say_short(FILE *f, int64_t n)
{
	if (n < 1000)
		html_say(f, "%lld", (long long)n);
	else if (n < 10000)
		html_say(f, "%lld.%lldk", (long long)n / 1000,
		    (long long)n / 100 % 10);
	else
		html_say(f, "%lldk", (long long)n / 1000);
}

static void
say_day(FILE *f, const struct calendar *c, int64_t day)
{
	const struct calendar_day *d = &c->days[day - c->from];
	bool is_link = d->n > 0 && c->link != NULL;
	struct chart_date date = chart_day_short(day);

	html_say(f, "<td class=\"day %s\" title=\"%s: %s\">", d->class,
	    date.text, d->words);
	if (is_link) {
		html_say(f, "<a href=\"");
		c->link(f, day, c->arg);
		html_say(f, "\">");
	}
	html_say(f, "%d", day_of_month(day));
	if (d->n > 0) {
		html_say(f, "<span class=\"count\" aria-hidden=\"true\">");
		say_short(f, d->n);
		html_say(
		    f, "</span><span class=\"hearing\">: %s</span>", d->words);
	}
	html_say(f, is_link ? "</a></td>" : "</td>");
}

/* From `from` on, up to the end of the month or of all; the day behind it. */
static int64_t
say_month(FILE *f, const struct calendar *c, int64_t from)
{
	static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat", "Sun" };
	int64_t end = c->from + (int64_t)c->n, day = from;

	html_say(f,
	    "<table class=\"calendar\"><caption>%s</caption>\n<thead><tr>",
	    chart_month(from).text);
	for (int i = 0; i < WEEK; i++)
		html_say(f, "<th scope=\"col\">%s</th>", weekdays[i]);
	html_say(f, "</tr></thead>\n<tbody><tr>");
	say_blanks(f, calendar_weekday(from));
	do {
		if (day > from && calendar_weekday(day) == 0)
			html_say(f, "</tr>\n<tr>");
		say_day(f, c, day++);
	} while (day < end && day_of_month(day) != 1);
	say_blanks(f, (WEEK - calendar_weekday(day)) % WEEK);
	html_say(f, "</tr></tbody></table>\n");
	return day;
}

/* The day behind the months from `day` on in which nothing stands; `day` where
 * something does in the first. */
static int64_t
skip_quiet(const struct calendar *c, int64_t day)
{
	int64_t end = c->from + (int64_t)c->n, quiet = day;

	while (day < end && c->days[day - c->from].n == 0)
		if (++day == end || day_of_month(day) == 1)
			quiet = day;
	return quiet;
}

/* Whoever looks at a quiet year is to see at once that it was one. */
static void
say_quiet(FILE *f, const struct calendar *c, int64_t from, int64_t end)
{
	struct chart_date first = chart_month(from),
			  last = chart_month(end - 1);

	html_say(f, "<p class=\"quiet\">%s", first.text);
	if (strcmp(first.text, last.text) != 0)
		html_say(f, " to %s", last.text);
	html_say(f, ": %s</p>\n", c->days[from - c->from].words);
}

void
calendar_write(FILE *f, const struct calendar *c)
{
	int64_t end = c->from + (int64_t)c->n;

	html_say(f, "<div class=\"months\">\n");
	for (int64_t day = c->from; day < end;) {
		int64_t quiet = skip_quiet(c, day);

		if (quiet > day)
			say_quiet(f, c, day, quiet);
		day = quiet < end ? say_month(f, c, quiet) : end;
	}
	html_say(f, "</div>\n");
}
