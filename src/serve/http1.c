#include "serve/http1.h"

#include <stdlib.h>

#include "wire/http_body.h"

/* A request whose body is arriving. Its head was read in text. */
struct http1_pending {
	struct http_head head;
	struct http_body framing;
	struct buf body; /* on the heap */
	char text[];
};

void
http1_free(struct http_conn *c)
{
	if (c->pending != NULL)
		http_conn_free_body(c, &c->pending->body);
	free(c->pending);
	c->pending = NULL;
}

enum http_phase
http1_phase(const struct http_conn *c)
{
	if (c->pending != NULL)
		return HTTP_READING_BODY;
	return c->in.n > 0 ? HTTP_READING_HEAD : HTTP_IDLE;
}

/* ---- answers ---- */

static bool
send_response(
    struct http_conn *c, const struct http_response *r, bool with_body)
{
	struct buf b = buf_init(c->server->out, sizeof c->server->out);
	struct http_response_head head = {
		.status = r->status,
		.date = http_server_date(c->server),
		.fields = r->fields,
		.n_fields = r->n_fields,
		.length = r->body.n,
		.close = c->ending,
	};

	http_response_write(&b, &head);
	if (b.overflow)
		return false;
	if (!with_body || r->body.n <= b.cap - b.n) {
		buf_put(&b, with_body ? r->body : SPAN(""));
		return http_conn_send(c, buf_span(&b));
	}
	return http_conn_send(c, buf_span(&b)) && http_conn_send(c, r->body);
}

/* What cannot be understood ends the connection: nobody knows where the next
 * request would begin. */
static bool
refuse(struct http_conn *c, int status)
{
	struct http_response r = { .status = status, .body = SPAN("") };

	c->ending = c->input_left = true;
	return send_response(c, &r, true);
}

static bool
answer(struct http_conn *c, const struct http_head *head, struct span body,
    bool unread)
{
	struct http_response r;

	if (!head->keep_alive || unread || c->server->draining)
		c->ending = true;
	c->input_left = unread;
	http_conn_handle(
	    c, head, body, head->framing != HTTP_BODY_NONE, unread, &r);
	c->ending |= r.close;
	return send_response(c, &r, head->method != HTTP_HEAD);
}

/* ---- requests with a body ---- */

static bool
begin_body(struct http_conn *c, struct span text, bool wants_word)
{
	struct http1_pending *p = malloc(sizeof *p + text.n);
	struct http_scan scan = { 0 };

	if (p == NULL)
		return false;
	memcpy(p->text, text.p, text.n);
	/* The same octets again, so that the spans lie in the copy. */
	if (http_head_parse((struct span){ p->text, text.n }, &scan,
		&p->head) != HTTP_DONE) {
		free(p);
		return false;
	}
	p->framing = http_body_init(&p->head);
	p->body = buf_init(NULL, 0);
	c->pending = p;
	/* RFC 9110 10.1.1 */
	return !wants_word ||
	       http_conn_send(c, SPAN("HTTP/1.1 100 Continue\r\n\r\n"));
}

static bool
read_body(struct http_conn *c, struct span *in)
{
	struct http1_pending *p = c->pending;
	bool ok;

	if (!http_conn_grow(c, &p->body, in->n))
		return false;
	switch (http_body_take(&p->framing, in, &p->body)) {
	case HTTP_MORE:
		return true;
	case HTTP_REFUSED:
		ok = refuse(c, p->body.overflow ? 413 : 400);
		http1_free(c);
		return ok;
	case HTTP_DONE:
		break;
	}
	ok = answer(
	    c, &p->head, p->body.n > 0 ? buf_span(&p->body) : SPAN(""), false);
	http1_free(c);
	return ok;
}

/* ---- input ---- */

static bool
read_head(struct http_conn *c, struct span *in, bool *more)
{
	struct http_head head;
	struct span text;

	*more = false;
	switch (http_head_parse(*in, &c->scan, &head)) {
	case HTTP_MORE:
		*more = true;
		return true;
	case HTTP_REFUSED:
		*in = SPAN("");
		return refuse(c, head.status);
	case HTTP_DONE:
		break;
	}
	c->scan = (struct http_scan){ 0 };
	text = span_head(*in, head.size);
	*in = span_skip(*in, head.size);
	if (head.framing == HTTP_BODY_NONE)
		return answer(c, &head, SPAN(""), false);
	if (http_conn_is_too_long(c, &head))
		return answer(c, &head, SPAN(""), true);
	return begin_body(c, text, head.expects_continue && in->n == 0);
}

bool
http1_input(struct http_conn *c, struct span in)
{
	bool more = false;

	while (in.n > 0 && !more && !c->ending && c->out.n == 0)
		if (c->pending != NULL ? !read_body(c, &in)
				       : !read_head(c, &in, &more))
			return false;
	c->backlog = in.n > 0 && !more && c->out.n > 0;
	if (c->ending) {
		c->input_left |= in.n > 0;
		in = SPAN("");
	}
	return http_conn_keep(c, in);
}
