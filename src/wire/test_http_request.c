#include "wire/http_request.h"

#include "base/buf.h"
#include "base/test_table.h"

#define REQ(line, rest) SPAN_INIT(line "\r\nHost: a.example\r\n" rest "\r\n")

/* clang-format off */
static const struct {
	const char		*label;
	struct span		 in;
	enum http_method	 want_method;
	struct span		 want_path, want_query, want_host;
	enum http_framing	 want_framing;
	uint64_t		 want_length;
	bool			 want_alive;
} good[] = {
	{ "RFC 9112 3: a request", REQ("GET /p HTTP/1.1", ""),
	  HTTP_GET, SPAN_INIT("/p"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "HEAD", REQ("HEAD / HTTP/1.1", ""),
	  HTTP_HEAD, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "a method that nobody knows", REQ("BREW / HTTP/1.1", ""),
	  HTTP_OTHER, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9110 9.1: methods have a case", REQ("get / HTTP/1.1", ""),
	  HTTP_OTHER, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "a query", REQ("GET /p?a=b?c HTTP/1.1", ""),
	  HTTP_GET, SPAN_INIT("/p"), SPAN_INIT("a=b?c"), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "nothing is decoded", REQ("GET /%2e/../x HTTP/1.1", ""),
	  HTTP_GET, SPAN_INIT("/%2e/../x"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 3.2.2: absolute-form wins over Host", REQ("GET https://b.example:8/p?q HTTP/1.1", ""),
	  HTTP_GET, SPAN_INIT("/p"), SPAN_INIT("q"), SPAN_INIT("b.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 3.2.2: without a path", REQ("GET http://b.example HTTP/1.1", ""),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("b.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 3.2.4: the asterisk", REQ("OPTIONS * HTTP/1.1", ""),
	  HTTP_OTHER, SPAN_INIT("*"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "a port is not the host's", SPAN_INIT("GET / HTTP/1.1\r\nhost:A.example:443\r\n\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("A.example"), HTTP_BODY_NONE, 0, true },
	{ "an IPv6 address", SPAN_INIT("GET / HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("[2001:db8::1]"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 2.2: an empty line before", SPAN_INIT("\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 9.6: close", REQ("GET / HTTP/1.1", "Connection: close\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, false },
	{ "close among others, in any case", REQ("GET / HTTP/1.1", "connection: te , CLOSE\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, false },
	{ "a longer word than close", REQ("GET / HTTP/1.1", "Connection: closed\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "HTTP/1.0 ends, whatever it asks for", REQ("GET / HTTP/1.0", "Connection: keep-alive\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, false },
	{ "HTTP/1.0 may lack Host", SPAN_INIT("GET / HTTP/1.0\r\n\r\n"),
	  HTTP_GET, SPAN_INIT("/"), SPAN_INIT(""), SPAN_INIT(""), HTTP_BODY_NONE, 0, false },
	{ "RFC 9112 6.2: a length", REQ("POST /p HTTP/1.1", "Content-Length: 12\r\n"),
	  HTTP_POST, SPAN_INIT("/p"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_LENGTH, 12, true },
	{ "a length of nothing", REQ("PUT /p HTTP/1.1", "Content-Length: 0\r\n"),
	  HTTP_PUT, SPAN_INIT("/p"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_NONE, 0, true },
	{ "RFC 9112 7.1: chunks", REQ("DELETE /p HTTP/1.1", "Transfer-Encoding: Chunked\r\n"),
	  HTTP_DELETE, SPAN_INIT("/p"), SPAN_INIT(""), SPAN_INIT("a.example"), HTTP_BODY_CHUNKED, 0, true },
};

static const struct {
	const char	*label;
	struct span	 in;
	int		 want;
} bad[] = {
	{ "RFC 9112 3.2: no Host", SPAN_INIT("GET / HTTP/1.1\r\n\r\n"), 400 },
	{ "RFC 9112 3.2: two Hosts", REQ("GET / HTTP/1.1", "Host: a.example\r\n"), 400 },
	{ "RFC 9112 3.2: an empty Host", SPAN_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400 },
	{ "a Host with a user", SPAN_INIT("GET / HTTP/1.1\r\nHost: u@a.example\r\n\r\n"), 400 },
	{ "a Host with a path", SPAN_INIT("GET / HTTP/1.1\r\nHost: a.example/x\r\n\r\n"), 400 },
	{ "two names in Host", SPAN_INIT("GET / HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n"), 400 },
	{ "a port that is none", SPAN_INIT("GET / HTTP/1.1\r\nHost: a.example:x\r\n\r\n"), 400 },
	{ "a bracket without an end", SPAN_INIT("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400 },
	{ "absolute-form does not mend Host", SPAN_INIT("GET http://a.example/ HTTP/1.1\r\nHost: @\r\n\r\n"), 400 },
	{ "bare LF behind the request line", SPAN_INIT("GET / HTTP/1.1\nHost: a.example\r\n\r\n"), 400 },
	{ "bare LF behind a field", SPAN_INIT("GET / HTTP/1.1\r\nHost: a.example\n\r\n"), 400 },
	{ "bare LF at the end", SPAN_INIT("GET / HTTP/1.1\r\nHost: a.example\r\n\n"), 400 },
	{ "bare LF, and no end yet", SPAN_INIT("GET / HTTP/1.1\n"), 400 },
	{ "bare CR in the request line", REQ("GET / HTTP/1.1\rX: y", ""), 400 },
	{ "RFC 9112 2.2: bare CR in a field", REQ("GET / HTTP/1.1", "X: a\rContent-Length: 5\r\n"), 400 },
	{ "a NUL in a field", REQ("GET / HTTP/1.1", "X: a\0b\r\n"), 400 },
	{ "RFC 9112 5.2: a folded field", REQ("GET / HTTP/1.1", "X: a\r\n b\r\n"), 400 },
	{ "a folded first field", SPAN_INIT("GET / HTTP/1.1\r\n X: a\r\nHost: a.example\r\n\r\n"), 400 },
	{ "RFC 9112 5.1: white space before the colon", REQ("POST / HTTP/1.1", "Content-Length : 5\r\n"), 400 },
	{ "a field without a name", REQ("GET / HTTP/1.1", ": x\r\n"), 400 },
	{ "a field without a colon", REQ("GET / HTTP/1.1", "X\r\n"), 400 },
	{ "RFC 9112 6.1: a length beside chunks",
	  REQ("POST / HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400 },
	{ "RFC 9112 6.1: chunks in HTTP/1.0", REQ("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), 400 },
	{ "RFC 9112 6.1: another coding", REQ("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n"), 501 },
	{ "RFC 9112 6.1: something like chunked", REQ("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n"), 501 },
	{ "chunked twice", REQ("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400 },
	{ "RFC 9112 6.3: two lengths", REQ("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n"), 400 },
	{ "RFC 9112 6.3: a list of lengths", REQ("POST / HTTP/1.1", "Content-Length: 5, 5\r\n"), 400 },
	{ "a length with a sign", REQ("POST / HTTP/1.1", "Content-Length: +5\r\n"), 400 },
	{ "a negative length", REQ("POST / HTTP/1.1", "Content-Length: -5\r\n"), 400 },
	{ "a length that is too large a number", REQ("POST / HTTP/1.1", "Content-Length: 99999999999999999999\r\n"), 400 },
	{ "no length", REQ("POST / HTTP/1.1", "Content-Length:\r\n"), 400 },
	{ "two spaces", REQ("GET  / HTTP/1.1", ""), 400 },
	{ "a tab between", REQ("GET\t/ HTTP/1.1", ""), 400 },
	{ "white space behind", REQ("GET / HTTP/1.1 ", ""), 400 },
	{ "white space before", REQ(" GET / HTTP/1.1", ""), 400 },
	{ "HTTP/0.9", REQ("GET /", ""), 400 },
	{ "no target", REQ("GET HTTP/1.1", ""), 400 },
	{ "a target without its slash", REQ("GET p HTTP/1.1", ""), 400 },
	{ "a fragment", REQ("GET /p#f HTTP/1.1", ""), 400 },
	{ "eight bits in the target", REQ("GET /\xe4 HTTP/1.1", ""), 400 },
	{ "RFC 9112 3.2.3: authority-form", REQ("CONNECT a.example:443 HTTP/1.1", ""), 400 },
	{ "an absolute-form without a host", REQ("GET http:///p HTTP/1.1", ""), 400 },
	{ "another scheme", REQ("GET ftp://a.example/ HTTP/1.1", ""), 400 },
	{ "RFC 9112 2.3: HTTP/1.2", REQ("GET / HTTP/1.2", ""), 505 },
	{ "RFC 9113 3.4: HTTP/2, in the clear", SPAN_INIT("PRI * HTTP/2.0\r\n\r\n"), 505 },
	{ "http/1.1", REQ("GET / http/1.1", ""), 400 },
	{ "two empty lines before", SPAN_INIT("\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), 400 },
};
/* clang-format on */

static enum http_parse
parse(struct span in, struct http_head *out)
{
	struct http_scan scan = { 0 };

	return http_head_parse(in, &scan, out);
}

static void
test_good(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct http_head h;

		t.label = good[i].label;
		want_int(&t, "result", parse(good[i].in, &h), HTTP_DONE);
		if (t.failed > 0)
			continue;
		want_int(&t, "method", h.method, good[i].want_method);
		want_span(&t, "path", h.path, good[i].want_path);
		want_span(&t, "query", h.query, good[i].want_query);
		want_span(&t, "host", h.host, good[i].want_host);
		want_int(&t, "framing", h.framing, good[i].want_framing);
		want_int(&t, "length", (int64_t)h.length,
		    (int64_t)good[i].want_length);
		want_bool(&t, "alive", h.keep_alive, good[i].want_alive);
		want_size(&t, "size", h.size, good[i].in.n);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_bad(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct http_head h = { .status = 0 };

		t.label = bad[i].label;
		want_int(&t, "result", parse(bad[i].in, &h), HTTP_REFUSED);
		want_int(&t, "status", h.status, bad[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* Octet by octet, with one scan, a head is there with its last octet and not
 * before; and a second one behind it does not matter. */
static void
test_bytewise(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		struct http_scan scan = { 0 };
		struct http_head h;
		char mem[2048];
		struct buf b = buf_init(mem, sizeof mem);

		t.label = good[i].label;
		buf_put(&b, good[i].in);
		buf_put(&b, SPAN("GET / HTTP/1.1\r\n"));
		for (size_t n = 0; n < good[i].in.n; n++)
			want_int(&t, "early",
			    http_head_parse(
				span_head(buf_span(&b), n), &scan, &h),
			    HTTP_MORE);
		want_int(&t, "result", http_head_parse(buf_span(&b), &scan, &h),
		    HTTP_DONE);
		want_size(&t, "size", h.size, good[i].in.n);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_fields(void **state)
{
	struct tally t = { .label = "fields" };
	struct http_head h;

	(void)state;
	assert_int_equal(
	    parse((struct span)REQ("POST / HTTP/1.1",
		      "X-A: \t one two \r\nx-b:\r\nX-a: three\r\n"
		      "Content-Length: 1\r\nExpect: 100-Continue\r\n"),
		&h),
	    HTTP_DONE);
	want_size(&t, "number", h.n_fields, 6);
	want_span(&t, "trimmed, the first", http_head_find(&h, SPAN("x-a")),
	    SPAN("one two"));
	want_span(&t, "empty", http_head_find(&h, SPAN("X-B")), SPAN(""));
	want_span(&t, "none", http_head_find(&h, SPAN("X")), SPAN(""));
	want_bool(&t, "RFC 9110 10.1.1: expects", h.expects_continue, true);
	assert_int_equal(t.failed, 0);
}

/* A head of lines, the first of line octets with its CR LF, then n fields of
 * size octets each. */
static enum http_parse
of_size(size_t line, size_t n, size_t size, bool ends, int *status)
{
	static char mem[4 * LIMIT_HTTP_HEAD];
	struct buf b = buf_init(mem, sizeof mem);
	struct http_head h = { .status = 0 };
	enum http_parse p;

	buf_put(&b, SPAN("GET /"));
	while (b.n < line - 11)
		buf_putc(&b, 'x');
	buf_put(&b, SPAN(" HTTP/1.1\r\n"));
	buf_put(&b, SPAN("Host: a\r\n"));
	for (size_t i = 1; i < n; i++) {
		size_t from = b.n;

		buf_put(&b, SPAN("X: "));
		while (b.n < from + size - 2)
			buf_putc(&b, 'y');
		buf_put(&b, SPAN("\r\n"));
	}
	if (ends)
		buf_put(&b, SPAN("\r\n"));
	p = parse(buf_span(&b), &h);
	*status = h.status;
	return p;
}

static void
test_limits(void **state)
{
	int status;

	(void)state;
	assert_int_equal(
	    of_size(LIMIT_HTTP_LINE + 1, 1, 9, true, &status), HTTP_DONE);
	assert_int_equal(
	    of_size(LIMIT_HTTP_LINE + 2, 1, 9, true, &status), HTTP_REFUSED);
	assert_int_equal(status, 414);
	assert_int_equal(
	    of_size(100, LIMIT_HTTP_FIELDS, 9, true, &status), HTTP_DONE);
	assert_int_equal(of_size(100, LIMIT_HTTP_FIELDS + 1, 9, true, &status),
	    HTTP_REFUSED);
	assert_int_equal(status, 431);
	/* 80 + 9 + 7 * 1157 + 2 = 8190 */
	assert_int_equal(of_size(80, 8, 1157, true, &status), HTTP_DONE);
	assert_int_equal(of_size(80, 8, 1158, true, &status), HTTP_REFUSED);
	assert_int_equal(status, 431);
	/* Without an end: refused as soon as it cannot become good. */
	assert_int_equal(of_size(80, 8, 1100, false, &status), HTTP_MORE);
	assert_int_equal(of_size(80, 8, 1300, false, &status), HTTP_REFUSED);
	assert_int_equal(status, 431);
}

static void
test_endless_line(void **state)
{
	static char mem[LIMIT_HTTP_LINE];
	struct http_head h = { .status = 0 };

	(void)state;
	memset(mem, 'x', sizeof mem);
	assert_int_equal(
	    parse((struct span){ mem, sizeof mem - 1 }, &h), HTTP_MORE);
	assert_int_equal(
	    parse((struct span){ mem, sizeof mem }, &h), HTTP_REFUSED);
	assert_int_equal(h.status, 414);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bytewise),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_endless_line),
	};

	return cmocka_run_group_tests_name("http_request", tests, NULL, NULL);
}
