/* The server on loopback, asked by sockets of this very thread: what it does
 * between two steps of a client is one turn of its loop. */
#include "serve/dns_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/dns_socket.h"
#include "serve/dns_tcp.h"
#include "serve/test_zone.h"
#include "wire/axfr.h"
#include "wire/dns.h"

enum {
	PATIENCE = 20000, /* turns without anything; some of them wait */
	TURN_US = 500,
	QUERY_MAX = 512,
};

static const struct ip_addr loopback = { IP_V4, { 127, 0, 0, 1 } };

/* ---- a server ---- */

struct moving_clock {
	struct clock c; /* first, so that it is one */
	int64_t ms;
};

static struct mono_time
moving_mono(const struct clock *c)
{
	int64_t ms = ((const struct moving_clock *)(const void *)c)->ms;

	return mono_after_ms((struct mono_time){ 0 }, ms);
}

static struct wall_time
moving_wall(const struct clock *c)
{
	(void)c;
	return (struct wall_time){ 1700000000 };
}

struct stage {
	struct test_zone z;
	struct moving_clock clock;
	struct event_base *base;
	struct endpoint at;
	struct dns_secondary secondary;
	struct dns_server *server;
};

static void
set_stage(struct stage *s, uint32_t rate, size_t connections)
{
	struct dns_server_config c;
	struct error e = { .text = "" };

	test_zone_init(&s->z, 100, true);
	s->clock = (struct moving_clock){ { moving_wall, moving_mono }, 0 };
	s->base = event_base_new();
	s->at = (struct endpoint){ loopback, 0 };
	s->secondary = (struct dns_secondary){ .at = { loopback, 9 } };
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

static void
strike(struct stage *s)
{
	dns_server_free(s->server);
	event_base_free(s->base);
	test_zone_release(&s->z);
}

static void
turn(struct event_base *base)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Read what comes next, while the server has its turns: how much, 0 for the
 * end, -1 for nothing in all that time. */
static ssize_t
await(struct event_base *base, int fd, char *mem, size_t n)
{
	for (int i = 0; i < PATIENCE; i++) {
		ssize_t got;

		turn(base);
		got = recv(fd, mem, n, MSG_DONTWAIT);
		if (got >= 0)
			return got;
		if (errno == ECONNRESET)
			return 0;
		if (i > 100)
			usleep(TURN_US); /* the kernel has it */
	}
	return -1;
}

/* ---- clients ---- */

static int
udp_client(const struct stage *s)
{
	int fd = -1;

	assert_int_equal(dns_socket_connect(&s->at, &fd), ERR_OK);
	return fd;
}

/* from may be NULL. */
static int
tcp_client_from(
    const struct stage *s, const union dns_sockaddr *from, socklen_t from_n)
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

static int
tcp_client(const struct stage *s)
{
	return tcp_client_from(s, NULL, 0);
}

/* A query for a name's TXT record, with this id. */
static size_t
query(char *mem, unsigned id)
{
	const struct test_query q = { "alpha.svc.example", DNS_TXT, 0, 1232 };
	size_t n = test_query_write(mem, QUERY_MAX, &q).n;

	mem[0] = (char)(id >> 8);
	mem[1] = (char)(id & 0xff);
	return n;
}

/* The same behind its length. */
static size_t
tcp_query(char *mem, unsigned id)
{
	size_t n = query(mem + 2, id);

	mem[0] = (char)(n >> 8);
	mem[1] = (char)(n & 0xff);
	return n + 2;
}

/* Exactly n octets. */
static bool
read_whole(struct event_base *base, int fd, char *mem, size_t n)
{
	while (n > 0) {
		ssize_t got = await(base, fd, mem, n);

		if (got <= 0)
			return false;
		mem += got;
		n -= (size_t)got;
	}
	return true;
}

/* The next message over TCP; empty at the end. */
static struct span
read_message(struct event_base *base, int fd, char *mem, size_t cap)
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

/* Does the connection answer this one query? */
static bool
answers(struct event_base *base, int fd, unsigned id)
{
	char mem[DNS_UDP_OCTETS];
	size_t n = tcp_query(mem, id);
	struct span got;

	if (send(fd, mem, n, MSG_NOSIGNAL) != (ssize_t)n)
		return false;
	got = read_message(base, fd, mem, sizeof mem);
	return got.n > 0 && dns_u16(got, 0) == id && dns_u16(got, 6) == 1;
}

/* ---- UDP ---- */

static void
test_udp(void **state)
{
	char mem[DNS_UDP_OCTETS], text[256];
	struct tally t = { .label = "UDP", .failed = 0 };
	struct stage s;
	ssize_t n;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = udp_client(&s);
	assert_true(send(fd, mem, query(mem, 1), 0) > 0);
	n = await(s.base, fd, mem, sizeof mem);
	assert_true(n > 0);
	want_span(&t, "answer",
	    test_reply_text(text, sizeof text, (struct span){ mem, (size_t)n }),
	    SPAN("NOERROR aa | alpha.svc.example 300 \"v=STSv1; "
		 "id=idalpha;\" | |"));
	close(fd);
	strike(&s);
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
	struct stage s;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	c = (struct dns_server_config){ .base = s.base,
		.clock = &s.clock.c,
		.randomness = &randomness_system,
		.zone = s.z.zone,
		.listen = &at,
		.n_listen = 1 };
	if (dns_server_new(&c, &server, &e) != ERR_OK) {
		strike(&s);
		print_message("# %s\n", e.text);
		skip();
	}
	s.at = (struct endpoint){ at.address, dns_server_port(server, 0) };
	fd = udp_client(&s);
	assert_true(send(fd, mem, query(mem, 1), 0) > 0);
	assert_true(await(s.base, fd, mem, sizeof mem) > 0);
	assert_int_equal(dns_u16((struct span){ mem, sizeof mem }, 6), 1);
	close(fd);
	dns_server_free(server);
	strike(&s);
}

/* More than a batch at once, with messages between that get no answer; every
 * id comes back once. */
static void
test_udp_batches(void **state)
{
	enum { QUERIES = 3 * LIMIT_DNS_BATCH };
	int seen[QUERIES] = { 0 };
	char mem[DNS_UDP_OCTETS];
	struct stage s;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = udp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++) {
		assert_true(send(fd, mem, query(mem, i), 0) > 0);
		if (i % 7 == 0)
			assert_int_equal(send(fd, "junk", 4, 0), 4);
	}
	for (unsigned i = 0; i < QUERIES; i++) {
		ssize_t n = await(s.base, fd, mem, sizeof mem);

		assert_true(n > DNS_HEADER_OCTETS);
		seen[dns_u16((struct span){ mem, 2 }, 0)]++;
	}
	for (unsigned i = 0; i < QUERIES; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(recv(fd, mem, sizeof mem, MSG_DONTWAIT), -1);
	close(fd);
	strike(&s);
}

/* A datagram longer than any query: it is cut, and so refused. */
static void
test_udp_too_long(void **state)
{
	char mem[LIMIT_DNS_QUERY + 1000] = { 0 };
	struct stage s;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = udp_client(&s);
	(void)query(mem, 7);
	assert_true(send(fd, mem, sizeof mem, 0) > 0);
	assert_true(await(s.base, fd, mem, sizeof mem) > 0);
	assert_int_equal(mem[3] & DNS_MASK_RCODE, DNS_RCODE_FORMERR);
	close(fd);
	strike(&s);
}

/* At one answer a second, with a burst of five, twenty queries get five
 * answers; of the others every second is "truncated". */
static void
test_rate(void **state)
{
	enum { QUERIES = 20, BURST = 5, OVER = QUERIES - BURST };
	int whole = 0, truncated = 0;
	char mem[DNS_UDP_OCTETS];
	struct stage s;
	int fd;

	(void)state;
	set_stage(&s, 1, 0);
	fd = udp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++)
		assert_true(send(fd, mem, query(mem, i), 0) > 0);
	for (int i = 0; i < BURST + OVER / LIMIT_DNS_SLIP; i++) {
		assert_true(await(s.base, fd, mem, sizeof mem) > 0);
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
	fd = tcp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++)
		assert_true(answers(s.base, fd, i));
	close(fd);
	strike(&s);
}

