#include "wire/smtp_reply.h"

#include "base/limits.h"
#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	struct span	 in;
	enum smtp_parse	 want;
	int		 want_code;
	struct span	 want_text;
	size_t		 want_size;
} cases[] = {
	{ "RFC 5321 4.2: one line", SPAN_INIT("220 mx.a.example ESMTP\r\n"),
	  SMTP_DONE, 220, SPAN_INIT("mx.a.example ESMTP"), 24 },
	{ "RFC 5321 4.2.1: several lines", SPAN_INIT("250-mx.a.example\r\n250-SIZE 1\r\n250 STARTTLS\r\n"),
	  SMTP_DONE, 250, SPAN_INIT("mx.a.example\nSIZE 1\nSTARTTLS"), 44 },
	{ "RFC 5321 4.2: a code alone", SPAN_INIT("250\r\n"), SMTP_DONE, 250, SPAN_INIT(""), 5 },
	{ "RFC 5321 4.2.1: an empty text", SPAN_INIT("250-\r\n250 \r\n"), SMTP_DONE, 250, SPAN_INIT("\n"), 12 },
	{ "LF alone ends a line", SPAN_INIT("220-a\n220 b\n"), SMTP_DONE, 220, SPAN_INIT("a\nb"), 12 },
	{ "CR CR LF ends a line", SPAN_INIT("220 a\r\r\n"), SMTP_DONE, 220, SPAN_INIT("a"), 8 },
	{ "what follows is not read", SPAN_INIT("220 go\r\n250 injected\r\n"), SMTP_DONE, 220, SPAN_INIT("go"), 8 },
	{ "even if it is no text", SPAN_INIT("220 go\r\n\x16\x03\x01"), SMTP_DONE, 220, SPAN_INIT("go"), 8 },
	{ "eight bits are let through", SPAN_INIT("554 f\xfcr\r\n"), SMTP_DONE, 554, SPAN_INIT("f\xfcr"), 9 },
	{ "a tab behind the code", SPAN_INIT("220\ta\r\n"), SMTP_DONE, 220, SPAN_INIT("a"), 7 },
	{ "the second digit is free", SPAN_INIT("299 a\r\n"), SMTP_DONE, 299, SPAN_INIT("a"), 7 },

	{ "nothing yet", SPAN_INIT(""), SMTP_MORE, 0, SPAN_INIT(""), 0 },
	{ "the first digit", SPAN_INIT("2"), SMTP_MORE, 0, SPAN_INIT(""), 0 },
	{ "no line end yet", SPAN_INIT("220 mx.a.exam"), SMTP_MORE, 0, SPAN_INIT(""), 0 },
	{ "CR, and LF to come", SPAN_INIT("220 a\r"), SMTP_MORE, 0, SPAN_INIT(""), 0 },
	{ "a line to come", SPAN_INIT("250-a\r\n"), SMTP_MORE, 0, SPAN_INIT(""), 0 },
	{ "the rest of a line to come", SPAN_INIT("250-a\r\n25"), SMTP_MORE, 0, SPAN_INIT(""), 0 },

	{ "SSH", SPAN_INIT("SSH-2.0-"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "HTTP, before its first line ends", SPAN_INIT("HTTP/1.1 400"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "TLS", SPAN_INIT("\x15\x03\x01"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "an empty line", SPAN_INIT("\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "two digits", SPAN_INIT("22\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "four digits", SPAN_INIT("2200 a\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "RFC 5321 4.2.1: 1yz", SPAN_INIT("100 a\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "RFC 5321 4.2.1: 6yz", SPAN_INIT("600 a\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "RFC 5321 4.2.1: mixed codes", SPAN_INIT("250-a\r\n251 b\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "no separator", SPAN_INIT("220a\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "a NUL", SPAN_INIT("220 a\0b\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "an escape sequence", SPAN_INIT("220 \x1b[2J\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
	{ "an empty line between", SPAN_INIT("250-a\r\n\r\n250 b\r\n"), SMTP_SYNTAX, 0, SPAN_INIT(""), 0 },
};

static const struct {
	const char	*label;
	struct span	 text, keyword;
	bool		 want;
} offers[] = {
	{ "RFC 3207 2: STARTTLS", SPAN_INIT("mx.a.example\nSIZE 1\nSTARTTLS"), SPAN_INIT("STARTTLS"), true },
	{ "RFC 5321 2.4: without case", SPAN_INIT("mx\nStartTls"), SPAN_INIT("STARTTLS"), true },
	{ "RFC 5321 4.1.1.1: parameters", SPAN_INIT("mx\nSIZE 1000"), SPAN_INIT("size"), true },
	{ "white space behind", SPAN_INIT("mx\nSTARTTLS \nX"), SPAN_INIT("STARTTLS"), true },
	{ "RFC 5321 4.1.1.1: the first line is the greeting", SPAN_INIT("STARTTLS"), SPAN_INIT("STARTTLS"), false },
	{ "the greeting, and no other", SPAN_INIT("STARTTLS\nSIZE"), SPAN_INIT("STARTTLS"), false },
	{ "a longer word", SPAN_INIT("mx\nSTARTTLSX"), SPAN_INIT("STARTTLS"), false },
	{ "a shorter word", SPAN_INIT("mx\nSTART TLS"), SPAN_INIT("STARTTLS"), false },
	{ "a parameter", SPAN_INIT("mx\nX STARTTLS"), SPAN_INIT("STARTTLS"), false },
	{ "masked by a middlebox", SPAN_INIT("mx\nXXXXXXXA"), SPAN_INIT("STARTTLS"), false },
	{ "empty lines", SPAN_INIT("mx\n\n\nSTARTTLS"), SPAN_INIT("STARTTLS"), true },
	{ "nothing", SPAN_INIT(""), SPAN_INIT("STARTTLS"), false },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct smtp_reply r = { .text = SPAN("") };
		enum smtp_parse p;
		struct arena a;

		arena_init(&a, 1 << 16);
		p = smtp_reply_parse(cases[i].in, &a, &r);
		t.label = cases[i].label;
		want_int(&t, "result", p, cases[i].want);
		want_int(&t, "code", r.code, cases[i].want_code);
		want_span(&t, "text", r.text, cases[i].want_text);
		want_size(&t, "size", r.size, cases[i].want_size);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* Fed byte by byte, a reply is not there until its last byte is, and then it is
 * the same. */
static void
test_bytewise(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct smtp_reply r;
		struct arena a;

		if (cases[i].want != SMTP_DONE)
			continue;
		arena_init(&a, 1 << 16);
		t.label = cases[i].label;
		for (size_t n = 0; n < cases[i].want_size; n++)
			want_int(&t, "early",
			    smtp_reply_parse(span_head(cases[i].in, n), &a, &r),
			    SMTP_MORE);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static enum smtp_parse
parse(struct buf *b)
{
	struct smtp_reply r;
	struct arena a;
	enum smtp_parse p;

	assert_false(b->overflow);
	arena_init(&a, 1 << 18);
	p = smtp_reply_parse(buf_span(b), &a, &r);
	arena_release(&a);
	return p;
}

static void
test_limits(void **state)
{
	static char mem[2 * LIMIT_SMTP_REPLY], line[LIMIT_SMTP_LINE + 1];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	/* A line without an end. */
	memset(line, 'x', sizeof line);
	buf_printf(&b, "220 %.*s", LIMIT_SMTP_LINE - 5, line);
	assert_int_equal(parse(&b), SMTP_MORE);
	buf_putc(&b, '\n');
	assert_int_equal(parse(&b), SMTP_DONE);
	b = buf_init(mem, sizeof mem);
	buf_printf(&b, "220 %.*s", LIMIT_SMTP_LINE - 4, line);
	assert_int_equal(parse(&b), SMTP_TOO_LONG);
	/* Lines without an end. */
	b = buf_init(mem, sizeof mem);
	for (int i = 0; i < LIMIT_SMTP_LINES - 1; i++)
		buf_put(&b, SPAN("250-x\r\n"));
	assert_int_equal(parse(&b), SMTP_MORE);
	buf_put(&b, SPAN("250 x\r\n"));
	assert_int_equal(parse(&b), SMTP_DONE);
	b = buf_init(mem, sizeof mem);
	for (int i = 0; i < LIMIT_SMTP_LINES; i++)
		buf_put(&b, SPAN("250-x\r\n"));
	assert_int_equal(parse(&b), SMTP_TOO_LONG);
	/* Few lines, but long ones. */
	b = buf_init(mem, sizeof mem);
	while (b.n <= LIMIT_SMTP_REPLY)
		buf_printf(&b, "250-%.*s\n", 1000, line);
	assert_int_equal(parse(&b), SMTP_TOO_LONG);
}

static void
test_offers(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(offers); i++) {
		t.label = offers[i].label;
		want_bool(&t, "offers",
		    smtp_ehlo_offers(offers[i].text, offers[i].keyword),
		    offers[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
parse_in(struct arena *a, const void *arg)
{
	struct smtp_reply r;
	enum smtp_parse p;

	(void)arg;
	p = smtp_reply_parse(SPAN("250-mx.a.example\r\n250 SIZE\r\n"), a, &r);
	assert_int_equal(p, a->failed ? SMTP_TOO_LONG : SMTP_DONE);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(parse_in, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bytewise),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("smtp_reply", tests, NULL, NULL);
}
