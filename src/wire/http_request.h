/* http_request.h - the head of an HTTP/1.1 request (RFC 9112), read strictly.
 *
 * What two readers could understand differently is refused rather than mended:
 * bare LF, folded fields, white space before a colon, a length beside chunks, a
 * second Host. Fed with bytes as they arrive; bounded by LIMIT_HTTP_*. */
#ifndef WIRE_HTTP_REQUEST_H
#define WIRE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/span.h"

enum http_parse {
	HTTP_MORE, /* no complete head yet */
	HTTP_DONE,
	HTTP_REFUSED, /* answer with head.status, and close */
};

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_OTHER,
};

enum http_framing { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_field {
	struct span name; /* in any case */
	struct span value; /* trimmed */
};

/* A request's head, of HTTP/1.1 or of HTTP/2. All spans borrow from the bytes
 * it was read from. */
struct http_head {
	enum http_method method;
	struct span path; /* "/..." as sent, nothing decoded; or "*" */
	struct span query; /* behind the "?"; "" if there is none */
	struct span host; /* without its port, as sent; "" in HTTP/1.0 only */
	struct http_field fields[LIMIT_HTTP_FIELDS];
	size_t n_fields;

	enum http_framing framing;
	uint64_t length; /* of a HTTP_BODY_LENGTH, > 0 */
	bool keep_alive; /* the connection may go on afterwards */
	bool expects_continue; /* RFC 9110 10.1.1 */
	int status; /* why it was refused: 400, 414, 431, 501, 505 */
	size_t size; /* octets that the head took */
};

/* How far a head that is still arriving has been looked at; zero to begin. */
struct http_scan {
	size_t line; /* where the line that has not ended begins */
	size_t seen; /* no LF that was not noticed lies before this */
};

/* Is there a complete head at the front of in? in grows from call to call with
 * the same scan, so that every octet is looked at once until the head is there,
 * however they arrive. Only DONE fills *out; REFUSED sets out->status. */
enum http_parse
http_head_parse(struct span in, struct http_scan *scan, struct http_head *out);

/* The parts of a head, for HTTP/2, where they arrive one by one. Each is false
 * if that part is malformed, and changes nothing then but out->status. */
void
http_head_init(struct http_head *out);
bool
http_head_method(struct http_head *out, struct span method) MUST_CHECK;
bool
http_head_target(struct http_head *out, struct span target) MUST_CHECK;
bool
http_head_authority(struct http_head *out, struct span authority) MUST_CHECK;
bool
http_head_field(
    struct http_head *out, struct span name, struct span value) MUST_CHECK;

/* The value of the first field of that name; "" if there is none. */
struct span
http_head_find(const struct http_head *h, struct span name);

#endif
