#include "io/get.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/num.h"
#include "io/copy.h"
#include "wire/cert_name.h"
#include "wire/name.h"

enum {
	REPORT_MS = 500, /* before the deadline, so that it is not missed */
	URL_MAX = 400, /* scheme, host of 253, path */
};

/* One GET and what its callbacks have seen so far. */
struct request {
	const struct get_target *to;
	int64_t ms; /* for all of it */
	struct arena *a;
	struct fetch *f;
	bool certificate_refused;
	bool close_notify; /* the peer said that it ends the session */
	bool chunked;
	bool body_began; /* the final header is complete */
	size_t header_bytes;
	int status; /* of the header that is being read */
	char *body;
	int alert; /* seen in the handshake, or -1 */
	bool alert_is_ours;
	char error[CURL_ERROR_SIZE];
};

enum err
get_global_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? ERR_OK
								 : ERR_LIBRARY;
}

/* ---- TLS ---- */

/* The sender's decision on the certificate: ours alone. libcurl's own is
 * switched to follow it. */
static int
on_certificate(X509_STORE_CTX *ctx, void *arg)
{
	struct request *q = arg;
	struct tls_seen *t = &q->f->tls;
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(ctx);
	struct certs_verdict v;
	bool good;

	certs_read(chain, q->a, &t->chain, &t->n_chain);
	v = certs_verify(trust_store_get(q->to->env->tls.trust), chain,
	    clock_wall(q->to->env->clock), q->a);
	certs_mark(&v, t->chain, t->n_chain);
	t->trust = (uint8_t)v.trust;
	t->trust_error = v.error;
	good = v.trust == TRUST_OK && !v.untimely && t->n_chain > 0 &&
	       cert_names_match(
		   t->chain[0].dns_ids, t->chain[0].n_dns_ids, q->to->host);
	q->certificate_refused = !good;
	X509_STORE_CTX_set_error(
	    ctx, good ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return good;
}

static int
on_client_cert(SSL *ssl, X509 **x, EVP_PKEY **key)
{
	struct request *q = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	(void)x;
	(void)key;
	q->f->tls.client_cert_asked = true;
	return 0; /* we have none */
}

static void
on_tls_info(const SSL *ssl, int where, int ret)
{
	struct request *q = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct tls_seen *t = &q->f->tls;

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
	    (ret & 0xff) == SSL_AD_CLOSE_NOTIFY)
		q->close_notify = true;
	if ((where & SSL_CB_ALERT) != 0 && ret >> 8 == SSL3_AL_FATAL) {
		q->alert = ret & 0xff;
		q->alert_is_ours = (where & SSL_CB_READ) == 0;
	}
	if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && t->version == TLS_NONE) {
		t->version = (uint16_t)SSL_version(ssl);
		t->cipher =
		    arena_span(q->a, span_str(SSL_get_cipher_name(ssl)));
		t->result = TALK_OK;
		q->f->stage = STAGE_RESPONSE;
	}
}

/* Called when TCP stands. The context is libcurl's own, for this request. */
static CURLcode
on_ssl_ctx(CURL *curl, void *ssl_ctx, void *arg)
{
	struct request *q = arg;

	(void)curl;
	q->f->stage = STAGE_HANDSHAKE;
	SSL_CTX_set_app_data(ssl_ctx, q);
	SSL_CTX_set_info_callback(ssl_ctx, on_tls_info);
	SSL_CTX_set_client_cert_cb(ssl_ctx, on_client_cert);
	SSL_CTX_set_cert_verify_callback(ssl_ctx, on_certificate, q);
	return CURLE_OK;
}

/* ---- HTTP ---- */

static bool
take_field(
    struct request *q, struct span line, struct span name, struct span *out)
{
	if (line.n <= name.n || line.p[name.n] != ':' ||
	    !ascii_eq_nocase(span_head(line, name.n), name))
		return false;
	/* Of a repeated field the first counts. */
	if (out->n == 0)
		*out =
		    arena_span(q->a, ascii_trim(span_skip(line, name.n + 1)));
	return true;
}

static void
read_field(struct request *q, struct span line)
{
	struct fetch *f = q->f;
	struct span length = SPAN(""), coding = SPAN("");
	uint64_t n;

	if (take_field(q, line, SPAN("content-type"), &f->content_type))
		f->has_content_type = true;
	else if (take_field(q, line, SPAN("content-length"), &length) &&
		 num_parse(length, INT64_MAX, &n))
		f->content_length = (int64_t)n;
	else if (take_field(q, line, SPAN("transfer-encoding"), &coding))
		q->chunked = true;
	else if (take_field(q, line, SPAN("location"), &f->location) ||
		 take_field(
		     q, line, SPAN("content-encoding"), &f->content_encoding) ||
		 take_field(q, line, SPAN("server"), &f->server) ||
		 take_field(q, line, SPAN("cf-mitigated"), &f->mitigated))
		;
	else
		(void)take_field(q, line, SPAN("retry-after"), &f->retry_after);
}

