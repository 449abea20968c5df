/* http_response.h - the head of an HTTP/1.1 response, written (RFC 9112 4). */
#ifndef WIRE_HTTP_RESPONSE_H
#define WIRE_HTTP_RESPONSE_H

#include "base/buf.h"
#include "base/clock.h"
#include "wire/http_request.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7), without a NUL. */
struct http_date {
	char s[29];
};

struct http_date
http_date(struct wall_time t);

/* The reason phrase; "" for a status that we never send. */
struct span
http_reason(int status);

struct http_response_head {
	int status;
	const struct http_date *date;
	const struct http_field *fields; /* ours: not looked at */
	size_t n_fields;
	uint64_t length; /* of the body, sent or (to a HEAD) not */
	bool close; /* the connection ends behind it */
};

/* Overflow is in b. */
void
http_response_write(struct buf *b, const struct http_response_head *h);

#endif
