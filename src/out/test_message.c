/* What the golden messages do not show: what is cut, what is escaped, and what
 * happens without memory. */
#include "base/limits.h"
#include "base/test_table.h"
#include "base/utf8.h"
#include "out/mail.h"
#include "out/message.h"

static const struct wall_time now = { 1795711200 };
static const char *const to[] = { "a@example.org" };

static struct incident
incident(void)
{
	return (struct incident){ .id = 12,
		.cause = SPAN("c"),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = SEVERITY_ERROR,
		.message = SPAN("It has expired."),
		.remedy = SPAN("Renew it."),
		.acknowledged_by = SPAN(""),
		.note = SPAN(""),
		.opened_at = { 1795711000 },
		.errors = 1,
		.domains = 1 };
}

static struct message_news
news(const struct incident *i, const struct span *domain)
{
	return (struct message_news){
		.news = { .key = SPAN("incident/12/opened"),
		    .kind = NEWS_OPENED,
		    .text = SPAN("") },
		.at = now,
		.incident = i,
		.domain = SPAN(""),
		.domains = domain,
		.n_domains = 1,
	};
}

static size_t
columns(struct span s)
{
	size_t n = 0;
	uint32_t c;

	while (s.n > 0) {
		size_t len = utf8_next(s, &c);

		s = span_skip(s, len > 0 ? len : 1);
		n++;
	}
	return n;
}

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return true;
	return false;
}

