#include "web/chart.h"

#include "base/rfc3339.h"

enum {
	DAY_S = 86400,

	/* The bar, and the stack with its axes, in units of the picture. */
	BAR_WIDTH = 1000,
	BAR_HEIGHT = 20,
	LEFT = 48,
	TOP = 10,
	WIDTH = 640,
	HEIGHT = 200,
	RIGHT = 12,
	BOTTOM = 24,

	QUARTERS = 4, /* of the upright axis */
	MARKS = 6, /* dates below, about */
};

/* ---- where what lies ---- */

static int64_t
sum(const int64_t *values, size_t n)
{
	int64_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += values[i];
	return total;
}

/* The parts that a rounding would hide take a unit from the largest. */
static void
show_small(const int64_t *values, size_t n, int length, int *sizes)
{
	size_t largest = 0, shown = 0;

	for (size_t i = 0; i < n; i++) {
		if (sizes[i] > sizes[largest])
			largest = i;
		shown += values[i] > 0;
	}
	for (size_t i = 0; i < n && (int)shown <= length; i++)
		if (values[i] > 0 && sizes[i] == 0 && sizes[largest] > 1) {
			sizes[i] = 1;
			sizes[largest]--;
		}
}

void
chart_split(const int64_t *values, size_t n, int length, int *ends)
{
	int64_t total = sum(values, n), so_far = 0;
	int end = 0;

	for (size_t i = 0; i < n; i++) {
		int before = end;

		so_far += values[i];
		if (total > 0)
			end = (int)((double)so_far / (double)total *
					(double)length +
				    0.5);
		ends[i] = end - before; /* its size, so far */
	}
	if (total > 0)
		show_small(values, n, length, ends);
	for (size_t i = 1; i < n; i++)
		ends[i] += ends[i - 1];
}

struct chart_span
chart_span_of(const struct chart_day *days, size_t n, size_t most)
{
	struct chart_span s = { 0, 0 };

	if (n == 0)
		return s;
	s.from = days[0].day;
	s.n = (size_t)(days[n - 1].day - s.from) + 1;
	if (s.n > most) {
		s.from += (int64_t)(s.n - most);
		s.n = most;
	}
	return s;
}

int
chart_x(size_t i, size_t n, int length)
{
	return n > 0 ? (int)((i * (size_t)length + n / 2) / n) : 0;
}

/* ---- dates ---- */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static struct civil
civil_of(int64_t day)
{
	return civil_from_time((struct wall_time){ day * DAY_S });
}

struct chart_date
chart_day_iso(int64_t day)
{
	struct rfc3339 text = rfc3339_format((struct wall_time){ day * DAY_S });
	struct chart_date d;

	snprintf(d.text, sizeof d.text, "%.10s", text.text);
	return d;
}

struct chart_date
chart_day_short(int64_t day)
{
	struct civil c = civil_of(day);
	struct chart_date d;

	snprintf(d.text, sizeof d.text, "%d %s", c.day, months[c.month - 1]);
	return d;
}

struct chart_date
chart_month(int64_t day)
{
	struct civil c = civil_of(day);
	struct chart_date d;

	snprintf(d.text, sizeof d.text, "%s %d", months[c.month - 1],
	    (int)c.year % 10000);
	return d;
}

/* ---- a bar ---- */

/* Of two parts of one tone the second is paler. */
static const char *
second(const struct chart_part *parts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (parts[k].tone == parts[i].tone)
			return " second";
	return "";
}

static void
begin_picture(
    FILE *f, const char *kind, int width, int height, const char *name)
{
	html_say(f,
	    "<svg class=\"chart%s\" role=\"img\" viewBox=\"0 0 %d %d\" "
	    "preserveAspectRatio=\"none\" aria-label=\"%s\">\n"
	    "<title>%s</title>\n",
	    kind, width, height, name, name);
}

static void
describe(
    FILE *f, const struct chart_part *parts, const int64_t *values, size_t n)
{
	const char *between = "";

	html_say(f, "<desc>");
	for (size_t i = 0; i < n; i++) {
		if (values[i] == 0)
			continue;
		html_say(f, "%s%s: %lld", between, parts[i].label,
		    (long long)values[i]);
		between = ", ";
	}
	html_say(f, "</desc>\n");
}

void
chart_bar(FILE *f, const char *name, const struct chart_part *parts,
    const int64_t *values, size_t n)
{
	int ends[CHART_PARTS], begin = 0;

	chart_split(values, n, BAR_WIDTH, ends);
	begin_picture(f, " strip", BAR_WIDTH, BAR_HEIGHT, name);
	describe(f, parts, values, n);
	for (size_t i = 0; i < n; begin = ends[i++])
		if (ends[i] > begin)
			html_say(f,
			    "<rect class=\"%s%s\" x=\"%d\" y=\"0\" "
			    "width=\"%d\" height=\"%d\">"
			    "<title>%s: %lld</title></rect>\n",
			    tone_names[parts[i].tone], second(parts, i), begin,
			    ends[i] - begin, BAR_HEIGHT, parts[i].label,
			    (long long)values[i]);
	html_say(f, "</svg>\n");
}