static struct span
without_eol(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* "HTTP/1.1 200 OK". What is no number there is libcurl's to refuse. */
static int
read_status(struct span line)
{
	struct span code =
	    span_head(ascii_trim(span_skip(line, span_find(line, ' '))), 3);
	uint64_t n;

	return num_parse(code, 999, &n) ? (int)n : 0;
}

/* One line a call: status lines (of 1xx answers too), fields, the empty line,
 * and after the body the trailers. */
static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;
	struct span line = without_eol((struct span){ p, n });

	(void)size; /* is 1, always */
	q->header_bytes += n;
	if (q->header_bytes > LIMIT_HTTP_HEADERS)
		return 0;
	if (q->body_began)
		return n;
	if (line.n == 0) {
		q->body_began = q->status >= 200;
		if (q->body_began)
			q->f->stage = STAGE_BODY;
	} else if (span_starts(line, SPAN("HTTP/"))) {
		q->status = read_status(line);
	} else if (q->status >= 200) {
		read_field(q, line);
	}
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;
	size_t have = (size_t)q->f->body_bytes;

	(void)size;
	if (q->body == NULL)
		q->body = arena_alloc(q->a, LIMIT_POLICY_BYTES);
	if (q->body == NULL)
		return 0;
	if (n > LIMIT_POLICY_BYTES - have) {
		q->f->too_big = true;
		n = LIMIT_POLICY_BYTES - have;
	}
	memcpy(q->body + have, p, n);
	q->f->body_bytes += n + q->f->too_big;
	/* A number other than was offered ends the transfer. */
	return q->f->too_big ? 0 : n;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	struct request *q = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return (q->to->env->stop != NULL && stop_is_pulled(q->to->env->stop)) ||
	       (q->to->given_up != NULL && atomic_load(q->to->given_up));
}

/* ---- one GET ---- */

/* SETOPT's type checks want a literal option; a list of rows keeps this
 * readable all the same. False: libcurl is out of memory. */
static bool
set_transport(CURL *c, struct request *q, int64_t ms)
{
	const struct fetch_env *env = q->to->env;
	int64_t connect_ms = ms < env->connect_ms ? ms : env->connect_ms;

	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == 0 &&
	       /* Empty and "*": whatever the environment says. */
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	       curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)ms) == 0 &&
	       curl_easy_setopt(
		   c, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) == 0 &&
	       curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		   0 &&
	       curl_easy_setopt(c, CURLOPT_XFERINFODATA, q) == 0 &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, q->error) == 0;
}

/* VERIFYPEER makes a refusal of on_certificate end the handshake. VERIFYHOST
 * would accept a common name, which is no DNS-ID (RFC 8461 3.3), so names are
 * compared there too. No file of CAs: the store is shared. */
static bool
set_tls(CURL *c, struct request *q)
{
	return curl_easy_setopt(
		   c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_CAINFO, NULL) == 0 &&
	       curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, q) == 0;
}

static bool
set_http(CURL *c, struct request *q, const char *url, const char *user_agent,
    struct curl_slist *headers)
{
	return curl_easy_setopt(c, CURLOPT_URL, url) == 0 &&
	       curl_easy_setopt(
		   c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, user_agent) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, q) == 0 &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == 0 &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, q) == 0;
}

/* "mta-sts.example.com:443:[2001:db8::1]:443": the address is pinned, while
 * SNI, Host and certificate keep the name. */
static struct curl_slist *
pin_address(const struct request *q)
{
	char text[NAME_MAX_TEXT + 80];
	bool v6 = q->f->address.family == IP_V6;

	snprintf(text, sizeof text, "%.*s:443:%s%s%s:%u", (int)q->to->host.n,
	    q->to->host.p, v6 ? "[" : "", ip_format(q->f->address).s,
	    v6 ? "]" : "", q->to->env->port);
	return curl_slist_append(NULL, text);
}

static enum talk_result
talk_of_os_error(CURL *c, enum talk_result otherwise)
{
	long e = 0;

	if (curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &e) != CURLE_OK || e == 0)
		return otherwise;
	return talk_of_errno((int)e);
}

/* Was it the peer that was slow, or did our own deadline cut in? RFC 8461 3.3
 * has a sender wait about a minute. */
static bool
had_its_time(const struct request *q)
{
	const struct fetch_env *env = q->to->env;

	return q->f->stage <= STAGE_HANDSHAKE
		   ? q->ms >= env->connect_ms
		   : q->ms >= env->fetch_ms - env->fetch_ms / 6;
}

