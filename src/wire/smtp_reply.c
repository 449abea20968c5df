#include "wire/smtp_reply.h"

#include "base/ascii.h"
#include "base/limits.h"

enum { CODE_DIGITS = 3 };

struct line {
	struct span text; /* behind the code and its separator */
	int code;
	bool last;
};

/* RFC 5321 4.2: Reply-code = %x32-35 %x30-35 %x30-39. Servers use the whole
 * range of the second digit. s may be the beginning of a line. */
static bool
begins_reply(struct span s)
{
	for (size_t i = 0; i < s.n && i < CODE_DIGITS; i++)
		if (!ascii_is_digit((unsigned char)s.p[i]))
			return false;
	if (s.n > 0 && (s.p[0] < '2' || s.p[0] > '5'))
		return false;
	return s.n <= CODE_DIGITS || s.p[CODE_DIGITS] == ' ' ||
	       s.p[CODE_DIGITS] == '-' || s.p[CODE_DIGITS] == '\t' ||
	       s.p[CODE_DIGITS] == '\r';
}

/* RFC 5321 4.2: textstring. Eight-bit text is let through: it is escaped where
 * it is shown. */
static bool
is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (ascii_is_ctl(c) && c != '\t' && c != '\r')
			return false;
	}
	return true;
}

/* s is a line without its LF. */
static bool
read_line(struct span s, struct line *out)
{
	while (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	if (s.n < CODE_DIGITS || !begins_reply(s) || !is_text(s))
		return false;
	out->code = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + s.p[2] - '0';
	out->last = s.n == CODE_DIGITS || s.p[CODE_DIGITS] != '-';
	out->text = span_skip(s, CODE_DIGITS + 1);
	return true;
}

/* The next line of in, which is cut off its front. */
static enum smtp_parse
next_line(struct span *in, struct line *out)
{
	size_t lf = span_find(*in, '\n');

	if (lf >= LIMIT_SMTP_LINE)
		return SMTP_TOO_LONG;
	if (lf == in->n)
		return begins_reply(*in) && is_text(*in) ? SMTP_MORE
							 : SMTP_SYNTAX;
	if (!read_line(span_head(*in, lf), out))
		return SMTP_SYNTAX;
	*in = span_skip(*in, lf + 1);
	return SMTP_DONE;
}

/* Measure one reply: its octets and those of its text. */
static enum smtp_parse
measure(struct span in, int *out_code, size_t *out_size, size_t *out_text)
{
	struct span rest = span_head(in, LIMIT_SMTP_REPLY);
	struct line l = { .last = false };

	*out_text = 0;
	for (size_t n = 0; !l.last; n++) {
		enum smtp_parse p;

		if (n == LIMIT_SMTP_LINES)
			return SMTP_TOO_LONG;
		p = next_line(&rest, &l);
		if (p == SMTP_MORE && in.n >= LIMIT_SMTP_REPLY)
			return SMTP_TOO_LONG;
		if (p != SMTP_DONE)
			return p;
		if (n > 0 && l.code != *out_code)
			return SMTP_SYNTAX;
		*out_code = l.code;
		*out_text += l.text.n + (n > 0);
	}
	*out_size = (size_t)(rest.p - in.p);
	return SMTP_DONE;
}

enum smtp_parse
smtp_reply_parse(struct span in, struct arena *a, struct smtp_reply *out)
{
	size_t size, n, at = 0;
	int code = 0;
	enum smtp_parse p = measure(in, &code, &size, &n);
	struct span rest;
	struct line l;
	char *text;

	if (p != SMTP_DONE)
		return p;
	text = arena_alloc(a, n);
	if (text == NULL)
		return SMTP_TOO_LONG;
	rest = span_head(in, size);
	while (rest.n > 0 && next_line(&rest, &l) == SMTP_DONE) {
		if (l.text.n > 0)
			memcpy(text + at, l.text.p, l.text.n);
		at += l.text.n;
		if (rest.n > 0)
			text[at++] = '\n';
	}
	*out = (struct smtp_reply){
		.code = code, .text = { text, n }, .size = size
	};
	return SMTP_DONE;
}

bool
smtp_ehlo_offers(struct span text, struct span keyword)
{
	/* RFC 5321 4.1.1.1: ehlo-greet, then one keyword a line. */
	text = span_skip(text, span_find(text, '\n') + 1);
	while (text.n > 0) {
		size_t end = span_find(text, '\n');
		struct span l = ascii_trim(span_head(text, end));
		size_t sp = 0;

		while (sp < l.n && !ascii_is_wsp((unsigned char)l.p[sp]) &&
		       l.p[sp] != '\r')
			sp++;
		if (sp > 0 && ascii_eq_nocase(span_head(l, sp), keyword))
			return true;
		text = span_skip(text, end + 1);
	}
	return false;
}
