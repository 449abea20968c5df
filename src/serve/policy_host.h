/* policy_host.h - what a policy host answers (RFC 8461 3.2, 3.3).
 *
 * Over TLS there is one thing, /.well-known/mta-sts.txt of the host that the
 * client named in its handshake; in the clear there are the answers to a CA's
 * HTTP-01 challenges (RFC 8555 8.3). All else is 404, and nothing ever
 * redirects: senders follow no redirect (RFC 8461 3.3). One thread. */
#ifndef SERVE_POLICY_HOST_H
#define SERVE_POLICY_HOST_H

#include "base/attr.h"
#include "base/clock.h"
#include "serve/http_handler.h"
#include "serve/lookup.h"

/* What is borrowed has to live until the next call. */
struct policy_source {
	/* The policy file of a host (lower case, no final dot), and its
	 * version, which is > 0. */
	enum lookup (*find)(void *arg, struct span host, uint64_t have,
	    struct span *out_body, uint64_t *out_version);
	/* The key authorisation for a token of a host: LOOKUP_FOUND, NONE or
	 * FAILED. The token is base64url. NULL: there is no challenge. */
	enum lookup (*challenge)(void *arg, struct span host, struct span token,
	    struct span *out_body);
	void *arg;
};

struct policy_host_config {
	struct policy_source source;
	const struct clock *clock;
	size_t max_cache; /* octets of policies kept */
	int recheck_ms; /* ask the source again about an older one */
	uint64_t seed; /* random */
};

struct policy_host;

/* NULL: no memory. */
struct policy_host *
policy_host_new(const struct policy_host_config *config) MUST_CHECK;

void
policy_host_free(struct policy_host *p);

/* What is known of a host has changed: the source is asked before it is served
 * again. */
void
policy_host_forget(struct policy_host *p, struct span host);

/* For struct http_handler; arg is the struct policy_host. */
void
policy_host_handle(
    void *arg, const struct http_request *request, struct http_response *out);

#endif
