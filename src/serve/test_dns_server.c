/* The server as a whole: UDP, addresses, threads. */
#include "serve/dns_server.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_server.h"

/* ---- UDP ---- */

static void
test_udp(void **state)
{
	char mem[DNS_UDP_OCTETS], text[256];
	struct tally t = { .label = "UDP", .failed = 0 };
	struct test_server s;
	ssize_t n;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_udp_client(&s);
	assert_true(send(fd, mem, test_server_query(mem, 1), 0) > 0);
	n = test_server_await(s.base, fd, mem, sizeof mem);
	assert_true(n > 0);
	want_span(&t, "answer",
	    test_reply_text(text, sizeof text, (struct span){ mem, (size_t)n }),
	    SPAN("NOERROR aa | alpha.svc.example 300 \"v=STSv1; "
		 "id=idalpha;\" | |"));
	close(fd);
	test_server_release(&s);
	assert_int_equal(t.failed, 0);
}

/* The same over IPv6, where there is any. */
static void
test_udp_v6(void **state)
{
	struct endpoint at = { { IP_V6, { [15] = 1 } }, 0 };
	char mem[DNS_UDP_OCTETS];
	struct dns_server_config c;
	struct dns_server *server;
	struct error e = { .text = "" };
	struct test_server s;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	c = (struct dns_server_config){ .base = s.base,
		.clock = &s.clock.c,
		.randomness = &randomness_system,
		.zone = s.z.zone,
		.listen = &at,
		.n_listen = 1 };
	if (dns_server_new(&c, &server, &e) != ERR_OK) {
		test_server_release(&s);
		say_skipped(e.text);
		return;
	}
	s.at = (struct endpoint){ at.address, dns_server_port(server, 0) };
	fd = test_udp_client(&s);
	assert_true(send(fd, mem, test_server_query(mem, 1), 0) > 0);
	assert_true(test_server_await(s.base, fd, mem, sizeof mem) > 0);
	assert_int_equal(dns_u16((struct span){ mem, sizeof mem }, 6), 1);
	close(fd);
	dns_server_free(server);
	test_server_release(&s);
}

/* More than a batch at once, with messages between that get no answer; every
 * id comes back once. */
static void
test_udp_batches(void **state)
{
	enum { QUERIES = 3 * LIMIT_DNS_BATCH };
	int seen[QUERIES] = { 0 };
	char mem[DNS_UDP_OCTETS];
	struct test_server s;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_udp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++) {
		assert_true(send(fd, mem, test_server_query(mem, i), 0) > 0);
		if (i % 7 == 0)
			assert_int_equal(send(fd, "junk", 4, 0), 4);
	}
	for (unsigned i = 0; i < QUERIES; i++) {
		ssize_t n = test_server_await(s.base, fd, mem, sizeof mem);

		assert_true(n > DNS_HEADER_OCTETS);
		seen[dns_u16((struct span){ mem, 2 }, 0)]++;
	}
	for (unsigned i = 0; i < QUERIES; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(recv(fd, mem, sizeof mem, MSG_DONTWAIT), -1);
	close(fd);
	test_server_release(&s);
}

/* A datagram longer than any query: it is cut, and so refused. */
static void
test_udp_too_long(void **state)
{
	char mem[LIMIT_DNS_QUERY + 1000] = { 0 };
	struct test_server s;
	int fd;

	(void)state;
	test_server_init(&s, 0, 0);
	fd = test_udp_client(&s);
	(void)test_server_query(mem, 7);
	assert_true(send(fd, mem, sizeof mem, 0) > 0);
	assert_true(test_server_await(s.base, fd, mem, sizeof mem) > 0);
	assert_int_equal(mem[3] & DNS_MASK_RCODE, DNS_RCODE_FORMERR);
	close(fd);
	test_server_release(&s);
}

/* At one answer a second, with a burst of five, twenty queries get five
 * answers; of the others every second is "truncated". */
static void
test_rate(void **state)
{
	enum { QUERIES = 20, BURST = 5, OVER = QUERIES - BURST };
	int whole = 0, truncated = 0;
	char mem[DNS_UDP_OCTETS];
	struct test_server s;
	int fd;

	(void)state;
	test_server_init(&s, 1, 0);
	fd = test_udp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++)
		assert_true(send(fd, mem, test_server_query(mem, i), 0) > 0);
	for (int i = 0; i < BURST + OVER / LIMIT_DNS_SLIP; i++) {
		assert_true(test_server_await(s.base, fd, mem, sizeof mem) > 0);
		if ((mem[2] & DNS_FLAG_TC >> 8) != 0)
			truncated++;
		else
			whole++;
	}
	assert_int_equal(whole, BURST);
	assert_int_equal(truncated, OVER / LIMIT_DNS_SLIP);
	assert_int_equal(dns_server_counts(s.server)->queries, QUERIES);
	assert_int_equal(dns_server_counts(s.server)->slipped, truncated);
	assert_int_equal(
	    dns_server_counts(s.server)->dropped, OVER - truncated);
	close(fd);
	/* over TCP there is no limit */
	fd = test_tcp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++)
		assert_true(test_tcp_answers(s.base, fd, i));
	close(fd);
	test_server_release(&s);
}

/* ---- addresses ---- */

