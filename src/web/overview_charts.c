#include "web/overview_charts.h"

#include "base/limits.h"
#include "web/chart.h"

struct drawing {
	struct web_call *c;
	const struct axis_day *days;
	size_t n_days;
};

static bool
is_same(const struct axis_counts *a, const struct axis_counts *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static void
say_days_row(FILE *f, const struct axis *a, const struct axis_day *from,
    const struct axis_day *to, const struct axis_counts *counts)
{
	html_say(f, "<tr><th scope=\"row\">%s", chart_day_iso(from->day).text);
	if (to->day > from->day)
		html_say(f, " to %s", chart_day_iso(to->day).text);
	html_say(f, "</th>");
	for (size_t i = 0; i < a->n; i++)
		html_say(f, "<td class=\"num\">%lld</td>",
		    (long long)counts->parts[i]);
	html_say(f, "</tr>\n");
}

/* The newest first; days in a row that are alike are one line. */
static void
say_days_table(const struct drawing *s, enum axis_id id)
{
	const struct axis *a = &axes[id];
	FILE *f = call_body(s->c);

	html_say(f,
	    "<details class=\"more\"><summary>The figures</summary>\n"
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s: the figures\"><table class=\"grid\"><thead><tr>"
	    "<th scope=\"col\">Day</th>",
	    a->title);
	for (size_t i = 0; i < a->n; i++)
		html_say(f, "<th scope=\"col\" class=\"num\">%s</th>",
		    a->parts[i].label);
	html_say(f, "</tr></thead><tbody>\n");
	for (size_t end = s->n_days; end > 0;) {
		const struct axis_day *last = &s->days[end - 1];
		size_t first = end - 1;

		while (
		    first > 0 &&
		    s->days[first - 1].day + 1 == s->days[first].day &&
		    is_same(&s->days[first - 1].counts[id], &last->counts[id]))
			first--;
		say_days_row(f, a, &s->days[first], last, &last->counts[id]);
		end = first;
	}
	html_say(f, "</tbody></table></div></details>\n");
}

/* The legend has only what the picture has. */
static void
say_legend(
    const struct drawing *s, enum axis_id id, const struct chart_part *parts)
{
	bool shown[CHART_PARTS] = { false };

	for (size_t d = 0; d < s->n_days; d++)
		for (size_t i = 0; i < axes[id].n; i++)
			shown[i] =
			    shown[i] || s->days[d].counts[id].parts[i] > 0;
	chart_legend(call_body(s->c), parts, shown, axes[id].n);
}

static const char *
describe(const struct drawing *s, enum axis_id id, struct chart_span span)
{
	const struct axis *a = &axes[id];
	const struct axis_counts *now = &s->days[s->n_days - 1].counts[id];
	struct span text = arena_printf(s->c->a, "From %s to %s. Now",
	    chart_day_iso(span.from).text,
	    chart_day_iso(span.from + (int64_t)span.n - 1).text);

	for (size_t i = 0; i < a->n; i++)
		if (now->parts[i] > 0)
			text = arena_printf(s->c->a, "%.*s, %s %s", (int)text.n,
			    text.p, a->parts[i].label,
			    axis_share(now->parts[i], now->total, s->c->a));
	return text.p;
}

enum err
overview_stack(struct web_call *c, const struct axis_day *list, size_t n,
    enum axis_id id, const char *title, struct error *e)
{
	const struct drawing drawing = { c, list, n }, *s = &drawing;
	const struct axis *a = &axes[id];
	struct chart_day *days = arena_array(s->c->a, s->n_days, sizeof *days);
	struct chart_part parts[CHART_PARTS];
	struct chart_span span;
	FILE *f = call_body(s->c);

	if (days == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < a->n; i++)
		parts[i] =
		    (struct chart_part){ a->tone(span_str(a->parts[i].word)),
			    a->parts[i].label };
	for (size_t d = 0; d < s->n_days; d++) {
		days[d].day = s->days[d].day;
		memcpy(days[d].values, s->days[d].counts[id].parts,
		    sizeof s->days[d].counts[id].parts);
	}
	span = chart_span_of(days, s->n_days, LIMIT_CENSUS_DAYS);
	html_say(f, "<section class=\"card\">\n<h2>%s</h2>\n", title);
	chart_stack(f, title, describe(s, id, span), parts, a->n, days,
	    s->n_days, span);
	say_legend(s, id, parts);
	say_days_table(s, id);
	html_say(f, "</section>\n");
	return ERR_OK;
}
