/* The CAs: what is ordered, what fails, and how long certificates last. */
#include <inttypes.h>

#include "web/model_cas.h"
#include "web/page_settings.h"

/* On a narrow screen a cell says by its label what it is, since the table's
 * head has two rows. */
struct column {
	const char *head, *label;
	enum tone tone; /* of a number that is not 0 */
	const char *word; /* beside it, so that colour does not tell alone */
};

/* clang-format off */
static const struct column order_columns[] = {
	{ "Waiting",	"Orders waiting",	TONE_NONE, "" },
	{ "Under way",	"Orders under way",	TONE_NONE, "" },
	{ "Failing",	"Orders failing",	TONE_BAD,  "fail" },
};
static const struct column end_columns[CA_ENDS] = {
	[CA_END_PAST]	 = { "Ended",	 "Ended",		TONE_BAD,  "ended" },
	[CA_END_7_DAYS]	 = { "Under 7",	 "Under 7 days",	TONE_BAD,  "end soon" },
	[CA_END_14_DAYS] = { "Under 14", "Under 14 days",	TONE_WARN, "end soon" },
	[CA_END_30_DAYS] = { "Under 30", "Under 30 days",	TONE_NONE, "" },
	[CA_END_LATER]	 = { "More",	 "30 days or more",	TONE_NONE, "" },
};
/* clang-format on */

enum { ORDER_COLUMNS = sizeof order_columns / sizeof order_columns[0] };

static void
write_heads(FILE *f, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		html_say(f, "<th scope=\"col\" class=\"num\">%s</th>",
		    columns[i].head);
}

static void
write_number(FILE *f, const struct column *column, int64_t n)
{
	html_say(f, "<td class=\"num%s\" data-label=\"%s\">",
	    n == 0 ? " dim" : "", column->label);
	if (n == 0 || column->tone == TONE_NONE)
		html_say(f, "%" PRId64, n);
	else
		html_say(f, "<span class=\"chip %s\">%" PRId64 " %s</span>",
		    tone_names[column->tone], n, column->word);
	html_say(f, "</td>");
}

static void
write_name(FILE *f, const struct ca_view *v)
{
	const char *about = "";

	if (v->state.directory.n == 0)
		about = "No CA is chosen yet";
	else if (!v->is_configured)
		about = "not configured any more";
	html_say(f,
	    "<th scope=\"row\" class=\"name\">%.*s "
	    "<span class=\"dim\">%s</span></th>",
	    HTML_SPAN(v->state.directory), about);
}

static void
write_ca(struct web_call *c, FILE *f, const struct ca_view *v)
{
	const struct ca_state *ca = &v->state;
	const int64_t orders[ORDER_COLUMNS] = { ca->waiting, ca->under_way,
		ca->failing };

	html_say(f, "<tr>\n");
	write_name(f, v);
	for (size_t i = 0; i < ORDER_COLUMNS; i++)
		write_number(f, &order_columns[i], orders[i]);
	html_say(f, "<td data-label=\"Next try\">");
	if (ca->next.s > 0)
		page_ago(c, f, ca->next);
	html_say(f, "</td>");
	for (size_t i = 0; i < CA_ENDS; i++)
		write_number(f, &end_columns[i], ca->certificates[i]);
	html_say(f, "\n</tr>\n");
}

/* What is for no CA is a row if there is an order, and otherwise only the
 * moment of the next renewal. */
static bool
is_row(const struct ca_view *v)
{
	const struct ca_state *ca = &v->state;

	return ca->directory.n > 0 ||
	       ca->waiting + ca->under_way + ca->failing > 0;
}

static void
write_table(struct web_call *c, FILE *f, const struct ca_view *all, size_t n)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Certificate authorities\">\n"
	    "<table class=\"grid\">\n<thead>\n"
	    "<tr><th scope=\"col\" rowspan=\"2\">Directory</th>"
	    "<th scope=\"colgroup\" colspan=\"3\">Orders</th>"
	    "<th scope=\"col\" rowspan=\"2\">Next try</th>"
	    "<th scope=\"colgroup\" colspan=\"5\">Certificates, by days "
	    "left</th></tr>\n<tr>");
	write_heads(f, order_columns, ORDER_COLUMNS);
	write_heads(f, end_columns, CA_ENDS);
	html_say(f, "</tr>\n</thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		if (is_row(&all[i]))
			write_ca(c, f, &all[i]);
	html_say(f, "</tbody>\n</table>\n</div>\n");
	if (is_row(&all[n - 1]) || all[n - 1].state.next.s == 0)
		return;
	html_say(f, "<p class=\"dim\">The next certificate is renewed ");
	page_ago(c, f, all[n - 1].state.next);
	html_say(f, ".</p>\n");
}

/* ---- what fails ---- */

static void
write_reason(struct web_call *c, FILE *f, const struct ca_reason *r)
{
	html_say(f,
	    "<tr>\n<td class=\"text\">%.*s</td>\n"
	    "<td class=\"num\">%" PRId64 "</td>\n<td>",
	    HTML_SPAN(r->text), r->orders);
	page_ago(c, f, r->last_at);
	html_say(f, "</td>\n<td class=\"name\">");
	if (r->domain.n > 0) {
		html_say(f, "<a href=\"/domains/");
		html_url(f, r->domain);
		html_say(f, "\">%.*s</a>", HTML_SPAN(r->domain));
	}
	html_say(f, "</td>\n</tr>\n");
}

/* The reasons name their CA. */
static void
write_reasons(struct web_call *c, FILE *f, const struct ca_view *all, size_t n)
{
	int64_t left = 0;

	html_say(f,
	    "<h3>What fails</h3>\n"
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Why orders fail\">\n"
	    "<table class=\"grid\">\n<thead><tr>"
	    "<th scope=\"col\">Why</th>"
	    "<th scope=\"col\" class=\"num\">Orders</th>"
	    "<th scope=\"col\">Last</th>"
	    "<th scope=\"col\">For example</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		const struct ca_state *ca = &all[i].state;

		left += ca->failing;
		for (size_t k = 0; k < ca->n_reasons; k++) {
			left -= ca->reasons[k].orders;
			write_reason(c, f, &ca->reasons[k]);
		}
	}
	html_say(f, "</tbody>\n</table>\n</div>\n");
	if (left > 0)
		html_say(f,
		    "<p class=\"dim\">The others, %" PRId64
		    ", failed for other reasons, or longer ago.</p>\n",
		    left);
}

enum err
settings_cas(struct web_call *c, FILE *f, struct error *e)
{
	struct ca_view *all;
	int64_t failing = 0;
	size_t n;
	enum err rc = cas_view(c, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"cas\">\n"
		    "<h2>Certificate authorities</h2>\n");
	if (c->config->n_cas == 0)
		html_say(f, "<p class=\"empty\">None is configured.</p>\n");
	else if (c->config->n_cas > 1)
		html_say(f, "<p>They are asked in this order: the next one "
			    "where one fails.</p>\n");
	if (n > 0)
		write_table(c, f, all, n);
	for (size_t i = 0; i < n; i++)
		failing += all[i].state.failing;
	if (failing > 0)
		write_reasons(c, f, all, n);
	html_say(f, "</section>\n");
	return ERR_OK;
}
