#include "wire/tlsrpt_record.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "wire/test_rrset.h"

/* clang-format off */
/* Records are separated by '\n', their strings by '|'. want_rua has each
 * destination in a line, "-" before one that is not usable. */
static const struct {
	const char		*label;
	struct span		 txt;
	enum tlsrpt_verdict	 want;
	enum tlsrpt_fault	 want_fault;
	size_t			 want_bad_at;
	const char		*want_rua;
} cases[] = {
	{ "RFC 8460 3.1.1: mailto", SPAN_INIT("v=TLSRPTv1;rua=mailto:reports@a.example"),
	  TLSRPT_OK, 0, 0, "mailto:reports@a.example\n" },
	{ "RFC 8460 3.1.2: https", SPAN_INIT("v=TLSRPTv1; rua=https://reporting.a.example/v1/tlsrpt"),
	  TLSRPT_OK, 0, 0, "https://reporting.a.example/v1/tlsrpt\n" },
	{ "RFC 8460 3: several, with WSP round the commas",
	  SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example , https://b.example/x,\tmailto:c@c.example ;"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\nhttps://b.example/x\nmailto:c@c.example\n" },
	{ "RFC 8460 3: several rua fields, all taken (reading A24)",
	  SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example; rua=mailto:b@a.example"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\nmailto:b@a.example\n" },
	{ "RFC 8460 3: '=' and '?' in a URI",
	  SPAN_INIT("v=TLSRPTv1; rua=https://a.example/?a=b&c=d"),
	  TLSRPT_OK, 0, 0, "https://a.example/?a=b&c=d\n" },
	{ "RFC 8460 3: an extension in any place is ignored",
	  SPAN_INIT("v=TLSRPTv1; a=b; rua=mailto:a@a.example; c.d_e-f=g;"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\n" },
	{ "RFC 8460 3: a trailing ';'", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example;"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\n" },
	{ "RFC 8460 3: strings are joined with nothing between",
	  SPAN_INIT("v=TLSR|PTv1; rua=mai|lto:a@a.example"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\n" },
	{ "RFC 8460 3: WSP before the first ';', alone", SPAN_INIT("v=TLSRPTv1 ; rua=mailto:a@a.example"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\n" },
	{ "RFC 8460 3: WSP before the first ';', beside another",
	  SPAN_INIT("v=TLSRPTv1 ; rua=mailto:a@a.example\nv=spf1 -all"),
	  TLSRPT_NONE, TLSRPT_FAULT_DELIMITER, 0, "" },
	{ "RFC 8460 3: others are discarded",
	  SPAN_INIT("v=spf1 -all\nv=TLSRPTv1; rua=mailto:a@a.example\nv=TLSRPTv2; rua=x"),
	  TLSRPT_OK, 0, 0, "mailto:a@a.example\n" },
	{ "RFC 8460 3: two are none",
	  SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example\nv=TLSRPTv1; rua=mailto:b@a.example"),
	  TLSRPT_MULTIPLE, 0, 0, "" },
	{ "RFC 3986 3.1: schemes have no case", SPAN_INIT("v=TLSRPTv1; rua=MailTo:a@a.example,HTTPS://a.example"),
	  TLSRPT_OK, 0, 0, "MailTo:a@a.example\nHTTPS://a.example\n" },
	{ "RFC 8460 3: ',', '!' and ';' are percent-encoded",
	  SPAN_INIT("v=TLSRPTv1; rua=mailto:a%2Cb%21c%3B@a.example"),
	  TLSRPT_OK, 0, 0, "mailto:a%2Cb%21c%3B@a.example\n" },

	{ "nothing", SPAN_INIT(""), TLSRPT_NONE, 0, 0, "" },
	{ "RFC 8460 3: another TXT", SPAN_INIT("v=spf1 -all"), TLSRPT_NONE, 0, 0, "" },
	{ "RFC 8460 3: the version is case-sensitive", SPAN_INIT("v=tlsrptv1; rua=mailto:a@a.example"),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: another version", SPAN_INIT("v=TLSRPTv2; rua=mailto:a@a.example"),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: TLSRPT1", SPAN_INIT("v=TLSRPT1; rua=mailto:a@a.example"),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: the version comes first", SPAN_INIT("rua=mailto:a@a.example; v=TLSRPTv1"),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: no version", SPAN_INIT("rua=mailto:a@a.example"),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: quotes in the data", SPAN_INIT("\"v=TLSRPTv1; rua=mailto:a@a.example\""),
	  TLSRPT_NONE, TLSRPT_FAULT_VERSION, 0, "" },
	{ "RFC 8460 3: a comma behind the version", SPAN_INIT("v=TLSRPTv1, rua=mailto:a@a.example"),
	  TLSRPT_NONE, TLSRPT_FAULT_DELIMITER, 0, "" },
	{ "RFC 8460 3: the version alone", SPAN_INIT("v=TLSRPTv1"),
	  TLSRPT_NONE, TLSRPT_FAULT_DELIMITER, 0, "" },

	{ "RFC 8460 3: no rua", SPAN_INIT("v=TLSRPTv1;"),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 11, "" },
	{ "RFC 8460 3: ruf is an extension", SPAN_INIT("v=TLSRPTv1; ruf=mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 34, "" },
	{ "RFC 8460 3: \"RUA\" is an extension", SPAN_INIT("v=TLSRPTv1; RUA=mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 34, "" },
	{ "RFC 8460 3: an empty rua", SPAN_INIT("v=TLSRPTv1; rua=;"),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 16, "" },
	{ "RFC 8460 3: a rua of WSP", SPAN_INIT("v=TLSRPTv1; rua= "),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 16, "" },
	{ "RFC 8460 3: nothing but commas", SPAN_INIT("v=TLSRPTv1; rua=,,"),
	  TLSRPT_INVALID, TLSRPT_FAULT_NO_RUA, 18, "" },
	{ "RFC 8460 3: ';;'", SPAN_INIT("v=TLSRPTv1;; rua=mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_DELIMITER, 11, "" },
	{ "RFC 8460 3: a space for ';'", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example rua=mailto:b@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_DELIMITER, 34, "mailto:a@a.example\n" },
	{ "RFC 8460 3: a space for ';' behind an extension", SPAN_INIT("v=TLSRPTv1; a=b rua=mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_DELIMITER, 15, "" },
	{ "RFC 8460 3: a field without '='", SPAN_INIT("v=TLSRPTv1; mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_URI, 18, "" },
	{ "RFC 8460 3: no WSP before '='", SPAN_INIT("v=TLSRPTv1; rua =mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_URI, 15, "" },
	{ "RFC 8460 3: an extension without a value", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example; a="),
	  TLSRPT_INVALID, TLSRPT_FAULT_URI, 38, "mailto:a@a.example\n" },
	{ "RFC 8460 3: '=' in an extension", SPAN_INIT("v=TLSRPTv1; a=b=c; rua=mailto:a@a.example"),
	  TLSRPT_INVALID, TLSRPT_FAULT_URI, 15, "" },
	{ "RFC 8460 3: a space at the end", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example "),
	  TLSRPT_INVALID, TLSRPT_FAULT_TRAILING_SPACE, 34, "mailto:a@a.example\n" },
	{ "RFC 8460 3: a space at the end of an extension", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example; a=b  "),
	  TLSRPT_INVALID, TLSRPT_FAULT_TRAILING_SPACE, 39, "mailto:a@a.example\n" },

	{ "RFC 8460 3: a bare address", SPAN_INIT("v=TLSRPTv1; rua=reports@a.example"),
	  TLSRPT_OK, 0, 0, "-reports@a.example\n" },
	{ "RFC 8460 3: \"mailto;\"", SPAN_INIT("v=TLSRPTv1; rua=mailto;reports@a.example; a=b"),
	  TLSRPT_OK, 0, 0, "-mailto;reports@a.example\n" },
	{ "RFC 8460 3: \"mailto: x\"", SPAN_INIT("v=TLSRPTv1; rua=mailto: reports@a.example"),
	  TLSRPT_OK, 0, 0, "-mailto: reports@a.example\n" },
	{ "RFC 8460 3: mailto and nothing", SPAN_INIT("v=TLSRPTv1; rua=mailto:"),
	  TLSRPT_OK, 0, 0, "-mailto:\n" },
	{ "RFC 8460 3: mailto without '@'", SPAN_INIT("v=TLSRPTv1; rua=mailto:a.example"),
	  TLSRPT_OK, 0, 0, "-mailto:a.example\n" },
	{ "RFC 8460 3: mailto without a domain", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@"),
	  TLSRPT_OK, 0, 0, "-mailto:a@\n" },
	{ "RFC 8460 3: https without a host", SPAN_INIT("v=TLSRPTv1; rua=https:///x,https://,https:a.example"),
	  TLSRPT_OK, 0, 0, "-https:///x\n-https://\n-https:a.example\n" },
	{ "RFC 8460 3: other schemes", SPAN_INIT("v=TLSRPTv1; rua=http://a.example/,ftp://a.example"),
	  TLSRPT_OK, 0, 0, "-http://a.example/\n-ftp://a.example\n" },
	{ "RFC 8460 3: one that is not usable among others", SPAN_INIT("v=TLSRPTv1; rua=a@a.example,mailto:b@a.example"),
	  TLSRPT_OK, 0, 0, "-a@a.example\nmailto:b@a.example\n" },
	{ "RFC 8460 3: no \"!10m\" as in DMARC", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example!10m"),
	  TLSRPT_OK, 0, 0, "-mailto:a@a.example!10m\n" },
	{ "RFC 3986 2.1: a bad escape", SPAN_INIT("v=TLSRPTv1; rua=mailto:a%2@a.example,https://a.example/%,https://a.example/%4"),
	  TLSRPT_OK, 0, 0, "-mailto:a%2@a.example\n-https://a.example/%\n-https://a.example/%4\n" },
	{ "RFC 8460 3: an escaped line end", SPAN_INIT("v=TLSRPTv1; rua=mailto:a%0D%0Ab@a.example"),
	  TLSRPT_OK, 0, 0, "-mailto:a%0D%0Ab@a.example\n" },
	{ "RFC 8460 3: UTF-8", SPAN_INIT("v=TLSRPTv1; rua=mailto:\xc3\xbc@a.example"),
	  TLSRPT_OK, 0, 0, "-mailto:\xc3\xbc@a.example\n" },
	{ "RFC 8460 3: NUL", SPAN_INIT("v=TLSRPTv1; rua=mailto:a\0@a.example"),
	  TLSRPT_OK, 0, 0, "-mailto:a\0@a.example\n" },
};
/* clang-format on */

static struct tlsrpt_record
parse(struct span txt, struct arena *a)
{
	struct dns_txt set[8];
	struct tlsrpt_record r;
	size_t n = make_rrset(txt, a, set);

	tlsrpt_rrset_parse(set, n, a, &r);
	return r;
}

static struct span
render(const struct tlsrpt_record *r, struct buf *b)
{
	for (size_t i = 0; i < r->n_rua; i++) {
		if (!r->rua[i].usable)
			buf_putc(b, '-');
		buf_put(b, r->rua[i].uri);
		buf_putc(b, '\n');
	}
	return buf_span(b);
}

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char mem[1024];
		struct buf b = buf_init(mem, sizeof mem);
		struct span want = span_str(cases[i].want_rua);
		struct tlsrpt_record r;
		struct arena a;

		/* The one row with a NUL in it. */
		if (span_find(cases[i].txt, '\0') < cases[i].txt.n)
			want = SPAN("-mailto:a\0@a.example\n");
		arena_init(&a, 1 << 16);
		r = parse(cases[i].txt, &a);
		t.label = cases[i].label;
		want_int(&t, "verdict", r.verdict, cases[i].want);
		want_int(&t, "fault", r.fault, cases[i].want_fault);
		want_size(&t, "bad at", r.bad_at, cases[i].want_bad_at);
		want_span(&t, "rua", render(&r, &b), want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_flags(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label;
		struct span txt;
		bool empty, duplicate, several;
		size_t n_rua, n_usable;
	} rows[] = {
		{ "none", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example"),
		  false, false, false, 1, 1 },
		{ "an empty item", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example,,mailto:b@a.example"),
		  true, false, false, 2, 2 },
		{ "a comma at the end", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example,"),
		  true, false, false, 1, 1 },
		{ "a comma first", SPAN_INIT("v=TLSRPTv1; rua=,mailto:a@a.example;"),
		  true, false, false, 1, 1 },
		{ "twice", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example,mailto:A@a.example"),
		  false, true, false, 2, 2 },
		{ "a path has case", SPAN_INIT("v=TLSRPTv1; rua=https://a.example/a,https://a.example/A"),
		  false, false, false, 2, 2 },
		{ "RFC 8460 3: two fields (reading A24)", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example; rua=mailto:a@a.example"),
		  false, true, true, 2, 2 },
		{ "some not usable", SPAN_INIT("v=TLSRPTv1; rua=x,mailto:a@a.example"),
		  false, false, false, 2, 1 },
	};
	/* clang-format on */
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct tlsrpt_record r;
		struct arena a;

		arena_init(&a, 1 << 16);
		r = parse(rows[i].txt, &a);
		t.label = rows[i].label;
		want_int(&t, "verdict", r.verdict, TLSRPT_OK);
		want_bool(&t, "empty", r.empty_item, rows[i].empty);
		want_bool(&t, "duplicate", r.duplicate, rows[i].duplicate);
		want_bool(&t, "several", r.several_rua_fields, rows[i].several);
		want_size(&t, "rua", r.n_rua, rows[i].n_rua);
		want_size(&t, "usable", r.n_usable, rows[i].n_usable);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_text(void **state)
{
	struct tlsrpt_record r;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	r = parse(SPAN("x\nv=TLSRPTv2; a=b\nv=tlsrpt"), &a);
	assert_int_equal(r.verdict, TLSRPT_NONE);
	assert_true(span_eq(r.text, SPAN("v=TLSRPTv2; a=b")));
	r = parse(SPAN("v=TLSRPTv2; a=b\nv=TLSRPTv1; rua=mailto:a@b"), &a);
	assert_int_equal(r.fault, TLSRPT_FAULT_NONE);
	assert_true(span_eq(r.text, SPAN("v=TLSRPTv1; rua=mailto:a@b")));
	r = parse(SPAN("v=TLSRPTv1; a=b\nv=TLSRPTv1; c=d"), &a);
	assert_int_equal(r.n_tlsrpt, 2);
	assert_true(span_eq(r.text, SPAN("v=TLSRPTv1; a=b")));
	arena_release(&a);
}

static void
test_limit(void **state)
{
	static char text[8192];
	struct buf b = buf_init(text, sizeof text);
	struct tlsrpt_record r;
	struct arena a;

	(void)state;
	buf_put(&b, SPAN("v=TLSRPTv1; rua="));
	for (int i = 0; i < 2 * LIMIT_RUA; i++)
		buf_printf(&b, "%smailto:a%d@a.example", i > 0 ? "," : "", i);
	arena_init(&a, 1 << 16);
	r = parse(buf_span(&b), &a);
	assert_int_equal(r.verdict, TLSRPT_OK);
	assert_int_equal(r.n_rua, LIMIT_RUA);
	arena_release(&a);
}

static void
rrset_in(struct arena *a, const void *arg)
{
	struct tlsrpt_record r;

	tlsrpt_rrset_parse(arg, 2, a, &r);
	if (!a->failed)
		assert_int_equal(r.n_usable, 9);
}

static void
test_memory(void **state)
{
	struct dns_txt txt[8];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	make_rrset(SPAN("v=TLSRPTv1;| rua=mailto:a@b,mailto:c@d,mailto:e@f,"
			"mailto:g@h,mailto:i@j,mailto:k@l,mailto:m@n,"
			"mailto:o@p,mailto:q@r\nv=spf1 -all"),
	    &a, txt);
	sweep_memory(rrset_in, txt);
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("tlsrpt_record", tests, NULL, NULL);
}
