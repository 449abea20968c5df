#include "io/deliver_http.h"

#include <inttypes.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "io/deliver_curl.h"

enum { HEX = 2 * 32, FIELD_MAX = 400 };

/* What goes out with the request. */
struct post {
	struct span body;
	struct curl_slist *fields;
	size_t answered; /* octets of the answer's body */
};

/* The answer is read so that a well-behaved server can end it, and no further
 * than the limit. */
static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct post *q = arg;

	(void)p;
	q->answered += size * n;
	return q->answered > LIMIT_DELIVERY_ANSWER ? 0 : size * n;
}

static bool
add_field(struct post *q, const char *name, const char *value)
{
	char text[FIELD_MAX];
	struct curl_slist *more;
	int n = snprintf(text, sizeof text, "%s: %s", name, value);

	if (n < 0 || (size_t)n >= sizeof text)
		return false;
	more = curl_slist_append(q->fields, text);
	if (more != NULL)
		q->fields = more;
	return more != NULL;
}

/* "t=UNIX-TIME,v1=HEX" */
static bool
add_signature(struct post *q, const struct secret *key, int64_t now)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	char value[64 + HEX];
	size_t cap = q->body.n + 32;
	char *signed_text = malloc(cap);
	unsigned len = 0;
	int n, at;
	bool good;

	if (signed_text == NULL)
		return false;
	n = snprintf(signed_text, cap, "%" PRId64 ".", now);
	memcpy(signed_text + n, q->body.p, q->body.n);
	good = HMAC(EVP_sha256(), key->p, (int)key->n,
		   (unsigned char *)signed_text, (size_t)n + q->body.n, mac,
		   &len) != NULL;
	free(signed_text);
	at = snprintf(value, sizeof value, "t=%" PRId64 ",v1=", now);
	for (unsigned i = 0; good && i < len && i < HEX / 2; i++)
		at += snprintf(
		    value + at, sizeof value - (size_t)at, "%02x", mac[i]);
	return good && add_field(q, "Mtasts-Signature", value);
}

/* A header field must not be able to begin another one. */
static bool
add_id(struct post *q, struct span id)
{
	char text[FIELD_MAX / 2];

	for (size_t i = 0; i < id.n; i++)
		if ((unsigned char)id.p[i] <= ' ' || id.p[i] == 0x7f)
			return false;
	if (id.n >= sizeof text)
		return false;
	memcpy(text, id.p, id.n);
	text[id.n] = '\0';
	return add_field(q, "Idempotency-Key", text);
}

static bool
set_post(
    CURL *c, const struct deliver_env *env, const char *url, struct post *q)
{
	return curl_easy_setopt(c, CURLOPT_URL, url) == 0 &&
	       curl_easy_setopt(
		   c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, env->user_agent) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HTTPHEADER, q->fields) == 0 &&
	       curl_easy_setopt(c, CURLOPT_POST, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		   (curl_off_t)q->body.n) == 0 &&
	       curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body.p) == 0 &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == 0 &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, q) == 0;
}

/* 408, 425 and 429 say "not now"; so does all that is not 4xx: a redirect is
 * followed by a person who corrects the address. */
static bool
is_refusal(long status)
{
	return status >= 400 && status <= 499 && status != 408 &&
	       status != 425 && status != 429;
}

static void
conclude(struct transfer *t, CURLcode rc, struct delivered *out)
{
	long status = 0;
	curl_off_t wait = 0;

	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->c, CURLINFO_RETRY_AFTER, &wait);
	if (status >= 200 && status <= 299)
		delivered_say(out, DELIVERY_DELIVERED, "%s", "");
	else if (status >= 300 && status <= 399)
		delivered_say(out, DELIVERY_TRY_LATER,
		    "the receiver answered %ld: redirects are not followed",
		    status);
	else if (status >= 300)
		delivered_say(out,
		    is_refusal(status) ? DELIVERY_REFUSED : DELIVERY_TRY_LATER,
		    "the receiver answered %ld", status);
	else
		delivered_say(out, DELIVERY_TRY_LATER, "the receiver: %s",
		    transfer_reason(t, rc));
	out->retry_after_s = (int64_t)wait;
}

static void
post(const struct deliver_env *env, const char *url, const struct secret *key,
    struct span id, struct span body, struct delivered *out)
{
	struct post q = { .body = body };
	struct transfer t;
	bool good = transfer_begin(&t, env, "http,https") &&
		    add_field(&q, "Content-Type", "application/json") &&
		    add_field(&q, "Expect", "") && add_id(&q, id);

	if (good && key != NULL)
		good = add_signature(&q, key, clock_wall(env->clock).s);
	if (good && set_post(t.c, env, url, &q))
		conclude(&t, curl_easy_perform(t.c), out);
	else
		delivered_say(
		    out, DELIVERY_TRY_LATER, "the request could not be made");
	transfer_end(&t);
	curl_slist_free_all(q.fields);
}

void
deliver_http(const struct deliver_env *env, const struct http_way *way,
    struct span id, struct span body, struct delivered *out)
{
	struct secret s;

	*out = (struct delivered){ .delivery = DELIVERY_TRY_LATER };
	if (way->secret_file == NULL) {
		post(env, way->url, NULL, id, body, out);
	} else if (secret_read(&s, way->secret_file, out)) {
		post(env, way->url, &s, id, body, out);
		secret_wipe(&s);
	}
}
