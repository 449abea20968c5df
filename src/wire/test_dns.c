#include "wire/dns.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/test_table.h"

/* A row has its answer section as a zone file would ("owner ttl type data", one
 * record a line), from which the packet is made; "RCODE=n" and "TC" are lines
 * that set the header. What comes out of it is written as
 * "result ttl > chain : records". */
struct row {
	const char *label;
	const char *name;
	uint16_t type;
	const char *answer;
	const char *want;
};

#define NAME63 "a2345678901234567890123456789012345678901234567890123456789012x"

/* clang-format off */
static const struct row cases[] = {
	{ "RFC 1035 3.3.9: MX, by preference and name", "a.example", DNS_MX,
	  "a.example 300 MX 20 mx3.a.example\n"
	  "a.example 300 MX 10 mx2.a.example\n"
	  "a.example 300 MX 10 mx1.a.example\n",
	  "ok 300 : 10 mx1.a.example, 10 mx2.a.example, 20 mx3.a.example" },
	{ "RFC 7505 3: a null MX", "a.example", DNS_MX,
	  "a.example 300 MX 0 .\n", "ok 300 : 0 " },
	{ "RFC 4343: case is folded", "A.Example.", DNS_MX,
	  "a.EXAMPLE 300 MX 10 MX.A.example\n", "ok 300 : 10 mx.a.example" },
	{ "RFC 1035 3.3.14: TXT of several strings", "a.example", DNS_TXT,
	  "a.example 60 TXT v=STSv1;|id=1\n", "ok 60 : [v=STSv1;][id=1]" },
	{ "RFC 1035 3.3.14: an empty string", "a.example", DNS_TXT,
	  "a.example 60 TXT \n", "ok 60 : []" },
	{ "TXT in order of bytes", "a.example", DNS_TXT,
	  "a.example 60 TXT bb\na.example 60 TXT aa\na.example 60 TXT ab\n",
	  "ok 60 : [aa], [ab], [bb]" },
	{ "RFC 2181 5: a record twice counts once", "a.example", DNS_TXT,
	  "a.example 60 TXT x\na.example 60 TXT x\na.example 60 TXT y\n",
	  "ok 60 : [x], [y]" },
	{ "RFC 2181 5: an MX twice, in another case", "a.example", DNS_MX,
	  "a.example 60 MX 10 mx.a.example\na.example 60 MX 10 MX.a.example\n",
	  "ok 60 : 10 mx.a.example" },
	{ "RFC 1035 3.4.1: A, in order", "a.example", DNS_A,
	  "a.example 60 A 192.0.2.20\na.example 60 A 192.0.2.3\n",
	  "ok 60 : 192.0.2.3, 192.0.2.20" },
	{ "RFC 3596 2.1: AAAA", "a.example", DNS_AAAA,
	  "a.example 60 AAAA 2001:db8::1\n", "ok 60 : 2001:db8::1" },
	{ "RFC 6698 2.1: TLSA", "_25._tcp.a.example", DNS_TLSA,
	  "_25._tcp.a.example 60 TLSA 030101abcd\n", "ok 60 : 3 1 1 2" },
	{ "RFC 8659 4.1: CAA, in order", "a.example", DNS_CAA,
	  "a.example 60 CAA 8003746273aa\na.example 60 CAA 0005697373756563612e78\n",
	  "ok 60 : 0 issue ca.x, 128 tbs \xaa" },
	{ "RFC 8659 4.1: CAA behind a CNAME", "a.example", DNS_CAA,
	  "a.example 60 CNAME b.example\nb.example 50 CAA 000569737375653b\n",
	  "ok 50 > b.example : 0 issue ;" },
	{ "NS, in order", "a.example", DNS_NS,
	  "a.example 60 NS ns2.a.example\na.example 60 NS ns1.a.example\n",
	  "ok 60 : ns1.a.example, ns2.a.example" },
	{ "CNAME asked for", "a.example", DNS_CNAME,
	  "a.example 60 CNAME b.example\n", "ok 60 > b.example :" },
	{ "the least TTL", "a.example", DNS_A,
	  "a.example 60 A 192.0.2.1\na.example 30 A 192.0.2.2\n"
	  "b.example 10 A 192.0.2.3\n", "ok 30 : 192.0.2.1, 192.0.2.2" },
	{ "RFC 2181 8: a TTL of more than 31 bits is 0", "a.example", DNS_A,
	  "a.example 4294967295 A 192.0.2.1\n", "ok 0 : 192.0.2.1" },
	{ "RFC 2181 8: the largest TTL", "a.example", DNS_A,
	  "a.example 2147483647 A 192.0.2.1\n", "ok 2147483647 : 192.0.2.1" },

	{ "RFC 8461 3.1: a CNAME is followed", "_mta-sts.a.example", DNS_TXT,
	  "_mta-sts.a.example 60 CNAME b.example\nb.example 30 TXT x\n",
	  "ok 30 > b.example : [x]" },
	{ "RFC 8461 3.1: a chain, in any order; its TTLs count", "a.example",
	  DNS_TXT,
	  "c.example 300 CNAME d.example\nd.example 300 TXT x\n"
	  "b.example 20 CNAME c.example\na.example 300 CNAME b.example\n",
	  "ok 20 > b.example > c.example > d.example : [x]" },
	{ "a chain that ends outside", "a.example", DNS_TXT,
	  "a.example 60 CNAME b.example\n", "nodata 60 > b.example :" },
	{ "a loop of one", "a.example", DNS_TXT,
	  "a.example 60 CNAME a.example\n", "chain 60 :" },
	{ "a loop of two", "a.example", DNS_TXT,
	  "a.example 60 CNAME b.example\nb.example 60 CNAME a.example\n",
	  "chain 60 > b.example :" },
	{ "a loop behind the head", "a.example", DNS_TXT,
	  "a.example 60 CNAME b.example\nb.example 60 CNAME c.example\n"
	  "c.example 60 CNAME b.example\n",
	  "chain 60 > b.example > c.example :" },
	{ "records of other names and types are not used", "a.example", DNS_A,
	  "b.example 60 A 192.0.2.1\na.example 60 AAAA 2001:db8::1\n"
	  "sub.a.example 60 A 192.0.2.2\n", "nodata 0 :" },
	{ "RFC 1034 3.6.2: records beside a CNAME count", "a.example", DNS_A,
	  "a.example 60 CNAME b.example\na.example 60 A 192.0.2.1\n",
	  "ok 60 beside : 192.0.2.1" },
	{ "RFC 1034 3.6.2: beside the second CNAME", "a.example", DNS_TXT,
	  "a.example 60 CNAME b.example\nb.example 60 CNAME c.example\n"
	  "b.example 60 TXT x\n",
	  "ok 60 beside > b.example : [x]" },
	{ "a CNAME of another name is beside nothing", "a.example", DNS_A,
	  "a.example 60 A 192.0.2.1\nb.example 60 CNAME c.example\n",
	  "ok 60 : 192.0.2.1" },

	{ "NODATA", "a.example", DNS_MX, "", "nodata 0 :" },
	{ "NXDOMAIN", "a.example", DNS_MX, "RCODE=3\n", "nxdomain 0 :" },
	{ "NXDOMAIN of a CNAME's target keeps the chain", "a.example", DNS_MX,
	  "RCODE=3\na.example 60 CNAME b.example\n", "nxdomain 60 > b.example :" },
	{ "NXDOMAIN with an answer contradicts itself", "a.example", DNS_A,
	  "RCODE=3\na.example 60 A 192.0.2.1\n", "malformed 0 :" },
	{ "FORMERR", "a.example", DNS_MX, "RCODE=1\n", "servfail 0 :" },
	{ "SERVFAIL", "a.example", DNS_MX, "RCODE=2\n", "servfail 0 :" },
	{ "NOTIMP", "a.example", DNS_MX, "RCODE=4\n", "servfail 0 :" },
	{ "REFUSED", "a.example", DNS_MX, "RCODE=5\n", "servfail 0 :" },
	{ "TC and nothing: not known", "a.example", DNS_MX, "TC\n",
	  "servfail 0 :" },
	{ "TC and a record: read", "a.example", DNS_A,
	  "TC\na.example 60 A 192.0.2.1\n", "ok 60 : 192.0.2.1" },

	{ "RFC 1035 5.1: a dot inside a label", "a.example", DNS_MX,
	  "a.example 60 MX 10 m\\046x.a.example\n",
	  "ok 60 : 10 m\\046x.a.example" },
	{ "RFC 1035 5.1: backslash, space, control, 8 bit", "a.example", DNS_MX,
	  "a.example 60 MX 10 \\092\\032\\000\\127\\255.example\n",
	  "ok 60 : 10 \\092\\032\\000\\127\\255.example" },
	{ "underscores and stars are plain", "*._a.example", DNS_A,
	  "*._a.example 60 A 192.0.2.1\n", "ok 60 : 192.0.2.1" },
	{ "RFC 1035 2.3.4: a label of 63 octets", NAME63 ".example", DNS_A,
	  NAME63 ".example 60 A 192.0.2.1\n", "ok 60 : 192.0.2.1" },

	{ "A of three octets", "a.example", DNS_A,
	  "a.example 60 A/RAW c00002\n", "malformed 0 :" },
	{ "AAAA of four octets", "a.example", DNS_AAAA,
	  "a.example 60 AAAA/RAW c0000201\n", "malformed 0 :" },
	{ "MX without a name", "a.example", DNS_MX,
	  "a.example 60 MX/RAW 000a\n", "malformed 0 :" },
	{ "MX with something behind its name", "a.example", DNS_MX,
	  "a.example 60 MX/RAW 000a0000\n", "malformed 0 :" },
	{ "RFC 1035 3.3.14: TXT without a string", "a.example", DNS_TXT,
	  "a.example 60 TXT/RAW \n", "malformed 0 :" },
	{ "RFC 1035 3.3.14: a string longer than the record", "a.example",
	  DNS_TXT, "a.example 60 TXT/RAW 0561\n", "malformed 0 :" },
	{ "RFC 8659 4.1: CAA without a tag", "a.example", DNS_CAA,
	  "a.example 60 CAA 00003b\n", "malformed 0 :" },
	{ "TLSA of three octets", "a.example", DNS_TLSA,
	  "a.example 60 TLSA 030101\n", "malformed 0 :" },
	{ "CNAME without a name", "a.example", DNS_A,
	  "a.example 60 CNAME/RAW \n", "malformed 0 :" },
	{ "RFC 1035 4.1.4: a pointer to itself", "a.example", DNS_NS,
	  "a.example 60 NS/RAW c030\n", "malformed 0 :" },
	{ "RFC 1035 4.1.4: a pointer forwards", "a.example", DNS_NS,
	  "a.example 60 NS/RAW c040\n", "malformed 0 :" },
	{ "RFC 1035 4.1.4: a pointer cut in two", "a.example", DNS_NS,
	  "a.example 60 NS/RAW c0\n", "malformed 0 :" },
	{ "RFC 1035 4.1.4: a pointer back to the question", "a.example", DNS_NS,
	  "a.example 60 NS/RAW 026e73c00c\n", "ok 60 : ns.a.example" },
	{ "RFC 1035 4.1.4: a label before a pointer to itself", "a.example",
	  DNS_NS, "a.example 60 NS/RAW 0161c030\n", "malformed 0 :" },
	{ "label types 01 and 10 do not exist", "a.example", DNS_NS,
	  "a.example 60 NS/RAW 4161\n", "malformed 0 :" },
	{ "a label beyond the packet", "a.example", DNS_NS,
	  "a.example 60 NS/RAW 3f61\n", "malformed 0 :" },
	{ "a broken record of another class is no concern", "a.example", DNS_A,
	  "a.example 60 CH/RAW c0\na.example 60 A 192.0.2.1\n",
	  "ok 60 : 192.0.2.1" },
};
/* clang-format on */

