/* HTTP/2 over TLS, with libnghttp2 as the client. */
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"
#include "base/test_table.h"
#include "serve/test_web.h"

struct answer {
	int status; /* 0: none has come */
	size_t n; /* octets of its body */
	char body[64]; /* their beginning */
	int64_t length; /* of the field, or -1 */
	bool done;
	uint32_t error; /* that the stream was closed with */
};

enum { ANSWERS = 128 };

struct client {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	nghttp2_session *session;
	struct answer answers[ANSWERS]; /* of stream 1, 3, 5, ... */
	int open;
	bool goodbye; /* GOAWAY has come */
	struct span upload;
	size_t uploaded;
};

static struct answer *
answer_of(struct client *c, int32_t id)
{
	assert_in_range(id, 1, 2 * ANSWERS - 1);
	return &c->answers[id / 2];
}

/* ---- callbacks ---- */

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_n, const uint8_t *value, size_t value_n,
    uint8_t flags, void *arg)
{
	struct answer *a = answer_of(arg, frame->hd.stream_id);
	struct span n = { (const char *)name, name_n };
	struct span v = { (const char *)value, value_n };
	uint64_t number = 0;

	(void)session;
	(void)flags;
	if (span_eq(n, SPAN(":status")) && num_parse(v, 999, &number))
		a->status = (int)number;
	if (span_eq(n, SPAN("content-length")) &&
	    num_parse(v, INT64_MAX, &number))
		a->length = (int64_t)number;
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p,
    size_t n, void *arg)
{
	struct answer *a = answer_of(arg, id);

	(void)session;
	(void)flags;
	if (a->n + n < sizeof a->body)
		memcpy(a->body + a->n, p, n);
	a->n += n;
	return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
	struct client *c = arg;

	(void)session;
	answer_of(c, id)->done = true;
	answer_of(c, id)->error = error;
	c->open--;
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct client *c = arg;

	(void)session;
	c->goodbye |= frame->hd.type == NGHTTP2_GOAWAY;
	return 0;
}

static ssize_t
on_read(nghttp2_session *session, int32_t id, uint8_t *mem, size_t cap,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct client *c = arg;
	struct span rest = span_skip(c->upload, c->uploaded);
	struct span part = span_head(rest, cap);

	(void)session;
	(void)id;
	(void)source;
	memcpy(mem, part.p, part.n);
	c->uploaded += part.n;
	if (part.n == rest.n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)part.n;
}

/* ---- a client ---- */

static nghttp2_session *
new_session(struct client *c, bool takes_nothing)
{
	nghttp2_settings_entry window = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
		takes_nothing ? 0 : 1 << 20 };
	nghttp2_session_callbacks *cb;
	nghttp2_session *session;

	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_client_new(&session, cb, c);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &window, 1);
	nghttp2_session_set_local_window_size(
	    session, NGHTTP2_FLAG_NONE, 0, 1 << 24);
	return session;
}

static void
client_open(struct client *c, struct test_web *s, bool takes_nothing)
{
	*c = (struct client){ .fd = test_connect(s->secure_port),
		.ctx = SSL_CTX_new(TLS_client_method()),
		.upload = SPAN("") };
	for (int i = 0; i < ANSWERS; i++)
		c->answers[i].length = -1;
	c->ssl = SSL_new(c->ctx);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_tlsext_host_name(c->ssl, TEST_NAME);
	SSL_set_alpn_protos(c->ssl, (const unsigned char *)"\x02h2", 3);
	assert_int_equal(SSL_connect(c->ssl), 1);
	c->session = new_session(c, takes_nothing);
}

static void
client_close(struct client *c)
{
	nghttp2_session_del(c->session);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

static nghttp2_nv
nv(const char *name, const char *value)
{
	return (nghttp2_nv){ (uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
		NGHTTP2_NV_FLAG_NONE };
}

/* authority NULL: none is sent. */
static void
ask(struct client *c, const char *method, const char *path,
    const char *authority, struct span upload)
{
	nghttp2_data_provider body = { .read_callback = on_read };
	nghttp2_nv head[4] = { nv(":method", method), nv(":path", path),
		nv(":scheme", "https") };
	size_t n = 3;

	if (authority != NULL)
		head[n++] = nv(":authority", authority);
	c->upload = upload;
	c->uploaded = 0;
	assert_true(nghttp2_submit_request(c->session, NULL, head, n,
			upload.n > 0 ? &body : NULL, NULL) > 0);
	c->open++;
}

static bool
client_send(struct client *c)
{
	const uint8_t *p;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(c->session, &p)) > 0)
		if (SSL_write(c->ssl, p, (int)n) <= 0)
			return false;
	return n == 0;
}

