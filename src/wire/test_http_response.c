#include "wire/http_response.h"

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	int64_t		 s;
	struct span	 want;
} dates[] = {
	{ "RFC 9110 5.6.7: the example", 784111777, SPAN_INIT("Sun, 06 Nov 1994 08:49:37 GMT") },
	{ "the beginning", 0, SPAN_INIT("Thu, 01 Jan 1970 00:00:00 GMT") },
	{ "before it", -1, SPAN_INIT("Thu, 01 Jan 1970 00:00:00 GMT") },
	{ "a leap day", 1709251199, SPAN_INIT("Thu, 29 Feb 2024 23:59:59 GMT") },
	{ "the end", 253402300799, SPAN_INIT("Fri, 31 Dec 9999 23:59:59 GMT") },
	{ "behind it", 253402300800, SPAN_INIT("Fri, 31 Dec 9999 23:59:59 GMT") },
};

static const struct http_field type = { SPAN_INIT("content-type"), SPAN_INIT("text/plain") };

static const struct {
	const char			*label;
	struct http_response_head	 head;
	struct span			 want;
} heads[] = {
	{ "a policy", { .status = 200, .fields = &type, .n_fields = 1, .length = 123 },
	  SPAN_INIT("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	      "content-type: text/plain\r\nContent-Length: 123\r\n\r\n") },
	{ "the last one", { .status = 404, .close = true },
	  SPAN_INIT("HTTP/1.1 404 Not Found\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	      "Content-Length: 0\r\nConnection: close\r\n\r\n") },
	{ "RFC 9110 8.6: no length with a 204", { .status = 204 },
	  SPAN_INIT("HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n") },
	{ "RFC 9112 4: a status without a reason", { .status = 299, .length = UINT64_MAX },
	  SPAN_INIT("HTTP/1.1 299 \r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	      "Content-Length: 18446744073709551615\r\n\r\n") },
};
/* clang-format on */

static void
test_date(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(dates); i++) {
		struct http_date d =
		    http_date((struct wall_time){ dates[i].s });

		t.label = dates[i].label;
		want_span(&t, "date", (struct span){ d.s, sizeof d.s },
		    dates[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_head(void **state)
{
	struct http_date date = http_date((struct wall_time){ 0 });
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(heads); i++) {
		struct http_response_head h = heads[i].head;
		char mem[512];
		struct buf b = buf_init(mem, sizeof mem);

		h.date = &date;
		http_response_write(&b, &h);
		t.label = heads[i].label;
		want_span(&t, "head", buf_span(&b), heads[i].want);
		want_bool(&t, "overflow", b.overflow, false);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_no_room(void **state)
{
	struct http_date date = http_date((struct wall_time){ 0 });
	struct http_response_head h = heads[0].head;
	char mem[60];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	h.date = &date;
	http_response_write(&b, &h);
	assert_true(b.overflow);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests_name("http_response", tests, NULL, NULL);
}
