#include "serve/policy_host.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "serve/cache.h"
#include "wire/name.h"

struct policy_host {
	struct policy_host_config config;
	struct cache *policies; /* struct policy by host */
};

struct policy {
	size_t n;
	char text[];
};

enum {
	POLICY_OVERHEAD = 512, /* of one in the cache, beside its text */
	POLICY_MIN = 32, /* "version: STSv1", and not much more */
	TOKEN_MAX = 128, /* RFC 8555 8.3: 128 bits at least; CAs send 43 */
};

struct policy_host *
policy_host_new(const struct policy_host_config *config)
{
	struct policy_host *p = calloc(1, sizeof *p);
	struct cache_config cache = {
		.max_items = config->max_cache / (POLICY_OVERHEAD + POLICY_MIN),
		.max_cost = config->max_cache,
		.seed = config->seed,
		.release = free,
	};

	if (p == NULL)
		return NULL;
	p->config = *config;
	p->policies = cache_new(&cache);
	if (p->policies != NULL)
		return p;
	free(p);
	return NULL;
}

void
policy_host_free(struct policy_host *p)
{
	if (p == NULL)
		return;
	cache_free(p->policies);
	free(p);
}

void
policy_host_forget(struct policy_host *p, struct span host)
{
	cache_drop(p->policies, host);
}

/* ---- answers ---- */

static void
say(struct http_response *out, int status, struct span type, struct span body)
{
	out->status = status;
	out->body = body;
	http_response_field(out, SPAN("content-type"), type);
}

static void
say_status(struct http_response *out, int status, struct span text)
{
	say(out, status, SPAN("text/plain"), text);
}

static bool
is_get(const struct http_head *head, struct http_response *out)
{
	if (head->method == HTTP_GET || head->method == HTTP_HEAD)
		return true;
	say_status(out, 405, SPAN("Only GET and HEAD.\n"));
	http_response_field(out, SPAN("allow"), SPAN("GET, HEAD"));
	return false;
}

/* ---- the policy ---- */

static struct policy *
keep(
    struct policy_host *p, struct span host, struct span body, uint64_t version)
{
	struct policy *policy = malloc(sizeof *policy + body.n);
	struct cache_item item = { policy, version,
		clock_mono(p->config.clock) };

	if (policy == NULL)
		return NULL;
	policy->n = body.n;
	if (body.n > 0)
		memcpy(policy->text, body.p, body.n);
	return cache_put(p->policies, host, item, POLICY_OVERHEAD + body.n)
		   ? policy
		   : NULL;
}

/* What could not be renewed goes on as it is: senders that get no policy keep
 * theirs, but new ones would have none. */
static struct policy *
policy_of(struct policy_host *p, struct span host, bool *none)
{
	struct cache_item *kept = cache_get(p->policies, host);
	struct mono_time now = clock_mono(p->config.clock);
	struct span body = SPAN("");
	struct policy *renewed;
	uint64_t version = 0;

	*none = false;
	if (kept != NULL &&
	    now.ns < mono_after_ms(kept->asked, p->config.recheck_ms).ns)
		return kept->value;
	switch (p->config.source.find(p->config.source.arg, host,
	    kept != NULL ? kept->version : 0, &body, &version)) {
	case LOOKUP_FOUND:
		renewed = keep(p, host, body, version);
		if (renewed != NULL)
			return renewed;
		break;
	case LOOKUP_SAME:
	case LOOKUP_FAILED:
		break;
	case LOOKUP_NONE:
		cache_drop(p->policies, host);
		*none = true;
		return NULL;
	}
	if (kept == NULL)
		return NULL;
	kept->asked = now;
	return kept->value;
}

static void
serve_policy(struct policy_host *p, const struct http_request *request,
    struct span host, struct http_response *out)
{
	struct policy *policy;
	bool none;

	if (!is_get(request->head, out))
		return;
	policy = policy_of(p, host, &none);
	if (policy != NULL)
		say(out, 200, SPAN("text/plain"),
		    (struct span){ policy->text, policy->n });
	else if (none)
		say_status(out, 404, SPAN("No policy.\n"));
	else
		say_status(out, 503, SPAN("Try again later.\n"));
}

/* ---- challenges ---- */

/* RFC 8555 8.3: the base64url alphabet. */
static bool
is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= TOKEN_MAX;
}

static void
serve_challenge(struct policy_host *p, const struct http_request *request,
    struct span host, struct span token, struct http_response *out)
{
	struct span body = SPAN("");

	if (!is_get(request->head, out))
		return;
	/* Nothing is remembered of tokens, so each is a question to the store:
	 * a thousand of them in one packet's time would keep everybody else
	 * waiting. */
	out->close = true;
	switch (p->config.source.challenge(
	    p->config.source.arg, host, token, &body)) {
	case LOOKUP_FOUND:
		say(out, 200, SPAN("application/octet-stream"), body);
		return;
	case LOOKUP_FAILED:
		say_status(out, 503, SPAN("Try again later.\n"));
		return;
	case LOOKUP_SAME:
	case LOOKUP_NONE:
		break;
	}
	say_status(out, 404, SPAN("No such challenge.\n"));
}

/* ---- requests ---- */

void
policy_host_handle(
    void *arg, const struct http_request *request, struct http_response *out)
{
	static const struct span challenges =
	    SPAN_INIT("/.well-known/acme-challenge/");
	struct policy_host *p = arg;
	const struct http_head *head = request->head;
	struct span token = span_skip(head->path, challenges.n), host;
	char mem[512];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	host = name_canonical(&a, head->host);
	/* RFC 9110 7.4: a request that came over another host's certificate
	 * is another host's. */
	if (request->secure && !name_eq(host, request->sni))
		say_status(out, 421, SPAN("This is another host.\n"));
	else if (!a.failed && request->secure && head->query.n == 0 &&
		 span_eq(head->path, SPAN("/.well-known/mta-sts.txt")))
		serve_policy(p, request, host, out);
	else if (!a.failed && !request->secure &&
		 p->config.source.challenge != NULL &&
		 span_starts(head->path, challenges) && is_token(token))
		serve_challenge(p, request, host, token, out);
	else
		say_status(out, 404, SPAN("There is nothing here.\n"));
}
