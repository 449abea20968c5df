/* What a call has left, as an HTTP answer. */
#include "base/ascii.h"
#include "web/inside.h"
#include "web/percent.h"

enum {
	WORTH_PACKING = 1024, /* octets: less fits into a packet anyway */
	PUBLIC_S = 300,
	FOREVER_S = 365 * 86400,
};

/* ---- what is safe to say in a field ---- */

/* In an address: what may stand in a field as it is. */
static bool
is_of_address(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '"';
}

static struct span
disposition(struct span name, struct arena *a)
{
	char *p = arena_str(a, name);

	if (p == NULL)
		return SPAN("attachment");
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum((unsigned char)p[i]) &&
		    strchr("._-", p[i]) == NULL)
			p[i] = '_';
	return arena_printf(a, "attachment; filename=\"%s\"", p);
}

static struct span
media_type(const struct web_call *c)
{
	struct span type = span_str(c->type != NULL ? c->type : "text/html");

	if (!span_starts(type, SPAN("text/")) || span_find(type, ';') < type.n)
		return type;
	return arena_printf(c->a, "%.*s; charset=utf-8", (int)type.n, type.p);
}

/* "GET, HEAD, PUT" */
static struct span
methods(unsigned allowed, struct arena *a)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET, HEAD",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_DELETE] = "DELETE",
	};
	struct span out = SPAN("");

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] != NULL && (allowed & 1U << i) != 0)
			out = arena_printf(a, "%.*s%s%s", (int)out.n, out.p,
			    out.n > 0 ? ", " : "", names[i]);
	return out;
}

/* ---- packing ---- */

/* "q=0", "q=0.000" (RFC 9110 12.4.2): not wanted. */
static bool
is_no_weight(struct span weight)
{
	if (!span_starts(weight, SPAN("q=0")))
		return false;
	for (size_t i = 3; i < weight.n; i++)
		if (weight.p[i] != (i == 3 ? '.' : '0'))
			return false;
	return true;
}

static bool
takes_gzip(const struct web_call *c)
{
	struct span all =
	    http_head_find(c->http->head, SPAN("accept-encoding"));

	while (all.n > 0) {
		struct span one = span_head(all, span_find(all, ','));
		struct span name = span_head(one, span_find(one, ';'));
		struct span weight = ascii_trim(span_skip(one, name.n + 1));

		all = span_skip(all, one.n + 1);
		if (ascii_eq_nocase(ascii_trim(name), SPAN("gzip")))
			return !is_no_weight(weight);
	}
	return false;
}

static bool
is_worth_packing(struct span type, struct span body)
{
	return body.n >= WORTH_PACKING &&
	       (span_starts(type, SPAN("text/")) ||
		   span_starts(type, SPAN("application/json")) ||
		   span_starts(type, SPAN("application/problem+json")) ||
		   span_starts(type, SPAN("application/openmetrics-text")) ||
		   span_starts(type, SPAN("image/svg+xml")));
}

/* False: it is sent as it is. */
static bool
pack(struct web_call *c, struct span body, struct span *out)
{
	z_stream *z = &c->web->packer;
	size_t room = deflateBound(z, body.n);
	unsigned char *p = arena_alloc(c->a, room);

	if (p == NULL || deflateReset(z) != Z_OK)
		return false;
	z->next_in = (unsigned char *)(uintptr_t)body.p;
	z->avail_in = (uInt)body.n;
	z->next_out = p;
	z->avail_out = (uInt)room;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return false;
	*out = (struct span){ (const char *)p, room - z->avail_out };
	return true;
}

static void
add_body(struct web_call *c, struct http_response *out)
{
	struct span type = media_type(c), packed;

	http_response_field(out, SPAN("content-type"), type);
	if (c->filename.n > 0)
		http_response_field(out, SPAN("content-disposition"),
		    disposition(c->filename, c->a));
	if (!is_worth_packing(type, out->body))
		return;
	http_response_field(out, SPAN("vary"), SPAN("accept-encoding"));
	if (!takes_gzip(c))
		return;
	if (c->packed.n > 0)
		packed = c->packed;
	else if (!pack(c, out->body, &packed))
		return;
	out->body = packed;
	http_response_field(out, SPAN("content-encoding"), SPAN("gzip"));
}

/* ---- the answer ---- */

static struct span
keeping(const struct web_call *c)
{
	if (!c->is_public)
		return SPAN("no-store");
	if (c->is_forever)
		return arena_printf(
		    c->a, "public, max-age=%d, immutable", FOREVER_S);
	return arena_printf(c->a, "public, max-age=%d", PUBLIC_S);
}

/* What keeps a browser from doing what we do not mean. Nothing of ours is
 * within a page: style and script are files, and come from here. */
static void
add_safety(const struct web_call *c, struct http_response *out)
{
	static const struct http_field fields[] = {
		/* clang-format off */
		{ SPAN_INIT("content-security-policy"),
		    SPAN_INIT("default-src 'none'; script-src 'self'; "
			"style-src 'self'; img-src 'self' data:; "
			"connect-src 'self'; form-action 'self'; "
			"base-uri 'none'; frame-ancestors 'none'") },
		{ SPAN_INIT("x-content-type-options"), SPAN_INIT("nosniff") },
		{ SPAN_INIT("referrer-policy"), SPAN_INIT("same-origin") },
		{ SPAN_INIT("cross-origin-opener-policy"),
		    SPAN_INIT("same-origin") },
		/* clang-format on */
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		http_response_field(out, fields[i].name, fields[i].value);
	if (caller_is_https(c->config))
		http_response_field(out, SPAN("strict-transport-security"),
		    SPAN("max-age=31536000"));
	/* A badge is for everybody's pages. */
	http_response_field(out, SPAN("cross-origin-resource-policy"),
	    c->is_public ? SPAN("cross-origin") : SPAN("same-origin"));
	http_response_field(out, SPAN("cache-control"), keeping(c));
}

void
reply_write(struct web_call *c, struct http_response *out)
{
	out->status = c->status;
	add_safety(c, out);
	if (c->body != NULL)
		add_body(c, out);
	if (c->location.n > 0)
		http_response_field(out, SPAN("location"),
		    percent_encode(c->location, is_of_address, c->a));
	if (c->cookie.n > 0)
		http_response_field(out, SPAN("set-cookie"), c->cookie);
	if (c->status == 405)
		http_response_field(
		    out, SPAN("allow"), methods(c->allowed, c->a));
	if (c->status == 401 && !call_is_for_person(c))
		http_response_field(
		    out, SPAN("www-authenticate"), SPAN("Bearer"));
	if (c->retry_s > 0)
		http_response_field(out, SPAN("retry-after"),
		    arena_printf(c->a, "%jd", (intmax_t)c->retry_s));
}
