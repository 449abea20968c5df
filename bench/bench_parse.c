/* How fast the pure parts are: parsers, matchers, the judge.
 *
 * Each case runs for some milliseconds a round; a round runs every case once,
 * so that what disturbs the machine disturbs all of them alike. What is printed
 * is the median of the rounds in CPU time of this thread, the spread between
 * the quarters, and for the large files the ratio to two neighbours measured in
 * the same rounds: a walk over the lines with memchr, which is what memory
 * allows, and jansson reading JSON of the same size. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/judge.h"
#include "out/evidence_json.h"
#include "wire/cert_name.h"
#include "wire/mx_match.h"
#include "wire/sts_policy.h"
#include "wire/sts_record.h"
#include "wire/tlsrpt_record.h"

enum {
	ROUNDS = 21,
	ROUND_NS = 10 * 1000 * 1000,
	LARGE = 65536, /* the largest policy that is read */
	FILE_MAX = 1024 * 1024,
};

/* What the cases work on, made once. */
struct stage {
	struct arena a;
	struct span policy, lines, names, same, loose, json;
	struct span mx_packet, txt_packet, evidence_text;
	struct evidence evidence;
};

struct bench {
	const char *name;
	/* Once; the value keeps the compiler from leaving the work out. */
	size_t (*run)(const struct stage *s);
	size_t bytes; /* read in one run; 0: not a matter of bytes */
	const char *beside; /* the group whose ratios are printed */
	double ns[ROUNDS]; /* for one run */
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_parse: %s\n", what);
	exit(1);
}

static double
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct buf
new_buf(struct stage *s, size_t n)
{
	char *p = arena_alloc(&s->a, n);

	if (p == NULL)
		die("out of memory");
	return buf_init(p, n);
}

/* The head of a policy, and then lines until it is full. */
static struct span
fill_policy(struct stage *s, const char *line)
{
	struct buf b = new_buf(s, LARGE);
	size_t before = 0;

	buf_printf(&b, "version: STSv1\nmode: enforce\nmax_age: 1209600\n"
		       "mx: mx.a.example\n");
	for (unsigned i = 0; !b.overflow; i++) {
		before = b.n;
		buf_printf(&b, line, i);
	}
	return (struct span){ b.p, before };
}

static struct span
fill_json(struct stage *s)
{
	struct buf b = new_buf(s, LARGE);

	buf_printf(&b, "{\"version\":\"STSv1\",\"mode\":\"enforce\","
		       "\"max_age\":1209600,\"mx\":[\"mx.a.example\"");
	for (unsigned i = 0; b.n + 32 < LARGE; i++)
		buf_printf(&b, ",\"mx%05u.a.example\"", i);
	buf_printf(&b, "]}");
	return buf_span(&b);
}

static void
put_u16(struct buf *b, unsigned v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)(v & 255));
}

/* The header, the question "a.example" and of each record all but the data. */
static void
put_head(struct buf *b, unsigned type, unsigned answers)
{
	put_u16(b, 4711);
	put_u16(b, 0x8180);
	put_u16(b, 1);
	put_u16(b, answers);
	put_u16(b, 0);
	put_u16(b, 0);
	buf_put(b, SPAN("\1a\7example\0"));
	put_u16(b, type);
	put_u16(b, 1);
}

static void
put_record(struct buf *b, unsigned type, struct span data)
{
	put_u16(b, 0xc00c);
	put_u16(b, type);
	put_u16(b, 1);
	put_u16(b, 0);
	put_u16(b, 3600);
	put_u16(b, (unsigned)data.n);
	buf_put(b, data);
}

static void
make_packets(struct stage *s)
{
	struct buf mx = new_buf(s, 512), txt = new_buf(s, 512);

	put_head(&mx, DNS_MX, 4);
	put_record(&mx, DNS_MX, SPAN("\0\12\3mx4\xc0\x0c"));
	put_record(&mx, DNS_MX, SPAN("\0\12\3mx2\xc0\x0c"));
	put_record(&mx, DNS_MX, SPAN("\0\24\3mx3\xc0\x0c"));
	put_record(&mx, DNS_MX, SPAN("\0\24\3mx1\xc0\x0c"));
	s->mx_packet = buf_span(&mx);
	put_head(&txt, DNS_TXT, 1);
	put_record(&txt, DNS_TXT, SPAN("\34v=STSv1; id=20261122T100000;"));
	s->txt_packet = buf_span(&txt);
}