void
chart_legend(
    FILE *f, const struct chart_part *parts, const bool *shown, size_t n)
{
	html_say(f, "<ul class=\"legend\">");
	for (size_t i = 0; i < n; i++)
		if (shown[i])
			html_say(f,
			    "<li><span class=\"part %s%s\"></span> %s</li>",
			    tone_names[parts[i].tone], second(parts, i),
			    parts[i].label);
	html_say(f, "</ul>\n");
}

/* ---- a stack ---- */

struct stack {
	FILE *f;
	const struct chart_day *days;
	size_t n, n_parts;
	struct chart_span span;
};

/* The figures of the i-th day of the picture; NULL: there are none. `at` goes
 * along. */
static const struct chart_day *
day_at(const struct stack *s, size_t i, size_t *at)
{
	int64_t day = s->span.from + (int64_t)i;

	while (*at < s->n && s->days[*at].day < day)
		(*at)++;
	return *at < s->n && s->days[*at].day == day ? &s->days[*at] : NULL;
}

/* How high a part reaches on that day, and where it begins. */
static void
part_edges(const struct stack *s, const struct chart_day *day, size_t part,
    int *low, int *high)
{
	int ends[CHART_PARTS] = { 0 };

	if (day != NULL)
		chart_split(day->values, s->n_parts, HEIGHT, ends);
	*high = ends[part];
	*low = part > 0 ? ends[part - 1] : 0;
}

/* Days side by side on which it stands alike are one rectangle. */
static void
draw_part(const struct stack *s, const struct chart_part *parts, size_t part)
{
	size_t at = 0, from = 0;
	int low = 0, high = 0, next_low, next_high;

	html_say(s->f, "<path class=\"%s%s\" d=\"",
	    tone_names[parts[part].tone], second(parts, part));
	for (size_t i = 0; i <= s->span.n; i++) {
		int x = LEFT + chart_x(from, s->span.n, WIDTH);

		part_edges(s, i < s->span.n ? day_at(s, i, &at) : NULL, part,
		    &next_low, &next_high);
		if (i < s->span.n && next_low == low && next_high == high)
			continue;
		if (high > low)
			html_say(s->f, "M%d %dV%dH%dV%dz", x,
			    TOP + HEIGHT - low, TOP + HEIGHT - high,
			    LEFT + chart_x(i, s->span.n, WIDTH),
			    TOP + HEIGHT - low);
		from = i;
		low = next_low;
		high = next_high;
	}
	html_say(s->f, "\"><title>%s</title></path>\n", parts[part].label);
}

static void
draw_upright_axis(FILE *f)
{
	for (int i = 0; i <= QUARTERS; i++) {
		int y = TOP + HEIGHT - i * HEIGHT / QUARTERS;

		html_say(f,
		    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" "
		    "y2=\"%d\"/><text x=\"%d\" y=\"%d\" "
		    "text-anchor=\"end\">%d %%</text>\n",
		    LEFT, LEFT + WIDTH, y, y, LEFT - 6, y + 4,
		    i * 100 / QUARTERS);
	}
}

/* Firsts of months if there are several, else days. */
static bool
is_marked(const struct chart_span *span, size_t i)
{
	struct civil c = civil_of(span->from + (int64_t)i);
	size_t step = span->n / MARKS + 1;
	int every = (int)(span->n / ((size_t)31 * MARKS)) + 1;

	if (span->n > 62)
		return c.day == 1 && c.month % every == 0;
	return i % step == 0;
}

static void
draw_dates(FILE *f, const struct chart_span *span)
{
	int y = TOP + HEIGHT;

	html_say(f,
	    "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n",
	    LEFT, LEFT + WIDTH, y, y);
	for (size_t i = 0; i < span->n; i++) {
		int64_t day = span->from + (int64_t)i;
		int x = LEFT + chart_x(i, span->n, WIDTH);

		if (!is_marked(span, i))
			continue;
		html_say(f,
		    "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" "
		    "y2=\"%d\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
		    x, x, y, y + 5, x, y + 18,
		    span->n > 62 ? chart_month(day).text
				 : chart_day_short(day).text);
	}
}

void
chart_stack(FILE *f, const char *name, const char *description,
    const struct chart_part *parts, size_t n_parts,
    const struct chart_day *days, size_t n, struct chart_span span)
{
	const struct stack s = { f, days, n, n_parts, span };

	html_say(f,
	    "<div class=\"picture\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s: the picture\">\n",
	    name);
	begin_picture(f, "", LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, name);
	html_say(f, "<desc>%s</desc>\n", description);
	for (size_t i = 0; i < n_parts; i++)
		draw_part(&s, parts, i);
	draw_upright_axis(f);
	draw_dates(f, &span);
	html_say(f, "</svg>\n</div>\n");
}
