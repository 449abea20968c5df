/* http_body.h - the body of an HTTP/1.1 request: a length, or chunks (RFC 9112
 * 6 and 7.1), as it arrives. */
#ifndef WIRE_HTTP_BODY_H
#define WIRE_HTTP_BODY_H

#include "base/buf.h"
#include "wire/http_request.h"

enum http_body_state {
	HTTP_BODY_SIZE, /* the hexadecimal size of a chunk */
	HTTP_BODY_EXTENSION, /* ignored */
	HTTP_BODY_SIZE_LF,
	HTTP_BODY_DATA,
	HTTP_BODY_DATA_CR,
	HTTP_BODY_DATA_LF,
	HTTP_BODY_TRAILER, /* at the beginning of a line */
	HTTP_BODY_TRAILER_LINE,
	HTTP_BODY_TRAILER_LF,
	HTTP_BODY_LAST_LF,
	HTTP_BODY_COMPLETE,
};

struct http_body {
	enum http_body_state state;
	bool chunked;
	uint64_t left; /* of the chunk, or of the body */
	size_t n; /* octets of a size line, or of the trailers, so far */
};

/* The body that the head announces. */
struct http_body
http_body_init(const struct http_head *head);

/* Move what has come of the body from the front of *in to out; what follows the
 * body stays in *in. HTTP_REFUSED: malformed, or it does not fit into out
 * (out->overflow tells). Trailers are dropped (RFC 9112 7.1.2). */
enum http_parse
http_body_take(struct http_body *b, struct span *in, struct buf *out);

#endif