/* ---- TCP ---- */

/* RFC 7766 6.2.1.1: all queries at once, the answers in their order. */
static void
test_pipelining(void **state)
{
	enum { QUERIES = 500 };
	char *all = test_malloc(QUERIES * 64), mem[DNS_UDP_OCTETS];
	size_t n = 0, sent = 0;
	struct stage s;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = tcp_client(&s);
	for (unsigned i = 0; i < QUERIES; i++) {
		char one[QUERY_MAX];
		size_t octets = tcp_query(one, i);

		memcpy(all + n, one, octets);
		n += octets;
	}
	for (unsigned i = 0; i < QUERIES; i++) {
		struct span got;

		if (sent < n) {
			ssize_t now = send(fd, all + sent, n - sent, 0);

			sent += now > 0 ? (size_t)now : 0;
		}
		got = read_message(s.base, fd, mem, sizeof mem);
		assert_true(got.n > 0);
		assert_int_equal(dns_u16(got, 0), i);
	}
	close(fd);
	strike(&s);
	test_free(all);
}

/* The client closes its side behind the last query: it still gets the answer,
 * and then the end. */
static void
test_half_close(void **state)
{
	char mem[DNS_UDP_OCTETS];
	struct stage s;
	size_t n;
	int fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = tcp_client(&s);
	n = tcp_query(mem, 1);
	assert_int_equal(send(fd, mem, n, 0), n);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(read_message(s.base, fd, mem, sizeof mem).n > 0);
	assert_int_equal(await(s.base, fd, mem, sizeof mem), 0);
	close(fd);
	strike(&s);
}

