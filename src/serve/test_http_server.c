#include "serve/http_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_table.h"
#include "serve/test_web.h"

#define HEAD "\r\nHost: a.example\r\n"
#define LAST "Connection: close\r\n\r\n"
#define TEXT "content-type: text/plain\r\n"
#define BAD                                                                    \
	"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: "        \
	"close\r\n\r\n"

/* What a client says, and all it hears until the server ends the connection. */
/* clang-format off */
static const struct {
	const char *label, *say, *want;
} talks[] = {
	{ "a GET", "GET /hello HTTP/1.1" HEAD LAST,
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST "hello\n" },
	{ "RFC 9110 9.3.2: a HEAD", "HEAD /hello HTTP/1.1" HEAD LAST,
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST },
	{ "HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST "hello\n" },
	{ "RFC 9112 9.3.2: two at once", "GET /hello HTTP/1.1" HEAD "\r\nGET /x HTTP/1.1" HEAD LAST,
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n\r\nhello\n"
	  "HTTP/1.1 404 Not Found\r\n" TEXT "Content-Length: 0\r\n" LAST },
	{ "RFC 9112 9.6: nothing behind the last", "GET /hello HTTP/1.1" HEAD LAST "GET /hello HTTP/1.1" HEAD "\r\n",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST "hello\n" },
	{ "one that is to be the last", "GET /close HTTP/1.1" HEAD "\r\nGET /hello HTTP/1.1" HEAD "\r\n",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 0\r\n" LAST },
	{ "not HTTP", "\x16\x03\x01\n", BAD },
	{ "a good one, then a bad one", "GET /hello HTTP/1.1" HEAD "\r\nGET\r\n\r\nGET /hello HTTP/1.1" HEAD "\r\n",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n\r\nhello\n" BAD },
	{ "smuggling", "POST /echo HTTP/1.1" HEAD "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	  "GET /hello HTTP/1.1" HEAD "\r\n", BAD },
	{ "a body", "POST /echo HTTP/1.1" HEAD "Content-Length: 3\r\n" LAST "abc",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 3\r\n" LAST "abc" },
	{ "a body, and a request behind it",
	  "POST /echo HTTP/1.1" HEAD "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1" HEAD LAST,
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 3\r\n\r\nabc"
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST "hello\n" },
	{ "a body in chunks", "POST /echo HTTP/1.1" HEAD "Transfer-Encoding: chunked\r\n" LAST "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 3\r\n" LAST "abc" },
	{ "chunks that are none", "POST /echo HTTP/1.1" HEAD "Transfer-Encoding: chunked\r\n\r\nx\r\n", BAD },
	{ "a body with a GET", "GET /hello HTTP/1.1" HEAD "Content-Length: 3\r\n" LAST "abc",
	  "HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 6\r\n" LAST "hello\n" },
	{ "a body that is too long: told, and the end", "POST /echo HTTP/1.1" HEAD "Content-Length: 1001\r\n\r\nabc",
	  "HTTP/1.1 413 Content Too Large\r\n" TEXT "Content-Length: 0\r\n" LAST },
	{ "RFC 9110 10.1.1: the body has to wait",
	  "POST /echo HTTP/1.1" HEAD "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
	  "HTTP/1.1 413 Content Too Large\r\n" TEXT "Content-Length: 0\r\n" LAST },
	{ "a handler that fails", "GET /fail HTTP/1.1" HEAD LAST,
	  "HTTP/1.1 500 Internal Server Error\r\n" TEXT "Content-Length: 0\r\n" LAST },
};
/* clang-format on */

/* All of them, in packets of n octets at the most. */
static void
hold_talks(size_t n)
{
	struct tally t = { 0 };
	struct test_web s;

	test_web_init(&s);
	test_web_start(&s);
	for (size_t i = 0; i < ROWS(talks); i++) {
		struct span rest = span_str(talks[i].say);
		int fd = test_connect(s.port);
		char mem[4096];

		for (; rest.n > 0; rest = span_skip(rest, n))
			(void)send(
			    fd, rest.p, span_head(rest, n).n, MSG_NOSIGNAL);
		t.label = talks[i].label;
		want_bool(&t, "ends", test_read_all(fd, mem, sizeof mem), true);
		want_span(&t, "heard", span_str(mem), span_str(talks[i].want));
		close(fd);
	}
	assert_int_equal(t.failed, 0);
	test_web_stop(&s);
	test_web_join(&s);
}

static void
test_talks(void **state)
{
	(void)state;
	hold_talks(SIZE_MAX);
}

static void
test_bytewise(void **state)
{
	(void)state;
	hold_talks(1);
}

static void
test_continue(void **state)
{
	struct test_web s;
	char mem[512] = "";
	int fd;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	fd = test_connect(s.port);
	test_send(fd, "POST /echo HTTP/1.1" HEAD
		      "Expect: 100-continue\r\nContent-Length: 3\r\n" LAST);
	assert_true(test_read(fd, mem, 25));
	assert_string_equal(mem, "HTTP/1.1 100 Continue\r\n\r\n");
	test_send(fd, "abc");
	assert_true(test_read_all(fd, mem, sizeof mem));
	assert_non_null(strstr(mem, "200 OK"));
	close(fd);
	test_web_stop(&s);
	test_web_join(&s);
}

/* More answers than fit into any buffer, to a client that reads them late. */
static void
test_backlog(void **state)
{
	enum { REQUESTS = 100 };
	struct test_web s;
	size_t n = 0, answers = 0;
	char mem[16384];
	ssize_t rc;
	int fd;

	(void)state;
	test_web_init(&s);
	test_web_start(&s);
	fd = test_connect(s.port);
	for (int i = 1; i < REQUESTS; i++)
		test_send(fd, "GET /big HTTP/1.1" HEAD "\r\n");
	test_send(fd, "GET /big HTTP/1.1" HEAD LAST);
	while ((rc = recv(fd, mem, sizeof mem, 0)) > 0) {
		n += (size_t)rc;
		for (ssize_t i = 0; i < rc; i++)
			answers += mem[i] == 'H';
	}
	assert_int_equal(rc, 0);
	assert_int_equal(answers, REQUESTS);
	assert_in_range(n, (size_t)REQUESTS * TEST_BIG,
	    (size_t)REQUESTS * (TEST_BIG + 200));
	close(fd);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).requests, REQUESTS);
}

/* ---- deadlines ---- */

#define DEADLINE(which) offsetof(struct http_server_config, which)

/* clang-format off */
static const struct {
	const char	*label;
	bool		 secure;
	const char	*say;
	bool		 goes_on; /* one octet now and then; or nothing */
	size_t		 deadline; /* which one is short */
	uint64_t	 want_timeouts;
} slow[] = {
	{ "silent before the handshake", true, "", false, DEADLINE(handshake_ms), 1 },
	{ "in the handshake", true, "\x16\x03\x01\x01", true, DEADLINE(handshake_ms), 1 },
	{ "silent", false, "", false, DEADLINE(head_ms), 1 },
	{ "in the head", false, "GET /", true, DEADLINE(head_ms), 1 },
	{ "in the head of a second request", false, "GET /hello HTTP/1.1" HEAD "\r\nGET /", true, DEADLINE(head_ms), 1 },
	{ "in the body", false, "POST /echo HTTP/1.1" HEAD "Content-Length: 1000\r\n\r\n", true, DEADLINE(body_ms), 1 },
	{ "in a chunk's extension", false, "POST /echo HTTP/1.1" HEAD "Transfer-Encoding: chunked\r\n\r\n1;", true,
	  DEADLINE(body_ms), 1 },
	{ "idle", false, "GET /hello HTTP/1.1" HEAD "\r\n", false, DEADLINE(idle_ms), 0 },
	{ "after its last answer", false, "GET\r\n\r\n", true, DEADLINE(linger_ms), 0 },
};
/* clang-format on */

enum { SHORT_MS = 100, OCTET_MS = 10, OCTETS = 9000 };

/* One octet after the other, until the server has enough of it; false if it
 * never has. */
static bool
dribble(int fd)
{
	for (int i = 0; i < OCTETS; i++) {
		struct pollfd p = { .fd = fd };

		if (poll(&p, 1, OCTET_MS) > 0)
			return true;
		if (send(fd, "1", 1, MSG_NOSIGNAL) < 0)
			return true;
	}
	return false;
}

static void
test_slow(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(slow); i++) {
		struct test_web s;
		char mem[4096];
		int fd, other;

		test_web_init(&s);
		*(int *)((char *)&s.config + slow[i].deadline) = SHORT_MS;
		/* All is said before the server begins to count. */
		fd = test_connect(slow[i].secure ? s.secure_port : s.port);
		test_send(fd, slow[i].say);
		/* Meanwhile nobody else waits. */
		other = test_connect(s.port);
		test_send(other, "GET /hello HTTP/1.1" HEAD LAST);
		test_web_start(&s);
		t.label = slow[i].label;
		want_bool(
		    &t, "other", test_read_all(other, mem, sizeof mem), true);
		want_bool(&t, "cut off",
		    slow[i].goes_on ? dribble(fd)
				    : test_read_all(fd, mem, sizeof mem),
		    true);
		close(fd);
		close(other);
		test_web_stop(&s);
		want_int(&t, "timeouts", (int64_t)test_web_join(&s).timeouts,
		    (int64_t)slow[i].want_timeouts);
	}
	assert_int_equal(t.failed, 0);
}

/* A client that does not take its answers. */
static void
test_slow_reader(void **state)
{
	struct test_web s;
	struct pollfd p = { .events = 0 };
	int small = 4096;

	(void)state;
	test_web_init(&s);
	s.config.write_ms = SHORT_MS;
	test_web_start(&s);
	p.fd = test_connect(s.port);
	setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (int i = 0; i < 200; i++)
		test_send(p.fd, "GET /big HTTP/1.1" HEAD "\r\n");
	assert_int_equal(poll(&p, 1, 60 * 1000), 1);
	close(p.fd);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).timeouts, 1);
}

