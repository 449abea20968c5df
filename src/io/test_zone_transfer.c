/* Zone transfers from servers that play a script: streams as text, and the
 * signed one of wire/test_tsig_vectors.h, which dnspython made; clock and
 * random number are those it was made with. */
#include "io/zone_transfer.h"

#include <sys/socket.h>

#include "base/test_table.h"
#include "io/test_peer.h"
#include "wire/test_axfr_text.h"
#include "wire/test_tsig_vectors.h"

enum {
	STREAM_MAX = 64 * 1024,
	NAMES_MAX = 4096,
	PATIENCE_MS = 60000,
	BYTES = 65536
};

/* ---- a server ---- */

enum behind { CLOSE, SILENCE, AGAIN }; /* AGAIN: the last message, for ever */

struct server {
	char mem[STREAM_MAX];
	struct buf stream;
	size_t last; /* where the last message begins */
	enum behind behind;
	char query[1024];
	size_t query_n;
};

static void
send_all(struct test_talk *t, struct span s, bool *ok)
{
	while (*ok && s.n > 0) {
		ssize_t n = send(t->fd, s.p, s.n, MSG_NOSIGNAL);

		*ok = n > 0;
		s = span_skip(s, n > 0 ? (size_t)n : 0);
	}
}

static void
read_query(struct server *s, struct test_talk *t)
{
	unsigned char length[2];
	ssize_t n = recv(t->fd, length, sizeof length, MSG_WAITALL);

	if (n != sizeof length)
		return;
	n = recv(
	    t->fd, s->query, (size_t)(length[0] << 8 | length[1]), MSG_WAITALL);
	s->query_n = n > 0 ? (size_t)n : 0;
}

static void
serve(struct test_peer *p, struct test_talk *t, int nth)
{
	struct server *s = (struct server *)(uintptr_t)p->script;
	bool ok = true;
	char c;

	(void)nth;
	read_query(s, t);
	send_all(t, buf_span(&s->stream), &ok);
	while (s->behind == AGAIN && ok)
		send_all(t, span_skip(buf_span(&s->stream), s->last), &ok);
	if (s->behind == SILENCE)
		(void)recv(t->fd, &c, 1, 0);
}

/* ---- what it sends ---- */

static void
put_stream(struct server *s, struct span message)
{
	s->last = s->stream.n;
	dns_put_u16(&s->stream, (unsigned)message.n);
	buf_put(&s->stream, message);
	assert_false(s->stream.overflow);
}

/* As in wire/test_axfr_text.h; what follows a "!" is sent as it is. */
static void
put_messages(struct server *s, struct span text)
{
	struct span messages = axfr_word(&text, '!');

	while (messages.n > 0) {
		s->last = s->stream.n;
		axfr_put_message(&s->stream, axfr_word(&messages, '|'));
	}
	buf_put(&s->stream, text);
}

/* ---- a transfer ---- */

/* The time of the vectors when the query is signed, off_s more from then on. */
struct test_clock {
	struct clock clock;
	int64_t off_s;
	bool asked;
};

static struct wall_time
vector_wall(const struct clock *clock)
{
	struct test_clock *c = (struct test_clock *)(uintptr_t)clock;
	int64_t off = c->asked ? c->off_s : 0;

	c->asked = true;
	return (struct wall_time){ VECTOR_NOW + off };
}

static struct mono_time
system_mono(const struct clock *c)
{
	(void)c;
	return clock_mono(&clock_system);
}

static bool
vector_id(const struct randomness *r, void *buf, size_t n)
{
	uint16_t id = VECTOR_ID;

	(void)r;
	assert_int_equal(n, sizeof id);
	memcpy(buf, &id, sizeof id);
	return true;
}

static bool
take(void *arg, struct span name)
{
	struct buf *b = arg;

	if (b->n > 0)
		buf_putc(b, ' ');
	buf_put(b, name);
	return !b->overflow;
}

struct outcome {
	enum err rc;
	struct error e;
	char mem[NAMES_MAX];
	struct buf names;
};

/* Ask the server, with the limits and the key given (or none). The clock jumps
 * by off_s once the query is signed. */
