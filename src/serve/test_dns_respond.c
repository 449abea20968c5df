/* Messages to the server, and what it gives back: signatures and transfers. The
 * client's side is io/tsig_stream.h and wire/axfr.h. */
#include "serve/dns_respond.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "serve/test_zone.h"
#include "wire/axfr.h"
#include "wire/dns.h"

enum { NOW = 1700000000 };

static struct wall_time
wall(const struct clock *c)
{
	(void)c;
	return (struct wall_time){ NOW };
}

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return (struct mono_time){ 0 };
}

static const struct clock still = { wall, mono };

static struct tsig_key
make_key(const char *name, enum tsig_algorithm algorithm, char secret)
{
	struct tsig_key k = { .algorithm = algorithm, .secret_n = 32 };

	assert_true(dns_name_parse(span_str(name), &k.name));
	memset(k.secret, secret, k.secret_n);
	return k;
}

/* The server knows "k" and one address. */
struct stage {
	struct test_zone z;
	struct tsig_key key;
	struct dns_secondary secondaries[2];
	struct dns_responder d;
};

static void
set_stage(struct stage *s)
{
	test_zone_init(&s->z, 100, true);
	s->key = make_key("k", TSIG_SHA256, 'x');
	s->secondaries[0] = (struct dns_secondary){ .key = &s->key };
	s->secondaries[1] =
	    (struct dns_secondary){ .at.address = { IP_V4, { 192, 0, 2, 9 } } };
	s->d = (struct dns_responder){ .zone = s->z.zone,
		.clock = &still,
		.secondaries = s->secondaries,
		.n_secondaries = 2 };
}

static void
strike(struct stage *s)
{
	test_zone_release(&s->z);
}

static const struct ip_addr stranger = { IP_V4, { 192, 0, 2, 1 } };
static const struct ip_addr friend = { IP_V4, { 192, 0, 2, 9 } };

/* ---- without signatures ---- */

/* clang-format off */
static const struct {
	const char	*label;
	struct test_query q;
	enum dns_transport over;
	const struct ip_addr *from;
	const char	*want; /* NULL: a transfer */
} cases[] = {
	{ "a name", { "alpha.svc.example", DNS_TXT, 0, 0 }, DNS_OVER_UDP, &stranger, "NOERROR aa | alpha.svc.example 300 \"v=STSv1; id=idalpha;\" | |" },
	{ "over TCP", { "alpha.svc.example", DNS_TXT, 0, 4096 }, DNS_OVER_TCP, &stranger, "NOERROR aa | alpha.svc.example 300 \"v=STSv1; id=idalpha;\" | |" },
	{ "AXFR for a stranger", { "svc.example", DNS_AXFR, 0, 0 }, DNS_OVER_TCP, &stranger, "REFUSED | | |" },
	{ "IXFR for a stranger", { "svc.example", DNS_IXFR, 0, 0 }, DNS_OVER_TCP, &stranger, "REFUSED | | |" },
	{ "AXFR for an address that may", { "SVC.example", DNS_AXFR, 0, 0 }, DNS_OVER_TCP, &friend, NULL },
	{ "RFC 1995 4: IXFR is AXFR", { "svc.example", DNS_IXFR, 0, 0 }, DNS_OVER_TCP, &friend, NULL },
	{ "RFC 5936 4.2: AXFR over UDP", { "svc.example", DNS_AXFR, 0, 0 }, DNS_OVER_UDP, &friend, "REFUSED | | |" },
	{ "RFC 1995 2: IXFR over UDP", { "svc.example", DNS_IXFR, 0, 0 }, DNS_OVER_UDP, &friend,
	  "NOERROR aa | svc.example 300 ns1.svc.example hostmaster.svc.example 7 3600 600 86400 60 | |" },
	{ "RFC 5936 2.2.1: AXFR of a name in the zone", { "alpha.svc.example", DNS_AXFR, 0, 0 }, DNS_OVER_TCP, &friend, "NOTAUTH | | |" },
	{ "AXFR of another zone", { "example", DNS_AXFR, 0, 0 }, DNS_OVER_TCP, &friend, "NOTAUTH | | |" },
	{ "AXFR of another class", { "svc.example", DNS_AXFR, 3, 0 }, DNS_OVER_TCP, &friend, "NOTAUTH | | |" },
};
/* clang-format on */

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char query[512], mem[DNS_UDP_OCTETS], text[1024];
		struct buf out = buf_init(mem, sizeof mem);
		struct dns_transfer *transfer = NULL;
		const char *want = cases[i].want;
		struct stage s;

		t.label = cases[i].label;
		set_stage(&s);
		want_int(&t, "outcome",
		    dns_respond(&s.d,
			test_query_write(query, sizeof query, &cases[i].q),
			cases[i].over, cases[i].from, &out, &transfer),
		    want != NULL ? DNS_MESSAGE : DNS_TRANSFER);
		if (want != NULL && out.n > 0)
			want_span(&t, "answer",
			    test_reply_text(text, sizeof text, buf_span(&out)),
			    span_str(want));
		dns_transfer_free(transfer);
		strike(&s);
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
	enum dns_outcome want;
	struct span	 want_out;
} messages[] = {
	{ "too short", SPAN_INIT("\1\2\0"), DNS_NO_ANSWER, SPAN_INIT("") },
	{ "a response", SPAN_INIT("\1\2\x80\0\0\0\0\0\0\0\0\0"), DNS_NO_ANSWER, SPAN_INIT("") },
	{ "no question", SPAN_INIT("\1\2\0\0\0\0\0\0\0\0\0\0"), DNS_MESSAGE, SPAN_INIT("\1\2\x80\1\0\0\0\0\0\0\0\0") },
	{ "another opcode", SPAN_INIT("\1\2\x10\0\0\0\0\0\0\0\0\0"), DNS_MESSAGE, SPAN_INIT("\1\2\x90\4\0\0\0\0\0\0\0\0") },
	{ "RFC 6891 6.1.3: BADVERS", SPAN_INIT("\1\2\0\0\0\1\0\0\0\0\0\1\0\0\1\0\1\0\0\x29\2\0\0\1\0\0\0\0"), DNS_MESSAGE,
	  SPAN_INIT("\1\2\x80\0\0\1\0\0\0\0\0\1\0\0\1\0\1\0\0\x29\4\xd0\1\0\0\0\0\0") },
};
/* clang-format on */

