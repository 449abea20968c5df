#include "web/page_once.h"

#include "web/page.h"

void
page_once(struct web_call *c, const struct once *once)
{
	FILE *f = page_begin(c, span_str(once->heading), PLACE_SETTINGS);

	html_say(f, "<h1>%s</h1>\n<p class=\"lead\">%s</p>\n", once->heading,
	    once->what);
	page_copy(f, once->label, once->text);
	html_say(f, "<p class=\"notice warn\">It is shown this once");
	if (once->until.s > 0) {
		html_say(f, ", and good until ");
		page_date(f, once->until);
	}
	html_say(f,
	    ".</p>\n<p><a href=\"/settings\">Back to the settings</a></p>\n");
	page_end(c);
}
