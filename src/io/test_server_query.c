/* One question to a scripted name server on loopback. */
#include "io/server_query.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_table.h"
#include "wire/dns_message.h"

enum { DATAGRAMS = 4, PACKET = 2048 };

/* How long a try may take: of what is lost, of what comes at the second try,
 * and of what comes. */
enum { LOST_MS = 50, AGAIN_MS = 2000, FOREVER_MS = 60 * 1000 };

/* What the server does with a query that has come. */
enum deed {
	ENDS,
	SILENCE,
	ANSWER, /* one TXT record */
	OTHER_ID, /* an answer, then the right one */
	OTHER_QUESTION, /* likewise */
	EMPTY, /* an empty datagram, then the right one */
	TRUNCATED,
	REFUSED,
	SERVFAIL,
	FORMERR,
	NOT_AUTHORITATIVE,
	GARBAGE, /* an answer section that breaks its format */
};

struct server {
	const enum deed *deeds;
	const enum deed *tcp; /* NULL: nobody listens */
	int udp_fd, tcp_fd;
	uint16_t port;
	atomic_int datagrams, without_edns;
	pthread_t udp_thread, tcp_thread;
};

static const char record[] = "\300\14\0\20\0\1\0\0\0\74\0\4\3abc";

/* The answer into p, which holds the query of n octets; its length. */
static size_t
make_answer(enum deed deed, unsigned char *p, size_t n)
{
	size_t question = n - (p[11] != 0 ? 11 : 0); /* without OPT */

	p[2] = deed == NOT_AUTHORITATIVE ? 0x80 : 0x84;
	p[2] |= deed == TRUNCATED ? 2 : 0;
	p[3] = deed == REFUSED	  ? DNS_RCODE_REFUSED
	       : deed == SERVFAIL ? DNS_RCODE_SERVFAIL
	       : deed == FORMERR  ? DNS_RCODE_FORMERR
				  : DNS_RCODE_NOERROR;
	p[11] = 0;
	p[0] ^= deed == OTHER_ID ? 0x80 : 0;
	p[13] ^= deed == OTHER_QUESTION ? 1 : 0;
	if (deed == TRUNCATED || p[3] != DNS_RCODE_NOERROR)
		return question;
	p[7] = 1;
	memcpy(p + question, record, sizeof record - 1);
	return question + sizeof record - 1 - (deed == GARBAGE ? 1 : 0);
}

static void
serve_datagram(struct server *s, enum deed deed, const unsigned char *query,
    size_t n, const struct sockaddr_in *to)
{
	bool twice =
	    deed == OTHER_ID || deed == OTHER_QUESTION || deed == EMPTY;
	unsigned char p[PACKET];
	size_t len;

	if (deed == SILENCE)
		return;
	memcpy(p, query, n);
	len = deed == EMPTY ? 0 : make_answer(deed, p, n);
	(void)sendto(
	    s->udp_fd, p, len, 0, (const struct sockaddr *)to, sizeof *to);
	if (twice)
		serve_datagram(s, ANSWER, query, n, to);
}

static void *
udp_main(void *arg)
{
	struct server *s = arg;
	const enum deed *deed = s->deeds;
	unsigned char q[PACKET];

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof from;
		ssize_t n = recvfrom(s->udp_fd, q, sizeof q / 2, 0,
		    (struct sockaddr *)&from, &len);

		if (n <= 0)
			return NULL;
		atomic_fetch_add(&s->datagrams, 1);
		atomic_fetch_add(&s->without_edns, q[11] == 0);
		if (*deed != ENDS)
			serve_datagram(s, *deed++, q, (size_t)n, &from);
	}
}

