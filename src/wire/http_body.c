#include "wire/http_body.h"

#include "base/ascii.h"

/* Sixteen digits would be the largest size that fits; nobody sends a chunk of
 * more than seven. */
enum { SIZE_DIGITS = 8 };

struct http_body
http_body_init(const struct http_head *head)
{
	struct http_body b = { .state = HTTP_BODY_COMPLETE };

	switch (head->framing) {
	case HTTP_BODY_NONE:
		break;
	case HTTP_BODY_LENGTH:
		b.state = HTTP_BODY_DATA;
		b.left = head->length;
		break;
	case HTTP_BODY_CHUNKED:
		b.state = HTTP_BODY_SIZE;
		b.chunked = true;
		break;
	}
	return b;
}

static int
hex_digit(unsigned char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In SIZE: a digit, or the end of the digits, of which there is one at least.
 */
static bool
take_size(struct http_body *b, unsigned char c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		b->left = b->left * 16 + (unsigned)digit;
		return ++b->n <= SIZE_DIGITS;
	}
	if (b->n == 0 || (c != '\r' && c != ';'))
		return false;
	b->state = c == '\r' ? HTTP_BODY_SIZE_LF : HTTP_BODY_EXTENSION;
	return true;
}

/* The octets of a line that is thrown away, up to its CR. */
static bool
skip_line(struct http_body *b, unsigned char c, enum http_body_state behind,
    size_t max)
{
	if (c == '\r')
		b->state = behind;
	else if (ascii_is_ctl(c) && c != '\t')
		return false;
	return ++b->n <= max;
}

static bool
expect(struct http_body *b, unsigned char c, char want,
    enum http_body_state behind)
{
	b->state = behind;
	return c == (unsigned char)want;
}

/* One octet of the framing; false if it cannot be. */
static bool
take_octet(struct http_body *b, unsigned char c)
{
	switch (b->state) {
	case HTTP_BODY_SIZE:
		return take_size(b, c);
	case HTTP_BODY_EXTENSION:
		return skip_line(
		    b, c, HTTP_BODY_SIZE_LF, LIMIT_HTTP_CHUNK_LINE);
	case HTTP_BODY_SIZE_LF:
		b->n = 0;
		return expect(b, c, '\n',
		    b->left > 0 ? HTTP_BODY_DATA : HTTP_BODY_TRAILER);
	case HTTP_BODY_DATA_CR:
		return expect(b, c, '\r', HTTP_BODY_DATA_LF);
	case HTTP_BODY_DATA_LF:
		return expect(b, c, '\n', HTTP_BODY_SIZE);
	case HTTP_BODY_TRAILER:
		if (c == '\r')
			return expect(b, c, '\r', HTTP_BODY_LAST_LF);
		b->state = HTTP_BODY_TRAILER_LINE;
		return skip_line(
		    b, c, HTTP_BODY_TRAILER_LF, LIMIT_HTTP_TRAILERS);
	case HTTP_BODY_TRAILER_LINE:
		return skip_line(
		    b, c, HTTP_BODY_TRAILER_LF, LIMIT_HTTP_TRAILERS);
	case HTTP_BODY_TRAILER_LF:
		return expect(b, c, '\n', HTTP_BODY_TRAILER);
	case HTTP_BODY_LAST_LF:
		return expect(b, c, '\n', HTTP_BODY_COMPLETE);
	case HTTP_BODY_DATA:
	case HTTP_BODY_COMPLETE:
		break;
	}
	return false;
}

/* As much data as there is, at once. */
static bool
take_data(struct http_body *b, struct span *in, struct buf *out)
{
	size_t n = in->n < b->left ? in->n : (size_t)b->left;

	buf_put(out, span_head(*in, n));
	*in = span_skip(*in, n);
	b->left -= n;
	if (b->left == 0)
		b->state = b->chunked ? HTTP_BODY_DATA_CR : HTTP_BODY_COMPLETE;
	return !out->overflow;
}

enum http_parse
http_body_take(struct http_body *b, struct span *in, struct buf *out)
{
	while (in->n > 0 && b->state != HTTP_BODY_COMPLETE) {
		if (b->state == HTTP_BODY_DATA) {
			if (!take_data(b, in, out))
				return HTTP_REFUSED;
			continue;
		}
		if (!take_octet(b, (unsigned char)in->p[0]))
			return HTTP_REFUSED;
		*in = span_skip(*in, 1);
	}
	return b->state == HTTP_BODY_COMPLETE ? HTTP_DONE : HTTP_MORE;
}
