/* Clients of one thread. Their handshake takes twice the server's time: what is
 * compared is the servers' CPU, not the rate. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/https_host.h"

enum mode { COLD, HELLO, IDLE, SLOW };

struct client {
	int fd;
	SSL *ssl;
	struct mono_time begin;
	bool asked; /* the request is sent */
	bool rests; /* idle: answered */
	size_t n; /* octets of the answer; slow: that were sent */
};

struct run {
	const struct https_load *l;
	enum mode mode;
	SSL_CTX *ctx;
	int epoll;
	struct client *clients;
	unsigned started, done, failed;
	float *ms; /* of those that are done */
	uint64_t seed;
};

static uint32_t
draw(struct run *r)
{
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 7;
	r->seed ^= r->seed << 17;
	return (uint32_t)(r->seed >> 16);
}

static unsigned
draw_name(struct run *r)
{
	if (r->mode == HELLO) /* each in turn: to fill a cache */
		return r->started % r->l->names;
	if (r->l->hot > 0 && draw(r) % 100 < 95)
		return draw(r) % r->l->hot;
	return draw(r) % r->l->names;
}

static void
watch(struct run *r, struct client *c, uint32_t what)
{
	struct epoll_event e = { .events = what, .data.ptr = c };

	epoll_ctl(r->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void
start(struct run *r, struct client *c)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(r->l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event e = { .events = EPOLLOUT, .data.ptr = c };
	char name[64];

	snprintf(name, sizeof name, HTTPS_NAME, draw_name(r));
	*c = (struct client){ .begin = clock_mono(&clock_system) };
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0) {
		perror("bench_https: socket");
		exit(1);
	}
	/* Or the request waits for the server's word on the Finished. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	(void)connect(c->fd, (struct sockaddr *)&at, sizeof at);
	c->ssl = SSL_new(r->ctx);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_tlsext_host_name(c->ssl, name);
	SSL_set_connect_state(c->ssl);
	epoll_ctl(r->epoll, EPOLL_CTL_ADD, c->fd, &e);
	r->started++;
}

static void
finish(struct run *r, struct client *c, bool good)
{
	int64_t ns = clock_mono(&clock_system).ns - c->begin.ns;

	if (good)
		r->ms[r->done++] = (float)ns / 1e6F;
	else
		r->failed++;
	SSL_free(c->ssl);
	close(c->fd);
	c->fd = -1;
	if (r->started < r->l->total)
		start(r, c);
}

static bool
blocks(struct run *r, struct client *c, int rc)
{
	int e = SSL_get_error(c->ssl, rc);

	if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
		return false;
	watch(r, c, e == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
	return true;
}

static int
ask(struct run *r, struct client *c)
{
	const char *name =
	    SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name);
	char text[256];
	int n = snprintf(text, sizeof text,
	    "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: %s\r\n"
	    "%s\r\n",
	    name, r->mode == COLD ? "Connection: close\r\n" : "");

	c->asked = true;
	return SSL_write(c->ssl, text, n);
}

/* A whole answer is some 250 octets with "STSv1" and a max_age in it. */
static void
step(struct run *r, struct client *c)
{
	char mem[4096];
	int rc;

	/* The server answers: so it has read the name. */
	if (r->mode == HELLO && c->asked) {
		finish(r, c, true);
		return;
	}
	rc = SSL_do_handshake(c->ssl);
	if (rc == 1 && !c->asked)
		rc = ask(r, c);
	while (rc > 0) {
		rc = SSL_read(c->ssl, mem, sizeof mem);
		if (rc > 0)
			c->n += (size_t)rc;
		if (c->n > sizeof HTTPS_POLICY && r->mode == IDLE) {
			c->rests = true;
			r->ms[r->done++] = 0;
			watch(r, c, 0);
			if (r->started < r->l->total)
				start(r, &r->clients[r->started]);
			return;
		}
	}
	if (blocks(r, c, rc)) {
		c->asked |= r->mode == HELLO;
		return;
	}
	finish(r, c, c->n > sizeof HTTPS_POLICY);
}

static int
by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void
tell(struct run *r, struct mono_time begin)
{
	double s = (double)(clock_mono(&clock_system).ns - begin.ns) / 1e9;

	qsort(r->ms, r->done, sizeof *r->ms, by_value);
	printf("%u %u %.3f %.2f %.2f\n", r->done, r->failed, s,
	    r->done > 0 ? (double)r->ms[r->done / 2] : 0.0,
	    r->done > 0 ? (double)r->ms[(size_t)(r->done * 0.99)] : 0.0);
	fflush(stdout);
}

static void
turn(struct run *r)
{
	struct epoll_event events[64];
	int n = epoll_wait(r->epoll, events, 64, 1000);

	for (int i = 0; i < n; i++) {
		struct client *c = events[i].data.ptr;

		if (c->rests)
			finish(r, c, false); /* the server ended it */
		else
			step(r, c);
	}
}

/* All of them in the handshake, one octet each every tenth of a second, and
 * anew when the server has enough. Does not return. */
static void
dribble(struct run *r)
{
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03";

	for (unsigned i = 0;; i = (i + 1) % r->l->total) {
		struct client *c = &r->clients[i];
		size_t at = c->n < sizeof hello - 2 ? c->n : sizeof hello - 2;

		if (c->ssl == NULL)
			start(r, c);
		else if (send(c->fd, hello + at, 1, MSG_NOSIGNAL) == 1)
			c->n++;
		else if (errno != EAGAIN && errno != ENOTCONN) {
			SSL_free(c->ssl);
			close(c->fd);
			start(r, c);
		}
		if (i == 0)
			usleep(100 * 1000);
	}
}

static int
loop(struct run *r)
{
	struct mono_time begin = clock_mono(&clock_system);
	unsigned n = r->l->at_once < r->l->total ? r->l->at_once : r->l->total;

	for (unsigned i = 0; i < n; i++)
		start(r, &r->clients[i]);
	while (r->done + r->failed < r->l->total)
		turn(r);
	tell(r, begin);
	/* The idle ones stay until standard input ends. */
	if (r->mode == IDLE)
		while (getchar() != EOF)
			;
	return r->failed > 0;
}

int
https_load(const struct https_load *l)
{
	static const char *modes[] = { "cold", "hello", "idle", "slow" };
	struct run r = { .l = l,
		.ctx = SSL_CTX_new(TLS_client_method()),
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.clients = calloc(l->total, sizeof *r.clients),
		.ms = calloc(l->total + 1, sizeof *r.ms),
		/* Other names in every run, or a cache would know them. */
		.seed = 88172645463325252 + (uint64_t)getpid() };

	while (r.mode < SLOW && strcmp(l->mode, modes[r.mode]) != 0)
		r.mode++;
	signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_mode(r.ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_min_proto_version(r.ctx, TLS1_3_VERSION);
	SSL_CTX_set_options(r.ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set1_groups_list(r.ctx, "X25519");
	if (r.mode == SLOW)
		dribble(&r);
	return loop(&r);
}