static void
test_messages(void **state)
{
	struct tally t = { .failed = 0 };
	struct stage s;

	(void)state;
	set_stage(&s);
	for (size_t i = 0; i < ROWS(messages); i++) {
		char mem[DNS_UDP_OCTETS];
		struct buf out = buf_init(mem, sizeof mem);
		struct dns_transfer *none;

		t.label = messages[i].label;
		want_int(&t, "outcome",
		    dns_respond(&s.d, messages[i].in, DNS_OVER_UDP, &stranger,
			&out, &none),
		    messages[i].want);
		want_span(&t, "out", buf_span(&out), messages[i].want_out);
	}
	strike(&s);
	assert_int_equal(t.failed, 0);
}

static void
test_slip(void **state)
{
	const struct test_query q = { "alpha.svc.example", DNS_TXT, 0, 1232 };
	char query_mem[512], mem[DNS_UDP_OCTETS], text[256];
	struct buf out = buf_init(mem, sizeof mem);
	struct tally t = { .label = "slip", .failed = 0 };
	struct span query = test_query_write(query_mem, sizeof query_mem, &q);

	(void)state;
	assert_true(dns_respond_slip(query, &out));
	want_span(&t, "answer",
	    test_reply_text(text, sizeof text, buf_span(&out)),
	    SPAN("NOERROR tc | | |"));
	want_size(&t, "no larger than the question", out.n, query.n);
	out.n = 0;
	want_bool(&t, "a response",
	    dns_respond_slip(SPAN("\1\2\x80\0\0\0\0\0\0\0\0\0"), &out), false);
	assert_int_equal(t.failed, 0);
}

/* ---- with signatures ---- */

/* Signs a query as the client does. */
static struct span
sign(struct tsig_stream *s, const struct tsig_key *key, int64_t now,
    const struct test_query *q, char *mem, size_t n)
{
	struct buf b = buf_init(mem, n);

	b.n = test_query_write(mem, n, q).n;
	assert_int_equal(tsig_stream_init(s, key, NULL), ERR_OK);
	assert_int_equal(
	    tsig_stream_sign(s, &b, (struct wall_time){ now }, NULL), ERR_OK);
	assert_false(b.overflow);
	return buf_span(&b);
}

