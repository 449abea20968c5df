#include "wire/http_body.h"

#include "base/test_table.h"

#define DIGITS_8 "00000003"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
	enum http_parse	 want;
	struct span	 want_body;
	struct span	 want_left;
} chunked[] = {
	{ "RFC 9112 7.1: two chunks", SPAN_INIT("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET"),
	  HTTP_DONE, SPAN_INIT("abcde"), SPAN_INIT("GET") },
	{ "no body at all", SPAN_INIT("0\r\n\r\n"), HTTP_DONE, SPAN_INIT(""), SPAN_INIT("") },
	{ "hexadecimal, in both cases", SPAN_INIT("a\r\n0123456789\r\n0B\r\n0123456789a\r\n0\r\n\r\n"),
	  HTTP_DONE, SPAN_INIT("01234567890123456789a"), SPAN_INIT("") },
	{ "eight digits", SPAN_INIT(DIGITS_8 "\r\nabc\r\n0\r\n\r\n"), HTTP_DONE, SPAN_INIT("abc"), SPAN_INIT("") },
	{ "nine digits", SPAN_INIT("0" DIGITS_8 "\r\nabc\r\n0\r\n\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "RFC 9112 7.1.1: extensions are ignored", SPAN_INIT("3;a=\"b\"\r\nabc\r\n0;x\r\n\r\n"),
	  HTTP_DONE, SPAN_INIT("abc"), SPAN_INIT("") },
	{ "RFC 9112 7.1.2: trailers are dropped", SPAN_INIT("1\r\na\r\n0\r\nX: y\r\nZ: 1\r\n\r\nb"),
	  HTTP_DONE, SPAN_INIT("a"), SPAN_INIT("b") },
	{ "data may hold line ends", SPAN_INIT("4\r\n\r\n\r\n\r\n0\r\n\r\n"), HTTP_DONE, SPAN_INIT("\r\n\r\n"), SPAN_INIT("") },
	{ "no size", SPAN_INIT("\r\nabc"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "no digit", SPAN_INIT("x\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "0x", SPAN_INIT("0x3\r\nabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "a sign", SPAN_INIT("+3\r\nabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "white space behind the size", SPAN_INIT("3 \r\nabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "bare LF behind the size", SPAN_INIT("3\nabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "bare LF in an extension", SPAN_INIT("3;a\nabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "bare CR behind the size", SPAN_INIT("3\rabc\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "data longer than its size", SPAN_INIT("3\r\nabcd\r\n"), HTTP_REFUSED, SPAN_INIT("abc"), SPAN_INIT("") },
	{ "bare LF behind data", SPAN_INIT("3\r\nabc\n0\r\n\r\n"), HTTP_REFUSED, SPAN_INIT("abc"), SPAN_INIT("") },
	{ "bare LF behind a trailer", SPAN_INIT("0\r\nX: y\n\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
	{ "more to come", SPAN_INIT("3\r\nab"), HTTP_MORE, SPAN_INIT("ab"), SPAN_INIT("") },
	{ "its end to come", SPAN_INIT("1\r\na\r\n0\r\n\r"), HTTP_MORE, SPAN_INIT("a"), SPAN_INIT("") },
	{ "too much", SPAN_INIT("20\r\n01234567890123456789012345678901\r\n"), HTTP_REFUSED, SPAN_INIT(""), SPAN_INIT("") },
};
/* clang-format on */

enum { ROOM = 24 };

static void
check(struct tally *t, struct http_body b, size_t row, size_t step)
{
	char mem[ROOM];
	struct buf out = buf_init(mem, sizeof mem);
	struct span rest = chunked[row].in;
	enum http_parse p = HTTP_MORE;

	while (p == HTTP_MORE && rest.n > 0) {
		struct span part = span_head(rest, step);

		p = http_body_take(&b, &part, &out);
		rest =
		    (struct span){ part.p, rest.n - (size_t)(part.p - rest.p) };
	}
	want_int(t, "result", p, chunked[row].want);
	want_span(t, "body", buf_span(&out), chunked[row].want_body);
	if (p == HTTP_DONE)
		want_span(t, "left", rest, chunked[row].want_left);
}

/* All at once, octet by octet, and in threes. */
static void
test_chunked(void **state)
{
	static const size_t steps[] = { SIZE_MAX, 1, 3 };
	struct http_head head = { .framing = HTTP_BODY_CHUNKED };
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(chunked); i++)
		for (size_t k = 0; k < ROWS(steps); k++) {
			/* In pieces, a chunk that is too long is taken up to
			 * what fits. */
			if (chunked[i].in.n > 32 && k > 0)
				continue;
			t.label = chunked[i].label;
			check(&t, http_body_init(&head), i, steps[k]);
		}
	assert_int_equal(t.failed, 0);
}

static void
test_length(void **state)
{
	struct http_head head = { .framing = HTTP_BODY_LENGTH, .length = 5 };
	struct http_body b = http_body_init(&head);
	char mem[8];
	struct buf out = buf_init(mem, sizeof mem);
	struct span in = SPAN("abc");

	(void)state;
	assert_int_equal(http_body_take(&b, &in, &out), HTTP_MORE);
	in = SPAN("defg");
	assert_int_equal(http_body_take(&b, &in, &out), HTTP_DONE);
	assert_true(span_eq(buf_span(&out), SPAN("abcde")));
	assert_true(span_eq(in, SPAN("fg")));
	/* And no more than fits. */
	head.length = 9;
	b = http_body_init(&head);
	out = buf_init(mem, sizeof mem);
	in = SPAN("abcdefghi");
	assert_int_equal(http_body_take(&b, &in, &out), HTTP_REFUSED);
	assert_true(out.overflow);
}

static void
test_none(void **state)
{
	struct http_head head = { .framing = HTTP_BODY_NONE };
	struct http_body b = http_body_init(&head);
	struct buf out = buf_init(NULL, 0);
	struct span in = SPAN("GET");

	(void)state;
	assert_int_equal(http_body_take(&b, &in, &out), HTTP_DONE);
	assert_int_equal(in.n, 3);
}

/* What is thrown away is bounded too. */
static void
test_limits(void **state)
{
	struct http_head head = { .framing = HTTP_BODY_CHUNKED };
	static const struct span begins[] = { SPAN_INIT("1;"),
		SPAN_INIT("0\r\nX") };

	(void)state;
	for (size_t i = 0; i < ROWS(begins); i++) {
		struct http_body b = http_body_init(&head);
		struct buf out = buf_init(NULL, 0);
		struct span in = begins[i];
		enum http_parse p = http_body_take(&b, &in, &out);
		size_t n = 0;

		assert_int_equal(p, HTTP_MORE);
		while (p == HTTP_MORE && n < 4096) {
			in = SPAN("x");
			p = http_body_take(&b, &in, &out);
			n++;
		}
		assert_int_equal(p, HTTP_REFUSED);
		assert_in_range(
		    n, LIMIT_HTTP_CHUNK_LINE - 8, LIMIT_HTTP_TRAILERS + 1);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("http_body", tests, NULL, NULL);
}