/* What there is to send, and then what comes; false if the server has ended. */
static bool
turn(struct client *c)
{
	uint8_t mem[16384];
	int n;

	if (!client_send(c))
		return false;
	n = SSL_read(c->ssl, mem, sizeof mem);
	return n > 0 &&
	       nghttp2_session_mem_recv(c->session, mem, (size_t)n) == n &&
	       client_send(c);
}

static void
talk(struct client *c)
{
	while (c->open > 0 && turn(c))
		;
}

/* ---- tests ---- */

static const char upload[TEST_MAX_BODY + 1] = "uploaded";

/* clang-format off */
static const struct {
	const char	*label, *method, *path, *authority;
	size_t		 upload;
	int		 want_status;
	int64_t		 want_length;
	size_t		 want_n;
	const char	*want_body;
} requests[] = {
	{ "a GET", "GET", "/hello", TEST_NAME, 0, 200, 6, 6, "hello\n" },
	{ "RFC 9110 9.3.2: a HEAD", "HEAD", "/hello", TEST_NAME, 0, 200, 6, 0, "" },
	{ "nothing there", "GET", "/x", TEST_NAME, 0, 404, 0, 0, "" },
	{ "the name of the handshake", "GET", "/sni", "b.example", 0, 200, 17, 17, TEST_NAME },
	{ "a body", "POST", "/echo", TEST_NAME, 8, 200, 8, 8, "uploaded" },
	{ "the longest body", "POST", "/echo", TEST_NAME, TEST_MAX_BODY, 200, TEST_MAX_BODY, TEST_MAX_BODY, "" },
	{ "a longer one", "POST", "/echo", TEST_NAME, TEST_MAX_BODY + 1, 413, 0, 0, "" },
	{ "many frames", "GET", "/big", TEST_NAME, 0, 200, TEST_BIG, TEST_BIG, "" },
	/* RFC 9113 8.1.1: the library resets what is malformed. */
	{ "no authority", "GET", "/hello", NULL, 0, 0, -1, 0, "" },
	{ "an authority that is none", "GET", "/hello", "a b", 0, 0, -1, 0, "" },
	{ "an authority that is no host", "GET", "/hello", "u@a", 0, 400, 0, 0, "" },
	{ "a handler that fails", "GET", "/fail", TEST_NAME, 0, 500, 0, 0, "" },
};
/* clang-format on */

static void
test_requests(void **state)
{
	struct tally t = { 0 };
	struct test_web s;
	struct client c;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	client_open(&c, &s, false);
	for (size_t i = 0; i < ROWS(requests); i++) {
		struct answer *a = &c.answers[i];

		ask(&c, requests[i].method, requests[i].path,
		    requests[i].authority,
		    (struct span){ upload, requests[i].upload });
		talk(&c);
		t.label = requests[i].label;
		want_int(&t, "status", a->status, requests[i].want_status);
		want_int(&t, "length", a->length, requests[i].want_length);
		want_size(&t, "octets", a->n, requests[i].want_n);
		want_span(&t, "body",
		    span_head(span_str(a->body), strlen(requests[i].want_body)),
		    span_str(requests[i].want_body));
	}
	assert_int_equal(t.failed, 0);
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* As many as may be, at once, and the answers all different from nothing. */
static void
test_many_streams(void **state)
{
	struct test_web s;
	struct client c;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	client_open(&c, &s, false);
	for (int i = 0; i < LIMIT_HTTP_STREAMS; i++)
		ask(&c, "GET", i % 10 == 0 ? "/big" : "/hello", TEST_NAME,
		    SPAN(""));
	talk(&c);
	for (int i = 0; i < LIMIT_HTTP_STREAMS; i++) {
		assert_int_equal(c.answers[i].status, 200);
		assert_int_equal(c.answers[i].n, i % 10 == 0 ? TEST_BIG : 6);
	}
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).requests, LIMIT_HTTP_STREAMS);
}

/* One answer is as long as it is, as over HTTP/1.1. */
static void
test_long_answer(void **state)
{
	struct test_web s;
	struct client c;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	client_open(&c, &s, false);
	ask(&c, "POST", "/huge", TEST_NAME, SPAN("abc"));
	talk(&c);
	assert_int_equal(c.answers[0].status, 200);
	assert_int_equal(c.answers[0].error, 0);
	assert_int_equal(c.answers[0].n, TEST_HUGE);
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).requests, 1);
}

