#include "web/portfolio_axes.h"

#include "core/words.h"
#include "web/chart.h"

static void
say_tile(struct web_call *c, const struct axis *a, size_t i,
    const struct axis_counts *counts)
{
	const struct axis_part *part = &a->parts[i];

	html_say(call_body(c),
	    "<a class=\"tile %s%s\" href=\"/?%s=%s&amp;paused=no\">"
	    "<span class=\"figure\">%s</span><span class=\"label\">%s "
	    "<span class=\"dim\">%s</span></span></a>\n",
	    tone_names[a->tone(span_str(part->word))],
	    counts->parts[i] == 0 ? " zero" : "", a->name, axis_part_name(part),
	    words_count(c->a, counts->parts[i]), part->label,
	    axis_share(counts->parts[i], counts->total, c->a));
}

static void
say_axis(struct web_call *c, enum axis_id id, const struct axis_counts *counts)
{
	const struct axis *a = &axes[id];
	struct chart_part parts[CHART_PARTS];
	FILE *f = call_body(c);

	for (size_t i = 0; i < a->n; i++)
		parts[i] =
		    (struct chart_part){ a->tone(span_str(a->parts[i].word)),
			    a->parts[i].label };
	html_say(f, "<section class=\"card\">\n<h2>%s</h2>\n", a->title);
	chart_bar(f, a->title, parts, counts->parts, a->n);
	html_say(f, "<div class=\"tiles\">\n");
	for (size_t i = 0; i < a->n; i++)
		if (counts->parts[i] > 0 || a->parts[i].word[0] != '\0')
			say_tile(c, a, i, counts);
	html_say(f, "</div>\n</section>\n");
}

/* How many are in trouble, in a line: each word leads to its domains. */
static void
say_verdicts(struct web_call *c, const struct axis_counts *counts)
{
	const struct axis *a = &axes[AXIS_VERDICT];
	FILE *f = call_body(c);

	html_say(f, "<nav aria-label=\"%s\"><p class=\"tags\">\n", a->title);
	for (size_t i = 0; i < a->n; i++) {
		const struct axis_part *part = &a->parts[i];

		if (counts->parts[i] > 0)
			html_say(f,
			    "<a class=\"chip %s\" "
			    "href=\"/?%s=%s&amp;paused=no\">%s: %s</a>\n",
			    tone_names[a->tone(span_str(part->word))], a->name,
			    axis_part_name(part), part->label,
			    words_count(c->a, counts->parts[i]));
	}
	html_say(f, "</p></nav>\n");
}

void
portfolio_axes(
    struct web_call *c, const struct axis_counts counts[AXES], int64_t paused)
{
	FILE *f = call_body(c);

	html_say(f, "<div class=\"cards axes\">\n");
	say_axis(c, AXIS_ELIGIBILITY, &counts[AXIS_ELIGIBILITY]);
	say_axis(c, AXIS_DEPLOYMENT, &counts[AXIS_DEPLOYMENT]);
	html_say(f, "</div>\n");
	say_verdicts(c, &counts[AXIS_VERDICT]);
	if (paused > 0)
		html_say(f,
		    "<p class=\"dim\">Of the domains that are watched. "
		    "<a href=\"/?paused=yes\">%s paused</a> %s not looked at, "
		    "and in none of these counts.</p>\n",
		    words_count(c->a, paused), paused == 1 ? "is" : "are");
}
