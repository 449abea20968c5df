#include "web/query.h"

#include "base/rfc3339.h"
#include "web/html.h"

bool
query_number(struct web_call *c, const char *name, int64_t least, int64_t most,
    int64_t *out)
{
	struct span text = fields_find(&c->query, name);

	if (text.n == 0)
		return true;
	if (!field_number(text, least, most, out)) {
		(void)call_refuse(c, PROBLEM_INPUT,
		    "\"%s\" is a number from %lld to %lld.", name,
		    (long long)least, (long long)most);
		return false;
	}
	return true;
}

bool
query_word(
    struct web_call *c, const char *name, const char *const *words, size_t *out)
{
	struct span text = fields_find(&c->query, name);

	if (text.n == 0)
		return true;
	for (size_t i = 0; words[i] != NULL; i++)
		if (span_eq(text, span_str(words[i]))) {
			*out = i;
			return true;
		}
	(void)call_refuse(c, PROBLEM_INPUT, "\"%s\" knows no such word.", name);
	return false;
}

bool
query_day(struct web_call *c, const char *name, struct wall_time *out)
{
	struct span text = fields_find(&c->query, name);
	struct wall_time day;

	if (text.n == 0)
		return true;
	if (!rfc3339_parse_day(text, &day) || day.s <= 0) {
		(void)call_refuse(c, PROBLEM_INPUT,
		    "\"%s\" is a day such as 2026-11-27.", name);
		return false;
	}
	*out = day;
	return true;
}

static void
write_field(FILE *f, bool *is_first, struct span name, struct span value)
{
	if (value.n == 0)
		return;
	html_say(f, *is_first ? "?" : "&amp;");
	html_url(f, name);
	html_say(f, "=");
	html_url(f, value);
	*is_first = false;
}

void
query_link(struct web_call *c, const char *name, struct span value)
{
	FILE *f = call_body(c);
	bool is_first = true;

	for (size_t i = 0; i < c->query.n; i++) {
		const struct field *q = &c->query.all[i];

		if (!span_eq(q->name, span_str(name)) &&
		    !span_eq(q->name, SPAN("said")))
			write_field(f, &is_first, q->name, q->value);
	}
	write_field(f, &is_first, span_str(name), value);
	if (is_first) /* an empty reference would keep the query */
		html_say(f, "?");
}

void
query_pages(struct web_call *c, const char *name, struct span next)
{
	FILE *f = call_body(c);
	bool is_first = fields_find(&c->query, name).n == 0;

	if (is_first && next.n == 0)
		return;
	html_say(f, "<nav class=\"pages\" aria-label=\"Pages\">\n");
	if (!is_first) {
		html_say(f, "<a href=\"");
		query_link(c, name, SPAN(""));
		html_say(f, "\">From the beginning</a>\n");
	}
	if (next.n > 0) {
		html_say(f, "<a rel=\"next\" href=\"");
		query_link(c, name, next);
		html_say(f, "\">Next page</a>\n");
	}
	html_say(f, "</nav>\n");
}
