#include "serve/http2.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

/* A request that is arriving. */
struct request {
	struct http_head head;
	bool head_done; /* what fields still come are trailers */
	struct buf body; /* on the heap */
	struct buf text; /* what head borrows, in mem */
	char mem[LIMIT_HTTP_HEAD];
};

struct stream {
	struct stream *before, *behind;
	struct request *request; /* NULL: answered */
	size_t n, at; /* of the answer's body */
	char *body; /* NULL: none */
};

struct http2 {
	nghttp2_session *session;
	struct stream *streams; /* that are open */
	size_t held; /* octets of bodies, both ways, of all streams */
	bool in_head; /* a header block has begun */
	bool goodbye; /* GOAWAY is said */
};

/* ---- streams ---- */

static void
free_request(struct http_conn *c, struct stream *st)
{
	if (st->request == NULL)
		return;
	c->h2->held -= st->request->body.n;
	http_conn_free_body(c, &st->request->body);
	free(st->request);
	st->request = NULL;
}

static struct stream *
stream_of(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static int
on_begin_headers(
    nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct http_conn *c = arg;
	struct stream *st;

	c->h2->in_head = true;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	st = calloc(1, sizeof *st);
	if (st == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	st->request = malloc(sizeof *st->request);
	if (st->request == NULL) {
		free(st);
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	}
	http_head_init(&st->request->head);
	st->request->head_done = false;
	st->request->body = buf_init(NULL, 0);
	st->request->text = buf_init(st->request->mem, sizeof st->request->mem);
	st->behind = c->h2->streams;
	if (st->behind != NULL)
		st->behind->before = st;
	c->h2->streams = st;
	return nghttp2_session_set_stream_user_data(
	    session, frame->hd.stream_id, st);
}

static void
free_stream(struct http_conn *c, struct stream *st)
{
	struct http2 *h = c->h2;

	*(st->before != NULL ? &st->before->behind : &h->streams) = st->behind;
	if (st->behind != NULL)
		st->behind->before = st->before;
	free_request(c, st);
	h->held -= st->n;
	free(st->body);
	free(st);
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
	struct http_conn *c = arg;
	struct stream *st = stream_of(session, id);

	(void)error;
	if (st == NULL)
		return 0;
	free_stream(c, st);
	return nghttp2_session_set_stream_user_data(session, id, NULL);
}

/* ---- the head ---- */

static struct span
copy(struct buf *text, const uint8_t *p, size_t n)
{
	size_t from = text->n;

	buf_put(text, (struct span){ n > 0 ? (const char *)p : "", n });
	return (struct span){ text->p + from, text->n - from };
}

/* RFC 9113 8.3.1. What the fields frame in HTTP/1.1, the stream does here. */
static bool
take_field(struct http_head *h, struct span name, struct span value)
{
	if (span_eq(name, SPAN(":method")))
		return http_head_method(h, value);
	if (span_eq(name, SPAN(":path")))
		return http_head_target(h, value);
	if (span_eq(name, SPAN(":authority")))
		return http_head_authority(h, value);
	if (span_starts(name, SPAN(":")))
		return true;
	if (span_eq(name, SPAN("host")) && h->host.n == 0 &&
	    !http_head_authority(h, value))
		return false;
	return http_head_field(h, name, value);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_n, const uint8_t *value, size_t value_n,
    uint8_t flags, void *arg)
{
	struct stream *st = stream_of(session, frame->hd.stream_id);
	struct request *r = st != NULL ? st->request : NULL;
	struct span n, v;

	(void)flags;
	(void)arg;
	if (r == NULL || r->head_done || r->head.status != 0)
		return 0;
	n = copy(&r->text, name, name_n);
	v = copy(&r->text, value, value_n);
	if (r->text.overflow)
		r->head.status = 431;
	else if (!take_field(&r->head, n, v))
		assert(r->head.status != 0);
	return 0;
}

/* ---- the answer ---- */

static nghttp2_nv
pair(struct span name, struct span value)
{
	return (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name.p,
		.value = (uint8_t *)(uintptr_t)value.p,
		.namelen = name.n,
		.valuelen = value.n,
		.flags = NGHTTP2_NV_FLAG_NONE,
	};
}

static ssize_t
on_read(nghttp2_session *session, int32_t id, uint8_t *mem, size_t cap,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct stream *st = source->ptr;
	size_t n = st->n - st->at < cap ? st->n - st->at : cap;

	(void)session;
	(void)id;
	(void)arg;
	memcpy(mem, st->body + st->at, n);
	st->at += n;
	if (st->at == st->n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static bool
keep_body(struct http2 *h, struct stream *st, struct span body)
{
	size_t own = st->request != NULL ? st->request->body.n : 0;

	/* A client that opens streams and takes no data would have us keep
	 * a body for each of them; one alone may be as large as it is. */
	if (h->held > own && h->held + body.n > LIMIT_HTTP_HELD)
		return false;
	st->body = malloc(body.n);
	if (st->body == NULL)
		return false;
	memcpy(st->body, body.p, body.n);
	st->n = body.n;
	h->held += body.n;
	return true;
}

static int
submit(struct http_conn *c, int32_t id, struct stream *st,
    const struct http_response *r, bool with_body)
{
	nghttp2_nv nv[3 + HTTP_RESPONSE_FIELDS];
	nghttp2_data_provider body = { .source.ptr = st,
		.read_callback = on_read };
	const struct http_date *date = http_server_date(c->server);
	char status[4], length[24];
	size_t n = 0;

	snprintf(status, sizeof status, "%03u", (unsigned)r->status % 1000);
	snprintf(length, sizeof length, "%zu", r->body.n);
	nv[n++] = pair(SPAN(":status"), span_str(status));
	nv[n++] = pair(SPAN("date"), (struct span){ date->s, sizeof date->s });
	for (size_t i = 0; i < r->n_fields; i++)
		nv[n++] = pair(r->fields[i].name, r->fields[i].value);
	if (r->status != 204)
		nv[n++] = pair(SPAN("content-length"), span_str(length));
	if (with_body && r->body.n > 0 && !keep_body(c->h2, st, r->body))
		return nghttp2_submit_rst_stream(c->h2->session,
		    NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
	return nghttp2_submit_response(
	    c->h2->session, id, nv, n, st->body != NULL ? &body : NULL);
}

static int
answer(struct http_conn *c, int32_t id, struct stream *st, bool unread)
{
	struct request *in = st->request;
	struct http_head *head = &in->head;
	struct http_response r = { .status = head->status, .body = SPAN("") };
	int rc;

	/* RFC 9113 8.3.1 leaves the authority to the client; we do not. */
	if (r.status == 0 && head->host.n == 0)
		r.status = 400;
	if (r.status == 0)
		http_conn_handle(c, head,
		    in->body.n > 0 && !unread ? buf_span(&in->body) : SPAN(""),
		    head->framing != HTTP_BODY_NONE, unread, &r);
	c->answered = true;
	rc = submit(c, id, st, &r, head->method != HTTP_HEAD);
	free_request(c, st);
	return rc != 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

/* ---- what arrives ---- */

static void
frame_body(struct http_head *h, bool ends)
{
	struct span length = http_head_find(h, SPAN("content-length"));

	/* The library holds the length against what comes. */
	if (!ends && num_parse(length, INT64_MAX, &h->length))
		h->framing = HTTP_BODY_LENGTH;
	else
		h->framing = ends ? HTTP_BODY_NONE : HTTP_BODY_CHUNKED;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct http_conn *c = arg;
	bool ends = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	struct stream *st;
	struct request *r;

	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	st = stream_of(session, frame->hd.stream_id);
	r = st != NULL ? st->request : NULL;
	if (frame->hd.type == NGHTTP2_HEADERS)
		c->h2->in_head = false;
	if (r == NULL)
		return 0;
	if (!r->head_done) {
		r->head_done = true;
		frame_body(&r->head, ends);
		if (!ends &&
		    (r->head.status != 0 || http_conn_is_too_long(c, &r->head)))
			return answer(c, frame->hd.stream_id, st, true);
	}
	return ends ? answer(c, frame->hd.stream_id, st, false) : 0;
}

/* The bodies of all streams together are as large as one may be. */
static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p,
    size_t n, void *arg)
{
	struct http_conn *c = arg;
	struct stream *st = stream_of(session, id);
	struct request *r = st != NULL ? st->request : NULL;

	(void)flags;
	/* RFC 9113 8.1 would have us reset a stream that was answered early:
	 * clients take that for a failure. It ends with the phase. */
	if (r == NULL)
		return 0;
	if (c->h2->held + n > c->server->config.max_body)
		return answer(c, id, st, true);
	if (!http_conn_grow(c, &r->body, n))
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	buf_put(&r->body, (struct span){ (const char *)p, n });
	c->h2->held += n;
	return 0;
}

/* ---- the session ---- */

nghttp2_session_callbacks *
http2_callbacks(void)
{
	nghttp2_session_callbacks *cb;

	if (nghttp2_session_callbacks_new(&cb) != 0)
		return NULL;
	nghttp2_session_callbacks_set_on_begin_headers_callback(
	    cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(
	    cb, on_stream_close);
	return cb;
}

bool
http2_start(struct http_conn *c)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_HTTP_STREAMS },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HTTP_HEAD },
	};

	c->h2 = calloc(1, sizeof *c->h2);
	return c->h2 != NULL &&
	       nghttp2_session_server_new(
		   &c->h2->session, c->server->h2_callbacks, c) == 0 &&
	       nghttp2_submit_settings(c->h2->session, NGHTTP2_FLAG_NONE,
		   settings, sizeof settings / sizeof settings[0]) == 0;
}

void
http2_free(struct http_conn *c)
{
	if (c->h2 == NULL)
		return;
	/* The library tells nothing of the streams that go with a session. */
	while (c->h2->streams != NULL)
		free_stream(c, c->h2->streams);
	nghttp2_session_del(c->h2->session);
	free(c->h2);
	c->h2 = NULL;
}

bool
http2_output(struct http_conn *c)
{
	struct buf b = buf_init(c->server->out, sizeof c->server->out);
	const uint8_t *p;
	ssize_t n = 0;

	while (c->out.n == 0 &&
	       (n = nghttp2_session_mem_send(c->h2->session, &p)) > 0) {
		struct span frame = { (const char *)p, (size_t)n };

		if (frame.n <= b.cap - b.n) {
			buf_put(&b, frame);
			continue;
		}
		if (!http_conn_send(c, buf_span(&b)) ||
		    !http_conn_send(c, frame))
			return false;
		b.n = 0;
	}
	c->ending = nghttp2_session_want_read(c->h2->session) == 0 &&
		    nghttp2_session_want_write(c->h2->session) == 0;
	return n >= 0 && http_conn_send(c, buf_span(&b));
}

bool
http2_input(struct http_conn *c, struct span in)
{
	nghttp2_session *s = c->h2->session;

	if (nghttp2_session_mem_recv(s, (const uint8_t *)in.p, in.n) < 0)
		return false;
	if (c->server->draining && !c->h2->goodbye && !http2_goodbye(c))
		return false;
	return http2_output(c);
}

enum http_phase
http2_phase(const struct http_conn *c)
{
	if (c->h2->in_head)
		return HTTP_READING_HEAD;
	return c->h2->streams != NULL ? HTTP_READING_BODY : HTTP_IDLE;
}

bool
http2_goodbye(struct http_conn *c)
{
	nghttp2_session *s = c->h2->session;

	c->h2->goodbye = true;
	return nghttp2_submit_goaway(s, NGHTTP2_FLAG_NONE,
		   nghttp2_session_get_last_proc_stream_id(s), NGHTTP2_NO_ERROR,
		   NULL, 0) == 0 &&
	       http2_output(c);
}
