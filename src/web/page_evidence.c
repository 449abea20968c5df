/* Every check of a domain, and the evidence as it is. */
#include <stdlib.h>

#include "out/check_json.h"
#include "web/page_domain.h"

static enum err
write_json(FILE *f, const struct judged *j, struct error *e)
{
	char *text = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&text, &n);
	enum err rc;

	if (memory == NULL)
		return error_plain(e, ERR_MEMORY);
	rc = check_json(j, true, memory);
	if (fclose(memory) != 0 && rc == ERR_OK)
		rc = ERR_MEMORY;
	if (rc == ERR_OK)
		html_say(f,
		    "<pre tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Evidence as JSON\">%.*s</pre>\n",
		    HTML_SPAN(((struct span){ text, n })));
	free(text);
	return error_plain(e, rc);
}

enum err
page_evidence(struct web_call *c, struct error *e)
{
	struct domain_model m;
	bool found;
	FILE *f;
	enum err rc = domain_model_find(c, true, &m, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	f = domain_page_begin(c, m.row.name, "Evidence");
	if (!m.has_evidence) {
		html_say(f, "<p class=\"empty\">Nobody has looked at it "
			    "yet.</p>\n");
		page_end(c);
		return ERR_OK;
	}
	domain_write_findings(c, f, &m, true);
	html_say(f, "<section class=\"card\">\n<h2>As programs get it</h2>\n"
		    "<p><a href=\"/api/v1/domains/");
	html_url(f, m.row.name);
	html_say(f, "/evidence\">mtasts.check/1</a></p>\n");
	rc = write_json(f, &m.judged, e);
	html_say(f, "</section>\n");
	page_end(c);
	return rc;
}
