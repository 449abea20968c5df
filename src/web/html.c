#include "web/html.h"

#include <assert.h>
#include <inttypes.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* What stands for that code point; NULL: it stands for itself. */
static const char *
entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* The length of what s begins with, and what is written instead of it. */
static size_t
take(struct span s, const char **instead)
{
	uint32_t c;
	size_t n = utf8_next(s, &c);

	if (n == 0 || (c != '\n' && c != '\t' && escape_is_unprintable(c)))
		*instead = replacement;
	else
		*instead = entity(c);
	return n > 0 ? n : 1;
}

void
html_text(FILE *f, struct span s)
{
	size_t plain = 0; /* octets that stand for themselves */

	while (plain < s.n) {
		const char *instead;
		size_t n = take(span_skip(s, plain), &instead);

		if (instead == NULL) {
			plain += n;
			continue;
		}
		fwrite(s.p, 1, plain, f);
		fputs(instead, f);
		s = span_skip(s, plain + n);
		plain = 0;
	}
	if (plain > 0)
		fwrite(s.p, 1, plain, f);
}

void
html_url(FILE *f, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' ||
		    c == '~')
			putc(c, f);
		else
			fprintf(f, "%%%02X", c);
	}
}

static void
say_signed(FILE *f, const char *length, va_list *ap)
{
	intmax_t v;

	if (length[0] == 'l' && length[1] == 'l')
		v = va_arg(*ap, long long);
	else if (length[0] == 'l')
		v = va_arg(*ap, long);
	else if (length[0] == 'z')
		v = va_arg(*ap, ptrdiff_t);
	else if (length[0] == 'j')
		v = va_arg(*ap, intmax_t);
	else
		v = va_arg(*ap, int);
	fprintf(f, "%jd", v);
}

static void
say_unsigned(FILE *f, const char *length, va_list *ap)
{
	uintmax_t v;

	if (length[0] == 'l' && length[1] == 'l')
		v = va_arg(*ap, unsigned long long);
	else if (length[0] == 'l')
		v = va_arg(*ap, unsigned long);
	else if (length[0] == 'z')
		v = va_arg(*ap, size_t);
	else if (length[0] == 'j')
		v = va_arg(*ap, uintmax_t);
	else
		v = va_arg(*ap, unsigned);
	fprintf(f, "%ju", v);
}

/* How text is written that comes in by a directive. */
struct say {
	FILE *f;
	void (*text)(FILE *f, struct span s);
};

static void
say_octet(const struct say *say, int c)
{
	char octet = (char)c;

	say->text(say->f, (struct span){ &octet, 1 });
}

static void
say_string(const struct say *say, const char *s)
{
	if (s != NULL)
		say->text(say->f, span_str(s));
}

/* The directive at `at`, behind its percent sign; what stands behind it. */
static const char *
say_one(const struct say *say, const char *at, va_list *ap)
{
	const char *length = at;

	if (at[0] == '.') {
		int n = va_arg(*ap, int);

		assert(at[1] == '*' && at[2] == 's' && n >= 0);
		say->text(say->f,
		    (struct span){ va_arg(*ap, const char *), (size_t)n });
		return at + 3;
	}
	at += strspn(at, "lzj");
	if (*at == 's')
		say_string(say, va_arg(*ap, const char *));
	else if (*at == 'c')
		say_octet(say, va_arg(*ap, int));
	else if (*at == 'd' || *at == 'i')
		say_signed(say->f, length, ap);
	else if (*at == 'u')
		say_unsigned(say->f, length, ap);
	else {
		assert(*at == '%'); /* or one that html_say() does not know */
		putc('%', say->f);
	}
	return at + 1;
}

static void
say_all(const struct say *say, const char *fmt, va_list *ap)
{
	while (*fmt != '\0') {
		size_t n = strcspn(fmt, "%");

		fwrite(fmt, 1, n, say->f);
		fmt += n;
		if (*fmt == '%')
			fmt = say_one(say, fmt + 1, ap);
	}
}

void
html_say(FILE *f, const char *fmt, ...)
{
	const struct say say = { f, html_text };
	va_list ap;

	va_start(ap, fmt);
	say_all(&say, fmt, &ap);
	va_end(ap);
}

void
html_address(FILE *f, const char *fmt, va_list ap)
{
	const struct say say = { f, html_url };
	va_list mine;

	va_copy(mine, ap);
	say_all(&say, fmt, &mine);
	va_end(mine);
}
