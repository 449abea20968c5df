#include "web/web.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "web/client.h"
#include "web/inside.h"
#include "web/percent.h"
#include "wire/media_type.h"

/* Measured with the table of 100 domains, 158 KB: level 1 leaves 6.4 KB in 0.22
 * ms, level 5 5.7 KB in 0.41 ms, level 6 the same in 0.48 ms, level 9 in 0.84
 * ms. */
enum { PACK_LEVEL = 5, PACK_WINDOW = 15 + 16 /* gzip */, PACK_MEMORY = 8 };

/* ---- what it says ---- */

static const struct route *
find_route(struct web_call *c, enum http_method method)
{
	return route_find(
	    method, c->http->head->path, c->captured, &c->allowed);
}

static struct span
content_type(const struct web_call *c)
{
	return media_type_parse(
	    http_head_find(c->http->head, SPAN("content-type")))
	    .type;
}

/* The fields of the frame are no input of the operation. */
static void
take_frame(struct web_call *c)
{
	static const char *const names[] = { "csrf", "method", "back" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)input_has(&c->input, names[i]);
}

/* What a form cannot be sent by, it says. */
static enum http_method
method_of_form(const struct web_call *c)
{
	struct span said = fields_find(&c->input.fields, "method");

	if (span_eq(said, SPAN("PUT")))
		return HTTP_PUT;
	if (span_eq(said, SPAN("DELETE")))
		return HTTP_DELETE;
	return HTTP_POST;
}

/* False: the call is answered. */
static bool
read_fields(struct web_call *c)
{
	struct span body = c->http->body;
	struct error e = { 0 };
	enum err rc = ERR_OK;

	if (c->input.is_form)
		rc = fields_parse(body, c->a, &c->input.fields, &e);
	else if (ascii_eq_nocase(content_type(c), SPAN("application/json")))
		rc = fields_json(body, c->a, &c->input.fields, &e);
	else
		call_refuse(c, PROBLEM_MEDIA,
		    "Say application/json or "
		    "application/x-www-form-urlencoded.");
	if (rc == ERR_DATA)
		call_refuse(c, PROBLEM_INPUT, "%s", e.text);
	else if (rc != ERR_OK)
		call_refuse(c, PROBLEM_TOO_LONG, "It takes too much memory.");
	return c->status == 200;
}

static bool
read_body(struct web_call *c)
{
	enum http_method method = c->http->head->method;

	c->input.a = c->a;
	if (!c->http->has_body || method == HTTP_GET || method == HTTP_HEAD)
		return true;
	if (c->http->body_unread) {
		call_refuse(c, PROBLEM_TOO_LONG,
		    "A body has at most %d octets.", LIMIT_WEB_BODY);
		return false;
	}
	if (!read_fields(c))
		return false;
	if (!c->input.is_form)
		return true;
	take_frame(c);
	if (method == HTTP_POST)
		c->route = find_route(c, method_of_form(c));
	return true;
}

static bool
decode_captures(struct web_call *c)
{
	for (size_t i = 0; i < ROUTE_CAPTURES; i++)
		if (!percent_decode(
			c->captured[i], false, c->a, &c->captured[i])) {
			call_refuse(c, PROBLEM_MISSING,
			    "The address is not text in UTF-8.");
			return false;
		}
	return true;
}

/* ---- what becomes of it ---- */

/* "/incidents?said=saved", whatever was said before. */
static struct span
way_back_saying(struct web_call *c)
{
	struct span path = call_way_back(c);
	struct span plain = span_head(path, span_find(path, '#'));
	struct span query = span_skip(plain, span_find(plain, '?') + 1);
	struct span out = span_head(plain, span_find(plain, '?'));
	const char *mark = "?";

	while (query.n > 0) {
		struct span one = span_head(query, span_find(query, '&'));

		query = span_skip(query, one.n + 1);
		if (span_starts(one, SPAN("said=")))
			continue;
		out = arena_printf(c->a, "%.*s%s%.*s", (int)out.n, out.p, mark,
		    (int)one.n, one.p);
		mark = "&";
	}
	if (c->said != NULL)
		out = arena_printf(
		    c->a, "%.*s%ssaid=%s", (int)out.n, out.p, mark, c->said);
	return arena_printf(c->a, "%.*s%.*s", (int)out.n, out.p,
	    (int)(path.n - plain.n), path.p + plain.n);
}

/* A form that an operation has carried out is led back to its page, unless the
 * operation has written a page of its own. */
static void
lead_back(struct web_call *c)
{
	bool has_page = c->body != NULL && c->type == NULL;

	if (c->route->kind == ROUTE_API && c->input.is_form &&
	    c->status < 300 && (c->said != NULL || !has_page))
		call_redirect(c, way_back_saying(c));
}

/* Is he told at once that it takes a login, before his body is read? */
static bool
needs_login(const struct web_call *c)
{
	if (c->caller.kind != CALLER_NOBODY)
		return false;
	if (c->route == NULL)
		return true;
	return c->route->kind == ROUTE_PAGE || c->route->kind == ROUTE_API;
}

/* Where a person types a password, or shows a session, and it goes over the
 * network for everybody to read: whoever has found a way past the proxy. */
static bool
is_in_the_clear(const struct web_call *c)
{
	const struct route *r = c->route;

	return r != NULL && !c->http->secure && caller_is_https(c->config) &&
	       (r->kind == ROUTE_PAGE || r->handle == page_login ||
		   r->handle == page_welcome) &&
	       !client_is_proxy(c->config, c->http->peer);
}