static void
put16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)v);
}

/* Text with \DDD to wire form, uncompressed. */
static void
put_name(struct buf *b, struct span s)
{
	while (s.n > 0 && !span_eq(s, SPAN("."))) {
		char label[64];
		struct buf l = buf_init(label, sizeof label);
		struct span t = span_head(s, span_find(s, '.'));

		s = span_skip(s, t.n + 1);
		while (t.n > 0) {
			uint64_t v = (unsigned char)t.p[0];
			bool coded = t.p[0] == '\\';

			if (coded)
				assert_true(num_parse(
				    span_head(span_skip(t, 1), 3), 255, &v));
			buf_putc(&l, (char)v);
			t = span_skip(t, coded ? 4 : 1);
		}
		buf_putc(b, (char)l.n);
		buf_put(b, buf_span(&l));
	}
	buf_putc(b, 0);
}

static void
put_hex(struct buf *b, struct span s)
{
	static const char digits[] = "0123456789abcdef";

	for (; s.n >= 2; s = span_skip(s, 2)) {
		size_t hi = (size_t)(strchr(digits, s.p[0]) - digits);
		size_t lo = (size_t)(strchr(digits, s.p[1]) - digits);

		buf_putc(b, (char)(hi << 4 | lo));
	}
}

static void
put_rdata(struct buf *b, struct span type, struct span data)
{
	struct ip_addr ip;
	uint64_t preference;
	size_t sp = span_find(data, ' ');

	if (span_eq(type, SPAN("MX"))) {
		assert_true(num_parse(span_head(data, sp), 65535, &preference));
		put16(b, (unsigned)preference);
		put_name(b, span_skip(data, sp + 1));
	} else if (span_eq(type, SPAN("CNAME")) || span_eq(type, SPAN("NS"))) {
		put_name(b, data);
	} else if (span_eq(type, SPAN("A")) || span_eq(type, SPAN("AAAA"))) {
		assert_true(ip_parse(data, &ip));
		buf_put(b, (struct span){ (const char *)ip.b,
			       ip.family == IP_V4 ? 4 : 16 });
	} else if (span_eq(type, SPAN("TXT"))) {
		for (;;) {
			size_t bar = span_find(data, '|');

			buf_putc(b, (char)bar);
			buf_put(b, span_head(data, bar));
			if (bar == data.n)
				break;
			data = span_skip(data, bar + 1);
		}
	} else {
		put_hex(b, data);
	}
}