static void
transfer(struct server *s, const struct zone_transfer_limits *limits,
    const struct tsig_key *key, int64_t off_s, struct outcome *out)
{
	static const struct randomness random = { vector_id };
	struct test_peer peer = { .serve = serve, .script = s };
	struct endpoint at = { .address = test_loopback() };
	const struct zone_file_reader r = { take, &out->names };
	struct test_clock clock = { { vector_wall, system_mono }, off_s,
		false };
	struct zone_transfer z = {
		.zone = SPAN(AXFR_ZONE),
		.servers = &at,
		.n_servers = 1,
		.key = key,
		.limits = limits,
		.clock = &clock.clock,
		.random = &random,
	};

	out->e.text[0] = '\0';
	out->names = buf_init(out->mem, sizeof out->mem);
	test_peer_start(&peer);
	at.port = peer.port;
	out->rc = zone_transfer_read(&z, &r, &out->e);
	test_peer_stop(&peer);
}

static void
want_outcome(struct tally *t, const struct outcome *o, const char *names,
    const char *error)
{
	want_bool(t, "failed", o->rc != ERR_OK, error != NULL);
	if (o->rc == ERR_OK && error == NULL)
		want_span(t, "names", buf_span(&o->names), span_str(names));
	if (o->rc != ERR_OK &&
	    (error == NULL || strstr(o->e.text, error) == NULL))
		want_span(t, "error", span_str(o->e.text),
		    span_str(error != NULL ? error : ""));
}

static const struct zone_transfer_limits patient = { PATIENCE_MS, PATIENCE_MS,
	BYTES };

/* ---- streams ---- */