static struct span
read_all(struct stage *s, const char *path)
{
	FILE *f = fopen(path, "rbe");
	char *p = arena_alloc(&s->a, FILE_MAX);
	size_t n;

	if (f == NULL || p == NULL)
		die("cannot read the evidence");
	n = fread(p, 1, FILE_MAX, f);
	fclose(f);
	return (struct span){ p, n };
}

static size_t
read_evidence(struct span text, struct arena *a, struct evidence *out)
{
	json_t *json = json_loadb(text.p, text.n, 0, NULL);
	struct error e;

	if (json == NULL || evidence_from_json(json, a, out, &e) != ERR_OK)
		die("the evidence is not evidence");
	json_decref(json);
	return out->n_mx_hosts;
}

static void
set_stage(struct stage *s, const char *evidence_path)
{
	arena_init(&s->a, 16 * FILE_MAX);
	s->policy = SPAN("version: STSv1\r\nmode: enforce\r\n"
			 "mx: mx1.mail.example\r\nmx: mx2.mail.example\r\n"
			 "max_age: 1209600\r\n");
	s->names = fill_policy(s, "mx: mx%05u.a.example\n");
	s->same = fill_policy(s, "mx: mx.a.example\n");
	s->lines = fill_policy(s, "note%05u: a value of some length\n");
	s->loose = fill_policy(s, "\n");
	s->json = fill_json(s);
	make_packets(s);
	s->evidence_text = read_all(s, evidence_path);
	read_evidence(s->evidence_text, &s->a, &s->evidence);
	if (s->a.failed)
		die("out of memory");
}

static size_t
parse_policy(struct span body)
{
	struct sts_policy p;
	struct arena a;
	size_t n;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	sts_policy_parse(body, &a, &p);
	n = p.n_mx + p.n_deviations;
	if (a.failed || n == 0)
		die("a policy was not read");
	arena_release(&a);
	return n;
}

static size_t
run_policy(const struct stage *s)
{
	return parse_policy(s->policy);
}

static size_t
run_names(const struct stage *s)
{
	return parse_policy(s->names);
}

static size_t
run_same(const struct stage *s)
{
	return parse_policy(s->same);
}

static size_t
run_lines(const struct stage *s)
{
	return parse_policy(s->lines);
}

static size_t
run_loose(const struct stage *s)
{
	return parse_policy(s->loose);
}

static size_t
run_memchr(const struct stage *s)
{
	const char *p = s->names.p, *end = p + s->names.n;
	size_t n = 0;

	for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; n++)
		p++;
	return n;
}

static size_t
run_json(const struct stage *s)
{
	json_t *json = json_loadb(s->json.p, s->json.n, 0, NULL);
	size_t n = json_object_size(json);

	json_decref(json);
	if (n != 4)
		die("the JSON was not read");
	return n;
}

static size_t
run_record(const struct stage *s)
{
	struct sts_record r;

	(void)s;
	return sts_record_parse(SPAN("v=STSv1; id=20261122T100000;"), &r) ==
	       STS_RECORD_OK;
}

static size_t
run_tlsrpt(const struct stage *s)
{
	struct span text = SPAN("v=TLSRPTv1; rua=mailto:tls@a.example,"
				"https://reports.a.example/v1");
	struct dns_txt txt = { &text, 1 };
	struct tlsrpt_record r;
	struct arena a;
	size_t n;

	(void)s;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	tlsrpt_rrset_parse(&txt, 1, &a, &r);
	n = r.n_usable;
	arena_release(&a);
	return n;
}

static size_t
run_mx_match(const struct stage *s)
{
	(void)s;
	return mx_match(SPAN("*.mail.example"), SPAN("MX1.mail.example"));
}

static size_t
run_cert_name(const struct stage *s)
{
	static const struct span ids[] = {
		SPAN_INIT("mail.example"),
		SPAN_INIT("www.mail.example"),
		SPAN_INIT("*.mx.mail.example"),
		SPAN_INIT("*.mail.example"),
	};

	(void)s;
	return cert_names_match(ids, 4, SPAN("mx1.mail.example"));
}

static size_t
read_packet(struct span packet, uint16_t type)
{
	struct dns_answer d;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	dns_read(packet, SPAN("a.example"), type, &a, &d);
	if (d.result != DNS_OK)
		die("a DNS answer was not read");
	arena_release(&a);
	return d.n_mx + d.n_txt;
}

