/* Clients over TCP, well-behaved and others. */
#include "serve/dns_tcp.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_server.h"
#include "wire/axfr.h"
#include "wire/dns.h"

/* RFC 7766 6.2.1.1: all queries at once, the answers in their order. */
static void
test_pipelining(void **state)
{
	enum { QUERIES = 500 };
	char *all = test_malloc(QUERIES * 64), mem[DNS_UDP_OCTETS];
	size_t n = 0, sent = 0;
	struct test_server s;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_tcp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++) {
		char one[TEST_QUERY_MAX];
		size_t octets = test_tcp_query(one, i);

		memcpy(all + n, one, octets);
		n += octets;
	}
	for (unsigned i = 0; i < QUERIES; i++) {
		struct span got;

		if (sent < n) {
			ssize_t now = send(fd, all + sent, n - sent, 0);

			sent += now > 0 ? (size_t)now : 0;
		}
		got = test_tcp_read(s.base, fd, mem, sizeof mem);
		assert_true(got.n > 0);
		assert_int_equal(dns_u16(got, 0), i);
	}
	close(fd);
	test_server_release(&s);
	test_free(all);
}

/* The client closes its side behind the last query: it still gets the answer,
 * and then the end. */
static void
test_half_close(void **state)
{
	char mem[DNS_UDP_OCTETS];
	struct test_server s;
	size_t n;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_tcp_client(&s);
	n = test_tcp_query(mem, 1);
	assert_int_equal(send(fd, mem, n, 0), n);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(test_tcp_read(s.base, fd, mem, sizeof mem).n > 0);
	assert_int_equal(test_server_await(s.base, fd, mem, sizeof mem), 0);
	close(fd);
	test_server_release(&s);
}

/* One octet at a time, while another client is served between any two. */
static void
test_slow_client(void **state)
{
	char mem[TEST_QUERY_MAX];
	struct test_server s;
	int slow, other;
	size_t n;

	(void)state;
	test_server_init(&s, 0, 0);
	slow = test_tcp_client(&s);
	other = test_tcp_client(&s);
	n = test_tcp_query(mem, 77);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(send(slow, mem + i, 1, 0), 1);
		assert_true(test_tcp_answers(s.base, other, (unsigned)i));
	}
	assert_true(test_tcp_read(s.base, slow, mem, sizeof mem).n > 0);
	assert_int_equal(dns_u16((struct span){ mem, 2 }, 0), 77);
	close(slow);
	close(other);
	test_server_release(&s);
}

/* A client asks and never reads, until nothing more goes out; others are
 * served. */
static void
test_client_that_does_not_read(void **state)
{
	int stuck, other, small = 4096, idle = 0;
	char mem[TEST_QUERY_MAX];
	struct test_server s;
	size_t n;

	(void)state;
	test_server_init(&s, 0, 0);
	stuck = test_tcp_client(&s);
	other = test_tcp_client(&s);
	assert_int_equal(
	    setsockopt(stuck, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	n = test_tcp_query(mem, 1);
	while (idle < 50) {
		idle = send(stuck, mem, n, MSG_NOSIGNAL) > 0 ? 0 : idle + 1;
		test_server_turn(s.base);
	}
	for (unsigned i = 0; i < 10; i++)
		assert_true(test_tcp_answers(s.base, other, i));
	close(stuck);
	close(other);
	test_server_release(&s);
}

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
} strangers[] = {
	{ "a length of nothing", SPAN_INIT("\0\0") },
	{ "a length that no query has", SPAN_INIT("\xff\xff") },
	{ "another protocol", SPAN_INIT("GET / HTTP/1.1\r\n\r\n") },
	{ "half a header", SPAN_INIT("\0\4\1\2\3\4") },
	{ "a response", SPAN_INIT("\0\xc\1\2\x80\0\0\0\0\0\0\0\0\0") },
};
/* clang-format on */

static void
test_strangers(void **state)
{
	struct tally t = { .failed = 0 };
	struct test_server s;

	(void)state;
	test_server_init(&s, 0, 0);
	for (size_t i = 0; i < ROWS(strangers); i++) {
		int fd = test_tcp_client(&s);
		char c;

		t.label = strangers[i].label;
		want_int(&t, "sent",
		    send(fd, strangers[i].in.p, strangers[i].in.n, 0),
		    (int64_t)strangers[i].in.n);
		want_int(&t, "closed", test_server_await(s.base, fd, &c, 1), 0);
		close(fd);
	}
	test_server_release(&s);
	assert_int_equal(t.failed, 0);
}

/* RFC 7766 6.2.3: at the ceiling the one that has been idle for longest goes.
 */
static void
test_connections(void **state)
{
	enum { MAX = 3 };
	int fds[MAX + 1];
	struct test_server s;
	char c;

	(void)state;
	test_server_init(&s, 0, MAX);
	for (unsigned i = 0; i < MAX; i++) {
		fds[i] = test_tcp_client(&s);
		assert_true(test_tcp_answers(s.base, fds[i], i));
	}
	assert_true(
	    test_tcp_answers(s.base, fds[0], 0)); /* now 1 is the oldest */
	fds[MAX] = test_tcp_client(&s);
	assert_true(test_tcp_answers(s.base, fds[MAX], MAX));
	assert_int_equal(test_server_await(s.base, fds[1], &c, 1), 0);
	assert_true(test_tcp_answers(s.base, fds[0], 0));
	assert_true(test_tcp_answers(s.base, fds[2], 0));
	assert_int_equal(dns_server_counts(s.server)->connections, MAX + 1);
	assert_int_equal(dns_server_counts(s.server)->pushed_out, 1);
	for (size_t i = 0; i <= MAX; i++)
		close(fds[i]);
	test_server_release(&s);
}

/* One network that opens many connections pushes out its own: another's, which
 * is older than all of them, stays. */
static void
test_connections_of_one_network(void **state)
{
	enum { MAX = 4, MANY = 10 };
	struct endpoint elsewhere = { { IP_V4, { 127, 0, 1, 1 } }, 0 };
	union dns_sockaddr from;
	socklen_t n = dns_sockaddr_set(&from, &elsewhere);
	int fds[MANY], other;
	struct test_server s;

	(void)state;
	test_server_init(&s, 0, MAX);
	other = test_tcp_client_from(&s, &from, n);
	assert_true(test_tcp_answers(s.base, other, 0));
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = test_tcp_client(&s);
		assert_true(test_tcp_answers(s.base, fds[i], i));
	}
	assert_true(test_tcp_answers(s.base, other, 0));
	assert_int_equal(
	    dns_server_counts(s.server)->pushed_out, MANY - (MAX - MAX / 4));
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
	close(other);
	test_server_release(&s);
}

