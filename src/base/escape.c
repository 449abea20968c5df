#include "base/escape.h"

#include "base/utf8.h"

bool
escape_is_unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* The length of what s begins with if it may be printed as it is, else 0. */
static size_t
printable(struct span s)
{
	uint32_t c;
	size_t n = utf8_next(s, &c);

	return n > 0 && !escape_is_unprintable(c) ? n : 0;
}

/* One character, or one byte of what is none, as it is printed. */
static size_t
escape_one(struct span s, char out[5], struct span *out_text)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)s.p[0];
	size_t n = printable(s);

	if (n > 0 && c != '\\') {
		*out_text = span_head(s, n);
		return n;
	}
	out[0] = '\\';
	out[1] = c == '\\' ? '\\' : 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	*out_text = (struct span){ out, c == '\\' ? 2 : 4 };
	return 1;
}

void
escape_put(struct buf *b, struct span s)
{
	char mem[5];
	struct span text;

	while (s.n > 0) {
		s = span_skip(s, escape_one(s, mem, &text));
		buf_put(b, text);
	}
}

const char *
escape_str(struct arena *a, struct span s, size_t max)
{
	struct span cut = span_head(s, max);
	size_t room = cut.n * 4 + sizeof "...";
	char *p = arena_alloc(a, room);
	struct buf b;

	if (p == NULL)
		return "";
	b = buf_init(p, room - 1);
	escape_put(&b, cut);
	if (cut.n < s.n)
		buf_put(&b, SPAN("..."));
	return p;
}

void
escape_print(FILE *f, struct span text)
{
	char mem[5];
	struct span out;

	while (text.n > 0) {
		if (text.p[0] == '\n' || text.p[0] == '\\') {
			putc(text.p[0], f);
			text = span_skip(text, 1);
			continue;
		}
		text = span_skip(text, escape_one(text, mem, &out));
		fwrite(out.p, 1, out.n, f);
	}
}
