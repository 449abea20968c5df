#include "io/acme_http.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"
#include "io/conn.h"

struct acme_client {
	struct acme_client_options o;
	CURL *curl; /* keeps the connection */
	struct curl_slist *fields; /* of a signed request */
	struct arena memory; /* what lives as long as the client */
	struct span urls[ACME_RESOURCES]; /* "" */
	struct span *caa; /* of the directory */
	size_t n_caa;
	struct span own_caa; /* of the options, if there is one */
	struct span account; /* "" */
	char nonce[LIMIT_ACME_NONCE + 1]; /* for the next request; "": none */
	bool greeted;
	char body[LIMIT_ACME_ANSWER]; /* of the answer under way */
};

/* One exchange. */
struct exchange {
	struct acme_client *c;
	struct arena *a;
	struct acme_reply *r;
	size_t header_bytes, body_bytes;
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

/* ---- libcurl ---- */

static CURLcode
on_ssl_ctx(CURL *curl, void *ssl_ctx, void *arg)
{
	struct acme_client *c = arg;

	(void)curl;
	SSL_CTX_set1_cert_store(ssl_ctx, trust_store_get(c->o.trust));
	return CURLE_OK;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	const struct acme_client *c = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return c->o.stop != NULL && stop_is_pulled(c->o.stop);
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	(void)p;
	(void)size; /* is 1, always */
	x->header_bytes += n;
	x->too_long |= x->header_bytes > LIMIT_HTTP_HEADERS;
	return x->too_long ? 0 : n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	(void)size;
	x->too_long |= n > LIMIT_ACME_ANSWER - x->body_bytes;
	if (x->too_long)
		return 0;
	memcpy(x->c->body + x->body_bytes, p, n);
	x->body_bytes += n;
	return n;
}

/* What holds for every request. Without files of CAs libcurl reads none: the
 * store is shared (and Debian's default folder would be read each time). */
static bool
set_up(struct acme_client *c)
{
	CURL *h = c->curl;

	return curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https") == 0 &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == 0 &&
	       curl_easy_setopt(h, CURLOPT_NOPROXY, "*") == 0 &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HTTP09_ALLOWED, 0L) == 0 &&
	       curl_easy_setopt(
		   h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == 0 &&
	       curl_easy_setopt(h, CURLOPT_USERAGENT, c->o.user_agent) == 0 &&
	       curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)c->o.limit_ms) ==
		   0 &&
	       curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		   0 &&
	       curl_easy_setopt(h, CURLOPT_XFERINFODATA, c) == 0 &&
	       curl_easy_setopt(
		   h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_CAINFO, NULL) == 0 &&
	       curl_easy_setopt(h, CURLOPT_CAPATH, NULL) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_CTX_DATA, c) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header) == 0 &&
	       curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) == 0;
}

/* A field of the answer, "" if it is not there. */
static struct span
field_of(CURL *h, const char *name)
{
	struct curl_header *f;

	if (curl_easy_header(h, name, 0, CURLH_HEADER, -1, &f) != CURLHE_OK)
		return SPAN("");
	return span_str(f->value);
}

/* RFC 8555 6.5.1: base64url, or it is none. */
static void
keep_nonce(struct acme_client *c)
{
	struct span s = field_of(c->curl, "Replay-Nonce");

	c->nonce[0] = '\0';
	if (s.n == 0 || s.n > LIMIT_ACME_NONCE)
		return;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return;
	memcpy(c->nonce, s.p, s.n);
	c->nonce[s.n] = '\0';
}

/* It is kept, sent again and written down: printable, or it is none. */
static struct span
location_of(CURL *h, struct arena *a)
{
	struct span s = field_of(h, "Location");

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' ||
		    (unsigned char)s.p[i] >= 0x7f)
			return SPAN("");
	return arena_span(a, s);
}

