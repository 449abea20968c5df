#include "web/call.h"

#include "store/audit.h"
#include "web/inside.h"
#include "web/page.h"

static const struct {
	int status;
	const char *slug, *title;
} problems[] = {
#define PROBLEM(symbol, status, slug, title) { status, slug, title },
#include "web/problems.def"
#undef PROBLEM
};

FILE *
call_body(struct web_call *c)
{
	if (c->body == NULL) {
		sink_empty(&c->web->sink);
		c->body = c->web->sink.f;
	}
	return c->body;
}

enum err
call_json(
    struct web_call *c, struct json_writer *w, json_t *root, struct error *e)
{
	enum err rc = json_line(w, root, call_body(c));

	c->type = "application/json";
	return rc == ERR_OK ? ERR_OK : error_set(e, rc, "writing JSON");
}

bool
call_is_for_person(const struct web_call *c)
{
	if (c->route == NULL)
		return c->input.is_form ||
		       !span_starts(c->http->head->path, SPAN("/api/"));
	switch (c->route->kind) {
	case ROUTE_PAGE:
	case ROUTE_FORM:
		return true;
	case ROUTE_API:
		return c->input.is_form;
	case ROUTE_OPEN:
	case ROUTE_PLAIN:
		break;
	}
	return !span_starts(span_str(c->route->path), SPAN("/api/"));
}

bool
call_is_local(struct span path)
{
	/* Browsers take a backslash for a slash, and "//" begins a host. */
	if (!span_starts(path, SPAN("/")) || span_starts(path, SPAN("//")))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '\\' || (unsigned char)path.p[i] <= ' ' ||
		    (unsigned char)path.p[i] >= 0x7f)
			return false;
	return true;
}

/* Whence he came, if that was here. */
static struct span
referer(const struct web_call *c)
{
	struct span from = http_head_find(c->http->head, SPAN("referer"));

	return span_starts(from, c->config->origin)
		   ? span_skip(from, c->config->origin.n)
		   : SPAN("");
}

struct span
call_way_back(const struct web_call *c)
{
	const struct span ways[] = { c->back,
		c->input.is_form ? fields_find(&c->input.fields, "back")
				 : SPAN(""),
		referer(c) };

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (call_is_local(ways[i]))
			return ways[i];
	return SPAN("/");
}

static enum err
refuse_program(struct web_call *c, enum problem problem, struct span detail)
{
	struct json_writer w = { 0 };
	json_t *o = json_object();
	struct span type =
	    arena_printf(c->a, "urn:mtasts:problem:%s", problems[problem].slug);
	enum err rc;

	json_put(&w, o, "type", json_text(type));
	json_put(&w, o, "title", json_word(problems[problem].title));
	json_put(&w, o, "status", json_integer(problems[problem].status));
	json_put(&w, o, "detail", json_text(detail));
	rc = call_json(c, &w, o, NULL);
	c->type = "application/problem+json";
	return rc;
}

static enum err
refuse_person(struct web_call *c, enum problem problem, struct span detail)
{
	struct span title = span_str(problems[problem].title);
	FILE *f = page_begin(c, title, PLACE_NONE);

	html_say(f,
	    "<h1>%.*s</h1>\n<p class=\"notice bad\" role=\"alert\">%.*s</p>\n",
	    HTML_SPAN(title), HTML_SPAN(detail));
	html_say(f, "<p><a href=\"%.*s\">Back</a></p>\n",
	    HTML_SPAN(call_way_back(c)));
	page_end(c);
	return ERR_OK;
}

enum err
call_refuse(struct web_call *c, enum problem problem, const char *fmt, ...)
{
	struct span detail;
	va_list ap;

	va_start(ap, fmt);
	detail = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	c->body = NULL; /* what was written is not said */
	c->type = NULL;
	c->said = NULL;
	c->location = c->filename = SPAN("");
	c->is_public = false;
	c->packed = SPAN("");
	c->status = problems[problem].status;
	return call_is_for_person(c) ? refuse_person(c, problem, detail)
				     : refuse_program(c, problem, detail);
}

enum err
call_redirect(struct web_call *c, struct span path)
{
	c->body = NULL;
	c->status = 303;
	c->location = path;
	return ERR_OK;
}

bool
input_end(struct web_call *c)
{
	struct input *in = &c->input;

	for (size_t i = 0; i < in->fields.n; i++)
		if (!in->fields.all[i].was_asked)
			input_wrong(in, "\"%.*s\" is not known here",
			    (int)span_head(in->fields.all[i].name, 60).n,
			    in->fields.all[i].name.p);
	if (in->wrong[0] == '\0')
		return true;
	call_refuse(c, PROBLEM_INPUT, "%s", in->wrong);
	return false;
}

struct span
call_who(struct web_call *c)
{
	switch (c->caller.kind) {
	case CALLER_NOBODY:
		break;
	case CALLER_PERSON:
		return c->caller.name;
	case CALLER_PROGRAM:
		return arena_printf(c->a, "token %.*s", (int)c->caller.name.n,
		    c->caller.name.p);
	}
	return SPAN("");
}

enum err
call_audit(
    struct web_call *c, const char *what, struct span target, struct error *e)
{
	struct ip_text from = ip_format(c->peer);
	const struct audit_entry entry = {
		.at = c->now,
		.who = call_who(c),
		.from = span_str(from.s),
		.what = span_str(what),
		.target = target,
	};

	return audit_put(c->store, &entry, e);
}