static enum err
lead_to_origin(struct web_call *c)
{
	const struct span origin = c->config->origin;
	const struct http_head *h = c->http->head;

	return call_redirect(
	    c, arena_printf(c->a, "%.*s%.*s%s%.*s", (int)origin.n, origin.p,
		   (int)h->path.n, h->path.p, h->query.n > 0 ? "?" : "",
		   (int)h->query.n, h->query.p));
}

/* ERR_OK with a status other than 200: it is answered. */
static enum err
understand(struct web_call *c, struct error *e)
{
	enum err rc;

	c->route = find_route(c, c->http->head->method);
	if (is_in_the_clear(c))
		return lead_to_origin(c);
	if (c->route != NULL && c->route->kind == ROUTE_PLAIN)
		return ERR_OK;
	if (c->store == NULL)
		return call_refuse(c, PROBLEM_STORE,
		    "What there is to see is kept in a store that cannot be "
		    "reached now. It is tried again by itself.");
	rc = caller_find(c, e);
	if (rc != ERR_OK)
		return rc;
	if (c->route == NULL && c->allowed == 0)
		return call_refuse(
		    c, PROBLEM_MISSING, "There is nothing at this address.");
	if (!needs_login(c) && !read_body(c))
		return ERR_OK;
	if (c->route == NULL && !needs_login(c))
		return call_refuse(
		    c, PROBLEM_METHOD, "This address takes other methods.");
	return ERR_OK;
}

static enum err
answer(struct web_call *c, struct error *e)
{
	struct span query = c->http->head->query;
	enum err rc = fields_parse(query, c->a, &c->query, e);

	if (rc == ERR_DATA) {
		c->query = (struct fields){ 0 };
		return call_refuse(c, PROBLEM_INPUT, "%s", e->text);
	}
	if (rc == ERR_OK)
		rc = understand(c, e);
	if (rc != ERR_OK || c->status != 200 || !caller_may(c) ||
	    !decode_captures(c))
		return rc;
	rc = c->route->handle(c, e);
	if (rc == ERR_OK)
		lead_back(c);
	return rc;
}

/* Nothing of what was found out is left: memory may have been the fault. */
static void
begin(struct web_call *c, struct web *w, const struct http_request *http)
{
	arena_release(&w->a);
	*c = (struct web_call){
		.config = w->config,
		.web = w,
		.a = &w->a,
		.now = clock_wall(w->config->clock),
		.http = http,
		.captured = { SPAN(""), SPAN("") },
		.peer = client_find(w->config, http),
		.status = 200,
		.location = SPAN(""),
		.cookie = SPAN(""),
		.filename = SPAN(""),
		.back = SPAN(""),
	};
	c->caller.name = c->caller.account = SPAN("");
	c->input.a = c->a;
	c->input.is_form = ascii_eq_nocase(
	    content_type(c), SPAN("application/x-www-form-urlencoded"));
}

/* What happened is for the log, and no stranger's business. */
static void
answer_failure(struct web_call *c, struct web *w, enum err rc)
{
	const struct route *route = c->route;

	begin(c, w, c->http);
	c->route = route;
	if (store_has_failed(rc))
		call_refuse(c, PROBLEM_STORE,
		    "The store did not answer as it should. Nothing was "
		    "changed.");
	else
		call_refuse(c, PROBLEM_OURS,
		    "It is written in the log what went wrong.");
}

static enum err
finish(struct web_call *c, struct http_response *out, struct error *e)
{
	enum err rc = ERR_OK;

	if (c->body != NULL)
		rc = sink_text(&c->web->sink, &out->body, e);
	if (rc == ERR_OK && c->a->failed)
		rc = error_set(e, ERR_MEMORY,
		    "a request takes more than %d "
		    "octets of memory",
		    LIMIT_WEB_MEMORY);
	return rc;
}

void
web_handle(
    void *arg, const struct http_request *request, struct http_response *out)
{
	struct web *w = arg;
	struct web_call c;
	struct error e = { 0 };
	enum err rc;

	begin(&c, w, request);
	c.store = w->config->store(w->config->arg);
	rc = answer(&c, &e);
	if (rc == ERR_OK)
		rc = finish(&c, out, &e);
	if (rc == ERR_OK && c.store != NULL)
		w->config->failed(w->config->arg, NULL);
	if (rc != ERR_OK) {
		e.code = rc;
		w->config->failed(w->config->arg, &e);
		answer_failure(&c, w, rc);
		if (finish(&c, out, &e) != ERR_OK)
			return; /* the server says 500 */
	}
	reply_write(&c, out);
}

/* ---- the whole ---- */

enum err
web_new(const struct web_config *config, struct web **out, struct error *e)
{
	struct web *w = calloc(1, sizeof *w);
	struct siphash_key key;

	*out = NULL;
	if (w == NULL)
		return error_set(e, ERR_MEMORY, "starting the dashboard");
	w->config = config;
	arena_init(&w->a, LIMIT_WEB_MEMORY);
	if (!randomness_fill(config->randomness, &key, sizeof key)) {
		web_free(w);
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	}
	w->tries = tries_new(&key);
	if (w->tries == NULL || sink_init(&w->sink, e) != ERR_OK ||
	    deflateInit2(&w->packer, PACK_LEVEL, Z_DEFLATED, PACK_WINDOW,
		PACK_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		web_free(w);
		return error_set(e, ERR_MEMORY, "starting the dashboard");
	}
	*out = w;
	return ERR_OK;
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	arena_release(&w->a);
	sink_release(&w->sink);
	deflateEnd(&w->packer);
	tries_free(w->tries);
	free(w);
}
