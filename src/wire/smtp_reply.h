/* smtp_reply.h - SMTP replies and the EHLO response (RFC 5321 4.2, 4.1.1.1).
 *
 * Fed with bytes as they arrive; bounded; hostile servers welcome. */
#ifndef WIRE_SMTP_REPLY_H
#define WIRE_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum smtp_parse {
	SMTP_MORE, /* no complete reply yet */
	SMTP_DONE,
	SMTP_SYNTAX, /* no three digits, mixed codes, or not text */
	SMTP_TOO_LONG, /* a line, the reply, or its number of lines */
};

struct smtp_reply {
	int code; /* 200..599 */
	struct span text; /* the lines without their codes, joined by "\n" */
	size_t size; /* octets of input that the reply took */
};

/* Is there a complete reply at the head of in? If DONE, *out is set; out->text
 * lives in a. If a is full: TOO_LONG, and a->failed. A bare LF ends a line too,
 * as every client has it. Lines of one reply must bear one code (RFC
 * 5321 4.2.1). Works from the head each time: the cost is bounded by
 * LIMIT_SMTP_REPLY per call. */
enum smtp_parse
smtp_reply_parse(struct span in, struct arena *a, struct smtp_reply *out);

/* Does the text of an EHLO reply offer the keyword (without case; its
 * parameters are ignored)? The first line is the greeting and does not count.
 */
bool
smtp_ehlo_offers(struct span text, struct span keyword);

#endif