/* clang-format off */
static const struct {
	const char	*label;
	const char	*key;
	enum tsig_algorithm algorithm;
	char		 secret;
	int64_t		 now;
	int		 want_rcode;
	const char	*want_complaint; /* "" : the client is content */
} signatures[] = {
	{ "a good signature", "k", TSIG_SHA256, 'x', NOW, DNS_RCODE_NOERROR, "" },
	{ "RFC 8945 5.2.3: within the fudge", "k", TSIG_SHA256, 'x', NOW - TSIG_FUDGE_S, DNS_RCODE_NOERROR, "" },
	{ "RFC 8945 5.2.3: outside of it", "k", TSIG_SHA256, 'x', NOW + TSIG_FUDGE_S + 1, DNS_RCODE_NOTAUTH,
	  "BADTIME: the server's clock is 301 s behind ours, which is more than signatures allow: set the clocks" },
	{ "RFC 8945 5.2.1: another key", "other", TSIG_SHA256, 'x', NOW, DNS_RCODE_NOTAUTH,
	  "BADKEY: the server does not know the key other, or has it with another algorithm" },
	{ "RFC 8945 5.2.1: another algorithm", "k", TSIG_SHA512, 'x', NOW, DNS_RCODE_NOTAUTH,
	  "BADKEY: the server does not know the key k, or has it with another algorithm" },
	{ "RFC 8945 5.2.2: another secret", "k", TSIG_SHA256, 'y', NOW, DNS_RCODE_NOTAUTH,
	  "BADSIG: the server has the key k with another secret" },
};
/* clang-format on */

static void
test_signatures(void **state)
{
	const struct test_query q = { "svc.example", DNS_SOA, 0, 0 };
	struct tally t = { .failed = 0 };
	struct stage s;

	(void)state;
	set_stage(&s);
	for (size_t i = 0; i < ROWS(signatures); i++) {
		struct tsig_key key = make_key(signatures[i].key,
		    signatures[i].algorithm, signatures[i].secret);
		struct wall_time now = { signatures[i].now };
		char query[1024], mem[DNS_UDP_OCTETS];
		struct buf out = buf_init(mem, sizeof mem);
		struct error e = { .text = "" };
		struct dns_transfer *none;
		struct tsig_stream client;
		bool good = *signatures[i].want_complaint == '\0';

		t.label = signatures[i].label;
		want_int(&t, "outcome",
		    dns_respond(&s.d,
			sign(&client, &key, now.s, &q, query, sizeof query),
			DNS_OVER_UDP, &stranger, &out, &none),
		    DNS_MESSAGE);
		want_int(&t, "rcode",
		    dns_u16(buf_span(&out), 2) & DNS_MASK_RCODE,
		    signatures[i].want_rcode);
		want_int(&t, "taken",
		    tsig_stream_take(&client, buf_span(&out), now, &e),
		    good ? ERR_OK : ERR_DATA);
		want_span(&t, "complaint", span_str(e.text),
		    span_str(signatures[i].want_complaint));
		tsig_stream_release(&client);
	}
	strike(&s);
	assert_int_equal(t.failed, 0);
}

/* One octet of the query is another: the signature does not hold. */
static void
test_changed_query(void **state)
{
	const struct test_query q = { "svc.example", DNS_SOA, 0, 0 };
	char query[1024], mem[DNS_UDP_OCTETS];
	struct buf out = buf_init(mem, sizeof mem);
	struct dns_transfer *none;
	struct tsig_stream client;
	struct tsig fault;
	struct stage s;
	struct span signed_query;

	(void)state;
	set_stage(&s);
	signed_query = sign(&client, &s.key, NOW, &q, query, sizeof query);
	query[DNS_HEADER_OCTETS + 1] = 'S';
	assert_int_equal(dns_respond(&s.d, signed_query, DNS_OVER_UDP,
			     &stranger, &out, &none),
	    DNS_MESSAGE);
	assert_int_equal(tsig_find(buf_span(&out), &fault), TSIG_FOUND);
	assert_int_equal(fault.error, TSIG_BADSIG);
	assert_int_equal(fault.mac.n, 0); /* RFC 8945 5.3.2 */
	tsig_stream_release(&client);
	strike(&s);
}