/* ---- how many ---- */

static bool
is_answered(int fd)
{
	char mem[12];

	test_send(fd, "GET /hello HTTP/1.1" HEAD "\r\n");
	return test_read(fd, mem, sizeof mem);
}

static void
test_per_address_ceiling(void **state)
{
	struct test_web s;
	struct http_server_stats stats;
	int a, b, c;

	(void)state;
	test_web_init(&s);
	s.config.max_per_address = 2;
	test_web_start(&s);
	a = test_connect(s.port);
	b = test_connect(s.port);
	assert_true(is_answered(a));
	assert_true(is_answered(b));
	c = test_connect(s.port);
	assert_false(is_answered(c));
	assert_true(is_answered(a));
	close(a);
	close(b);
	close(c);
	test_web_stop(&s);
	stats = test_web_join(&s);
	assert_int_equal(stats.accepted, 2);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(stats.open, 0);
}

/* It is not that of a proxy, behind which there are many. */
static void
test_shared_address(void **state)
{
	static const struct ip_prefix here = {
		{ .family = IP_V4, .b = { 127 } }, 8
	};
	struct test_web s;
	struct http_server_stats stats;
	int a, b;

	(void)state;
	test_web_init(&s);
	s.config.max_per_address = 1;
	s.config.shared = &here;
	s.config.n_shared = 1;
	test_web_start(&s);
	a = test_connect(s.port);
	b = test_connect(s.port);
	assert_true(is_answered(a));
	assert_true(is_answered(b));
	close(a);
	close(b);
	test_web_stop(&s);
	stats = test_web_join(&s);
	assert_int_equal(stats.accepted, 2);
	assert_int_equal(stats.refused, 0);
}

