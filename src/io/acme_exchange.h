/* acme_exchange.h - one request and its answer, by libcurl. Shared by
 * io/acme_http.c and by nobody else. */
#ifndef IO_ACME_EXCHANGE_H
#define IO_ACME_EXCHANGE_H

#include <curl/curl.h>

#include "base/limits.h"
#include "io/acme_http.h"

struct acme_wire {
	const struct acme_client_options *o;
	CURL *curl; /* keeps the connection */
	struct curl_slist *fields; /* of a signed request */
	char nonce[LIMIT_ACME_NONCE + 1]; /* of the last answer; "": none */
	char body[LIMIT_ACME_ANSWER]; /* of the answer under way */
};

/* False: libcurl cannot be set up. acme_wire_release in any case. */
bool
acme_wire_init(
    struct acme_wire *w, const struct acme_client_options *o) MUST_CHECK;

void
acme_wire_release(struct acme_wire *w);

enum acme_method { ACME_HEAD, ACME_GET, ACME_POST };

/* One exchange, whose outcome is in *out. */
enum err
acme_exchange(struct acme_wire *w, enum acme_method method, struct span url,
    struct span body, struct arena *a, struct acme_reply *out) MUST_CHECK;

#endif
