/* A secondary on loopback that is told, or not. */
#include "serve/dns_notify.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_server.h"

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

/* A secondary on test_loopback, and what tells it. */
struct herald {
	struct test_server s;
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
	struct endpoint at = { test_loopback, 0 };
	struct dns_notify_config c;

	test_server_init(&h->s, 0, 0);
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
	test_server_release(&h->s);
}

static void
want_message(struct herald *h, struct span want)
{
	struct tally t = { .label = "NOTIFY", .failed = 0 };
	ssize_t n = -1;

	for (int i = 0; i < TEST_PATIENCE && n < 0; i++) {
		socklen_t len = sizeof h->from;

		test_server_turn(h->s.base);
		n = recvfrom(h->fd, h->mem, sizeof h->mem, MSG_DONTWAIT,
		    &h->from.any, &len);
		if (n < 0)
			usleep(TEST_TURN_US);
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
	for (int i = 0; i < TEST_PATIENCE; i++) {
		test_server_turn(h->s.base);
		if (h->notes.n[0] + h->notes.n[1] + h->notes.n[2] == n)
			return;
		usleep(TEST_TURN_US);
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
	test_server_turn(h.s.base);
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
	test_server_turn(h.s.base);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_notify_silence),
		cmocka_unit_test(test_notify_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