/* One octet at a time, while another client is served between any two. */
static void
test_slow_client(void **state)
{
	char mem[QUERY_MAX];
	struct stage s;
	int slow, other;
	size_t n;

	(void)state;
	set_stage(&s, 0, 0);
	slow = tcp_client(&s);
	other = tcp_client(&s);
	n = tcp_query(mem, 77);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(send(slow, mem + i, 1, 0), 1);
		assert_true(answers(s.base, other, (unsigned)i));
	}
	assert_true(read_message(s.base, slow, mem, sizeof mem).n > 0);
	assert_int_equal(dns_u16((struct span){ mem, 2 }, 0), 77);
	close(slow);
	close(other);
	strike(&s);
}

/* A client asks and never reads, until nothing more goes out; others are
 * served. */
static void
test_client_that_does_not_read(void **state)
{
	int stuck, other, small = 4096, idle = 0;
	char mem[QUERY_MAX];
	struct stage s;
	size_t n;

	(void)state;
	set_stage(&s, 0, 0);
	stuck = tcp_client(&s);
	other = tcp_client(&s);
	assert_int_equal(
	    setsockopt(stuck, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	n = tcp_query(mem, 1);
	while (idle < 50) {
		idle = send(stuck, mem, n, MSG_NOSIGNAL) > 0 ? 0 : idle + 1;
		turn(s.base);
	}
	for (unsigned i = 0; i < 10; i++)
		assert_true(answers(s.base, other, i));
	close(stuck);
	close(other);
	strike(&s);
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
	struct stage s;

	(void)state;
	set_stage(&s, 0, 0);
	for (size_t i = 0; i < ROWS(strangers); i++) {
		int fd = tcp_client(&s);
		char c;

		t.label = strangers[i].label;
		want_int(&t, "sent",
		    send(fd, strangers[i].in.p, strangers[i].in.n, 0),
		    (int64_t)strangers[i].in.n);
		want_int(&t, "closed", await(s.base, fd, &c, 1), 0);
		close(fd);
	}
	strike(&s);
	assert_int_equal(t.failed, 0);
}

/* RFC 7766 6.2.3: at the ceiling the one that has been idle for longest goes.
 */
static void
test_connections(void **state)
{
	enum { MAX = 3 };
	int fds[MAX + 1];
	struct stage s;
	char c;

	(void)state;
	set_stage(&s, 0, MAX);
	for (unsigned i = 0; i < MAX; i++) {
		fds[i] = tcp_client(&s);
		assert_true(answers(s.base, fds[i], i));
	}
	assert_true(answers(s.base, fds[0], 0)); /* now 1 is the oldest */
	fds[MAX] = tcp_client(&s);
	assert_true(answers(s.base, fds[MAX], MAX));
	assert_int_equal(await(s.base, fds[1], &c, 1), 0);
	assert_true(answers(s.base, fds[0], 0));
	assert_true(answers(s.base, fds[2], 0));
	assert_int_equal(dns_server_counts(s.server)->connections, MAX + 1);
	assert_int_equal(dns_server_counts(s.server)->pushed_out, 1);
	for (size_t i = 0; i <= MAX; i++)
		close(fds[i]);
	strike(&s);
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
	struct stage s;

	(void)state;
	set_stage(&s, 0, MAX);
	other = tcp_client_from(&s, &from, n);
	assert_true(answers(s.base, other, 0));
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = tcp_client(&s);
		assert_true(answers(s.base, fds[i], i));
	}
	assert_true(answers(s.base, other, 0));
	assert_int_equal(
	    dns_server_counts(s.server)->pushed_out, MANY - (MAX - MAX / 4));
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
	close(other);
	strike(&s);
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
	struct stage s;
	char c;

	(void)state;
	set_stage(&s, 0, 0);
	s.at.port = 0;
	assert_int_equal(
	    dns_socket_open(&s.at, SOCK_STREAM, &listener, NULL), ERR_OK);
	s.at.port = dns_socket_port(listener);
	responder =
	    (struct dns_responder){ .zone = s.z.zone, .clock = &s.clock.c };
	config = (struct dns_tcp_config){ s.base, &responder, &counts, 0 };
	assert_int_equal(dns_tcp_new(&config, &tcp, NULL), ERR_OK);
	idle = tcp_client(&s);
	busy = tcp_client(&s);
	dns_tcp_accept(tcp, listener);
	assert_int_equal(counts.connections, 2);

	s.clock.ms += LIMIT_DNS_IDLE_MS - 1;
	assert_int_equal(send(idle, "\0", 1, 0), 1);
	assert_true(answers(s.base, busy, 1));
	dns_tcp_sweep(tcp);
	assert_int_equal(recv(idle, &c, 1, MSG_DONTWAIT), -1);
	s.clock.ms += 1;
	dns_tcp_sweep(tcp);
	assert_int_equal(await(s.base, idle, &c, 1), 0);
	assert_true(answers(s.base, busy, 2));
	s.clock.ms += LIMIT_DNS_IDLE_MS;
	dns_tcp_sweep(tcp);
	assert_int_equal(await(s.base, busy, &c, 1), 0);

	dns_tcp_free(tcp);
	close(idle);
	close(busy);
	close(listener);
	strike(&s);
}

/* A transfer, and a query behind it that is answered when it is through. */
static void
test_transfer(void **state)
{
	const struct test_query q = { "svc.example", DNS_AXFR, 0, 0 };
	struct axfr x = axfr_init(SPAN("svc.example"), 0x1234);
	static char mem[LIMIT_DNS_TRANSFER_MESSAGE];
	struct dns_record rr;
	struct stage s;
	struct span m;
	int records = 0, fd;

	(void)state;
	set_stage(&s, 0, 0);
	fd = tcp_client(&s);
	m = test_query_write(mem + 2, QUERY_MAX, &q);
	mem[0] = 0;
	mem[1] = (char)m.n;
	assert_int_equal(send(fd, mem, m.n + 2, 0), m.n + 2);
	assert_int_equal(
	    send(fd, mem, tcp_query(mem, 5), 0), tcp_query(mem, 5));
	m = read_message(s.base, fd, mem, sizeof mem);
	assert_int_equal(axfr_message(&x, m), AXFR_OK);
	while (axfr_next(&x, &rr) == AXFR_OK)
		records++;
	assert_true(x.done);
	assert_int_equal(records, 18);
	m = read_message(s.base, fd, mem, sizeof mem);
	assert_int_equal(dns_u16(m, 0), 5);
	assert_int_equal(dns_server_counts(s.server)->transfers, 1);
	close(fd);
	strike(&s);
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
	struct stage s;

	(void)state;
	set_stage(&s, 0, 0);
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
	strike(&s);
	assert_int_equal(t.failed, 0);
}

/* ---- NOTIFY ---- */

struct notes {
	int n[DNS_NOTIFY_SILENT + 1];
	uint32_t serial;
};

static void
told(void *arg, const struct dns_secondary *to, uint32_t serial,
    enum dns_notified result)
{
	struct notes *notes = arg;

	(void)to;
	notes->n[result]++;
	notes->serial = serial;
}

/* A secondary on loopback, and what tells it. */
struct herald {
	struct stage s;
	struct tsig_key key;
	struct dns_responder responder;
	struct dns_notify *notify;
	struct notes notes;
	int fd;
	/* the message that came last */
	char mem[DNS_UDP_OCTETS];
	size_t n;
	union dns_sockaddr from;
};

static void
set_herald(struct herald *h, bool has_key, int64_t wait_ms)
{
	struct endpoint at = { loopback, 0 };
	struct dns_notify_config c;

	set_stage(&h->s, 0, 0);
	h->notes = (struct notes){ .serial = 0 };
	h->key = (struct tsig_key){ .name = { "k", 1 }, .secret_n = 32 };
	assert_int_equal(
	    dns_socket_open(&at, SOCK_DGRAM, &h->fd, NULL), ERR_OK);
	h->s.secondary.at.port = dns_socket_port(h->fd);
	h->s.secondary.key = has_key ? &h->key : NULL;
	h->responder = (struct dns_responder){ .zone = h->s.z.zone,
		.clock = &h->s.clock.c,
		.secondaries = &h->s.secondary,
		.n_secondaries = 1 };
	c = (struct dns_notify_config){ .base = h->s.base,
		.responder = &h->responder,
		.randomness = &randomness_system,
		.told = told,
		.told_arg = &h->notes,
		.wait_ms = wait_ms };
	assert_int_equal(dns_notify_new(&c, &h->notify, NULL), ERR_OK);
}

static void
strike_herald(struct herald *h)
{
	dns_notify_free(h->notify);
	close(h->fd);
	strike(&h->s);
}

static void
want_message(struct herald *h, struct span want)
{
	struct tally t = { .label = "NOTIFY", .failed = 0 };
	ssize_t n = -1;

	for (int i = 0; i < PATIENCE && n < 0; i++) {
		socklen_t len = sizeof h->from;

		turn(h->s.base);
		n = recvfrom(h->fd, h->mem, sizeof h->mem, MSG_DONTWAIT,
		    &h->from.any, &len);
		if (n < 0)
			usleep(TURN_US);
	}
	assert_true(n > 2);
	h->n = (size_t)n;
	want_span(&t, "message", (struct span){ h->mem + 2, h->n - 2 }, want);
	assert_int_equal(t.failed, 0);
}

/* The message comes back with other flags. */
static void
give_back(struct herald *h, unsigned flags)
{
	h->mem[2] = (char)(flags >> 8);
	h->mem[3] = (char)(flags & 0xff);
	assert_int_equal(
	    sendto(h->fd, h->mem, h->n, 0, &h->from.any, sizeof h->from.v4),
	    h->n);
}

static void
await_notes(struct herald *h, int n)
{
	for (int i = 0; i < PATIENCE; i++) {
		turn(h->s.base);
		if (h->notes.n[0] + h->notes.n[1] + h->notes.n[2] == n)
			return;
		usleep(TURN_US);
	}
	fail_msg("nothing became of NOTIFY");
}

/* RFC 1996 3.7: opcode 4, AA, the SOA question. */
#define NOTIFY "\x24\0\0\1\0\0\0\0\0\0\3svc\7example\0\0\6\0\1"

static void
test_notify(void **state)
{
	struct herald h;

	(void)state;
	set_herald(&h, false, 60000);
	dns_notify_look(h.notify); /* of the serial at the beginning */
	want_message(&h, SPAN(NOTIFY));
	give_back(&h, 0xa400);
	await_notes(&h, 1);
	assert_int_equal(h.notes.n[DNS_NOTIFIED], 1);
	assert_int_equal(h.notes.serial, 7);

	dns_notify_look(h.notify); /* nothing new */
	turn(h.s.base);
	assert_int_equal(recv(h.fd, h.mem, 1, MSG_DONTWAIT), -1);

	dns_zone_set_serial(h.s.z.zone, 8);
	dns_notify_look(h.notify);
	dns_zone_set_serial(h.s.z.zone, 9); /* while it is being told */
	dns_notify_look(h.notify);
	want_message(&h, SPAN(NOTIFY));
	give_back(&h, 0x2400); /* not a response */
	give_back(&h, 0x8400); /* to another opcode */
	give_back(&h, 0xa405); /* RFC 1996 3.6: REFUSED is an answer */
	await_notes(&h, 2);
	assert_int_equal(h.notes.n[DNS_NOTIFY_REFUSED], 1);
	assert_int_equal(h.notes.serial, 8);
	dns_notify_look(h.notify);
	want_message(&h, SPAN(NOTIFY));
	give_back(&h, 0xa400);
	await_notes(&h, 3);
	assert_int_equal(h.notes.serial, 9);
	strike_herald(&h);
}

/* RFC 1996 3.6: again some times, and no more. */
static void
test_notify_silence(void **state)
{
	char mem[DNS_UDP_OCTETS];
	struct herald h;
	int n = 0;

	(void)state;
	set_herald(&h, false, 1);
	dns_notify_look(h.notify);
	await_notes(&h, 1);
	assert_int_equal(h.notes.n[DNS_NOTIFY_SILENT], 1);
	while (recv(h.fd, mem, sizeof mem, MSG_DONTWAIT) > 0)
		n++;
	assert_int_equal(n, LIMIT_DNS_NOTIFIES);
	dns_notify_look(h.notify);
	turn(h.s.base);
	assert_int_equal(recv(h.fd, mem, sizeof mem, MSG_DONTWAIT), -1);
	strike_herald(&h);
}

/* With a key the message is signed, and an answer that is not counts for no
 * consent. */
static void
test_notify_signed(void **state)
{
	char mem[DNS_UDP_OCTETS], reply_mem[DNS_UDP_OCTETS];
	struct buf reply = buf_init(reply_mem, sizeof reply_mem);
	const struct wall_time now = { 1700000000 };
	struct tsig_stream server;
	union dns_sockaddr from;
	socklen_t len = sizeof from;
	struct tsig tsig;
	struct herald h;
	struct span m;
	uint16_t fault;

	(void)state;
	set_herald(&h, true, 60000);
	dns_notify_look(h.notify);
	m = (struct span){ mem,
		(size_t)recvfrom(h.fd, mem, sizeof mem, 0, &from.any, &len) };
	assert_int_equal(tsig_find(m, &tsig), TSIG_FOUND);
	assert_int_equal(tsig_stream_init(&server, &h.key, NULL), ERR_OK);
	assert_int_equal(
	    tsig_stream_accept(&server, m, &tsig, now, &fault, NULL), ERR_OK);
	assert_int_equal(fault, 0);
	buf_put(&reply, span_head(m, tsig.at));
	reply_mem[2] = (char)0xa4;
	reply_mem[11] = 0;
	assert_int_equal(
	    tsig_stream_answer(&server, &reply, &tsig, 0, now, NULL), ERR_OK);
	assert_true(sendto(h.fd, reply.p, reply.n, 0, &from.any, len) > 0);
	await_notes(&h, 1);
	assert_int_equal(h.notes.n[DNS_NOTIFIED], 1);
	tsig_stream_release(&server);

	dns_zone_set_serial(h.s.z.zone, 8);
	dns_notify_look(h.notify);
	m.n = (size_t)recvfrom(h.fd, mem, sizeof mem, 0, &from.any, &len);
	mem[2] = (char)0xa4; /* its own signature does not hold for it */
	assert_true(sendto(h.fd, mem, m.n, 0, &from.any, len) > 0);
	await_notes(&h, 2);
	assert_int_equal(h.notes.n[DNS_NOTIFY_REFUSED], 1);
	strike_herald(&h);
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
	const struct timeval patience = { .tv_sec = 10 };
	struct worker workers[WORKERS];
	struct dns_server_config c;
	uint64_t served = 0;
	struct stage s;

	(void)state;
	set_stage(&s, 0, 0);
	dns_server_free(s.server); /* which had a free port */
	s.server = NULL;
	c = (struct dns_server_config){ .clock = &clock_system,
		.randomness = &randomness_system,
		.zone = s.z.zone,
		.listen = &s.at,
		.n_listen = 1 };
	for (int i = 0; i < WORKERS; i++)
		start(&workers[i], &c);
	for (unsigned i = 0; i < CLIENTS; i++) {
		char mem[DNS_UDP_OCTETS];
		int fd = udp_client(&s);

		assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO,
				     &patience, sizeof patience),
		    0);
		assert_true(send(fd, mem, query(mem, i), 0) > 0);
		assert_true(recv(fd, mem, sizeof mem, 0) > 0);
		close(fd);
	}
	for (int i = 0; i < WORKERS; i++)
		served += stop(&workers[i]);
	assert_int_equal(served, CLIENTS);
	strike(&s);
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
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_slow_client),
		cmocka_unit_test(test_client_that_does_not_read),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_connections_of_one_network),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_notify_silence),
		cmocka_unit_test(test_notify_signed),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
