#include "wire/http_response.h"

#include "base/rfc3339.h"

/* clang-format off */
static const struct {
	int		status;
	struct span	reason;
} reasons[] = {
	{ 200, SPAN_INIT("OK") },
	{ 201, SPAN_INIT("Created") },
	{ 202, SPAN_INIT("Accepted") },
	{ 204, SPAN_INIT("No Content") },
	{ 303, SPAN_INIT("See Other") },
	{ 304, SPAN_INIT("Not Modified") },
	{ 400, SPAN_INIT("Bad Request") },
	{ 401, SPAN_INIT("Unauthorized") },
	{ 403, SPAN_INIT("Forbidden") },
	{ 404, SPAN_INIT("Not Found") },
	{ 405, SPAN_INIT("Method Not Allowed") },
	{ 409, SPAN_INIT("Conflict") },
	{ 412, SPAN_INIT("Precondition Failed") },
	{ 413, SPAN_INIT("Content Too Large") },
	{ 414, SPAN_INIT("URI Too Long") },
	{ 415, SPAN_INIT("Unsupported Media Type") },
	{ 421, SPAN_INIT("Misdirected Request") },
	{ 422, SPAN_INIT("Unprocessable Content") },
	{ 429, SPAN_INIT("Too Many Requests") },
	{ 431, SPAN_INIT("Request Header Fields Too Large") },
	{ 500, SPAN_INIT("Internal Server Error") },
	{ 501, SPAN_INIT("Not Implemented") },
	{ 503, SPAN_INIT("Service Unavailable") },
	{ 505, SPAN_INIT("HTTP Version Not Supported") },
};
/* clang-format on */

struct span
http_reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return SPAN("");
}

static void
put_two(char *at, int n)
{
	at[0] = (char)('0' + n / 10 % 10);
	at[1] = (char)('0' + n % 10);
}

struct http_date
http_date(struct wall_time t)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* since 1970 */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct http_date d;
	struct civil c;

	/* Before 1970 there is no HTTP, nor a year of five digits. */
	t.s = t.s < 0 ? 0 : t.s > 253402300799 ? 253402300799 : t.s;
	c = civil_from_time(t);
	memcpy(d.s, "Xxx, 00 Xxx 0000 00:00:00 GMT", sizeof d.s);
	memcpy(d.s, days + t.s / 86400 % 7 * 3, 3);
	memcpy(d.s + 8, months + (c.month - 1) * 3, 3);
	put_two(d.s + 5, c.day);
	put_two(d.s + 12, (int)(c.year / 100));
	put_two(d.s + 14, (int)(c.year % 100));
	put_two(d.s + 17, c.hour);
	put_two(d.s + 20, c.minute);
	put_two(d.s + 23, c.second);
	return d;
}

static void
put_number(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_put(b, (struct span){ digits + at, sizeof digits - at });
}

static void
put_field(struct buf *b, struct span name, struct span value)
{
	buf_put(b, name);
	buf_put(b, SPAN(": "));
	buf_put(b, value);
	buf_put(b, SPAN("\r\n"));
}

void
http_response_write(struct buf *b, const struct http_response_head *h)
{
	buf_put(b, SPAN("HTTP/1.1 "));
	put_number(b, (uint64_t)h->status);
	buf_putc(b, ' ');
	buf_put(b, http_reason(h->status));
	buf_put(b, SPAN("\r\n"));
	put_field(
	    b, SPAN("Date"), (struct span){ h->date->s, sizeof h->date->s });
	for (size_t i = 0; i < h->n_fields; i++)
		put_field(b, h->fields[i].name, h->fields[i].value);
	/* RFC 9110 8.6: none with a 204. */
	if (h->status != 204) {
		buf_put(b, SPAN("Content-Length: "));
		put_number(b, h->length);
		buf_put(b, SPAN("\r\n"));
	}
	if (h->close)
		put_field(b, SPAN("Connection"), SPAN("close"));
	buf_put(b, SPAN("\r\n"));
}