/* RFC 7766 6.2.3: the idle time counts from the last whole query; a single
 * octet now and then does not help. */
static void
test_idle(void **state)
{
	struct dns_counts counts = { .queries = 0 };
	struct dns_responder responder;
	struct dns_tcp_config config;
	struct dns_tcp *tcp;
	int listener, idle, busy;
	struct test_server s;
	char c;

	(void)state;
	test_server_init(&s, 0, 0);
	s.at.port = 0;
	assert_int_equal(
	    dns_socket_open(&s.at, SOCK_STREAM, &listener, NULL), ERR_OK);
	s.at.port = dns_socket_port(listener);
	responder =
	    (struct dns_responder){ .zone = s.z.zone, .clock = &s.clock.c };
	config = (struct dns_tcp_config){ s.base, &responder, &counts, 0 };
	assert_int_equal(dns_tcp_new(&config, &tcp, NULL), ERR_OK);
	idle = test_tcp_client(&s);
	busy = test_tcp_client(&s);
	dns_tcp_accept(tcp, listener);
	assert_int_equal(counts.connections, 2);

	s.clock.ms += LIMIT_DNS_IDLE_MS - 1;
	assert_int_equal(send(idle, "\0", 1, 0), 1);
	assert_true(test_tcp_answers(s.base, busy, 1));
	dns_tcp_sweep(tcp);
	assert_int_equal(recv(idle, &c, 1, MSG_DONTWAIT), -1);
	s.clock.ms += 1;
	dns_tcp_sweep(tcp);
	assert_int_equal(test_server_await(s.base, idle, &c, 1), 0);
	assert_true(test_tcp_answers(s.base, busy, 2));
	s.clock.ms += LIMIT_DNS_IDLE_MS;
	dns_tcp_sweep(tcp);
	assert_int_equal(test_server_await(s.base, busy, &c, 1), 0);

	dns_tcp_free(tcp);
	close(idle);
	close(busy);
	close(listener);
	test_server_release(&s);
}

/* A transfer, and a query behind it that is answered when it is through. */
static void
test_transfer(void **state)
{
	const struct test_query q = { "svc.example", DNS_AXFR, 0, 0 };
	struct axfr x = axfr_init(SPAN("svc.example"), 0x1234);
	static char mem[LIMIT_DNS_TRANSFER_MESSAGE];
	struct dns_record rr;
	struct test_server s;
	struct span m;
	int records = 0, fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_tcp_client(&s);
	m = test_query_write(mem + 2, TEST_QUERY_MAX, &q);
	mem[0] = 0;
	mem[1] = (char)m.n;
	assert_int_equal(send(fd, mem, m.n + 2, 0), m.n + 2);
	assert_int_equal(
	    send(fd, mem, test_tcp_query(mem, 5), 0), test_tcp_query(mem, 5));
	m = test_tcp_read(s.base, fd, mem, sizeof mem);
	assert_int_equal(axfr_message(&x, m), AXFR_OK);
	while (axfr_next(&x, &rr) == AXFR_OK)
		records++;
	assert_true(x.done);
	assert_int_equal(records, 18);
	m = test_tcp_read(s.base, fd, mem, sizeof mem);
	assert_int_equal(dns_u16(m, 0), 5);
	assert_int_equal(dns_server_counts(s.server)->transfers, 1);
	close(fd);
	test_server_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_slow_client),
		cmocka_unit_test(test_client_that_does_not_read),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_connections_of_one_network),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
