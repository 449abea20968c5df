#include "serve/test_web.h"

#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000 };

/* ---- its handler, and its certificate ---- */

static void
handle(void *arg, const struct http_request *r, struct http_response *out)
{
	struct span path = r->head->path;

	static const char big[TEST_BIG] = "", huge[TEST_HUGE] = "";

	(void)arg;
	out->status = 200;
	http_response_field(out, SPAN("content-type"), SPAN("text/plain"));
	if (r->body_unread)
		out->status = 413;
	else if (span_eq(path, SPAN("/hello")))
		out->body = SPAN("hello\n");
	else if (span_eq(path, SPAN("/echo")))
		out->body = r->body;
	else if (span_eq(path, SPAN("/sni")))
		out->body = r->sni;
	else if (span_eq(path, SPAN("/big")))
		out->body = (struct span){ big, sizeof big };
	else if (span_eq(path, SPAN("/huge")))
		out->body = (struct span){ huge, sizeof huge };
	else if (span_eq(path, SPAN("/close")))
		out->close = true;
	else if (span_eq(path, SPAN("/fail")))
		out->status = 0;
	else
		out->status = 404;
}

static enum lookup
find(void *arg, struct span name, uint64_t have, struct tls_identity *out)
{
	struct test_web *s = arg;

	if (!span_eq(name, SPAN(TEST_NAME)))
		return LOOKUP_NONE;
	if (have == 1)
		return LOOKUP_SAME;
	*out = (struct tls_identity){ s->leaf.chain, s->leaf.key, 1 };
	return LOOKUP_FOUND;
}

/* ---- the server ---- */

static int
listen_on(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	rc = bind(fd, (struct sockaddr *)&at, sizeof at);
	assert(rc == 0);
	rc = listen(fd, 128);
	assert(rc == 0);
	getsockname(fd, (struct sockaddr *)&at, &n);
	*port = ntohs(at.sin_port);
	return fd;
}

void
test_web_init(struct test_web *s)
{
	struct http_server_config *c = &s->config;

	*s = (struct test_web){ .config = http_server_defaults(&clock_system) };
	c->handler.handle = handle;
	c->max_body = TEST_MAX_BODY;
	c->handshake_ms = c->head_ms = c->body_ms = c->write_ms = c->idle_ms =
	    c->linger_ms = c->drain_ms = HOUR_MS;
	c->settle_ms = 0;
	c->listeners[0].fd = listen_on(&s->port);
	c->listeners[1].fd = listen_on(&s->secure_port);
	c->listeners[1].secure = true;
	c->n_listeners = 2;
}

static void *
run(void *arg)
{
	struct test_web *s = arg;
	struct error error;
	enum err e = http_server_run(s->server, &error);

	assert(e == ERR_OK);
	return NULL;
}

void
test_web_start(struct test_web *s)
{
	struct tls_config tls = {
		.source = { find, s },
		.clock = &clock_system,
		.max_identities = 4,
		.recheck_ms = HOUR_MS,
	};
	int pipe_fds[2], rc;
	enum err e;

	signal(SIGPIPE, SIG_IGN);
	rc = pipe(pipe_fds);
	assert(rc == 0);
	s->config.stop_fd = pipe_fds[0];
	s->stop = pipe_fds[1];
	s->ca = test_ca_new();
	s->leaf = test_leaf_new(&s->ca, TEST_NAME, NULL);
	e = tls_new(&tls, &s->tls, NULL);
	assert(e == ERR_OK);
	s->config.tls = s->tls;
	e = http_server_new(&s->config, &s->server, NULL);
	assert(e == ERR_OK);
	rc = pthread_create(&s->thread, NULL, run, s);
	assert(rc == 0);
}

void
test_web_stop(struct test_web *s)
{
	close(s->stop);
}

struct http_server_stats
test_web_join(struct test_web *s)
{
	struct http_server_stats stats;

	pthread_join(s->thread, NULL);
	stats = http_server_stats(s->server);
	http_server_free(s->server);
	tls_free(s->tls);
	test_leaf_free(&s->leaf);
	test_ca_free(&s->ca);
	close(s->config.stop_fd);
	return stats;
}

/* ---- clients ---- */

int
test_connect(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = 60 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (struct sockaddr *)&at, sizeof at);

	assert(rc == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return fd;
}

void
test_send(int fd, const char *text)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
drop_dates(char *text)
{
	char *at;

	while ((at = strstr(text, "Date: ")) != NULL) {
		char *end = strchr(at, '\n');

		if (end == NULL)
			return;
		memmove(at, end + 1, strlen(end + 1) + 1);
	}
}

bool
test_read_all(int fd, char *mem, size_t cap)
{
	size_t n = 0;
	ssize_t rc = 1;

	while (rc > 0 && n < cap - 1) {
		rc = recv(fd, mem + n, cap - 1 - n, 0);
		n += rc > 0 ? (size_t)rc : 0;
	}
	mem[n] = '\0';
	drop_dates(mem);
	return rc == 0;
}

bool
test_read(int fd, void *mem, size_t n)
{
	return recv(fd, mem, n, MSG_WAITALL) == (ssize_t)n;
}
