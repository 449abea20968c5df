#include "io/deliver_curl.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "io/conn.h"

/* The authorities are loaded once and shared; libcurl would read its file of
 * them, and on Debian its folder too, for every connection. */
static CURLcode
on_ssl_ctx(CURL *c, void *ssl_ctx, void *arg)
{
	struct transfer *t = arg;

	(void)c;
	SSL_CTX_set1_cert_store(ssl_ctx, trust_store_get(t->env->trust));
	return CURLE_OK;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	const struct transfer *t = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return t->env->stop != NULL && stop_is_pulled(t->env->stop);
}

bool
transfer_begin(
    struct transfer *t, const struct deliver_env *env, const char *protocols)
{
	CURL *c = curl_easy_init();

	conn_block_sigpipe();
	*t = (struct transfer){ .env = env, .c = c };
	return c != NULL &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols) == 0 &&
	       /* Empty and "*": whatever the environment says. */
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	       curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)env->limit_ms) ==
		   0 &&
	       curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		   0 &&
	       curl_easy_setopt(c, CURLOPT_XFERINFODATA, t) == 0 &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error) == 0 &&
	       curl_easy_setopt(
		   c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_CAINFO, NULL) == 0 &&
	       curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) == 0 &&
	       curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, t) == 0;
}

void
transfer_end(struct transfer *t)
{
	curl_easy_cleanup(t->c);
	ERR_clear_error();
}

const char *
transfer_reason(const struct transfer *t, CURLcode rc)
{
	return t->error[0] != '\0' ? t->error : curl_easy_strerror(rc);
}
