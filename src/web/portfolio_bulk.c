#include "web/portfolio_bulk.h"

#include "web/html.h"

void
portfolio_bulk(struct web_call *c)
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
	    "name=\"sure\"> Really remove</label></div>\n"
	    "<button class=\"primary\">Do it</button> "
	    "<span class=\"dim\" data-count></span></div></fieldset>\n");
}