static void
conclude(struct exchange *x, CURLcode rc)
{
	struct acme_reply *r = x->r;
	CURL *h = x->c->curl;
	curl_off_t wait = 0;
	long status = 0;

	if (rc != CURLE_OK) {
		r->failure =
		    x->too_long ? ACME_FAILED_PROTOCOL : ACME_FAILED_REACH;
		r->why = x->too_long ? SPAN("the answer is too long")
				     : arena_printf(x->a, "%s",
					   x->error[0] != '\0'
					       ? x->error
					       : curl_easy_strerror(rc));
		return;
	}
	(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(h, CURLINFO_RETRY_AFTER, &wait);
	r->status = (int)status;
	r->body = arena_span(x->a, (struct span){ x->c->body, x->body_bytes });
	r->retry_after_s = wait > 0 ? (int64_t)wait : 0;
	r->location = location_of(h, x->a);
	keep_nonce(x->c);
	acme_problem_judge(r, x->a);
}

enum method { HEAD, GET, POST };

/* One exchange, whose outcome is in *out. */
static enum err
exchange(struct acme_client *c, enum method method, struct span url,
    struct span body, struct arena *a, struct acme_reply *out)
{
	struct exchange x = { .c = c, .a = a, .r = out };
	char *target = arena_str(a, url);
	CURL *h = c->curl;
	bool good;

	*out = (struct acme_reply){ .body = SPAN(""),
		.location = SPAN(""),
		.problem = { SPAN(""), SPAN(""), SPAN(""), NULL, 0 },
		.why = SPAN("") };
	if (a->failed)
		return ERR_MEMORY;
	if (target == NULL || url.n == 0 || url.n > LIMIT_ACME_URL) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA named an impossible URL");
		return ERR_OK;
	}
	good =
	    curl_easy_setopt(h, CURLOPT_URL, target) == 0 &&
	    curl_easy_setopt(h, CURLOPT_HTTPGET, 1L) == 0 &&
	    curl_easy_setopt(h, CURLOPT_NOBODY, (long)(method == HEAD)) == 0 &&
	    curl_easy_setopt(h, CURLOPT_HTTPHEADER,
		method == POST ? c->fields : NULL) == 0 &&
	    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, x.error) == 0 &&
	    curl_easy_setopt(h, CURLOPT_HEADERDATA, &x) == 0 &&
	    curl_easy_setopt(h, CURLOPT_WRITEDATA, &x) == 0;
	if (method == POST)
		good = good && curl_easy_setopt(h, CURLOPT_POST, 1L) == 0 &&
		       curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
			   (curl_off_t)body.n) == 0 &&
		       curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.p) == 0;
	if (!good)
		return ERR_LIBRARY;
	conclude(&x, curl_easy_perform(h));
	(void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, NULL);
	ERR_clear_error();
	return a->failed ? ERR_MEMORY : ERR_OK;
}

/* ---- a client ---- */

enum err
acme_client_new(const struct acme_client_options *o, struct acme_client **out,
    struct error *e)
{
	struct acme_client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	conn_block_sigpipe();
	c->o = *o;
	arena_init(&c->memory, LIMIT_ACME_CLIENT);
	for (size_t i = 0; i < ACME_RESOURCES; i++)
		c->urls[i] = SPAN("");
	c->own_caa = span_str(o->caa != NULL ? o->caa : "");
	c->account = span_str(o->account != NULL ? o->account : "");
	c->curl = curl_easy_init();
	/* RFC 8555 6.2 */
	c->fields =
	    curl_slist_append(NULL, "Content-Type: application/jose+json");
	if (c->curl == NULL || c->fields == NULL || !set_up(c)) {
		acme_client_free(c);
		return error_set(e, ERR_LIBRARY, "libcurl cannot be set up");
	}
	*out = c;
	return ERR_OK;
}

void
acme_client_free(struct acme_client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	curl_slist_free_all(c->fields);
	arena_release(&c->memory);
	free(c);
}

EVP_PKEY *
acme_client_key(const struct acme_client *c)
{
	return c->o.key;
}

struct span
acme_client_directory(const struct acme_client *c)
{
	return span_str(c->o.directory);
}

struct span
acme_client_account(const struct acme_client *c)
{
	return c->account;
}

struct span
acme_client_url(const struct acme_client *c, enum acme_resource r)
{
	return c->urls[r];
}

size_t
acme_client_caa(const struct acme_client *c, const struct span **out)
{
	*out = c->o.caa != NULL ? &c->own_caa : c->caa;
	return c->o.caa != NULL ? 1 : c->n_caa;
}

void
acme_client_use_key(struct acme_client *c, EVP_PKEY *key)
{
	c->o.key = key;
}

/* ---- the directory (RFC 8555 7.1.1) ---- */

/* clang-format off */
static const struct {
	const char	*member;
	bool		 required;
} resources[ACME_RESOURCES] = {
	[ACME_NEW_NONCE]	= { "newNonce", true },
	[ACME_NEW_ACCOUNT]	= { "newAccount", true },
	[ACME_NEW_ORDER]	= { "newOrder", true },
	[ACME_REVOKE_CERT]	= { "revokeCert", false },
	[ACME_KEY_CHANGE]	= { "keyChange", false },
	[ACME_RENEWAL_INFO]	= { "renewalInfo", false },
};
/* clang-format on */

static void
read_caa(struct acme_client *c, const json_t *meta)
{
	const json_t *names = json_object_get(meta, "caaIdentities");
	size_t n = json_array_size(names);

	c->n_caa = 0;
	c->caa = arena_array(&c->memory, n, sizeof *c->caa);
	for (size_t i = 0; i < n && c->caa != NULL; i++) {
		const json_t *v = json_array_get(names, i);

		if (json_is_string(v))
			c->caa[c->n_caa++] = arena_span(
			    &c->memory, (struct span){ json_string_value(v),
					    json_string_length(v) });
	}
}

