/* test_web.h - for tests only: an HTTP server on a thread, and clients of it
 * on loopback. */
#ifndef SERVE_TEST_WEB_H
#define SERVE_TEST_WEB_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "serve/http_server.h"
#include "serve/test_identity.h"

#define TEST_NAME "mta-sts.a.example"

enum {
	TEST_BIG = 60000,
	TEST_HUGE = LIMIT_HTTP_HELD + 1,
	TEST_MAX_BODY = 1000
};

struct test_web {
	struct http_server_config config; /* may be changed before the start */
	struct http_server *server;
	struct tls *tls;
	struct test_ca ca;
	struct test_leaf leaf;
	uint16_t port, secure_port;
	int stop; /* write to it */
	pthread_t thread;
};

/* With deadlines of an hour. Its handler says "hello\n" at /hello, what it got
 * at /echo, TEST_BIG NULs at /big, TEST_HUGE at /huge, the end of the
 * connection at /close, nothing at /fail, 413 to bodies that were not read, and
 * 404. */
void
test_web_init(struct test_web *s);

void
test_web_start(struct test_web *s);

/* Ask it to drain. */
void
test_web_stop(struct test_web *s);

/* Wait for its end; what it counted. */
struct http_server_stats
test_web_join(struct test_web *s);

/* A connection; reads of it wait for ten seconds at the most. */
int
test_connect(uint16_t port);

void
test_send(int fd, const char *text);

/* Everything until the end, which must come, without its Date lines,
 * NUL-terminated, in the caller's memory. False if there was no end. */
bool
test_read_all(int fd, char *mem, size_t cap);

/* n octets, no more. */
bool
test_read(int fd, void *mem, size_t n);

#endif