/* Who begins bodies and does not end them keeps nobody else from his. */
static void
test_bodies_ceiling(void **state)
{
	static const char half[] =
	    "POST /echo HTTP/1.1" HEAD "Content-Length: 1000\r\n\r\nabc";
	struct pollfd halves[3];
	struct test_web s;
	char mem[512];
	int gone = 0, c;

	(void)state;
	test_web_init(&s);
	s.config.max_bodies = 2 * TEST_MAX_BODY;
	test_web_start(&s);
	for (size_t i = 0; i < ROWS(halves); i++) {
		halves[i] = (struct pollfd){ test_connect(s.port), POLLIN, 0 };
		test_send(halves[i].fd, half);
	}
	assert_int_equal(poll(halves, ROWS(halves), -1), 1);
	c = test_connect(s.port);
	test_send(
	    c, "POST /echo HTTP/1.1" HEAD "Content-Length: 3\r\n" LAST "abc");
	assert_true(test_read_all(c, mem, sizeof mem));
	assert_non_null(strstr(mem, "200 OK"));
	assert_int_equal(poll(halves, ROWS(halves), 0), 2);
	for (size_t i = 0; i < ROWS(halves); i++) {
		gone += halves[i].revents != 0 &&
			test_read_all(halves[i].fd, mem, sizeof mem) &&
			mem[0] == '\0';
		close(halves[i].fd);
	}
	assert_int_equal(gone, 2);
	close(c);
	test_web_stop(&s);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* A new one takes the place of the one that has been idle longest; where none
 * is idle it waits. */
static void
test_ceiling(void **state)
{
	struct test_web s;
	struct http_server_stats stats;
	char mem[512];
	int a, b, c;

	(void)state;
	test_web_init(&s);
	s.config.max_connections = 2;
	s.config.drain_ms = 40; /* and so the tick is 10 ms */
	test_web_start(&s);
	a = test_connect(s.port);
	assert_true(is_answered(a));
	b = test_connect(s.port);
	assert_true(is_answered(b));
	c = test_connect(s.port);
	test_send(c, "GET /hello HTTP/1.1\r\n");
	assert_true(test_read_all(a, mem, sizeof mem));
	test_send(b, "GET /hello HTTP/1.1" HEAD LAST);
	assert_true(test_read_all(b, mem, sizeof mem));
	test_send(c, "Host: a.example\r\n" LAST);
	assert_true(test_read_all(c, mem, sizeof mem));
	assert_non_null(strstr(mem, "200 OK"));
	close(a);
	close(b);
	close(c);
	test_web_stop(&s);
	stats = test_web_join(&s);
	assert_int_equal(stats.accepted, 3);
	assert_int_equal(stats.made_room, 1);
}

/* ---- the end ---- */

static void
test_drain(void **state)
{
	struct test_web s;
	char mem[512];
	int idle, silent, busy;

	(void)state;
	test_web_init(&s);
	s.config.accept_s = 0;
	test_web_start(&s);
	silent = test_connect(s.port); /* accepted before the others are */
	idle = test_connect(s.port);
	assert_true(is_answered(idle));
	busy = test_connect(s.port);
	test_send(busy, "POST /echo HTTP/1.1" HEAD
			"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	assert_true(test_read(busy, mem, 25)); /* it is being read */
	test_web_stop(&s);
	assert_true(test_read_all(idle, mem, sizeof mem));
	assert_true(test_read_all(silent, mem, sizeof mem));
	test_send(busy, "abc");
	assert_true(test_read_all(busy, mem, sizeof mem));
	assert_non_null(strstr(mem, "Connection: close\r\n\r\nabc"));
	close(idle);
	close(silent);
	close(busy);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* Whoever asked before the listeners are closed is answered, even if it still
 * waits to be accepted. */
static void
test_drain_loses_nobody(void **state)
{
	enum { CLIENTS = 100 };
	int fds[CLIENTS], answered = 0;
	struct test_web s;
	char mem[512];

	(void)state;
	test_web_init(&s);
	s.config.settle_ms = SHORT_MS;
	test_web_start(&s);
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = test_connect(s.port);
		test_send(fds[i], "GET /hello HTTP/1.1" HEAD LAST);
	}
	test_web_stop(&s);
	for (int i = 0; i < CLIENTS; i++) {
		answered += test_read_all(fds[i], mem, sizeof mem) &&
			    strstr(mem, LAST "hello\n") != NULL;
		close(fds[i]);
	}
	assert_int_equal(answered, CLIENTS);
	assert_int_equal(test_web_join(&s).open, 0);
}

/* Who wakes the loop has it call back, every time. */
struct waker {
	int fd;
	int answer[2];
};

static void
answer_wake(void *arg)
{
	const struct waker *w = arg;
	uint64_t n;

	assert_int_equal(read(w->fd, &n, sizeof n), sizeof n);
	assert_int_equal(write(w->answer[1], "!", 1), 1);
}

static void
test_wake(void **state)
{
	const uint64_t one = 1;
	struct waker w = { .fd = eventfd(0, EFD_CLOEXEC) };
	struct test_web s;
	char c;

	(void)state;
	assert_int_equal(pipe(w.answer), 0);
	test_web_init(&s);
	s.config.wake_fd = w.fd;
	s.config.woken = answer_wake;
	s.config.woken_arg = &w;
	test_web_start(&s);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(w.fd, &one, sizeof one), sizeof one);
		assert_int_equal(read(w.answer[0], &c, 1), 1);
	}
	test_web_stop(&s);
	test_web_join(&s);
	close(w.fd);
	close(w.answer[0]);
	close(w.answer[1]);
}

static void
test_drain_deadline(void **state)
{
	struct test_web s;
	char mem[512];
	int fd;

	(void)state;
	test_web_init(&s);
	s.config.drain_ms = SHORT_MS;
	test_web_start(&s);
	fd = test_connect(s.port);
	assert_true(is_answered(fd));
	assert_true(recv(fd, mem, sizeof mem, 0) > 0); /* all of it */
	test_send(fd, "GET /hello HTTP/1.1\r\n");
	test_web_stop(&s);
	assert_true(test_read_all(fd, mem, sizeof mem));
	close(fd);
	assert_int_equal(test_web_join(&s).open, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_bytewise),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_per_address_ceiling),
		cmocka_unit_test(test_shared_address),
		cmocka_unit_test(test_bodies_ceiling),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_drain_deadline),
		cmocka_unit_test(test_drain_loses_nobody),
		cmocka_unit_test(test_wake),
	};

	return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
