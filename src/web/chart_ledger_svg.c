/* The picture of the ledger, and its table. */
#include "base/rfc3339.h"
#include "core/words.h"
#include "web/chart_ledger.h"
#include "web/page.h"

enum { DATE = 10 }; /* octets of "2026-12-01" */

static enum tone
tone_of_mode(enum sts_mode mode)
{
	switch (mode) {
	case STS_MODE_ENFORCE:
		return TONE_GOOD;
	case STS_MODE_TESTING:
		return TONE_INFO;
	case STS_MODE_NONE:
	case STS_MODE_UNSET:
		break;
	}
	return TONE_NONE;
}

/* ---- for ears ---- */

static void
say_version(const struct ledger_version *v, struct wall_time now,
    struct arena *a, FILE *f)
{
	struct wall_time until = ledger_horizon(v, now);

	html_say(f, " Policy %u, mode %s, served from %s", v->seq,
	    sts_mode_names[v->mode], words_date(a, v->first_seen));
	if (v->served)
		html_say(f, " until now");
	else
		html_say(f, " to %s", words_date(a, v->last_seen));
	html_say(f,
	    ledger_is_held(v, now) ? ", may be held until %s."
				   : ", expired since %s.",
	    words_date(a, until));
}

static void
say_all(const struct chart_ledger *chart, struct wall_time now, struct arena *a,
    FILE *f)
{
	enum { SAID = 8 }; /* the table has them all */

	html_say(f,
	    "<title id=\"ledger-title\">Policies over time, and until "
	    "when senders may hold them</title>\n"
	    "<desc id=\"ledger-desc\">Now it is %s.",
	    words_date(a, now));
	for (size_t i = 0; i < chart->n_bars && i < SAID; i++)
		say_version(chart->bars[i].version, now, a, f);
	if (chart->n_bars > SAID)
		html_say(f, " And %zu older ones.", chart->n_bars - SAID);
	html_say(f, "</desc>\n");
}

/* ---- for eyes ---- */

static void
draw_grid(const struct chart_ledger *chart, FILE *f)
{
	for (size_t i = 0; i < chart->n_grid; i++) {
		const struct chart_place *p = &chart->grid[i];
		struct rfc3339 text = rfc3339_format(p->at);

		html_say(f,
		    "<line class=\"grid\" x1=\"%d\" y1=\"4\" x2=\"%d\" "
		    "y2=\"%d\"/>\n<text x=\"%d\" y=\"%d\" "
		    "text-anchor=\"middle\">%.*s</text>\n",
		    p->x, p->x, chart->axis_y, p->x, chart->axis_y + 16, DATE,
		    text.text);
	}
	html_say(f,
	    "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
	    "y2=\"%d\"/>\n",
	    CHART_LEFT, chart->axis_y, CHART_RIGHT, chart->axis_y);
}

/* Full height where it is served, half where its id is still visible, and then
 * to a point. */
static void
draw_bar(const struct chart_bar *b, FILE *f)
{
	const char *tone = tone_names[tone_of_mode(b->version->mode)];
	int middle = b->y + b->height / 2, half = b->height / 2;

	html_say(f,
	    "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\" "
	    "font-size=\"%d\">%u %s</text>\n",
	    CHART_LEFT - 8, middle + 4, b->height > 12 ? 12 : 10,
	    b->version->seq, sts_mode_names[b->version->mode]);
	html_say(f,
	    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
	    "rx=\"2\"/>\n",
	    tone, b->from, b->y, b->served_to - b->from, b->height);
	if (b->named_to > b->served_to)
		html_say(f,
		    "<rect class=\"%s\" fill-opacity=\"0.55\" x=\"%d\" "
		    "y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
		    tone, b->served_to, b->y + half / 2,
		    b->named_to - b->served_to, half);
	if (b->until > b->named_to)
		html_say(f,
		    "<path class=\"%s\" fill-opacity=\"0.4\" "
		    "d=\"M%d %dL%d %dL%d %dZ\"/>\n",
		    tone, b->named_to, b->y, b->until, middle, b->named_to,
		    b->y + b->height);
}

