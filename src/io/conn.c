#include "io/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn
conn_init(const struct clock *clock, struct stop *stop)
{
	return (
	    struct conn){ .clock = clock, .stop = stop, .fd = -1, .alert = -1 };
}

enum talk_result
talk_of_errno(int e)
{
	switch (e) {
	case ECONNREFUSED:
		return TALK_REFUSED;
	case ETIMEDOUT:
		return TALK_TIMEOUT;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return TALK_RESET;
	case EMFILE: /* our own need: nothing is known about the peer */
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return TALK_UNFINISHED;
	default:
		return TALK_UNREACHABLE;
	}
}

/* The library knows the older ones only. */
const char *
tls_alert_name(int alert)
{
	switch (alert) {
	case 109:
		return "missing extension";
	case 116:
		return "certificate required";
	case 120:
		return "no application protocol";
	default:
		return SSL_alert_desc_string_long(alert);
	}
}

static enum talk_result
fail(struct conn *c, enum talk_result result, const char *reason)
{
	snprintf(c->reason, sizeof c->reason, "%s", reason);
	return result;
}

static enum talk_result
fail_errno(struct conn *c, int e)
{
	char text[96];

	return fail(c, talk_of_errno(e), strerror_r(e, text, sizeof text));
}

/* Until the descriptor is ready for events, the deadline, or the stop. */
static enum talk_result
wait_for(struct conn *c, short events)
{
	struct pollfd p[2] = {
		{ .fd = c->fd, .events = events },
		{ .fd = c->stop != NULL ? c->stop->fd : -1, .events = POLLIN },
	};

	for (;;) {
		int64_t ms = mono_ms_until(clock_mono(c->clock), c->deadline);
		int n;

		if (ms <= 0)
			return fail(c, TALK_TIMEOUT, "timed out");
		n = poll(p, 2, ms < 60000 ? (int)ms : 60000);
		if (n < 0 && errno != EINTR)
			return fail_errno(c, errno);
		if (n > 0 && p[1].revents != 0)
			return fail(c, TALK_UNFINISHED, "stopped");
		if (n > 0)
			return TALK_OK;
	}
}

void
conn_block_sigpipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static enum talk_result
finish_connect(struct conn *c)
{
	enum talk_result r = wait_for(c, POLLOUT);
	int e = 0;

	if (r != TALK_OK)
		return r;
	if (getsockopt(
		c->fd, SOL_SOCKET, SO_ERROR, &e, &(socklen_t){ sizeof e }) != 0)
		e = errno;
	return e == 0 ? TALK_OK : fail_errno(c, e);
}

static enum talk_result
open_socket(struct conn *c, int type, struct ip_addr address, uint16_t port,
    struct mono_time deadline)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	bool is_v6 = address.family == IP_V6;

	conn_block_sigpipe();
	c->deadline = deadline;
	c->reason[0] = '\0';
	memcpy(&v4.sin_addr, address.b, sizeof v4.sin_addr);
	memcpy(&v6.sin6_addr, address.b, sizeof v6.sin6_addr);
	c->fd = socket(
	    is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return fail_errno(c, errno);
	if (type == SOCK_STREAM)
		(void)setsockopt(
		    c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (connect(c->fd,
		is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		is_v6 ? sizeof v6 : sizeof v4) == 0)
		return TALK_OK;
	return errno == EINPROGRESS ? finish_connect(c) : fail_errno(c, errno);
}

enum talk_result
conn_open(struct conn *c, struct ip_addr address, uint16_t port,
    struct mono_time deadline)
{
	return open_socket(c, SOCK_STREAM, address, port, deadline);
}

enum talk_result
conn_open_datagram(struct conn *c, struct ip_addr address, uint16_t port,
    struct mono_time deadline)
{
	return open_socket(c, SOCK_DGRAM, address, port, deadline);
}

/* ---- TLS ---- */

/* What the library says went wrong, for a person: the peer's alert by its
 * name, or our reason for refusing. */
static enum talk_result
fail_tls(struct conn *c)
{
	unsigned long e = ERR_peek_error();
	int reason = ERR_GET_REASON(e);
	const char *text = ERR_reason_error_string(e);
	char alert[128];

	ERR_clear_error();
	if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return fail(c, TALK_CLOSED, "closed the connection");
	if (reason == SSL_R_WRONG_VERSION_NUMBER ||
	    reason == SSL_R_HTTP_REQUEST)
		return fail(c, TALK_PROTOCOL, "what came is not TLS");
	if (reason < SSL_AD_REASON_OFFSET ||
	    reason > SSL_AD_REASON_OFFSET + 255)
		return fail(
		    c, TALK_HANDSHAKE, text != NULL ? text : "TLS failed");
	c->alert = reason - SSL_AD_REASON_OFFSET;
	snprintf(alert, sizeof alert, "alert: %s", tls_alert_name(c->alert));
	return fail(c, TALK_HANDSHAKE, alert);
}

/* A call of the library came back with rc <= 0: wait and have it repeated
 * (TALK_OK), or say why not. */
static enum talk_result
after_tls_call(struct conn *c, int rc, int sys_errno)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(c, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(c, POLLOUT);
	case SSL_ERROR_ZERO_RETURN:
		return fail(c, TALK_CLOSED, "closed the connection");
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return sys_errno != 0
			   ? fail_errno(c, sys_errno)
			   : fail(c, TALK_CLOSED, "closed the connection");
	default:
		return fail_tls(c);
	}
}