/* What libcurl's verdict means; the stage says how far it had come. */
static enum talk_result
talk_of_curl(CURL *c, CURLcode rc, const struct request *q)
{
	bool in_handshake = q->f->stage == STAGE_HANDSHAKE;

	if (q->certificate_refused)
		return TALK_HANDSHAKE;
	if (q->header_bytes > LIMIT_HTTP_HEADERS || q->f->too_big)
		return TALK_TOO_LONG;
	switch ((int)rc) {
	case CURLE_OK:
		return TALK_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return had_its_time(q) ? TALK_TIMEOUT : TALK_UNFINISHED;
	case CURLE_COULDNT_CONNECT:
		return talk_of_os_error(c, TALK_UNREACHABLE);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
		return q->alert >= 0 ? TALK_HANDSHAKE
				     : talk_of_os_error(c, TALK_HANDSHAKE);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		return TALK_CLOSED;
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		if (q->alert >= 0 || in_handshake)
			return TALK_HANDSHAKE;
		return talk_of_os_error(c, TALK_CLOSED);
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: no status line */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_HTTP2:
		return TALK_PROTOCOL;
	default:
		return TALK_UNFINISHED; /* stopped, or libcurl's own need */
	}
}

/* Behind the last colon of libcurl's sentence stands OpenSSL's reason. */
static struct span
tls_error_text(struct request *q)
{
	struct span s = span_str(q->error);
	size_t at = 0;

	if (q->alert >= 0)
		return arena_printf(q->a, "%s: %s",
		    q->alert_is_ours ? "we ended it" : "alert",
		    tls_alert_name(q->alert));
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ':')
			at = i + 1;
	return arena_span(q->a, ascii_trim(span_skip(s, at)));
}

/* RFC 9112 8: did less come than was announced? libcurl counts the octets of
 * Content-Length and the chunks. A body that ends with the connection is whole
 * only if the peer ended the TLS session too (RFC 9112 9.8), which is for us to
 * see. One cut off by the clock is slow rather than short. */
static bool
is_truncated(CURLcode rc, const struct request *q)
{
	const struct fetch *f = q->f;

	if (f->stage != STAGE_BODY)
		return false;
	if (rc == CURLE_OK)
		return !q->close_notify && !q->chunked &&
		       f->content_length < 0 && f->status != 204 &&
		       f->status != 304;
	return rc == CURLE_PARTIAL_FILE || rc == CURLE_RECV_ERROR;
}

/* TLS 1.3: a client without a certificate is turned away behind the handshake,
 * which for us is the same. */
static void
conclude_tls(struct request *q)
{
	struct fetch *f = q->f;

	if (q->certificate_refused) {
		f->stage = STAGE_CERTIFICATE;
		f->tls.result = f->result;
		return;
	}
	if (f->stage == STAGE_RESPONSE && f->result != TALK_OK &&
	    q->alert >= 0 && !q->alert_is_ours && q->status == 0)
		f->stage = STAGE_HANDSHAKE;
	if (f->stage == STAGE_HANDSHAKE) {
		f->tls.result = f->result;
		f->tls.error = tls_error_text(q);
	}
}

static void
conclude(CURL *c, CURLcode rc, struct request *q)
{
	struct fetch *f = q->f;

	f->result = (uint8_t)talk_of_curl(c, rc, q);
	f->status = q->body_began ? q->status : 0;
	conclude_tls(q);
	f->truncated = is_truncated(rc, q);
	if (f->truncated)
		f->result = TALK_CLOSED;
	if (f->result == TALK_OK)
		f->stage = STAGE_DONE;
	f->body = (struct span){ q->body != NULL ? q->body : "",
		q->body == NULL ? 0 : (size_t)(f->body_bytes - f->too_big) };
	if (f->result != TALK_OK || f->status != 200)
		f->body = span_head(f->body, LIMIT_HTTP_EXCERPT);
}

int64_t
get_time_for(const struct get_target *to, int64_t ms)
{
	int64_t left =
	    mono_ms_until(clock_mono(to->env->clock), to->deadline) - REPORT_MS;

	if (left <= 0 || (to->given_up != NULL && atomic_load(to->given_up)))
		return 0;
	return ms < left ? ms : left;
}

void
get_policy(const struct get_target *to, const char *user_agent, int64_t ms,
    struct arena *a, struct fetch *f)
{
	struct request q = { .to = to, .ms = ms, .a = a, .f = f, .alert = -1 };
	CURL *c = curl_easy_init();
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Accept: text/plain, */*;q=0.1");
	struct curl_slist *pin = pin_address(&q), *more;
	char url[URL_MAX];
	CURLcode rc = CURLE_OUT_OF_MEMORY;

	/* RFC 8461 3.3: no HTTP cache shall answer. */
	more = curl_slist_append(headers, "Cache-Control: no-cache");
	snprintf(url, sizeof url, "https://%.*s/.well-known/mta-sts.txt",
	    (int)to->host.n, to->host.p);
	if (c != NULL && more != NULL && pin != NULL && ms > 0 &&
	    curl_easy_setopt(c, CURLOPT_CONNECT_TO, pin) == 0 &&
	    set_transport(c, &q, ms) && set_tls(c, &q) &&
	    set_http(c, &q, url, user_agent, more))
		rc = curl_easy_perform(c);
	conclude(c, rc, &q);
	curl_easy_cleanup(c);
	curl_slist_free_all(more != NULL ? more : headers);
	curl_slist_free_all(pin);
	ERR_clear_error();
}