/* Of the server's patience; and so much longer than what a client has to have
 * said before it runs out, on a machine that is busy. */
enum { SHORT_MS = 2000 };

/* A client that asks for much and takes nothing is held to a bound, and is cut
 * off. */
static void
test_takes_nothing(void **state)
{
	struct test_web s;
	struct client c;
	int calmed = 0;

	(void)state;
	test_web_init(&s);
	s.config.body_ms = s.config.write_ms = SHORT_MS;
	test_web_start(&s);
	client_open(&c, &s, true);
	for (int i = 0; i < LIMIT_HTTP_STREAMS; i++)
		ask(&c, "GET", "/big", TEST_NAME, SPAN(""));
	talk(&c);
	for (int i = 0; i < LIMIT_HTTP_STREAMS; i++)
		calmed += c.answers[i].error == NGHTTP2_ENHANCE_YOUR_CALM;
	assert_int_equal(
	    calmed, LIMIT_HTTP_STREAMS - LIMIT_HTTP_HELD / TEST_BIG);
	assert_int_equal(c.open, LIMIT_HTTP_HELD / TEST_BIG);
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).timeouts, 1);
}

/* A head that never ends (RFC 9113 10.5): CONTINUATION is not there yet. */
static void
test_slow_head(void **state)
{
	static const uint8_t headers[] = { 0, 0, 1, NGHTTP2_HEADERS,
		NGHTTP2_FLAG_NONE, 0, 0, 0, 3, 0x82 };
	struct test_web s;
	struct client c;
	char mem[512];

	(void)state;
	test_web_init(&s);
	s.config.head_ms = SHORT_MS;
	test_web_start(&s);
	client_open(&c, &s, false);
	ask(&c, "GET", "/hello", TEST_NAME, SPAN(""));
	talk(&c);
	assert_int_equal(
	    SSL_write(c.ssl, headers, sizeof headers), sizeof headers);
	while (SSL_read(c.ssl, mem, sizeof mem) > 0)
		;
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).timeouts, 1);
}

/* Not the protocol that was agreed on. */
static void
test_not_h2(void **state)
{
	struct test_web s;
	struct client c;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	client_open(&c, &s, false);
	assert_true(SSL_write(c.ssl, "GET / HTTP/1.1\r\n\r\nGET /", 23) > 0);
	while (turn(&c))
		;
	client_close(&c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* An idle connection is told good-bye; one with a request under way has its
 * answer first. */
static void
test_drain(void **state)
{
	struct test_web s;
	struct client idle, busy;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	client_open(&idle, &s, false);
	ask(&idle, "GET", "/hello", TEST_NAME, SPAN(""));
	talk(&idle);
	client_open(&busy, &s, true);
	ask(&busy, "GET", "/hello", TEST_NAME, SPAN(""));
	while (busy.answers[0].status == 0 && turn(&busy))
		;
	test_web_stop(&s);
	while (turn(&idle))
		;
	assert_true(idle.goodbye);
	/* It takes data, from now on. */
	assert_int_equal(nghttp2_submit_window_update(
			     busy.session, NGHTTP2_FLAG_NONE, 1, 1000),
	    0);
	talk(&busy);
	assert_int_equal(busy.answers[0].n, 6);
	while (turn(&busy))
		;
	assert_true(busy.goodbye);
	client_close(&idle);
	client_close(&busy);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* HTTP/1.1 over TLS, for those who want that. */
static void
test_http1(void **state)
{
	static const char request[] = "GET /sni HTTP/1.1\r\nHost: a\r\n"
				      "Connection: close\r\n\r\n";
	struct test_web s;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	char mem[512];
	int n, fd;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	fd = test_connect(s.secure_port);
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, TEST_NAME);
	assert_int_equal(SSL_connect(ssl), 1);
	assert_true(SSL_write(ssl, request, sizeof request - 1) > 0);
	n = SSL_read(ssl, mem, sizeof mem - 1);
	assert_true(n > 0);
	mem[n] = '\0';
	assert_non_null(strstr(mem, "\r\n\r\n" TEST_NAME));
	assert_int_equal(SSL_read(ssl, mem, 1), 0);
	assert_int_equal(SSL_get_error(ssl, 0), SSL_ERROR_ZERO_RETURN);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).handshakes, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_many_streams),
		cmocka_unit_test(test_long_answer),
		cmocka_unit_test(test_takes_nothing),
		cmocka_unit_test(test_slow_head),
		cmocka_unit_test(test_not_h2),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_http1),
	};

	return cmocka_run_group_tests_name("http2", tests, NULL, NULL);
}