static void *
tcp_main(void *arg)
{
	struct server *s = arg;
	unsigned char p[PACKET];
	int fd = accept(s->tcp_fd, NULL, NULL);
	size_t n;

	if (fd < 0 || recv(fd, p, 2, MSG_WAITALL) != 2)
		goto out;
	n = (size_t)p[0] << 8 | p[1];
	if (n > PACKET / 2 || recv(fd, p + 2, n, MSG_WAITALL) != (ssize_t)n)
		goto out;
	n = make_answer(s->tcp[0], p + 2, n);
	p[0] = (unsigned char)(n >> 8);
	p[1] = (unsigned char)n;
	(void)send(fd, p, 1, MSG_NOSIGNAL); /* in two pieces */
	(void)send(fd, p + 1, n + 1, MSG_NOSIGNAL);
out:
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* UDP at the port that TCP was given; false if that is taken. */
static bool
open_both(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int rc;

	s->tcp_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	s->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rc = bind(s->tcp_fd, (struct sockaddr *)&at, sizeof at);
	assert_int_equal(rc, 0);
	getsockname(s->tcp_fd, (struct sockaddr *)&at, &len);
	s->port = ntohs(at.sin_port);
	if (bind(s->udp_fd, (struct sockaddr *)&at, sizeof at) == 0)
		return true;
	assert_int_equal(errno, EADDRINUSE);
	close(s->tcp_fd);
	close(s->udp_fd);
	return false;
}

static void
server_start(struct server *s)
{
	int rc;

	while (!open_both(s))
		;
	atomic_init(&s->datagrams, 0);
	atomic_init(&s->without_edns, 0);
	rc = pthread_create(&s->udp_thread, NULL, udp_main, s);
	assert_int_equal(rc, 0);
	if (s->tcp == NULL)
		return;
	assert_int_equal(listen(s->tcp_fd, 1), 0);
	rc = pthread_create(&s->tcp_thread, NULL, tcp_main, s);
	assert_int_equal(rc, 0);
}

static void
server_stop(struct server *s)
{
	shutdown(s->tcp_fd, SHUT_RDWR);
	shutdown(s->udp_fd, SHUT_RDWR);
	pthread_join(s->udp_thread, NULL);
	if (s->tcp != NULL)
		pthread_join(s->tcp_thread, NULL);
	close(s->tcp_fd);
	close(s->udp_fd);
}

static struct ip_addr
loopback(void)
{
	struct ip_addr a;

	assert_true(ip_parse(SPAN("127.0.0.1"), &a));
	return a;
}

static struct server_env
env_of(uint16_t port, int64_t try_ms)
{
	return (struct server_env){ .clock = &clock_system,
		.randomness = &randomness_system,
		.port = port,
		.try_ms = try_ms };
}

static const struct {
	const char *label;
	enum deed deeds[DATAGRAMS], tcp[2];
	enum talk_result want;
	uint8_t want_rcode;
	bool want_aa;
	enum dns_result want_answer;
	int want_datagrams, want_without_edns;
} rows[] = {
	{ "answered", { ANSWER }, { ENDS }, TALK_OK, 0, true, DNS_OK, 1, 0 },
	{ "lost once", { SILENCE, ANSWER }, { ENDS }, TALK_OK, 0, true, DNS_OK,
	    2, 0 },
	{ "lost every time", { SILENCE, SILENCE, SILENCE }, { ENDS },
	    TALK_TIMEOUT, 0, false, DNS_TIMEOUT, 3, 0 },
	{ "failed once", { SERVFAIL, ANSWER }, { ENDS }, TALK_OK, 0, true,
	    DNS_OK, 2, 0 },
	{ "failed every time", { SERVFAIL, SERVFAIL, SERVFAIL }, { ENDS },
	    TALK_OK, DNS_RCODE_SERVFAIL, true, DNS_SERVFAIL, 3, 0 },
	{ "RFC 5452 9.1: another id is nobody's", { OTHER_ID }, { ENDS },
	    TALK_OK, 0, true, DNS_OK, 1, 0 },
	{ "RFC 5452 9.1: so is another question", { OTHER_QUESTION }, { ENDS },
	    TALK_OK, 0, true, DNS_OK, 1, 0 },
	{ "an empty datagram", { EMPTY }, { ENDS }, TALK_OK, 0, true, DNS_OK, 1,
	    0 },
	{ "RFC 7766 5: over TCP", { TRUNCATED }, { ANSWER }, TALK_OK, 0, true,
	    DNS_OK, 1, 0 },
	{ "truncated, and no TCP", { TRUNCATED }, { ENDS }, TALK_REFUSED, 0,
	    false, DNS_TIMEOUT, 1, 0 },
	{ "over TCP something else", { TRUNCATED }, { OTHER_ID }, TALK_PROTOCOL,
	    0, false, DNS_TIMEOUT, 1, 0 },
	{ "refused", { REFUSED }, { ENDS }, TALK_OK, DNS_RCODE_REFUSED, true,
	    DNS_SERVFAIL, 1, 0 },
	{ "RFC 6891 7: no EDNS there", { FORMERR, ANSWER }, { ENDS }, TALK_OK,
	    0, true, DNS_OK, 2, 1 },
	{ "not from its own data", { NOT_AUTHORITATIVE }, { ENDS }, TALK_OK, 0,
	    false, DNS_OK, 1, 0 },
	{ "malformed", { GARBAGE }, { ENDS }, TALK_PROTOCOL, 0, true,
	    DNS_MALFORMED, 1, 0 },
};

static void
test_rows(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct server s = { .deeds = rows[i].deeds,
			.tcp = rows[i].tcp[0] != ENDS ? rows[i].tcp : NULL };
		struct server_answer got;
		struct server_env env;
		struct arena a;

		t.label = rows[i].label;
		server_start(&s);
		env = env_of(s.port, rows[i].deeds[0] != SILENCE   ? FOREVER_MS
				     : rows[i].deeds[1] == SILENCE ? LOST_MS
								   : AGAIN_MS);
		arena_init(&a, 64 * 1024);
		server_query(&env, loopback(), SPAN("a.example"), DNS_TXT,
		    mono_after_ms(clock_mono(&clock_system), FOREVER_MS), &a,
		    &got);
		server_stop(&s);
		want_int(&t, "result", got.result, rows[i].want);
		want_int(&t, "rcode", got.rcode, rows[i].want_rcode);
		want_bool(&t, "AA", got.authoritative, rows[i].want_aa);
		want_int(&t, "answer", got.answer.result, rows[i].want_answer);
		want_int(&t, "datagrams", atomic_load(&s.datagrams),
		    rows[i].want_datagrams);
		want_int(&t, "without EDNS", atomic_load(&s.without_edns),
		    rows[i].want_without_edns);
		want_span(&t, "name", got.answer.name, SPAN("a.example"));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static enum talk_result
ask_nobody(const char *name, int64_t deadline_ms, struct stop *stop)
{
	static const enum deed none[] = { ENDS };
	struct server s = { .deeds = none };
	struct server_answer got;
	struct server_env env;
	struct arena a;

	server_start(&s);
	env = env_of(s.port, FOREVER_MS);
	env.stop = stop;
	arena_init(&a, 64 * 1024);
	server_query(&env, loopback(), span_str(name), DNS_TXT,
	    mono_after_ms(clock_mono(&clock_system), deadline_ms), &a, &got);
	server_stop(&s);
	arena_release(&a);
	return got.result;
}

/* What is our doing says nothing of the server. */
static void
test_ours(void **state)
{
	struct stop stop;

	(void)state;
	assert_int_equal(ask_nobody("a.example", 50, NULL), TALK_UNFINISHED);
	assert_int_equal(ask_nobody("a..example", 50, NULL), TALK_UNTRIED);
	assert_int_equal(stop_init(&stop), ERR_OK);
	stop_pull(&stop);
	assert_int_equal(
	    ask_nobody("a.example", FOREVER_MS, &stop), TALK_UNFINISHED);
	stop_release(&stop);
}

/* A port at which nobody listens says so at once. It is ours meanwhile, so that
 * no other test gets it; a connected socket hears nobody but its peer. */
static void
test_closed_port(void **state)
{
	struct sockaddr_in elsewhere = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct server s = { .deeds = NULL };
	struct server_answer got;
	struct server_env env;
	struct arena a;

	(void)state;
	while (!open_both(&s))
		;
	assert_int_equal(
	    connect(s.udp_fd, (struct sockaddr *)&elsewhere, sizeof elsewhere),
	    0);
	env = env_of(s.port, FOREVER_MS);
	arena_init(&a, 64 * 1024);
	server_query(&env, loopback(), SPAN("a.example"), DNS_TXT,
	    mono_after_ms(clock_mono(&clock_system), FOREVER_MS), &a, &got);
	assert_int_equal(got.result, TALK_REFUSED);
	arena_release(&a);
	close(s.udp_fd);
	close(s.tcp_fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_closed_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