static unsigned
type_number(struct span type)
{
	static const struct {
		const char *name;
		unsigned type;
	} types[] = { { "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "MX", 15 },
		{ "TXT", 16 }, { "AAAA", 28 }, { "TLSA", 52 }, { "CAA", 257 },
		{ "CH", 2 } };

	type = span_head(type, span_find(type, '/'));
	for (size_t i = 0; i < ROWS(types); i++)
		if (span_eq(type, span_str(types[i].name)))
			return types[i].type;
	fail();
	return 0;
}

static struct span
word(struct span *rest)
{
	size_t n = span_find(*rest, ' ');
	struct span w = span_head(*rest, n);

	*rest = span_skip(*rest, n + 1);
	return w;
}

static void
put_record(struct buf *b, struct span l)
{
	char mem[4096];
	struct buf data = buf_init(mem, sizeof mem);
	struct span owner = word(&l), ttl = word(&l), type = word(&l);
	uint64_t seconds;

	put_name(b, owner);
	put16(b, type_number(type));
	put16(b, span_starts(type, SPAN("CH")) ? 3 : 1);
	assert_true(num_parse(ttl, UINT32_MAX, &seconds));
	put16(b, (unsigned)(seconds >> 16));
	put16(b, (unsigned)(seconds & 0xffff));
	put_rdata(&data, type, l);
	put16(b, (unsigned)data.n);
	buf_put(b, buf_span(&data));
}

static struct span
make_packet(const struct row *r, struct buf *b)
{
	struct span answer = span_str(r->answer);
	unsigned n = 0;

	put16(b, 0x1234);
	put16(b, 0x8180);
	put16(b, 1);
	put16(b, 0); /* ANCOUNT comes last */
	put16(b, 0);
	put16(b, 0);
	put_name(b, span_str(r->name));
	put16(b, r->type);
	put16(b, 1);
	while (answer.n > 0) {
		size_t end = span_find(answer, '\n');
		struct span l = span_head(answer, end);

		answer = span_skip(answer, end + 1);
		if (span_starts(l, SPAN("RCODE=")))
			b->p[3] = (char)(0x80 | (l.p[6] - '0'));
		else if (span_eq(l, SPAN("TC")))
			b->p[2] = (char)0x83;
		else
			put_record(b, l), n++;
	}
	b->p[6] = (char)(n >> 8);
	b->p[7] = (char)n;
	assert_false(b->overflow);
	return buf_span(b);
}

static void
comma(struct buf *b, size_t i)
{
	buf_put(b, i > 0 ? SPAN(", ") : SPAN(" "));
}

static struct span
render(const struct dns_answer *d, struct buf *b)
{
	buf_printf(b, "%s %u%s", dns_result_names[d->result], (unsigned)d->ttl,
	    d->beside ? " beside" : "");
	for (size_t i = 0; i < d->n_chain; i++) {
		buf_put(b, SPAN(" > "));
		buf_put(b, d->chain[i]);
	}
	buf_put(b, SPAN(" :"));
	for (size_t i = 0; i < d->n_mx; i++) {
		comma(b, i);
		buf_printf(b, "%u ", d->mx[i].preference);
		buf_put(b, d->mx[i].host);
	}
	for (size_t i = 0; i < d->n_txt; i++) {
		comma(b, i);
		for (size_t k = 0; k < d->txt[i].n_strings; k++) {
			buf_putc(b, '[');
			buf_put(b, d->txt[i].strings[k]);
			buf_putc(b, ']');
		}
	}
	for (size_t i = 0; i < d->n_addr; i++) {
		comma(b, i);
		buf_put(b, span_str(ip_format(d->addr[i]).s));
	}
	for (size_t i = 0; i < d->n_tlsa; i++)
		buf_printf(b, " %u %u %u %zu", d->tlsa[i].usage,
		    d->tlsa[i].selector, d->tlsa[i].matching,
		    d->tlsa[i].data.n);
	for (size_t i = 0; i < d->n_ns; i++) {
		comma(b, i);
		buf_put(b, d->ns[i]);
	}
	for (size_t i = 0; i < d->n_caa; i++) {
		comma(b, i);
		buf_printf(b, "%u ", d->caa[i].flags);
		buf_put(b, d->caa[i].tag);
		buf_putc(b, ' ');
		buf_put(b, d->caa[i].value);
	}
	assert_false(b->overflow);
	return buf_span(b);
}

static void
test_read(void **state)
{
	static char packet[65536], text[65536];
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct buf b = buf_init(packet, sizeof packet);
		struct buf c = buf_init(text, sizeof text);
		struct dns_answer d;
		struct arena a;

		arena_init(&a, 1 << 20);
		dns_read(make_packet(&cases[i], &b), span_str(cases[i].name),
		    cases[i].type, &a, &d);
		assert_false(a.failed);
		t.label = cases[i].label;
		want_span(
		    &t, "answer", render(&d, &c), span_str(cases[i].want));
		want_bool(&t, "secure is the caller's", d.secure, false);
		want_bool(&t, "known", dns_is_known(&d),
		    d.result == DNS_OK || d.result == DNS_NODATA ||
			d.result == DNS_NXDOMAIN);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* Cut anywhere, a packet is malformed or, where only records are lost that
 * nobody asked for, what it was; changed anywhere, it is anything but a crash.
 * The memory is exactly as large as the packet. */
static void
test_damage(void **state)
{
	static char packet[65536];

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct buf b = buf_init(packet, sizeof packet);
		struct span p = make_packet(&cases[i], &b);
		struct dns_answer d;
		struct arena a;

		for (size_t n = 0; n < p.n; n++) {
			char *cut = test_malloc(n > 0 ? n : 1);

			memcpy(cut, p.p, n);
			arena_init(&a, 1 << 20);
			dns_read((struct span){ cut, n },
			    span_str(cases[i].name), cases[i].type, &a, &d);
			assert_true(d.result == DNS_MALFORMED ||
				    d.result == DNS_SERVFAIL);
			arena_release(&a);
			test_free(cut);
		}
		for (size_t at = 0; at < p.n; at++) {
			packet[at] ^= (char)0xc0;
			arena_init(&a, 1 << 20);
			dns_read(
			    p, span_str(cases[i].name), cases[i].type, &a, &d);
			packet[at] ^= (char)0xc0;
			arena_release(&a);
		}
	}
}

static void
test_question(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label;
		struct span packet;
		enum dns_result want;
	} rows[] = {
		{ "another name", SPAN_INIT("\0\0\x80\0\0\1\0\0\0\0\0\0"
		  "\1b\0\0\1\0\1"), DNS_MALFORMED },
		{ "another type", SPAN_INIT("\0\0\x80\0\0\1\0\0\0\0\0\0"
		  "\1a\0\0\2\0\1"), DNS_MALFORMED },
		{ "another class", SPAN_INIT("\0\0\x80\0\0\1\0\0\0\0\0\0"
		  "\1a\0\0\1\0\3"), DNS_MALFORMED },
		{ "the question", SPAN_INIT("\0\0\x80\0\0\1\0\0\0\0\0\0"
		  "\1a\0\0\1\0\1"), DNS_NODATA },
		{ "RFC 4343: in another case", SPAN_INIT(
		  "\0\0\x80\0\0\1\0\0\0\0\0\0\1A\0\0\1\0\1"), DNS_NODATA },
		{ "a query", SPAN_INIT("\0\0\0\0\0\1\0\0\0\0\0\0"
		  "\1a\0\0\1\0\1"), DNS_MALFORMED },
		{ "RFC 9619: two questions", SPAN_INIT(
		  "\0\0\x80\0\0\2\0\0\0\0\0\0\1a\0\0\1\0\1\1a\0\0\1\0\1"),
		  DNS_MALFORMED },
		{ "no question", SPAN_INIT("\0\0\x80\5\0\0\0\0\0\0\0\0"),
		  DNS_SERVFAIL },
		{ "more answers than there are", SPAN_INIT(
		  "\0\0\x80\0\0\1\xff\xff\0\0\0\0\1a\0\0\1\0\1"),
		  DNS_MALFORMED },
		{ "authority and additional are not read", SPAN_INIT(
		  "\0\0\x80\0\0\1\0\0\0\1\0\1\1a\0\0\1\0\1\xff\xff"),
		  DNS_NODATA },
		{ "eleven octets", SPAN_INIT("\0\0\x80\0\0\1\0\0\0\0\0"),
		  DNS_MALFORMED },
		{ "nothing", SPAN_INIT(""), DNS_MALFORMED },
	};
	/* clang-format on */
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dns_answer d;
		struct arena a;

		arena_init(&a, 1 << 16);
		dns_read(rows[i].packet, SPAN("a"), DNS_A, &a, &d);
		t.label = rows[i].label;
		want_int(&t, "result", d.result, rows[i].want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* A chain as long as is followed, and one longer. */
static void
test_long_chain(void **state)
{
	static char answer[8192], packet[65536];

	(void)state;
	for (unsigned n = LIMIT_CNAME_CHAIN; n <= LIMIT_CNAME_CHAIN + 1; n++) {
		struct buf z = buf_init(answer, sizeof answer);
		struct buf b = buf_init(packet, sizeof packet);
		struct row r = { .name = "c0.example", .type = DNS_A };
		struct dns_answer d;
		struct arena a;

		for (unsigned i = 0; i < n; i++)
			buf_printf(
			    &z, "c%u.example 60 CNAME c%u.example\n", i, i + 1);
		buf_printf(&z, "c%u.example 60 A 192.0.2.1\n%c", n, 0);
		r.answer = answer;
		arena_init(&a, 1 << 20);
		dns_read(make_packet(&r, &b), span_str(r.name), r.type, &a, &d);
		assert_int_equal(
		    d.result, n == LIMIT_CNAME_CHAIN ? DNS_OK : DNS_CHAIN);
		assert_int_equal(d.n_chain, LIMIT_CNAME_CHAIN);
		if (d.result == DNS_OK)
			assert_true(
			    span_eq(dns_owner(&d), SPAN("c16.example")));
		arena_release(&a);
	}
}

/* Too many records: the same ones are kept whatever their order. */
static void
test_limits(void **state)
{
	static const struct {
		uint16_t type;
		const char *format;
		size_t want;
	} rows[] = {
		{ DNS_MX, "a.example 60 MX %u mx%u.example\n", LIMIT_MX_HOSTS },
		{ DNS_TXT, "a.example 60 TXT x%03u\n", LIMIT_TXT_RECORDS },
		{ DNS_A, "a.example 60 A 192.0.2.%u\n", LIMIT_ADDRESSES },
		{ DNS_NS, "a.example 60 NS ns%03u.example\n",
		    LIMIT_NS_RECORDS },
		{ DNS_TLSA, "a.example 60 TLSA 0301%02x%02x\n",
		    LIMIT_TLSA_RECORDS },
		{ DNS_CAA, "a.example 60 CAA 000161%02x%02x\n",
		    LIMIT_CAA_RECORDS },
	};
	static char answer[65536], packet[65536], text[2][65536];

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		struct row r = { .name = "a.example",
			.type = rows[i / 2].type };
		struct buf z = buf_init(answer, sizeof answer);
		struct buf b = buf_init(packet, sizeof packet);
		struct buf c = buf_init(text[i % 2], sizeof text[0]);
		struct dns_answer d;
		struct arena a;

		for (unsigned k = 0; k < 200; k++) {
			unsigned v = i % 2 ? 199 - k : k;

			buf_printf(&z, rows[i / 2].format, v, v);
		}
		buf_putc(&z, 0);
		r.answer = answer;
		arena_init(&a, 1 << 20);
		dns_read(make_packet(&r, &b), span_str(r.name), r.type, &a, &d);
		assert_int_equal(d.result, DNS_OK);
		assert_int_equal(
		    d.n_mx + d.n_txt + d.n_addr + d.n_tlsa + d.n_ns + d.n_caa,
		    rows[i / 2].want);
		(void)render(&d, &c);
		buf_putc(&c, 0);
		if (i % 2)
			assert_string_equal(text[0], text[1]);
		arena_release(&a);
	}
}

static void
test_txt_join(void **state)
{
	struct span strings[] = { SPAN("v=STSv1;"), SPAN(""), SPAN(" id"),
		SPAN("=1") };
	struct dns_txt txt = { strings, ROWS(strings) };
	char mem[64];
	struct arena a;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	/* RFC 8461 3.1: with nothing between */
	assert_true(span_eq(dns_txt_join(&a, &txt), SPAN("v=STSv1; id=1")));
	txt.n_strings = 0;
	assert_true(span_eq(dns_txt_join(&a, &txt), SPAN("")));
}

static void
read_in(struct arena *a, const void *arg)
{
	static char packet[65536];
	const struct row *r = arg;
	struct buf b = buf_init(packet, sizeof packet);
	struct dns_answer d;

	dns_read(make_packet(r, &b), span_str(r->name), r->type, a, &d);
	if (a->failed) {
		assert_int_equal(d.result, DNS_SERVFAIL);
		assert_int_equal(d.n_mx + d.n_txt + d.n_chain, 0);
	}
}

static void
test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		sweep_memory(read_in, &cases[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_txt_join),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
