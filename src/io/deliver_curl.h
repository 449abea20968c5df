/* deliver_curl.h - what mail and webhooks ask of libcurl alike. Shared by
 * io/deliver_*.c and by nobody else. */
#ifndef IO_DELIVER_CURL_H
#define IO_DELIVER_CURL_H

#include <curl/curl.h>

#include "io/deliver.h"

struct transfer {
	const struct deliver_env *env;
	CURL *c;
	char error[CURL_ERROR_SIZE];
};

/* A handle for one transfer by one of the protocols ("smtp,smtps"), with the
 * certificate verified against env->trust, no proxy, no second use of the
 * connection, and the limit set. False: no memory. transfer_end in any case. */
bool
transfer_begin(struct transfer *t, const struct deliver_env *env,
    const char *protocols) MUST_CHECK;

void
transfer_end(struct transfer *t);

/* libcurl's own sentence for what went wrong. */
const char *
transfer_reason(const struct transfer *t, CURLcode rc);

#endif
