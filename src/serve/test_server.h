/* test_server.h - for tests only: the server on loopback with the zone of
 * test_zone.h, and clients of it on the very thread of the test. What the
 * server does between two steps of a client is a turn of its loop. */
#ifndef SERVE_TEST_SERVER_H
#define SERVE_TEST_SERVER_H

#include "serve/dns_server.h"
#include "serve/dns_socket.h"
#include "serve/test_zone.h"

enum {
	TEST_PATIENCE = 20000, /* turns without anything; some of them wait */
	TEST_TURN_US = 500,
	TEST_QUERY_MAX = 512,
};

static const struct ip_addr test_loopback = { IP_V4, { 127, 0, 0, 1 } };

/* Stands still until ms is changed. */
struct test_clock {
	struct clock c; /* first, so that it is one */
	int64_t ms;
};

struct test_server {
	struct test_zone z;
	struct test_clock clock;
	struct event_base *base;
	struct endpoint at;
	struct dns_secondary secondary;
	struct dns_server *server;
};

/* rate and connections as in dns_server.h. */
void
test_server_init(struct test_server *s, uint32_t rate, size_t connections);

void
test_server_release(struct test_server *s);

/* One turn of the loop: all that is ready now. */
void
test_server_turn(struct event_base *base);

/* Read what comes next, while the server has its turns: how much, 0 for the
 * end, -1 for nothing in all that time. */
ssize_t
test_server_await(struct event_base *base, int fd, char *mem, size_t n);

/* A socket that is connected to the server; it waits for nothing. */
int
test_udp_client(const struct test_server *s);

int
test_tcp_client(const struct test_server *s);

/* from: an address of its own, or NULL. */
int
test_tcp_client_from(const struct test_server *s,
    const union dns_sockaddr *from, socklen_t from_n);

/* A query for a name's TXT record, with this id, of at most TEST_QUERY_MAX
 * octets; for TCP behind its length. */
size_t
test_server_query(char *mem, unsigned id);
size_t
test_tcp_query(char *mem, unsigned id);

/* The next message over TCP; empty at the end. */
struct span
test_tcp_read(struct event_base *base, int fd, char *mem, size_t cap);

/* Does the connection answer this one query? */
bool
test_tcp_answers(struct event_base *base, int fd, unsigned id);

#endif
