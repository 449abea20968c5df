#include "web/portfolio_filters.h"

#include "core/overview.h"
#include "core/words.h"
#include "web/axes.h"
#include "web/chart.h"
#include "web/model_portfolio.h"
#include "web/portfolio_table.h"

enum { DAY_S = 86400, CHOICES = 50 }; /* providers and tags to choose from */

enum err
portfolio_choices_read(
    struct web_call *c, struct portfolio_choices *out, struct error *e)
{
	enum err rc = portfolio_providers(
	    c->store, CHOICES, c->a, &out->providers, &out->n_providers, e);

	return rc == ERR_OK ? portfolio_tags(c->store, CHOICES, c->a,
				  &out->tags, &out->n_tags, e)
			    : rc;
}

static void
begin_choice(FILE *f, const char *name, const char *label)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"f-%s\">%s</label>"
	    "<select id=\"f-%s\" name=\"%s\"><option value=\"\">any</option>",
	    name, label, name, name);
}

static void
say_option(FILE *f, struct span value, struct span label, struct span chosen)
{
	html_say(f, "<option value=\"%.*s\"", HTML_SPAN(value));
	if (span_eq(value, chosen))
		html_say(f, " selected");
	html_say(f, ">%.*s</option>", HTML_SPAN(label));
}

static void
end_choice(FILE *f)
{
	html_say(f, "</select></div>\n");
}

static void
say_axis_choice(FILE *f, enum axis_id id, struct span chosen)
{
	const struct axis *a = &axes[id];

	begin_choice(f, a->name, a->title);
	for (size_t i = 0; i < a->n; i++)
		say_option(f, span_str(axis_part_name(&a->parts[i])),
		    span_str(a->parts[i].label), chosen);
	end_choice(f);
}

/* What was asked for is among the choices, however rare it is. */
static void
say_shares_choice(struct web_call *c, const char *name, const char *label,
    const struct portfolio_share *all, size_t n, struct span chosen)
{
	FILE *f = call_body(c);
	bool is_there = chosen.n == 0;

	begin_choice(f, name, label);
	for (size_t i = 0; i < n; i++) {
		say_option(f, all[i].word,
		    arena_printf(c->a, "%.*s (%s)", (int)all[i].word.n,
			all[i].word.p, words_count(c->a, all[i].n)),
		    chosen);
		is_there = is_there || span_eq(all[i].word, chosen);
	}
	if (!is_there)
		say_option(f, chosen, chosen, chosen);
	end_choice(f);
}

static void
say_steps_choice(FILE *f, struct span chosen)
{
	begin_choice(f, "next_step", "Next step");
	for (size_t i = 0; i < NEXT_STEPS; i++)
		say_option(f, span_str(next_steps[i].name),
		    span_str(next_steps[i].text), chosen);
	end_choice(f);
}

static void
say_hidden(FILE *f, const char *name, const char *value)
{
	html_say(
	    f, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

static void
say_paused_choice(FILE *f, struct span chosen)
{
	begin_choice(f, "paused", "Paused");
	say_option(f, SPAN("no"), SPAN("no: watched"), chosen);
	say_option(f, SPAN("yes"), SPAN("yes"), chosen);
	end_choice(f);
}

static void
say_day(FILE *f, const char *name, const char *label, int64_t day)
{
	html_say(f,
	    "<div class=\"field\"><label for=\"f-%s\">%s</label>"
	    "<input id=\"f-%s\" type=\"date\" name=\"%s\" value=\"%s\">"
	    "</div>\n",
	    name, label, name, name, day > 0 ? chart_day_iso(day).text : "");
}

/* Where the calendar or a tile led to. */
static void
say_days(FILE *f, const struct portfolio_filter *filter)
{
	if (filter->ends_from.s == 0 && filter->ends_before.s == 0)
		return;
	say_day(f, "certificate_from", "Certificate ends from",
	    filter->ends_from.s / DAY_S);
	say_day(f, "certificate_to", "Certificate ends to",
	    (filter->ends_before.s - 1) / DAY_S);
}

static void
say_axes(FILE *f, const struct portfolio_filter *filter)
{
	say_axis_choice(f, AXIS_VERDICT, filter->verdict);
	say_axis_choice(f, AXIS_DEPLOYMENT, filter->deployment);
	say_axis_choice(f, AXIS_ELIGIBILITY, filter->eligibility);
}

void
portfolio_filters(struct web_call *c, const struct portfolio_page *page,
    const struct portfolio_choices *choices)
{
	const struct portfolio_filter *filter = &page->filter;
	FILE *f = call_body(c);

	html_say(f,
	    "<form class=\"inline\" method=\"get\" action=\"/\" role=\"search\""
	    " data-auto>\n<div class=\"field\"><label for=\"f-search\">"
	    "Search</label><input id=\"f-search\" type=\"search\" "
	    "name=\"search\" maxlength=\"253\" value=\"%.*s\"></div>\n",
	    HTML_SPAN(filter->search));
	say_axes(f, filter);
	say_steps_choice(f, filter->next_step);
	say_shares_choice(c, "provider", "Mail provider", choices->providers,
	    choices->n_providers, filter->provider);
	if (choices->n_tags > 0 || filter->tag.n > 0)
		say_shares_choice(c, "tag", "Tag", choices->tags,
		    choices->n_tags, filter->tag);
	say_paused_choice(f, filter->paused);
	say_days(f, filter);
	if (page->sort != PORTFOLIO_FIRST)
		say_hidden(f, "sort", portfolio_sort_names[page->sort]);
	if (page->descending)
		say_hidden(f, "order", "desc");
	html_say(f, "<button>Show</button>\n");
	if (portfolio_is_filtered(filter))
		html_say(f, "<a class=\"button\" href=\"/\">Show all</a>\n");
	html_say(f, "</form>\n");
}