static void
test_addresses(void **state)
{
	static const struct {
		const char *address;
		enum err want;
		const char *want_text;
	} rows[] = {
		{ "0.0.0.0", ERR_USAGE,
		    "DNS cannot be served at 0.0.0.0: name each address" },
		{ "::", ERR_USAGE,
		    "DNS cannot be served at ::: name each address" },
		{ "192.0.2.1", ERR_SYSTEM,
		    "cannot serve DNS at 192.0.2.1@0: Cannot assign requested "
		    "address" },
	};
	struct tally t = { .failed = 0 };
	struct test_server s;

	(void)state;
	test_server_init(&s, 0, 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct endpoint at = { .port = 0 };
		struct dns_server_config c = { .base = s.base,
			.clock = &s.clock.c,
			.randomness = &randomness_system,
			.zone = s.z.zone,
			.listen = &at,
			.n_listen = 1 };
		struct error e = { .text = "" };
		struct dns_server *none;

		t.label = rows[i].address;
		assert_true(ip_parse(span_str(t.label), &at.address));
		want_int(
		    &t, "result", dns_server_new(&c, &none, &e), rows[i].want);
		want_span(&t, "sentence", span_str(e.text),
		    span_str(rows[i].want_text));
	}
	test_server_release(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- threads ---- */

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

struct worker {
	pthread_t thread;
	struct event_base *base;
	struct event *stop;
	struct dns_server *server;
	int pipe[2];
};

static void *
run(void *arg)
{
	struct worker *w = arg;

	event_base_dispatch(w->base);
	return NULL;
}

static void
start(struct worker *w, const struct dns_server_config *shared)
{
	struct dns_server_config c = *shared;

	w->base = c.base = event_base_new();
	assert_int_equal(dns_server_new(&c, &w->server, NULL), ERR_OK);
	assert_int_equal(pipe2(w->pipe, O_CLOEXEC), 0);
	w->stop = event_new(w->base, w->pipe[0], EV_READ, on_stop, w->base);
	assert_int_equal(event_add(w->stop, NULL), 0);
	assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
}

/* What it has served. */
static uint64_t
stop(struct worker *w)
{
	uint64_t served;

	assert_int_equal(write(w->pipe[1], "", 1), 1);
	pthread_join(w->thread, NULL);
	served = dns_server_counts(w->server)->queries;
	event_free(w->stop);
	dns_server_free(w->server);
	event_base_free(w->base);
	close(w->pipe[0]);
	close(w->pipe[1]);
	return served;
}

/* Two servers at one port, sharing a zone: clients from many ports are all
 * answered, whoever gets them. */
static void
test_threads(void **state)
{
	enum { CLIENTS = 200, WORKERS = 2 };
	const struct timeval patience = { .tv_sec = 60 };
	struct worker workers[WORKERS];
	struct dns_server_config c;
	uint64_t served = 0;
	struct test_server s;

	(void)state;
	test_server_init(&s, 0, 0);
	c = (struct dns_server_config){ .clock = &clock_system,
		.randomness = &randomness_system,
		.zone = s.z.zone,
		.listen = &s.at,
		.n_listen = 1 };
	for (int i = 0; i < WORKERS; i++)
		start(&workers[i], &c);
	dns_server_free(s.server); /* which had a free port */
	s.server = NULL;
	for (unsigned i = 0; i < CLIENTS; i++) {
		char mem[DNS_UDP_OCTETS];
		int fd = test_udp_client(&s);

		assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO,
				     &patience, sizeof patience),
		    0);
		assert_true(send(fd, mem, test_server_query(mem, i), 0) > 0);
		assert_true(recv(fd, mem, sizeof mem, 0) > 0);
		close(fd);
	}
	for (int i = 0; i < WORKERS; i++)
		served += stop(&workers[i]);
	assert_int_equal(served, CLIENTS);
	test_server_release(&s);
}

/* Who leaves answers what has arrived, on sockets that somebody else opened;
 * its connections go on, and new ones are refused. */
static void
test_leave(void **state)
{
	struct dns_server_config c;
	struct dns_sockets sockets;
	union dns_sockaddr at;
	char mem[DNS_UDP_OCTETS];
	struct test_server s;
	struct error e;
	int udp, tcp, late;

	(void)state;
	test_server_init(&s, 0, 0);
	dns_server_free(s.server); /* which had a free port */
	assert_int_equal(dns_sockets_open(&s.at, &sockets, &e), ERR_OK);
	c = (struct dns_server_config){ .base = s.base,
		.clock = &s.clock.c,
		.randomness = &randomness_system,
		.zone = s.z.zone,
		.listen = &s.at,
		.n_listen = 1,
		.sockets = &sockets };
	assert_int_equal(dns_server_new(&c, &s.server, &e), ERR_OK);
	udp = test_udp_client(&s);
	tcp = test_tcp_client(&s);
	assert_true(send(udp, mem, test_server_query(mem, 1), 0) > 0);
	dns_server_leave(s.server);
	assert_true(recv(udp, mem, sizeof mem, MSG_DONTWAIT) > 0);
	assert_true(test_tcp_answers(s.base, tcp, 2));
	late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(connect(late, &at.any, dns_sockaddr_set(&at, &s.at)) != 0);
	close(late);
	close(udp);
	close(tcp);
	test_server_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_udp_v6),
		cmocka_unit_test(test_udp_batches),
		cmocka_unit_test(test_udp_too_long),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
