/* A connection's octets: a head, the body that it announces, and again. */
#include "wire/fuzz.h"

#include "wire/http_body.h"

static void
check_head(struct span in, const struct http_head *h)
{
	assert(h->size >= 4 && h->size <= in.n && h->size <= LIMIT_HTTP_HEAD);
	assert(in.p[h->size - 1] == '\n' && in.p[h->size - 2] == '\r');
	assert(h->n_fields <= LIMIT_HTTP_FIELDS);
	assert(h->path.n > 0 && (h->path.p[0] == '/' || h->path.p[0] == '*'));
	assert(fuzz_is_inside(h->query, in));
	assert(h->host.n > 0 ? fuzz_is_inside(h->host, in) : !h->keep_alive);
	for (size_t i = 0; i < h->n_fields; i++) {
		struct span v = h->fields[i].value;

		assert(fuzz_is_inside(h->fields[i].name, in));
		assert(fuzz_is_inside(v, in));
		assert(span_find(v, '\r') == v.n && span_find(v, '\n') == v.n);
	}
	assert((h->framing == HTTP_BODY_LENGTH) == (h->length > 0) ||
	       h->framing == HTTP_BODY_NONE);
}

/* In one piece and octet by octet there is the same head. */
static enum http_parse
read_head(struct span in, struct http_head *out)
{
	struct http_scan whole = { 0 }, parts = { 0 };
	enum http_parse p = http_head_parse(in, &whole, out);
	enum http_parse q = HTTP_MORE;
	struct http_head again;
	size_t n = 0;

	while (q == HTTP_MORE && n <= in.n && n <= LIMIT_HTTP_HEAD + 1)
		q = http_head_parse(span_head(in, n++), &parts, &again);
	assert(p == q || (p == HTTP_MORE && q == HTTP_MORE));
	if (p == HTTP_REFUSED)
		assert(out->status >= 400 && out->status == again.status);
	if (p == HTTP_MORE)
		assert(in.n < LIMIT_HTTP_HEAD);
	if (p == HTTP_DONE) {
		assert(again.size == out->size && n == out->size + 1);
		check_head(in, out);
	}
	return p;
}

static enum http_parse
read_body(struct span *in, const struct http_head *h)
{
	char mem[256];
	struct buf out = buf_init(mem, sizeof mem);
	struct http_body b = http_body_init(h);
	struct span from = *in;
	enum http_parse p = http_body_take(&b, in, &out);

	assert(fuzz_is_inside(*in, from));
	assert(out.n <= from.n - in->n);
	if (p == HTTP_DONE && h->framing == HTTP_BODY_LENGTH)
		assert(out.n == h->length && from.n - in->n == h->length);
	if (p == HTTP_DONE && h->framing == HTTP_BODY_NONE)
		assert(in->n == from.n);
	if (p == HTTP_MORE)
		assert(in->n == 0);
	return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct http_head h;

	while (in.n > 0 && read_head(in, &h) == HTTP_DONE) {
		in = span_skip(in, h.size);
		if (read_body(&in, &h) != HTTP_DONE)
			break;
	}
	return 0;
}
