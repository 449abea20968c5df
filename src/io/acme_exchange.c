#include "io/acme_exchange.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/ascii.h"
#include "io/acme_problem.h"
#include "io/conn.h"

/* One exchange. */
struct exchange {
	struct acme_wire *w;
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
	struct acme_wire *w = arg;

	(void)curl;
	SSL_CTX_set1_cert_store(ssl_ctx, trust_store_get(w->o->trust));
	return CURLE_OK;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	const struct acme_wire *w = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return w->o->stop != NULL && stop_is_pulled(w->o->stop);
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
	memcpy(x->w->body + x->body_bytes, p, n);
	x->body_bytes += n;
	return n;
}

/* What holds for every request. Without files of CAs libcurl reads none: the
 * store is shared (and Debian's default folder would be read each time). */
static bool
set_up(struct acme_wire *w)
{
	CURL *h = w->curl;

	return curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https") == 0 &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == 0 &&
	       curl_easy_setopt(h, CURLOPT_NOPROXY, "*") == 0 &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HTTP09_ALLOWED, 0L) == 0 &&
	       curl_easy_setopt(
		   h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == 0 &&
	       curl_easy_setopt(h, CURLOPT_USERAGENT, w->o->user_agent) == 0 &&
	       curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)w->o->limit_ms) ==
		   0 &&
	       curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		   0 &&
	       curl_easy_setopt(h, CURLOPT_XFERINFODATA, w) == 0 &&
	       curl_easy_setopt(
		   h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L) == 0 &&
	       curl_easy_setopt(h, CURLOPT_CAINFO, NULL) == 0 &&
	       curl_easy_setopt(h, CURLOPT_CAPATH, NULL) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) == 0 &&
	       curl_easy_setopt(h, CURLOPT_SSL_CTX_DATA, w) == 0 &&
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
keep_nonce(struct acme_wire *w)
{
	struct span s = field_of(w->curl, "Replay-Nonce");

	w->nonce[0] = '\0';
	if (s.n == 0 || s.n > LIMIT_ACME_NONCE)
		return;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return;
	memcpy(w->nonce, s.p, s.n);
	w->nonce[s.n] = '\0';
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
	CURL *h = x->w->curl;
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
	r->body = arena_span(x->a, (struct span){ x->w->body, x->body_bytes });
	r->retry_after_s = wait > 0 ? (int64_t)wait : 0;
	r->location = location_of(h, x->a);
	keep_nonce(x->w);
	acme_problem_judge(r, x->a);
}

enum err
acme_exchange(struct acme_wire *w, enum acme_method method, struct span url,
    struct span body, struct arena *a, struct acme_reply *out)
{
	struct exchange x = { .w = w, .a = a, .r = out };
	char *target = arena_str(a, url);
	CURL *h = w->curl;
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
	good = curl_easy_setopt(h, CURLOPT_URL, target) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HTTPGET, 1L) == 0 &&
	       curl_easy_setopt(
		   h, CURLOPT_NOBODY, (long)(method == ACME_HEAD)) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HTTPHEADER,
		   method == ACME_POST ? w->fields : NULL) == 0 &&
	       curl_easy_setopt(h, CURLOPT_ERRORBUFFER, x.error) == 0 &&
	       curl_easy_setopt(h, CURLOPT_HEADERDATA, &x) == 0 &&
	       curl_easy_setopt(h, CURLOPT_WRITEDATA, &x) == 0;
	if (method == ACME_POST)
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

bool
acme_wire_init(struct acme_wire *w, const struct acme_client_options *o)
{
	*w = (struct acme_wire){ .o = o };
	conn_block_sigpipe();
	w->curl = curl_easy_init();
	/* RFC 8555 6.2 */
	w->fields =
	    curl_slist_append(NULL, "Content-Type: application/jose+json");
	return w->curl != NULL && w->fields != NULL && set_up(w);
}

void
acme_wire_release(struct acme_wire *w)
{
	curl_easy_cleanup(w->curl);
	curl_slist_free_all(w->fields);
}
