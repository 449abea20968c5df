/* deliver_http.h - a message by POST: to a webhook, signed, or to a chat. */
#ifndef IO_DELIVER_HTTP_H
#define IO_DELIVER_HTTP_H

#include "io/deliver.h"

struct http_way {
	const char *url; /* http: or https: */
	const char *secret_file; /* the key of the signature; NULL: none */
};

/* POST body (JSON) under the id. Any 2xx within the limit is success, whatever
 * follows it. A redirect is not followed. 4xx but 408, 425 and 429: REFUSED.
 *
 *	Idempotency-Key: ID
 *	Mtasts-Signature: t=UNIX-TIME,v1=HEX
 *
 * HEX is the HMAC-SHA256 of "UNIX-TIME.BODY" under the key. */
void
deliver_http(const struct deliver_env *env, const struct http_way *way,
    struct span id, struct span body, struct delivered *out);

#endif