static int
on_client_cert(SSL *ssl, X509 **x, EVP_PKEY **key)
{
	struct conn *c = SSL_get_app_data(ssl);

	(void)x;
	(void)key;
	c->client_cert_asked = true;
	return 0; /* we have none */
}

/* The chain is judged from the evidence, and never ends a handshake. */
static int
accept_any(X509_STORE_CTX *ctx, void *arg)
{
	(void)arg;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

SSL_CTX *
conn_tls_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	/* The system's configuration may forbid what we want to see. */
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT |
				     SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_client_cert_cb(ctx, on_client_cert);
	SSL_CTX_set_cert_verify_callback(ctx, accept_any, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1 &&
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0") == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

enum talk_result
conn_start_tls(struct conn *c, const struct conn_tls *tls)
{
	enum talk_result r = TALK_OK;
	int rc;

	c->reason[0] = '\0';
	c->ssl = SSL_new(tls->ctx);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1 ||
	    (tls->sni != NULL &&
		SSL_set_tlsext_host_name(c->ssl, tls->sni) != 1) ||
	    (tls->min != 0 &&
		SSL_set_min_proto_version(c->ssl, tls->min) != 1) ||
	    (tls->max != 0 && SSL_set_max_proto_version(c->ssl, tls->max) != 1))
		return fail(c, TALK_UNFINISHED, "the TLS library failed");
	SSL_set_app_data(c->ssl, c);
	do {
		ERR_clear_error();
		errno = 0;
		rc = SSL_connect(c->ssl);
		if (rc != 1)
			r = after_tls_call(c, rc, errno);
	} while (rc != 1 && r == TALK_OK);
	c->tls_silent =
	    r != TALK_OK && BIO_number_read(SSL_get_rbio(c->ssl)) == 0;
	return r;
}

/* ---- octets ---- */

enum talk_result
conn_read(struct conn *c, void *buf, size_t cap, size_t *n)
{
	enum talk_result r;

	c->reason[0] = '\0';
	*n = 0;
	for (;;) {
		if (c->ssl != NULL) {
			int rc;

			ERR_clear_error();
			errno = 0;
			rc = SSL_read_ex(c->ssl, buf, cap, n);
			if (rc == 1)
				return TALK_OK;
			r = after_tls_call(c, rc, errno);
		} else {
			ssize_t got = recv(c->fd, buf, cap, 0);

			if (got > 0) {
				*n = (size_t)got;
				return TALK_OK;
			}
			if (got == 0)
				return fail(
				    c, TALK_CLOSED, "closed the connection");
			r = errno == EAGAIN || errno == EINTR
				? wait_for(c, POLLIN)
				: fail_errno(c, errno);
		}
		if (r != TALK_OK)
			return r;
	}
}

enum talk_result
conn_peek_rest(struct conn *c, void *buf, size_t cap, size_t *n)
{
	ssize_t got = recv(c->fd, buf, cap, MSG_DONTWAIT);

	c->reason[0] = '\0';
	*n = got > 0 ? (size_t)got : 0;
	if (got == 0)
		return fail(c, TALK_CLOSED, "closed the connection");
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		return fail_errno(c, errno);
	return TALK_OK;
}

enum talk_result
conn_write(struct conn *c, struct span s)
{
	enum talk_result r = TALK_OK;

	c->reason[0] = '\0';
	while (s.n > 0) {
		size_t n = 0;

		if (c->ssl != NULL) {
			int rc;

			ERR_clear_error();
			errno = 0;
			rc = SSL_write_ex(c->ssl, s.p, s.n, &n);
			if (rc != 1)
				r = after_tls_call(c, rc, errno);
		} else {
			ssize_t put = send(c->fd, s.p, s.n, MSG_NOSIGNAL);

			if (put >= 0)
				n = (size_t)put;
			else
				r = errno == EAGAIN || errno == EINTR
					? wait_for(c, POLLOUT)
					: fail_errno(c, errno);
		}
		if (r != TALK_OK)
			return r;
		s = span_skip(s, n);
	}
	return TALK_OK;
}

void
conn_close(struct conn *c)
{
	if (c->ssl != NULL) {
		ERR_clear_error();
		if (SSL_is_init_finished(c->ssl))
			(void)SSL_shutdown(c->ssl);
		SSL_free(c->ssl);
		ERR_clear_error();
	}
	if (c->fd >= 0)
		close(c->fd);
	c->ssl = NULL;
	c->fd = -1;
}