/* Whatever the names and sentences are. */
static void
test_subjects(void **state)
{
	static const struct {
		const char *label;
		struct span domain, title;
	} rows[] = {
		{ "short", SPAN_INIT("a.example"), SPAN_INIT("x") },
		{ "a long name",
		    SPAN_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example"),
		    SPAN_INIT("x") },
		{ "umlauts, to be cut between characters",
		    SPAN_INIT("a.example"),
		    SPAN_INIT("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
			      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc") },
		{ "line ends", SPAN_INIT("a.example"),
		    SPAN_INIT("x\r\nBcc: b@example.net\n\ny") },
		{ "controls", SPAN_INIT("a\x1b]0;x\x07.example"),
		    SPAN_INIT("\x1b[31m\xe2\x80\xaex") },
		{ "nothing", SPAN_INIT(""), SPAN_INIT("") },
	};
	struct message_env env = { now, NULL };
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct incident in = incident();
		struct message_news n = news(&in, &rows[i].domain);
		struct message m;
		struct arena a;

		in.check = SPAN("unknown");
		in.message = rows[i].title;
		t.label = rows[i].label;
		arena_init(&a, LIMIT_MESSAGE_MEMORY);
		want_int(&t, "err", message_of_news(&n, &env, &a, &m), ERR_OK);
		want_bool(&t, "short enough",
		    columns(m.subject) <= MESSAGE_SUBJECT, true);
		want_bool(&t, "UTF-8", utf8_is_valid(m.subject), true);
		want_bool(&t, "control", has_control(m.subject), false);
		want_bool(&t, "control in JSON", has_control(m.json), false);
		for (size_t k = 0; k < m.n_facts; k++)
			want_bool(&t, m.facts[k].name,
			    has_control(m.facts[k].value), false);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- mails ---- */

static struct span
mail_of(struct span subject, struct span text, struct arena *a)
{
	struct message m = { .id = SPAN("id"),
		.thread = SPAN(""),
		.subject = subject,
		.text = text };
	struct mail_head head = { "mtasts@example.org", to, 1, now };
	struct span out = SPAN("");

	assert_int_equal(mail_write(&m, &head, a, &out), ERR_OK);
	return out;
}

static size_t
longest_line(struct span s)
{
	size_t longest = 0;

	while (s.n > 0) {
		size_t n = span_find(s, '\n');

		longest = n > longest ? n : longest;
		s = span_skip(s, n + 1);
	}
	return longest;
}

static struct span
body_of(struct span mail)
{
	while (mail.n > 0 && !span_starts(mail, SPAN("\r\n\r\n")))
		mail = span_skip(mail, 1);
	return span_skip(mail, 4);
}

static bool
has(struct span s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *label;
		struct span text, want;
		const char *want_coding;
	} rows[] = {
		{ "plain", SPAN_INIT("a = b\n.\n"), SPAN_INIT("a = b\r\n.\r\n"),
		    "7bit" },
		{ "no end of the last line", SPAN_INIT("a"), SPAN_INIT("a\r\n"),
		    "7bit" },
		{ "nothing", SPAN_INIT(""), SPAN_INIT(""), "7bit" },
		{ "umlauts", SPAN_INIT("\xc3\xbc = \n"),
		    SPAN_INIT("=C3=BC =3D=20\r\n"), "quoted-printable" },
		{ "controls", SPAN_INIT("a\rb\x1b\n"),
		    SPAN_INIT("a=0Db=1B\r\n"), "quoted-printable" },
	};
	struct tally t = { .failed = 0 };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span mail = mail_of(SPAN("s"), rows[i].text, &a);

		t.label = rows[i].label;
		want_span(&t, "body", body_of(mail), rows[i].want);
		want_bool(&t, rows[i].want_coding,
		    has(mail, rows[i].want_coding), true);
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_long_lines(void **state)
{
	enum { LONG = 5000 };
	struct tally t = { .label = "long" };
	struct span mail;
	struct arena a;
	char *text;

	(void)state;
	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	text = arena_alloc(&a, LONG);
	assert_non_null(text);
	memset(text, 'a', LONG);
	mail = mail_of(SPAN("s"), (struct span){ text, LONG }, &a);
	want_bool(&t, "line", longest_line(mail) <= 78, true);
	memset(text, '\xff', LONG);
	mail = mail_of(
	    (struct span){ text, 200 }, (struct span){ text, LONG }, &a);
	want_bool(
	    &t, "line of what must be quoted", longest_line(mail) <= 78, true);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* RFC 2047; a line end cannot begin a header. */
static void
test_headers(void **state)
{
	struct tally t = { .label = "headers" };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	want_bool(&t, "plain",
	    has(mail_of(SPAN("LOSS: 5 = 5?"), SPAN(""), &a),
		"\r\nSubject: LOSS: 5 = 5?\r\n"),
	    true);
	want_bool(&t, "umlaut",
	    has(mail_of(SPAN("a \xc3\xbc_?"), SPAN(""), &a),
		"\r\nSubject: =?utf-8?Q?a_=C3=BC=5F=3F?=\r\n"),
	    true);
	want_bool(&t, "line end",
	    has(mail_of(SPAN("a\r\nBcc: b"), SPAN(""), &a),
		"\r\nSubject: =?utf-8?Q?a=0D=0ABcc=3A_b?=\r\n"),
	    true);
	want_bool(&t, "date",
	    has(mail_of(SPAN("a"), SPAN(""), &a),
		"\r\nDate: Thu, 26 Nov 2026 16:40:00 +0000\r\n"),
	    true);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* ---- ids ---- */

static void
test_ids(void **state)
{
	struct incident i = incident();
	struct span domain = SPAN("a.example");
	struct message_news n = news(&i, &domain);
	struct message_env env = { now, NULL };
	struct tally t = { .label = "ids" };
	struct message first, again, later;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	assert_int_equal(message_of_news(&n, &env, &a, &first), ERR_OK);
	env.now.s += 60;
	assert_int_equal(message_of_news(&n, &env, &a, &again), ERR_OK);
	want_span(&t, "again", again.id, first.id);
	n.news.kind = NEWS_WORSENED;
	n.news.key = SPAN("incident/12/worsened/7");
	assert_int_equal(message_of_news(&n, &env, &a, &later), ERR_OK);
	want_span(&t, "worse", later.id,
	    SPAN("incident=2f12=2fworsened=2f7.1795711200"));
	want_span(&t, "follows", later.thread, first.id);
	/* The same number in another store. */
	i.opened_at.s++;
	n.news.kind = NEWS_OPENED;
	assert_int_equal(message_of_news(&n, &env, &a, &later), ERR_OK);
	want_bool(&t, "another store", span_eq(later.id, first.id), false);
	/* Two summaries of the same, and one of something else. */
	assert_int_equal(message_of_many(&n, 1, &env, &a, &first), ERR_OK);
	env.now.s += 60;
	assert_int_equal(message_of_many(&n, 1, &env, &a, &again), ERR_OK);
	want_span(&t, "summary again", again.id, first.id);
	n.news.key = SPAN("incident/12/other");
	assert_int_equal(message_of_many(&n, 1, &env, &a, &later), ERR_OK);
	want_bool(&t, "another", span_eq(later.id, first.id), false);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* ---- memory ---- */

static void
make(struct arena *a, const void *arg)
{
	struct incident i = incident();
	struct span domain = SPAN("a.example"), mail;
	struct message_news n = news(&i, &domain);
	struct message_env env = { now, "https://mtasts.example.org" };
	struct mail_head head = { "mtasts@example.org", to, 1, now };
	struct message m;
	enum err e = arg == NULL ? message_of_news(&n, &env, a, &m)
				 : message_of_many(&n, 1, &env, a, &m);

	if (e == ERR_OK)
		e = mail_write(&m, &head, a, &mail);
	assert_int_equal(e, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(make, NULL);
	sweep_memory(make, "many");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
