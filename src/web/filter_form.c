#include "web/filter_form.h"

#include "store/portfolio.h"
#include "web/html.h"

enum { TAGS = 200 };

void
filter_form_option(
    FILE *f, struct span value, struct span label, bool is_chosen)
{
	html_say(f, "<option value=\"%.*s\"%s>%.*s</option>\n",
	    HTML_SPAN(value), is_chosen ? " selected" : "", HTML_SPAN(label));
}

enum err
filter_form_tags(struct web_call *c, struct span chosen, struct error *e)
{
	FILE *f = call_body(c);
	struct portfolio_share *tags;
	bool is_there = chosen.n == 0;
	size_t n;
	enum err rc = portfolio_tags(c->store, TAGS, c->a, &tags, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<div class=\"field\"><label for=\"tag\">Tag</label>"
		    "<select id=\"tag\" name=\"tag\">\n");
	filter_form_option(f, SPAN(""), SPAN("any"), chosen.n == 0);
	for (size_t i = 0; i < n; i++) {
		bool is_chosen = span_eq(tags[i].word, chosen);

		is_there |= is_chosen;
		filter_form_option(f, tags[i].word, tags[i].word, is_chosen);
	}
	if (!is_there)
		filter_form_option(f, chosen, chosen, true);
	html_say(f, "</select></div>\n");
	return ERR_OK;
}
