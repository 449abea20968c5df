#include "wire/http_request.h"

#include "base/ascii.h"
#include "base/num.h"
#include "base/reader.h"

enum {
	BAD_REQUEST = 400,
	URI_TOO_LONG = 414,
	FIELDS_TOO_LARGE = 431,
	NOT_IMPLEMENTED = 501,
	VERSION_NOT_SUPPORTED = 505,
};

static bool
refuse(struct http_head *out, int status)
{
	out->status = status;
	return false;
}

/* ---- where the head ends ---- */

/* RFC 9112 2.2: a recipient may take a bare LF for a line's end. We do not:
 * another reader on the way may not have. */
static enum http_parse
find_end(struct span in, struct http_scan *s, struct http_head *out)
{
	struct span head = span_head(in, LIMIT_HTTP_HEAD);

	while (s->seen < head.n) {
		struct span rest = span_skip(head, s->seen);
		size_t lf = s->seen + span_find(rest, '\n');

		if (lf == head.n) {
			s->seen = head.n;
			break;
		}
		if (lf == s->line || in.p[lf - 1] != '\r') {
			(void)refuse(out, BAD_REQUEST);
			return HTTP_REFUSED;
		}
		s->seen = lf + 1;
		/* RFC 9112 2.2: one empty line before a request is ignored. */
		if (lf == s->line + 1 && s->line != 0) {
			out->size = lf + 1;
			if (s->line > 2)
				return HTTP_DONE;
			(void)refuse(out, BAD_REQUEST);
			return HTTP_REFUSED;
		}
		s->line = lf + 1;
	}
	if (s->line <= 2 && s->seen - s->line >= LIMIT_HTTP_LINE)
		(void)refuse(out, URI_TOO_LONG);
	else if (in.n >= LIMIT_HTTP_HEAD)
		(void)refuse(out, FIELDS_TOO_LARGE);
	else
		return HTTP_MORE;
	return HTTP_REFUSED;
}

/* ---- the request line ---- */