static size_t
run_dns_mx(const struct stage *s)
{
	return read_packet(s->mx_packet, DNS_MX);
}

static size_t
run_dns_txt(const struct stage *s)
{
	return read_packet(s->txt_packet, DNS_TXT);
}

static size_t
run_judge(const struct stage *s)
{
	struct judged j;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (judge(&s->evidence, s->evidence.checked_at, JUDGE_ALL, &a, &j) !=
	    ERR_OK)
		die("the evidence was not judged");
	arena_release(&a);
	return j.n_findings;
}

static size_t
run_evidence(const struct stage *s)
{
	struct evidence ev;
	struct arena a;
	size_t n;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	n = read_evidence(s->evidence_text, &a, &ev);
	arena_release(&a);
	return n;
}

/* As many runs as fill a round; the mean of one. */
static double
measure(const struct bench *b, const struct stage *s)
{
	double start = cpu_ns(), end;
	size_t runs = 0, batch = 1, sum = 0;

	do {
		for (size_t i = 0; i < batch; i++)
			sum += b->run(s);
		runs += batch;
		batch *= 2;
		end = cpu_ns();
	} while (end - start < ROUND_NS);
	if (sum == 0)
		die("a case did nothing");
	return (end - start) / (double)runs;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const struct bench *b)
{
	return b->ns[ROUNDS / 2];
}

static void
print_rate(double bytes_per_ns)
{
	if (bytes_per_ns >= 1)
		printf("  %6.2f GB/s", bytes_per_ns);
	else
		printf("  %6.1f MB/s", bytes_per_ns * 1000);
}

static void
print_case(const struct bench *b, const struct bench *all, size_t n)
{
	printf("%-34s %12.1f ns  +-%4.1f%%", b->name, median(b),
	    50 * (b->ns[ROUNDS * 3 / 4] - b->ns[ROUNDS / 4]) / median(b));
	if (b->bytes > 0)
		print_rate((double)b->bytes / median(b));
	for (size_t i = 0; b->beside != NULL && i < n; i++)
		if (all[i].beside != NULL && all[i].beside[0] == '=')
			printf("  %5.2f x %s",
			    median(b) / (double)b->bytes /
				(median(&all[i]) / (double)all[i].bytes),
			    all[i].beside + 1);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	static struct stage s;

	if (argc != 2)
		die("usage: bench_parse EVIDENCE");
	set_stage(&s, argv[1]);

	/* A name after "=" is that of a neighbour. */
	struct bench all[] = {
		{ "memchr, 64 KB", run_memchr, s.names.n, "=memchr", { 0 } },
		{ "jansson, 64 KB", run_json, s.json.n, "=jansson", { 0 } },
		{ "policy, 64 KB of mx", run_names, s.names.n, "", { 0 } },
		{ "policy, 64 KB of one mx", run_same, s.same.n, "", { 0 } },
		{ "policy, 64 KB of extensions", run_lines, s.lines.n, "",
		    { 0 } },
		{ "policy, 64 KB of blank lines", run_loose, s.loose.n, "",
		    { 0 } },
		{ "policy, two mx", run_policy, s.policy.n, NULL, { 0 } },
		{ "_mta-sts record", run_record, 28, NULL, { 0 } },
		{ "TLSRPT record, two rua", run_tlsrpt, 65, NULL, { 0 } },
		{ "mx pattern against a host", run_mx_match, 0, NULL, { 0 } },
		{ "four DNS-IDs against a host", run_cert_name, 0, NULL,
		    { 0 } },
		{ "DNS answer, four MX", run_dns_mx, s.mx_packet.n, NULL,
		    { 0 } },
		{ "DNS answer, one TXT", run_dns_txt, s.txt_packet.n, NULL,
		    { 0 } },
		{ "judge a good domain", run_judge, 0, NULL, { 0 } },
		{ "read its evidence from JSON", run_evidence,
		    s.evidence_text.n, NULL, { 0 } },
	};
	enum { N = sizeof all / sizeof all[0] };

	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < N; i++)
			all[i].ns[round] = measure(&all[i], &s);
	for (size_t i = 0; i < N; i++)
		qsort(all[i].ns, ROUNDS, sizeof all[i].ns[0], by_value);
	for (size_t i = 0; i < N; i++)
		print_case(&all[i], all, N);
	arena_release(&s.a);
	return 0;
}
