#include "web/portfolio_bulk.h"

#include "core/words.h"
#include "web/html.h"
#include "web/model_portfolio.h"
#include "web/portfolio_table.h"

/* The count is confirmed by the box, and held against what is there by then. */
static void
say_all(struct web_call *c, const struct portfolio_page *page, int64_t total)
{
	const struct portfolio_page all = { .filter = page->filter,
		.sort = PORTFOLIO_FIRST };
	FILE *f = call_body(c);

	html_say(f,
	    "<div class=\"field\"><label><input type=\"checkbox\" "
	    "name=\"all\"> All %s that match, on every page</label></div>\n"
	    "<input type=\"hidden\" name=\"count\" value=\"%lld\">"
	    "<input type=\"hidden\" name=\"matching\" value=\"",
	    words_count(c->a, total), (long long)total);
	portfolio_write(f, "", &all, PORTFOLIO_FIRST, 0);
	html_say(f, "\">\n");
}

void
portfolio_bulk(
    struct web_call *c, const struct portfolio_page *page, int64_t total)
{
	static const struct {
		const char *word, *label;
	} actions[] = {
		{ "check", "Look again now" },
		{ "publish", "Publish a policy" },
		{ "tag", "Add the tag" },
		{ "untag", "Take the tag away" },
		{ "pause", "Pause" },
		{ "resume", "Resume" },
		{ "remove", "Remove from the portfolio" },
	};
	FILE *f = call_body(c);

	html_say(f, "<fieldset class=\"bulk\"><legend>With those that are "
		    "chosen</legend>\n<div class=\"actions\">"
		    "<div class=\"field\"><label for=\"b-action\">Do</label>"
		    "<select id=\"b-action\" name=\"action\">");
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		html_say(f, "<option value=\"%s\">%s</option>", actions[i].word,
		    actions[i].label);
	html_say(f,
	    "</select></div>\n"
	    "<div class=\"field\"><label for=\"b-tag\">Tag</label>"
	    "<input id=\"b-tag\" name=\"tag\" maxlength=\"64\"></div>\n"
	    "<div class=\"field\"><label for=\"b-mode\">Mode, to "
	    "publish</label><select id=\"b-mode\" name=\"mode\">"
	    "<option value=\"\">testing, or as it was</option>"
	    "<option value=\"testing\">testing</option>"
	    "<option value=\"enforce\">enforce</option></select></div>\n"
	    "<div class=\"field\"><label><input type=\"checkbox\" "
	    "name=\"sure\"> Really remove</label></div>\n");
	say_all(c, page, total);
	html_say(f,
	    "<button class=\"primary\">Do it</button> "
	    "<span class=\"dim\" data-count></span></div></fieldset>\n");
}