/* ---- transfers ---- */

static void
put_name(struct buf *b, const struct dns_record *rr)
{
	if (b->n > 0)
		buf_putc(b, ' ');
	buf_put(b, dns_name_span(&rr->owner));
	buf_printf(b, "/%u", rr->type);
}

/* Take all of a transfer as a secondary would: the records in order. */
static int
take_all(struct dns_transfer *transfer, struct tsig_stream *client,
    struct buf *records)
{
	struct axfr x = axfr_init(SPAN("svc.example"), 0x1234);
	char mem[LIMIT_DNS_TRANSFER_MESSAGE];
	enum axfr_step step = AXFR_MORE;
	struct span message;
	int taken = 0;

	for (;;) {
		struct dns_record rr;

		assert_int_equal(
		    dns_transfer_next(transfer, mem, &message), ERR_OK);
		if (message.n == 0)
			break;
		taken++;
		assert_int_equal(step, AXFR_MORE);
		if (client != NULL)
			assert_int_equal(tsig_stream_take(client, message,
					     (struct wall_time){ NOW }, NULL),
			    ERR_OK);
		step = axfr_message(&x, message);
		while (
		    step == AXFR_OK && (step = axfr_next(&x, &rr)) == AXFR_OK)
			put_name(records, &rr);
	}
	assert_int_equal(step, AXFR_DONE);
	assert_false(records->overflow);
	return taken;
}

#define RECORDS                                                                \
	"svc.example/2 svc.example/2 svc.example/1 svc.example/28 "            \
	"svc.example/1 ns1.svc.example/1 a.deep.svc.example/1 "                \
	"alpha.svc.example/1 alpha.svc.example/28 alpha.svc.example/1 "        \
	"alpha.svc.example/16 beta.svc.example/1 beta.svc.example/28 "         \
	"beta.svc.example/1 gamma.svc.example/1 gamma.svc.example/28 "         \
	"gamma.svc.example/1 gamma.svc.example/16"

/* RFC 5936 2.2: from SOA to SOA; with a signature and without. */
static void
test_transfer(void **state)
{
	const struct test_query q = { "svc.example", DNS_AXFR, 0, 0 };
	struct tally t = { .failed = 0 };

	(void)state;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		char query[1024], mem[DNS_UDP_OCTETS], text[2048];
		struct buf out = buf_init(mem, sizeof mem);
		struct buf records = buf_init(text, sizeof text);
		struct dns_transfer *transfer;
		struct tsig_stream client;
		struct span message;
		struct stage s;

		t.label = is_signed ? "signed" : "by its address";
		set_stage(&s);
		message = is_signed ? sign(&client, &s.key, NOW, &q, query,
					  sizeof query)
				    : test_query_write(query, sizeof query, &q);
		assert_int_equal(
		    dns_respond(&s.d, message, DNS_OVER_TCP,
			is_signed ? &stranger : &friend, &out, &transfer),
		    DNS_TRANSFER);
		memset(query, 0, sizeof query); /* it was copied */
		want_int(&t, "messages",
		    take_all(transfer, is_signed ? &client : NULL, &records),
		    1);
		want_span(&t, "records", buf_span(&records), SPAN(RECORDS));
		if (is_signed) {
			want_int(
			    &t, "end", tsig_stream_end(&client, NULL), ERR_OK);
			tsig_stream_release(&client);
		}
		dns_transfer_free(transfer);
		strike(&s);
	}
	assert_int_equal(t.failed, 0);
}

/* Names enough for many messages: n0000, n0001, ... */
enum { LARGE = 5000 };

static enum lookup
next_of_many(void *arg, struct span after, char *label, size_t *label_n,
    struct dns_entry *out)
{
	int n = 0;

	(void)arg;
	for (size_t i = 1; i < after.n; i++)
		n = 10 * n + after.p[i] - '0';
	n += after.n > 0;
	*label_n = 5;
	label[0] = 'n';
	for (size_t i = 4; i > 0; i--, n /= 10)
		label[i] = (char)('0' + n % 10);
	*out = (struct dns_entry){ .id = "1", .id_n = 1 };
	return span_cmp((struct span){ label, 5 }, SPAN("n5000")) < 0
		   ? LOOKUP_FOUND
		   : LOOKUP_NONE;
}