static enum err
read_directory(struct acme_client *c, struct acme_reply *r)
{
	json_t *d = acme_json_read(r->body);

	for (size_t i = 0; i < ACME_RESOURCES; i++) {
		c->urls[i] = acme_json_text(d, resources[i].member, &c->memory);
		if (c->urls[i].n == 0 && resources[i].required) {
			r->failure = ACME_FAILED_PROTOCOL;
			r->why = SPAN("the CA's directory is none");
		}
	}
	read_caa(c, json_object_get(d, "meta"));
	json_decref(d);
	c->greeted = r->failure == ACME_FAILED_NOT;
	return c->memory.failed ? ERR_MEMORY : ERR_OK;
}

enum err
acme_client_greet(
    struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	enum err e;

	if (c->greeted) {
		*out = (struct acme_reply){ .status = 200 };
		return ERR_OK;
	}
	e = exchange(c, GET, span_str(c->o.directory), SPAN(""), a, out);
	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	return read_directory(c, out);
}

/* ---- requests ---- */

enum err
acme_get(struct acme_client *c, struct span url, struct arena *a,
    struct acme_reply *out)
{
	return exchange(c, GET, url, SPAN(""), a, out);
}

/* RFC 8555 7.2 */
static enum err
fetch_nonce(struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	enum err e =
	    exchange(c, HEAD, c->urls[ACME_NEW_NONCE], SPAN(""), a, out);

	if (e == ERR_OK && out->failure == ACME_FAILED_NOT &&
	    c->nonce[0] == '\0') {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA gave no nonce");
	}
	return e;
}

/* The request once. The nonce is used up, whatever comes of it. */
static enum err
say(struct acme_client *c, const struct acme_jws *what, struct arena *a,
    struct acme_reply *out)
{
	struct acme_jws w = *what;
	struct span text;
	enum err e;

	if (c->nonce[0] == '\0') {
		e = fetch_nonce(c, a, out);
		if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
			return e;
	}
	w.nonce = arena_span(a, span_str(c->nonce));
	c->nonce[0] = '\0';
	if ((e = acme_jws_sign(&w, a, &text)) != ERR_OK)
		return e;
	return exchange(c, POST, w.url, text, a, out);
}

/* RFC 8555 6.5: an answer that refuses a nonce brings the next one. */
static enum err
post(struct acme_client *c, const struct acme_jws *w, struct arena *a,
    struct acme_reply *out)
{
	enum err e = ERR_OK;

	for (int i = 0; i < LIMIT_ACME_NONCES; i++) {
		e = say(c, w, a, out);
		if (e != ERR_OK || !acme_problem_is(&out->problem, "badNonce"))
			break;
	}
	return e;
}

enum err
acme_post(struct acme_client *c, struct span url, struct span payload,
    struct arena *a, struct acme_reply *out)
{
	struct acme_jws w = { .key = c->o.key,
		.kid = c->account,
		.url = url,
		.payload = payload };
	enum err e = post(c, &w, a, out);

	if (e == ERR_OK &&
	    acme_problem_is(&out->problem, "accountDoesNotExist"))
		c->account = SPAN("");
	return e;
}

enum err
acme_post_to(struct acme_client *c, enum acme_resource r, struct span payload,
    struct arena *a, struct acme_reply *out)
{
	enum err e = acme_client_greet(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	if (c->urls[r].n == 0) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why =
		    arena_printf(a, "the CA has no %s", resources[r].member);
		return ERR_OK;
	}
	return acme_post(c, c->urls[r], payload, a, out);
}

/* ---- the account (RFC 8555 7.3) ---- */

static enum err
account_request(struct acme_client *c, struct arena *a, struct span *out)
{
	json_t *q = json_object(), *bound;
	struct span text;
	bool good = q != NULL;
	enum err e;

	if (c->o.terms_agreed)
		good = json_object_set_new(
			   q, "termsOfServiceAgreed", json_true()) == 0;
	if (c->o.contact != NULL)
		good = good && json_object_set_new(q, "contact",
				   json_pack("[s]", c->o.contact)) == 0;
	if (good && c->o.eab_kid.n > 0) {
		e = acme_jws_bind(c->o.key, c->o.eab_kid, c->o.eab_key,
		    c->urls[ACME_NEW_ACCOUNT], a, &text);
		if (e != ERR_OK) {
			json_decref(q);
			return e;
		}
		bound = acme_json_read(text);
		good = json_object_set_new(
			   q, "externalAccountBinding", bound) == 0;
	}
	*out = acme_json_dump(q, a);
	return good && !a->failed ? ERR_OK : ERR_MEMORY;
}

enum err
acme_client_register(
    struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	struct acme_jws w = { .key = c->o.key, .kid = SPAN("") };
	enum err e = acme_client_greet(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT || c->account.n > 0)
		return e;
	w.url = c->urls[ACME_NEW_ACCOUNT];
	if ((e = account_request(c, a, &w.payload)) != ERR_OK ||
	    (e = post(c, &w, a, out)) != ERR_OK ||
	    out->failure != ACME_FAILED_NOT)
		return e;
	if (out->location.n == 0) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA made an account without a URL");
		return ERR_OK;
	}
	c->account = arena_span(&c->memory, out->location);
	return c->memory.failed ? ERR_MEMORY : ERR_OK;
}