/* clang-format off */
static const struct {
	const char		*label;
	struct span		 stream;
	enum behind		 behind;
	const char		*want, *want_error;
} streams[] = {
	{ "one message", SPAN_INIT(AXFR_FIRST ";MX example.net mx.example.net;" AXFR_LAST), CLOSE, "example.net", NULL },
	{ "several messages", SPAN_INIT(AXFR_FIRST ";MX b.example.net x;A c.example.net|MX a.example.net x|" AXFR_LAST), CLOSE,
	  "b.example.net a.example.net", NULL },
	{ "what follows the end is not waited for", SPAN_INIT(AXFR_FIRST ";" AXFR_LAST), SILENCE, "", NULL },
	{ "RFC 7505 3: a null MX takes no mail", SPAN_INIT(AXFR_FIRST ";MX a.example.net .;MX b.example.net x;" AXFR_LAST), CLOSE,
	  "b.example.net", NULL },
	{ "what is no domain of mail", SPAN_INIT(AXFR_FIRST ";MX *.example.net x;MX _a.example.net x;MX c\\046d.example.net x;"
	      AXFR_LAST), CLOSE, "", NULL },
	{ "names of other zones are passed over", SPAN_INIT(AXFR_FIRST ";MX a.example.org x;MX notexample.net x;MX b.example.net x;"
	      AXFR_LAST), CLOSE, "b.example.net", NULL },

	{ "ends before anything", SPAN_INIT(""), CLOSE, NULL, "before the zone was whole" },
	{ "ends between messages", SPAN_INIT(AXFR_FIRST ";MX a.example.net x"), CLOSE, NULL, "before the zone was whole" },
	{ "ends inside a length", SPAN_INIT(AXFR_FIRST "!\0"), CLOSE, NULL, "before the zone was whole" },
	{ "ends inside a message", SPAN_INIT(AXFR_FIRST "!\0\144\x12\x34\x84"), CLOSE, NULL, "before the zone was whole" },
	{ "says nothing more", SPAN_INIT(AXFR_FIRST), SILENCE, NULL, "said nothing for" },
	{ "never ends", SPAN_INIT(AXFR_FIRST "|MX a.example.org x"), AGAIN, NULL, "larger than 65536 bytes" },
	{ "a message of nothing", SPAN_INIT(AXFR_FIRST "!\0\0"), CLOSE, NULL, "no DNS message" },
	{ "HTTP", SPAN_INIT("!HTTP/1.1 400 Bad Request\r\n\r\n"), CLOSE, NULL, "before the zone was whole" },
	{ "garbage", SPAN_INIT("!\0\14\x12\x34\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), CLOSE, NULL, "breaks the format" },
	{ "an MX record that leads out of itself", SPAN_INIT(AXFR_FIRST ";BADMX a.example.net;" AXFR_LAST), CLOSE, NULL,
	  "breaks the format" },
	{ "a name that points to itself", SPAN_INIT(AXFR_FIRST ";LOOP"), CLOSE, NULL, "breaks the format" },
	{ "another id", SPAN_INIT("ID 4661;" AXFR_FIRST ";" AXFR_LAST), CLOSE, NULL, "not asked" },
	{ "another zone", SPAN_INIT("SOA example.org 1;SOA example.org 1"), CLOSE, NULL, "another zone" },
	{ "a second zone", SPAN_INIT(AXFR_FIRST ";" AXFR_LAST ";SOA example.org 1;SOA example.org 1"), CLOSE, NULL, "behind the end" },
	{ "another serial at the end", SPAN_INIT(AXFR_FIRST "|SOA example.net 2"), CLOSE, NULL, "changed while" },
	{ "an empty answer", SPAN_INIT("Q example.net"), CLOSE, NULL, "no zone" },

	{ "FORMERR", SPAN_INIT("RCODE 1"), CLOSE, NULL, "FORMERR: " },
	{ "SERVFAIL", SPAN_INIT("RCODE 2"), CLOSE, NULL, "SERVFAIL: " },
	{ "NXDOMAIN", SPAN_INIT("RCODE 3;Q example.net"), CLOSE, NULL, "NXDOMAIN: " },
	{ "NOTIMP", SPAN_INIT("RCODE 4"), CLOSE, NULL, "NOTIMP: " },
	{ "REFUSED", SPAN_INIT("RCODE 5;Q example.net"), CLOSE, NULL, "REFUSED: " },
	{ "NOTAUTH", SPAN_INIT("RCODE 9"), CLOSE, NULL, "NOTAUTH: " },
	{ "an rcode that has no sentence", SPAN_INIT("RCODE 11"), CLOSE, NULL, "rcode 11" },
	{ "an error in the middle", SPAN_INIT(AXFR_FIRST "|RCODE 2"), CLOSE, NULL, "SERVFAIL: " },
};
/* clang-format on */

static void
test_streams(void **state)
{
	static const struct zone_transfer_limits hasty = { 50, PATIENCE_MS,
		BYTES };
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(streams); i++) {
		struct server s = { .behind = streams[i].behind };
		struct outcome o;
		bool waits;

		t.label = streams[i].label;
		s.stream = buf_init(s.mem, sizeof s.mem);
		put_messages(&s, streams[i].stream);
		waits = s.behind == SILENCE && streams[i].want_error != NULL;
		transfer(&s, waits ? &hasty : &patient, NULL, 0, &o);
		want_outcome(&t, &o, streams[i].want, streams[i].want_error);
	}
	assert_int_equal(t.failed, 0);
}

/* A server that always has one more octet is not silent, yet ends. */
static void
test_total_time(void **state)
{
	static const struct zone_transfer_limits limits = { PATIENCE_MS, 50,
		UINT64_MAX };
	struct tally t = { .label = "in all" };
	struct server s = { .behind = AGAIN };
	struct outcome o;

	(void)state;
	s.stream = buf_init(s.mem, sizeof s.mem);
	put_messages(&s, SPAN(AXFR_FIRST "|A a.example.net"));
	transfer(&s, &limits, NULL, 0, &o);
	want_outcome(&t, &o, NULL, "takes more than");
	want_int(&t, "error", o.rc, ERR_LIMIT);
	assert_int_equal(t.failed, 0);
}

static bool
take_none(void *arg, struct span name)
{
	(void)arg;
	(void)name;
	return false;
}

/* Nothing may come of half a zone. */
static void
test_enough(void **state)
{
	struct tally t = { .label = "the taker has enough" };
	struct server s = { .behind = CLOSE };
	struct outcome o = { .rc = ERR_OK };
	struct test_peer peer = { .serve = serve, .script = &s };
	struct endpoint at[2] = { { .address = test_loopback() },
		{ .address = test_loopback() } };
	struct zone_transfer z = { .zone = SPAN(AXFR_ZONE),
		.servers = at,
		.n_servers = 2,
		.limits = &zone_transfer_limits,
		.clock = &clock_system,
		.random = &(const struct randomness){ vector_id } };
	const struct zone_file_reader r = { take_none, NULL };

	(void)state;
	s.stream = buf_init(s.mem, sizeof s.mem);
	put_messages(&s, SPAN(AXFR_FIRST ";MX a.example.net x;" AXFR_LAST));
	test_peer_start(&peer);
	at[0].port = 1; /* nobody: the second one is tried */
	at[1].port = peer.port;
	o.rc = zone_transfer_read(&z, &r, &o.e);
	test_peer_stop(&peer);
	want_int(&t, "error", o.rc, ERR_LIMIT);
	z.n_servers = 1;
	want_int(
	    &t, "nobody there", zone_transfer_read(&z, &r, &o.e), ERR_NO_INPUT);
	want_bool(
	    &t, "says so", strstr(o.e.text, "cannot connect") != NULL, true);
	assert_int_equal(t.failed, 0);
}

/* ---- signed streams ---- */

static struct tsig_key
vector_key(enum tsig_algorithm algorithm)
{
	struct tsig_key k = { .algorithm = algorithm,
		.secret_n = tsig_vector_secret.n };

	assert_true(dns_name_parse(SPAN("transfer.key"), &k.name));
	memcpy(k.secret, tsig_vector_secret.p, tsig_vector_secret.n);
	return k;
}

/* The message without its signature. */
static void
put_stripped(struct server *s, struct span message)
{
	char mem[1024];
	struct tsig t;

	assert_int_equal(tsig_find(message, &t), TSIG_FOUND);
	memcpy(mem, message.p, t.at);
	mem[11] = 0;
	put_stream(s, (struct span){ mem, t.at });
}

/* The message with another first owner. */
static void
put_changed(struct server *s, struct span message)
{
	char mem[1024];

	memcpy(mem, message.p, message.n);
	mem[DNS_HEADER_OCTETS + 1]++;
	put_stream(s, (struct span){ mem, message.n });
}

/* One letter, one message of the vector: First, between, second, last; 99
 * between; capitals are without their signature; x was changed. */
static void
put_letter(struct server *s, const struct tsig_vector *v, char letter)
{
	switch (letter) {
	case 'f':
		put_stream(s, v->first);
		break;
	case 'F':
		put_stripped(s, v->first);
		break;
	case 'b':
		put_stream(s, v->between);
		break;
	case 'x':
		put_changed(s, v->between);
		break;
	case '*':
		for (int i = 0; i < VECTOR_BETWEEN; i++)
			put_stream(s, v->between);
		break;
	case 's':
		put_stream(s, v->second);
		break;
	case 'l':
		put_stream(s, v->last);
		break;
	case 'L':
		put_stripped(s, v->last);
		break;
	default:
		fail();
	}
}

/* clang-format off */
static const struct {
	const char	*label;
	const char	*letters;
	int		 off_s; /* our clock, against the server's */
	bool		 other_secret, other_name, other_algorithm;
	const char	*want_error;
} signed_streams[] = {
	{ "RFC 8945 5.3.1: 99 unsigned messages between", "fbs*l", 0, false, false, false, NULL },
	{ "RFC 8945 5.2.3: ahead by the fudge", "fbs*l", 300, false, false, false, NULL },
	{ "RFC 8945 5.2.3: behind by the fudge", "fbs*l", -300, false, false, false, NULL },
	{ "RFC 8945 5.2.3: ahead by more", "fbs*l", 301, false, false, false, "of another time, -301 s" },
	{ "RFC 8945 5.2.3: behind by more", "fbs*l", -301, false, false, false, "of another time, 301 s" },
	{ "RFC 8945 5.3.1: 100 unsigned messages between", "fbs*b", 0, false, false, false, "more than 99" },
	{ "RFC 8945 5.3.1: the first message is not signed", "Fbs*l", 0, false, false, false, "is not signed, but" },
	{ "RFC 8945 5.3.1: the last message is not signed", "fbs*L", 0, false, false, false, "more than 99" },
	{ "RFC 8945 5.3.1: nor is the one before it", "fbsL", 0, false, false, false, "last message" },
	{ "RFC 8945 5.3.1: a changed message between", "fxs*l", 0, false, false, false, "signature is wrong" },
	{ "RFC 8945 5.3.1: a missing message between", "fs*l", 0, false, false, false, "signature is wrong" },
	{ "RFC 8945 5.3.1: a message twice", "fbbs*l", 0, false, false, false, "signature is wrong" },
	{ "RFC 8945 5.3.1: the first message twice", "ff", 0, false, false, false, "signature is wrong" },
	{ "RFC 8945 5.2.2: another secret", "fbs*l", 0, true, false, false, "signature is wrong" },
	{ "RFC 8945 5.2.1: another key", "fbs*l", 0, false, true, false, "with the key transfer.key, not" },
	{ "RFC 8945 5.2.1: another algorithm", "fbs*l", 0, false, false, true, "not with ours" },
	{ "ends before its last message", "fbs*", 0, false, false, false, "before the zone was whole" },
};
/* clang-format on */

/* Those of the whole stream; the second message has a null MX. */
static void
put_vector_names(struct buf *b)
{
	buf_put(b, SPAN(AXFR_ZONE));
	for (int i = 0; i < 1 + VECTOR_BETWEEN; i++)
		buf_put(b, SPAN(" b." AXFR_ZONE));
	buf_put(b, SPAN(" d." AXFR_ZONE "\0"));
}

static void
test_signed(void **state)
{
	struct tally t = { .failed = 0 };
	char names[NAMES_MAX];
	struct buf want = buf_init(names, sizeof names);

	(void)state;
	put_vector_names(&want);
	for (size_t i = 0; i < ROWS(signed_streams) * ROWS(tsig_vectors); i++) {
		const struct tsig_vector *v =
		    &tsig_vectors[i % ROWS(tsig_vectors)];
		size_t row = i / ROWS(tsig_vectors);
		struct tsig_key key = vector_key(v->algorithm);
		struct server s = { .behind = CLOSE };
		struct outcome o;

		t.label = signed_streams[row].label;
		s.stream = buf_init(s.mem, sizeof s.mem);
		for (const char *c = signed_streams[row].letters; *c != '\0';
		     c++)
			put_letter(&s, v, *c);
		if (signed_streams[row].other_secret)
			key.secret[31] ^= 1;
		if (signed_streams[row].other_name)
			assert_true(dns_name_parse(SPAN("other"), &key.name));
		if (signed_streams[row].other_algorithm)
			key.algorithm = (key.algorithm + 1) % TSIG_ALGORITHMS;
		transfer(&s, &patient, &key, signed_streams[row].off_s, &o);
		want_outcome(&t, &o, names, signed_streams[row].want_error);
		if (row == 0)
			want_span(&t, "query",
			    (struct span){ s.query, s.query_n }, v->query);
		tsig_key_wipe(&key);
	}
	assert_int_equal(t.failed, 0);
}

/* What servers say against a signature, without one of their own. */
/* clang-format off */
static const struct {
	const char	*label;
	const char	*items;
	uint16_t	 error;
	struct span	 other;
	const char	*want_error;
} complaints[] = {
	{ "RFC 8945 5.2.1: BADKEY", "RCODE 9", TSIG_BADKEY, SPAN_INIT(""), "BADKEY: the server does not know the key transfer.key" },
	{ "RFC 8945 5.2.2: BADSIG", "RCODE 9", TSIG_BADSIG, SPAN_INIT(""), "BADSIG: " },
	{ "RFC 8945 5.2.3: BADTIME, ahead", "RCODE 9", TSIG_BADTIME, SPAN_INIT("\0\0\x65\x53\xf5\0"), "1024 s ahead of ours" },
	{ "RFC 8945 5.2.3: BADTIME, behind", "RCODE 9", TSIG_BADTIME, SPAN_INIT("\0\0\x65\x53\xf0\0"), "256 s behind ours" },
	{ "BADTIME that tells no time", "RCODE 9", TSIG_BADTIME, SPAN_INIT(""), "differ too much" },
	{ "RFC 8945 5.2.2.1: BADTRUNC", "RCODE 9", TSIG_BADTRUNC, SPAN_INIT(""), "BADTRUNC: " },
	{ "another error", "RCODE 9", 99, SPAN_INIT(""), "TSIG error 99" },
	{ "an error with no rcode", AXFR_FIRST ";" AXFR_LAST, TSIG_BADKEY, SPAN_INIT(""), "BADKEY: " },
	{ "a rcode with no error", "RCODE 5", 0, SPAN_INIT(""), "REFUSED: " },
	{ "no error and no MAC", AXFR_FIRST ";" AXFR_LAST, 0, SPAN_INIT(""), "signature is wrong" },
};
/* clang-format on */

/* The last message of the stream with a record like that behind it. */
static void
put_complaint(struct server *s, uint16_t error, struct span other)
{
	struct span sent = span_skip(buf_span(&s->stream), s->last + 2);
	char mem[1024];
	struct buf b = buf_init(mem, sizeof mem);
	struct tsig t;

	assert_int_equal(
	    tsig_find(tsig_vectors[TSIG_SHA256].query, &t), TSIG_FOUND);
	t.mac = SPAN("");
	t.error = error;
	t.other = other;
	buf_put(&b, sent);
	assert_true(tsig_write(&b, &t));
	s->stream.n = s->last;
	put_stream(s, buf_span(&b));
}

static void
test_complaints(void **state)
{
	struct tally t = { .failed = 0 };
	struct tsig_key key = vector_key(TSIG_SHA256);

	(void)state;
	for (size_t i = 0; i < ROWS(complaints); i++) {
		struct server s = { .behind = CLOSE };
		struct outcome o;

		t.label = complaints[i].label;
		s.stream = buf_init(s.mem, sizeof s.mem);
		put_messages(&s, span_str(complaints[i].items));
		put_complaint(&s, complaints[i].error, complaints[i].other);
		transfer(&s, &patient, &key, 0, &o);
		want_outcome(&t, &o, NULL, complaints[i].want_error);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_total_time),
		cmocka_unit_test(test_enough),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_complaints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