static void
test_large_transfer(void **state)
{
	const struct test_query q = { "svc.example", DNS_AXFR, 0, 1232 };
	static char text[LARGE * 4 * 24];
	char query[1024], mem[DNS_UDP_OCTETS];
	struct buf out = buf_init(mem, sizeof mem);
	struct buf records = buf_init(text, sizeof text);
	struct test_names names = { .n = 0 };
	struct dns_zone_config config = test_zone_config(&names);
	struct dns_transfer *transfer;
	struct tsig_stream client;
	struct dns_zone *zone;
	struct stage s;
	size_t spaces = 0;

	(void)state;
	set_stage(&s);
	config.source.next = next_of_many;
	assert_int_equal(
	    dns_zone_new(&config, &randomness_system, &zone, NULL), ERR_OK);
	s.d.zone = zone;
	assert_int_equal(
	    dns_respond(&s.d,
		sign(&client, &s.key, NOW, &q, query, sizeof query),
		DNS_OVER_TCP, &stranger, &out, &transfer),
	    DNS_TRANSFER);
	assert_in_range(take_all(transfer, &client, &records), 10, 100);
	for (size_t i = 0; i < records.n; i++)
		spaces += text[i] == ' ';
	assert_int_equal(spaces + 1, 2 + 3 + 2 + 4 * LARGE);
	assert_int_equal(tsig_stream_end(&client, NULL), ERR_OK);
	tsig_stream_release(&client);
	dns_transfer_free(transfer);
	dns_zone_free(zone);
	strike(&s);
}

/* Half a zone would have the secondary forget the other half. */
static void
test_broken_transfer(void **state)
{
	const struct test_query q = { "svc.example", DNS_AXFR, 0, 0 };
	char query[1024], out_mem[DNS_UDP_OCTETS];
	char mem[LIMIT_DNS_TRANSFER_MESSAGE];
	struct buf out = buf_init(out_mem, sizeof out_mem);
	struct dns_transfer *transfer;
	struct span message;
	struct stage s;

	(void)state;
	set_stage(&s);
	s.z.names.is_out_of_reach = true;
	assert_int_equal(
	    dns_respond(&s.d, test_query_write(query, sizeof query, &q),
		DNS_OVER_TCP, &friend, &out, &transfer),
	    DNS_TRANSFER);
	assert_int_equal(dns_transfer_next(transfer, mem, &message), ERR_STORE);
	assert_int_equal(message.n, 0);
	dns_transfer_free(transfer);
	strike(&s);
}

/* RFC 1995 2, RFC 1982 3.2: who has this version, or a later one, gets no
 * transfer. The zone is at 7. */
static void
test_versions(void **state)
{
	static const struct {
		uint32_t serial;
		enum dns_outcome want;
	} rows[] = {
		{ 6, DNS_TRANSFER }, { 7, DNS_MESSAGE }, { 8, DNS_MESSAGE },
		{ 0xfffffff0, DNS_TRANSFER }, /* before the serial wrapped */
	};
	struct tally t = { .label = "version", .failed = 0 };
	struct stage s;

	(void)state;
	set_stage(&s);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct test_query q = { "svc.example", DNS_IXFR, 0, 0 };
		char query[512], mem[DNS_UDP_OCTETS];
		struct buf in = buf_init(query, sizeof query);
		struct buf out = buf_init(mem, sizeof mem);
		struct dns_transfer *transfer = NULL;

		in.n = test_query_write(query, sizeof query, &q).n;
		query[9] = 1;
		buf_put(&in, SPAN("\xc0\xc\0\6\0\1\0\0\0\0\0\x16\0\0"));
		dns_put_u16(&in, rows[i].serial >> 16);
		dns_put_u16(&in, rows[i].serial & 0xffff);
		buf_put(&in, SPAN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
		want_int(&t, "outcome",
		    dns_respond(&s.d, buf_span(&in), DNS_OVER_TCP, &friend,
			&out, &transfer),
		    rows[i].want);
		dns_transfer_free(transfer);
	}
	strike(&s);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_slip),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_changed_query),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_large_transfer),
		cmocka_unit_test(test_broken_transfer),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