/* RFC 9110 5.6.2: tchar */
static bool
is_tchar(unsigned char c)
{
	return ascii_is_alnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_tchar((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

/* RFC 3986, more or less: what is visible, but for what begins a fragment.
 * What is let through is compared, never decoded. */
static bool
is_target_octet(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '#';
}

static bool
is_host_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static bool
is_ipv6_octet(unsigned char c)
{
	return ascii_is_alnum(c) || c == ':' || c == '.';
}

/* RFC 3986 3.2.2: a name, an IPv4 address, or an IPv6 address in brackets; its
 * port is cut off. Empty: malformed. */
static struct span
host_of(struct span authority)
{
	static const struct span none = SPAN_INIT("");
	struct reader r = { .in = authority };
	struct span host, port;
	uint64_t number;

	if (reader_lit(&r, SPAN("["))) {
		(void)reader_run(&r, is_ipv6_octet, SIZE_MAX);
		if (!reader_lit(&r, SPAN("]")))
			return none;
	} else {
		(void)reader_run(&r, is_host_octet, SIZE_MAX);
	}
	host = span_head(authority, r.at);
	if (reader_end(&r))
		return host;
	port = span_skip(authority, r.at + 1);
	if (!reader_lit(&r, SPAN(":")) ||
	    (port.n > 0 && !num_parse(port, 65535, &number)))
		return none;
	return host;
}

void
http_head_init(struct http_head *out)
{
	out->method = HTTP_OTHER;
	out->path = out->query = out->host = SPAN("");
	out->n_fields = 0;
	out->framing = HTTP_BODY_NONE;
	out->length = 0;
	out->keep_alive = true;
	out->expects_continue = false;
	out->status = 0;
	out->size = 0;
}

bool
http_head_method(struct http_head *out, struct span method)
{
	static const struct span names[] = {
		[HTTP_GET] = SPAN_INIT("GET"),
		[HTTP_HEAD] = SPAN_INIT("HEAD"),
		[HTTP_POST] = SPAN_INIT("POST"),
		[HTTP_PUT] = SPAN_INIT("PUT"),
		[HTTP_DELETE] = SPAN_INIT("DELETE"),
	};

	if (!is_token(method))
		return refuse(out, BAD_REQUEST);
	out->method = HTTP_OTHER;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_eq(method, names[i]))
			out->method = (enum http_method)i;
	return true;
}

bool
http_head_authority(struct http_head *out, struct span authority)
{
	struct span host = host_of(authority);

	if (host.n == 0)
		return refuse(out, BAD_REQUEST);
	out->host = host;
	return true;
}

/* RFC 9112 3.2: origin-form, absolute-form, or the asterisk. CONNECT has a form
 * of its own, which is refused. */
bool
http_head_target(struct http_head *out, struct span target)
{
	struct reader r = { .in = target };
	size_t mark;

	for (size_t i = 0; i < target.n; i++)
		if (!is_target_octet((unsigned char)target.p[i]))
			return refuse(out, BAD_REQUEST);
	if (reader_lit(&r, SPAN("http://")) ||
	    reader_lit(&r, SPAN("https://"))) {
		/* RFC 9112 3.2.2: its host is meant, and no field. */
		target = span_skip(target, r.at);
		mark = span_find(target, '/');
		if (!http_head_authority(out, span_head(target, mark)))
			return false;
		target = span_skip(target, mark);
		if (target.n == 0)
			target = SPAN("/");
	}
	if (!span_starts(target, SPAN("/")) && !span_eq(target, SPAN("*")))
		return refuse(out, BAD_REQUEST);
	mark = span_find(target, '?');
	out->path = span_head(target, mark);
	out->query = span_skip(target, mark + 1);
	return true;
}

/* RFC 9112 2.3: "HTTP/" DIGIT "." DIGIT, of which we speak two. */
static bool
read_version(struct span s, bool *one_zero, struct http_head *out)
{
	struct reader r = { .in = s };

	*one_zero = span_eq(s, SPAN("HTTP/1.0"));
	out->keep_alive = !*one_zero;
	if (*one_zero || span_eq(s, SPAN("HTTP/1.1")))
		return true;
	if (reader_lit(&r, SPAN("HTTP/")) &&
	    reader_run(&r, ascii_is_digit, 1).n == 1 &&
	    reader_lit(&r, SPAN(".")) &&
	    reader_run(&r, ascii_is_digit, 1).n == 1 && reader_end(&r))
		return refuse(out, VERSION_NOT_SUPPORTED);
	return refuse(out, BAD_REQUEST);
}

/* RFC 9112 3: method SP request-target SP HTTP-version, one space each. */
static bool
read_request_line(struct span line, bool *one_zero, struct http_head *out)
{
	size_t a = span_find(line, ' ');
	struct span rest = span_skip(line, a + 1);
	size_t b = span_find(rest, ' ');

	return http_head_method(out, span_head(line, a)) &&
	       http_head_target(out, span_head(rest, b)) &&
	       read_version(span_skip(rest, b + 1), one_zero, out);
}

/* ---- the fields ---- */

bool
http_head_field(struct http_head *out, struct span name, struct span value)
{
	value = ascii_trim(value);
	/* RFC 9112 5.1: no white space between a name and its colon. */
	if (!is_token(name))
		return refuse(out, BAD_REQUEST);
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (ascii_is_ctl(c) && c != '\t')
			return refuse(out, BAD_REQUEST);
	}
	if (out->n_fields == LIMIT_HTTP_FIELDS)
		return refuse(out, FIELDS_TOO_LARGE);
	out->fields[out->n_fields++] = (struct http_field){ name, value };
	return true;
}

/* RFC 9112 5.2: a folded line begins with white space, which is no token. */
static bool
read_fields(struct span in, struct http_head *out)
{
	while (in.n > 0) {
		size_t lf = span_find(in, '\n');
		struct span line = span_head(in, lf - 1); /* find_end: CR LF */
		size_t colon = span_find(line, ':');

		if (line.n > 0 && colon == line.n)
			return refuse(out, BAD_REQUEST);
		if (line.n > 0 && !http_head_field(out, span_head(line, colon),
				      span_skip(line, colon + 1)))
			return false;
		in = span_skip(in, lf + 1);
	}
	return true;
}

struct span
http_head_find(const struct http_head *h, struct span name)
{
	for (size_t i = 0; i < h->n_fields; i++)
		if (ascii_eq_nocase(h->fields[i].name, name))
			return h->fields[i].value;
	return SPAN("");
}

/* ---- what they mean for this connection ---- */

/* What the fields that frame a message said, each at most once. */
struct framing {
	unsigned hosts, lengths, encodings;
};

static bool
on_host(struct framing *f, struct http_head *out, struct span value)
{
	if (f->hosts++ > 0)
		return refuse(out, BAD_REQUEST);
	/* An absolute target has named it already; what it says must still
	 * be well-formed. */
	if (out->host.n > 0)
		return host_of(value).n > 0 || refuse(out, BAD_REQUEST);
	return http_head_authority(out, value);
}

static bool
on_content_length(struct framing *f, struct http_head *out, struct span value)
{
	if (f->lengths++ > 0 || !num_parse(value, INT64_MAX, &out->length))
		return refuse(out, BAD_REQUEST);
	if (out->length > 0)
		out->framing = HTTP_BODY_LENGTH;
	return true;
}

static bool
on_transfer_encoding(
    struct framing *f, struct http_head *out, struct span value)
{
	if (f->encodings++ > 0)
		return refuse(out, BAD_REQUEST);
	/* RFC 9112 6.1: of the codings we know chunked alone. */
	if (!ascii_eq_nocase(value, SPAN("chunked")))
		return refuse(out, NOT_IMPLEMENTED);
	return true;
}

static bool
on_connection(struct framing *f, struct http_head *out, struct span value)
{
	(void)f;
	while (value.n > 0) {
		size_t comma = span_find(value, ',');

		if (ascii_eq_nocase(
			ascii_trim(span_head(value, comma)), SPAN("close")))
			out->keep_alive = false;
		value = span_skip(value, comma + 1);
	}
	return true;
}

static bool
on_expect(struct framing *f, struct http_head *out, struct span value)
{
	(void)f;
	out->expects_continue = ascii_eq_nocase(value, SPAN("100-continue"));
	return true;
}

/* clang-format off */
static const struct {
	struct span name;
	bool (*on)(struct framing *f, struct http_head *out, struct span value);
} framing_fields[] = {
	{ SPAN_INIT("Host"),			on_host },
	{ SPAN_INIT("Content-Length"),		on_content_length },
	{ SPAN_INIT("Transfer-Encoding"),	on_transfer_encoding },
	{ SPAN_INIT("Connection"),		on_connection },
	{ SPAN_INIT("Expect"),			on_expect },
};
/* clang-format on */

static bool
understand_field(
    struct framing *f, struct http_head *out, const struct http_field *field)
{
	size_t n = sizeof framing_fields / sizeof framing_fields[0];

	for (size_t i = 0; i < n; i++)
		if (ascii_eq_nocase(field->name, framing_fields[i].name))
			return framing_fields[i].on(f, out, field->value);
	return true;
}

static bool
understand(bool one_zero, struct http_head *out)
{
	struct framing f = { 0 };

	for (size_t i = 0; i < out->n_fields; i++)
		if (!understand_field(&f, out, &out->fields[i]))
			return false;
	/* RFC 9112 3.2: a Host in every request of HTTP/1.1. */
	if (f.hosts == 0 && !one_zero)
		return refuse(out, BAD_REQUEST);
	if (f.encodings == 0)
		return true;
	/* RFC 9112 6.1: a length beside chunks is how requests are smuggled,
	 * and HTTP/1.0 knows no chunks. */
	if (f.lengths > 0 || one_zero)
		return refuse(out, BAD_REQUEST);
	out->framing = HTTP_BODY_CHUNKED;
	return true;
}

enum http_parse
http_head_parse(struct span in, struct http_scan *scan, struct http_head *out)
{
	enum http_parse p = find_end(in, scan, out);
	struct span head, line;
	size_t size;
	bool one_zero;

	if (p != HTTP_DONE)
		return p;
	size = out->size;
	http_head_init(out);
	out->size = size;
	head = span_head(in, size);
	if (span_starts(head, SPAN("\r\n")))
		head = span_skip(head, 2);
	line = span_head(head, span_find(head, '\n') - 1); /* find_end: CR LF */
	if (line.n >= LIMIT_HTTP_LINE)
		(void)refuse(out, URI_TOO_LONG);
	else if (read_request_line(line, &one_zero, out) &&
		 read_fields(span_skip(head, line.n + 2), out) &&
		 understand(one_zero, out))
		return HTTP_DONE;
	return HTTP_REFUSED;
}
