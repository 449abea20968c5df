#include "out/mail.h"

#include <inttypes.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

enum {
	LINE_MAX = 998, /* RFC 5322 2.1.1 */
	QP_MAX = 76, /* RFC 2045 6.7 (5), the "=" at the end included */
	WORD_MAX = 76 - 9, /* RFC 2047 2: of a line, "Subject: " in it */
	DAY_S = 86400,
};

#define CRLF "\r\n"
#define WORD_BEGIN "=?utf-8?Q?"
#define WORD_END "?="

static bool
is_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x7f ||
		    ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n'))
			return false;
	return true;
}

static void
put_hex(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_putc(b, '=');
	buf_putc(b, hex[c >> 4]);
	buf_putc(b, hex[c & 15]);
}

/* One character in Q encoding; those that are plain in any place (RFC 2047
 * 5 (3)) are left as they are. */
static void
put_q(struct buf *b, struct span one)
{
	for (size_t i = 0; i < one.n; i++) {
		unsigned char c = (unsigned char)one.p[i];

		if (c == ' ')
			buf_putc(b, '_');
		else if (ascii_is_alnum(c))
			buf_putc(b, (char)c);
		else
			put_hex(b, c);
	}
}

/* RFC 2047: words of whole characters, each on a line of its own. */
static void
put_words(struct buf *b, struct span s)
{
	const size_t room = WORD_MAX - sizeof WORD_BEGIN - sizeof WORD_END + 2;
	size_t at = 0;
	uint32_t c;

	buf_put(b, SPAN(WORD_BEGIN));
	while (s.n > 0) {
		size_t len = utf8_next(s, &c);
		struct span one = span_head(s, len > 0 ? len : 1);

		if (at + 3 * one.n > room) {
			buf_put(b, SPAN(WORD_END CRLF " " WORD_BEGIN));
			at = 0;
		}
		at += 3 * one.n; /* at most */
		put_q(b, one);
		s = span_skip(s, one.n);
	}
	buf_put(b, SPAN(WORD_END));
}

/* A header's text. Only what is plain stands there as it is; a control, a line
 * end above all, never does. */
static void
put_header(struct buf *b, const char *name, struct span value)
{
	buf_printf(b, "%s: ", name);
	if (is_plain(value) && memchr(value.p, '\n', value.n) == NULL)
		buf_put(b, value);
	else
		put_words(b, value);
	buf_put(b, SPAN(CRLF));
}

/* An address that would not be one alone is left out. */
static void
put_address(struct buf *b, const char *address)
{
	for (const char *p = address; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return;
	buf_put(b, span_str(address));
}

static void
put_date(struct buf *b, struct wall_time t)
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" }; /* 1970 began on a Thursday */
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c = civil_from_time(t);
	int64_t day = t.s / DAY_S % 7;

	buf_printf(b, "Date: %s, %d %s %04" PRId64 " %02d:%02d:%02d +0000" CRLF,
	    days[day < 0 ? day + 7 : day], c.day, months[c.month - 1], c.year,
	    c.hour, c.minute, c.second);
}

/* "<id@domain of the sender>" */
static void
put_id(struct buf *b, const char *name, struct span id, const char *from)
{
	const char *at = strrchr(from, '@');

	buf_printf(b, "%s: <%.*s@", name, (int)id.n, id.p);
	put_address(b, at != NULL && at[1] != '\0' ? at + 1 : "localhost");
	buf_put(b, SPAN(">" CRLF));
}

static void
put_head(struct buf *b, const struct message *m, const struct mail_head *head)
{
	buf_put(b, SPAN("From: mtasts <"));
	put_address(b, head->from);
	buf_put(b, SPAN(">" CRLF "To: "));
	for (size_t i = 0; i < head->n_to; i++) {
		if (i > 0)
			buf_put(b, SPAN("," CRLF " "));
		put_address(b, head->to[i]);
	}
	buf_put(b, SPAN(CRLF));
	put_header(b, "Subject", m->subject);
	put_date(b, head->date);
	put_id(b, "Message-ID", m->id, head->from);
	if (m->thread.n > 0) {
		put_id(b, "In-Reply-To", m->thread, head->from);
		put_id(b, "References", m->thread, head->from);
	}
	put_header(b, "Mtasts-Severity", span_str(severity_names[m->severity]));
	buf_put(b,
	    SPAN("Auto-Submitted: auto-generated" CRLF "MIME-Version: 1.0" CRLF
		 "Content-Type: text/plain; charset=utf-8" CRLF));
}

/* RFC 2045 6.7: one line, without its end. */
static void
put_qp_line(struct buf *b, struct span s)
{
	int at = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool raw = c > ' ' && c < 0x7f && c != '=';

		if ((c == ' ' || c == '\t') && i + 1 < s.n)
			raw = true;
		if (at + (raw ? 1 : 3) > QP_MAX - 1) {
			buf_put(b, SPAN("=" CRLF));
			at = 0;
		}
		if (raw)
			buf_putc(b, (char)c);
		else
			put_hex(b, c);
		at += raw ? 1 : 3;
	}
}

static bool
has_long_line(struct span s)
{
	while (s.n > 0) {
		size_t n = span_find(s, '\n');

		if (n > LINE_MAX)
			return true;
		s = span_skip(s, n + 1);
	}
	return false;
}

static void
put_body(struct buf *b, struct span text)
{
	bool plain = is_plain(text) && !has_long_line(text);

	buf_put(b,
	    plain
		? SPAN("Content-Transfer-Encoding: 7bit" CRLF CRLF)
		: SPAN(
		      "Content-Transfer-Encoding: quoted-printable" CRLF CRLF));
	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		if (plain)
			buf_put(b, line);
		else
			put_qp_line(b, line);
		buf_put(b, SPAN(CRLF));
		text = span_skip(text, line.n + 1);
	}
}

enum err
mail_write(const struct message *m, const struct mail_head *head,
    struct arena *a, struct span *out)
{
	/* Every octet may become three, every 24th of them ends a line; of the
	 * subject each character may begin a word. */
	size_t cap = 4096 + 4 * m->text.n + 32 * m->subject.n;
	struct buf b;
	char *mem;

	for (size_t i = 0; i < head->n_to; i++)
		cap += strlen(head->to[i]) + 4;
	cap += 5 * strlen(head->from);
	mem = arena_alloc(a, cap);
	if (mem == NULL)
		return ERR_MEMORY;
	b = buf_init(mem, cap);
	put_head(&b, m, head);
	put_body(&b, m->text);
	*out = buf_span(&b);
	return b.overflow ? ERR_MEMORY : ERR_OK;
}
