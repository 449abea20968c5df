#include "serve/test_server.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_table.h"
#include "wire/dns.h"

static struct mono_time
moving_mono(const struct clock *c)
{
	int64_t ms = ((const struct test_clock *)(const void *)c)->ms;

	return mono_after_ms((struct mono_time){ 0 }, ms);
}

static struct wall_time
moving_wall(const struct clock *c)
{
	(void)c;
	return (struct wall_time){ 1700000000 };
}

void
test_server_init(struct test_server *s, uint32_t rate, size_t connections)
{
	struct dns_server_config c;
	struct error e = { .text = "" };

	test_zone_init(&s->z, 100, true);
	s->clock = (struct test_clock){ { moving_wall, moving_mono }, 0 };
	s->base = event_base_new();
	s->at = (struct endpoint){ test_loopback, 0 };
	s->secondary = (struct dns_secondary){ .at = { test_loopback, 9 } };
	c = (struct dns_server_config){ .base = s->base,
		.clock = &s->clock.c,
		.randomness = &randomness_system,
		.zone = s->z.zone,
		.listen = &s->at,
		.n_listen = 1,
		.secondaries = &s->secondary,
		.n_secondaries = 1,
		.rate = rate,
		.connections = connections };
	if (dns_server_new(&c, &s->server, &e) != ERR_OK)
		fail_msg("%s", e.text);
	s->at.port = dns_server_port(s->server, 0);
}

void
test_server_release(struct test_server *s)
{
	dns_server_free(s->server);
	event_base_free(s->base);
	test_zone_release(&s->z);
}

void
test_server_turn(struct event_base *base)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

ssize_t
test_server_await(struct event_base *base, int fd, char *mem, size_t n)
{
	for (int i = 0; i < TEST_PATIENCE; i++) {
		ssize_t got;

		test_server_turn(base);
		got = recv(fd, mem, n, MSG_DONTWAIT);
		if (got >= 0)
			return got;
		if (errno == ECONNRESET)
			return 0;
		if (i > 100)
			usleep(TEST_TURN_US); /* the kernel has it */
	}
	return -1;
}

/* ---- clients ---- */

int
test_udp_client(const struct test_server *s)
{
	int fd = -1;

	assert_int_equal(dns_socket_connect(&s->at, &fd), ERR_OK);
	return fd;
}

int
test_tcp_client_from(const struct test_server *s,
    const union dns_sockaddr *from, socklen_t from_n)
{
	union dns_sockaddr to;
	socklen_t n = dns_sockaddr_set(&to, &s->at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (from != NULL)
		assert_int_equal(bind(fd, &from->any, from_n), 0);
	assert_int_equal(connect(fd, &to.any, n), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

int
test_tcp_client(const struct test_server *s)
{
	return test_tcp_client_from(s, NULL, 0);
}

size_t
test_server_query(char *mem, unsigned id)
{
	const struct test_query q = { "alpha.svc.example", DNS_TXT, 0, 1232 };
	size_t n = test_query_write(mem, TEST_QUERY_MAX, &q).n;

	mem[0] = (char)(id >> 8);
	mem[1] = (char)(id & 0xff);
	return n;
}

size_t
test_tcp_query(char *mem, unsigned id)
{
	size_t n = test_server_query(mem + 2, id);

	mem[0] = (char)(n >> 8);
	mem[1] = (char)(n & 0xff);
	return n + 2;
}

/* Exactly n octets. */
static bool
read_whole(struct event_base *base, int fd, char *mem, size_t n)
{
	while (n > 0) {
		ssize_t got = test_server_await(base, fd, mem, n);

		if (got <= 0)
			return false;
		mem += got;
		n -= (size_t)got;
	}
	return true;
}

struct span
test_tcp_read(struct event_base *base, int fd, char *mem, size_t cap)
{
	char length[2];
	size_t n;

	if (!read_whole(base, fd, length, 2))
		return SPAN("");
	n = dns_u16((struct span){ length, 2 }, 0);
	assert_true(n <= cap);
	assert_true(read_whole(base, fd, mem, n));
	return (struct span){ mem, n };
}

bool
test_tcp_answers(struct event_base *base, int fd, unsigned id)
{
	char mem[DNS_UDP_OCTETS];
	size_t n = test_tcp_query(mem, id);
	struct span got;

	if (send(fd, mem, n, MSG_NOSIGNAL) != (ssize_t)n)
		return false;
	got = test_tcp_read(base, fd, mem, sizeof mem);
	return got.n > 0 && dns_u16(got, 0) == id && dns_u16(got, 6) == 1;
}