static void
draw_ids(const struct chart_ledger *chart, FILE *f)
{
	if (chart->n_ids == 0)
		return;
	html_say(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">ids</text>\n",
	    CHART_LEFT - 8, chart->ids_y + 4);
	for (size_t i = 0; i < chart->n_ids; i++)
		html_say(f,
		    "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
		    "y2=\"%d\"/>\n",
		    chart->ids[i].x, chart->ids_y - 6, chart->ids[i].x,
		    chart->ids_y + 6);
}

static void
draw_mx(const struct chart_ledger *chart, FILE *f)
{
	if (chart->n_mx == 0)
		return;
	html_say(f,
	    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">other MX</text>\n",
	    CHART_LEFT - 8, chart->mx_y + 15);
	for (size_t i = 0; i < chart->n_mx; i++)
		html_say(f, "<path class=\"warn\" d=\"M%d %dl5 9l-10 0Z\"/>\n",
		    chart->mx[i].x, chart->mx_y + 6);
}

/* Its name stands where there is room for it. */
static void
draw_now(const struct chart_ledger *chart, FILE *f)
{
	bool left = chart->now_x > (CHART_LEFT + CHART_RIGHT) / 2;

	html_say(f,
	    "<line class=\"bad\" stroke-width=\"1.5\" "
	    "stroke-dasharray=\"4 2\" x1=\"%d\" y1=\"0\" x2=\"%d\" "
	    "y2=\"%d\"/>\n<text class=\"label\" x=\"%d\" y=\"10\" "
	    "text-anchor=\"%s\">now</text>\n",
	    chart->now_x, chart->now_x, chart->axis_y,
	    chart->now_x + (left ? -4 : 4), left ? "end" : "start");
}

void
chart_ledger_svg(const struct chart_ledger *chart, struct wall_time now,
    struct arena *a, FILE *f)
{
	html_say(f,
	    "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-labelledby=\"ledger-title\" "
	    "aria-describedby=\"ledger-desc\">\n",
	    CHART_WIDTH, chart->height);
	say_all(chart, now, a, f);
	draw_grid(chart, f);
	for (size_t i = 0; i < chart->n_bars; i++)
		draw_bar(&chart->bars[i], f);
	draw_ids(chart, f);
	draw_mx(chart, f);
	draw_now(chart, f);
	html_say(f, "</svg>\n");
}

/* ---- the table ---- */

static void
write_row(const struct ledger *l, const struct ledger_version *v,
    struct wall_time now, struct arena *a, FILE *f)
{
	size_t ids = 0;

	for (size_t i = 0; i < l->n_ids; i++)
		ids += ledger_id_has(&l->ids[i], v->seq);
	html_say(f, "<tr><th scope=\"row\">%u</th><td>", v->seq);
	page_chip(f, tone_of_mode(v->mode), span_str(sts_mode_names[v->mode]));
	html_say(f, "</td><td>%s</td><td>", words_duration(a, v->max_age));
	page_date(f, v->first_seen);
	html_say(f, "</td><td>");
	if (v->served)
		html_say(f, "now");
	else
		page_date(f, v->last_seen);
	html_say(f, "</td><td>");
	page_date(f, ledger_horizon(v, now));
	html_say(f, "%s</td><td class=\"num\">%zu</td><td class=\"mono\">",
	    ledger_is_held(v, now) ? "" : " (over)", ids);
	for (size_t i = 0; i < v->n_mx; i++)
		html_say(f, "%s%.*s", i > 0 ? " " : "", HTML_SPAN(v->mx[i]));
	html_say(f, "</td></tr>\n");
}

void
chart_ledger_table(
    const struct ledger *l, struct wall_time now, struct arena *a, FILE *f)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Policies that were seen\"><table class=\"grid\">\n"
	    "<thead><tr><th scope=\"col\">Policy</th>"
	    "<th scope=\"col\">Mode</th>"
	    "<th scope=\"col\">max_age</th>"
	    "<th scope=\"col\">Served from</th><th scope=\"col\">to</th>"
	    "<th scope=\"col\">May be held until</th>"
	    "<th scope=\"col\" class=\"num\">ids</th>"
	    "<th scope=\"col\">mx</th></tr></thead>\n<tbody>\n");
	for (size_t i = l->n_versions; i-- > 0;)
		write_row(l, &l->versions[i], now, a, f);
	html_say(f, "</tbody></table></div>\n");
}
