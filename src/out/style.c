#include "out/style.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/utf8.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 100 };

static int
terminal_width(int fd)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return WIDTH_DEFAULT;
	if (w.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return w.ws_col < WIDTH_MAX ? w.ws_col : WIDTH_MAX;
}

struct style
style_for(FILE *f)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool tty = isatty(fileno(f)) == 1;

	return (struct style){
		.colour =
		    tty && (no_colour == NULL || no_colour[0] == '\0') &&
		    (term == NULL || !span_eq(span_str(term), SPAN("dumb"))),
		.width = tty ? terminal_width(fileno(f)) : WIDTH_DEFAULT,
	};
}

const char *
style_on(const struct style *s, enum ink ink)
{
	static const char *const sequences[] = {
		[INK_PLAIN] = "",
		[INK_BOLD] = "\033[1m",
		[INK_DIM] = "\033[2m",
		[INK_GREEN] = "\033[32m",
		[INK_YELLOW] = "\033[33m",
		[INK_RED] = "\033[31m",
		[INK_BLUE] = "\033[36m",
	};

	return s->colour ? sequences[ink] : "";
}

const char *
style_off(const struct style *s)
{
	return s->colour ? "\033[0m" : "";
}

enum ink
style_severity_ink(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return INK_RED;
	case SEVERITY_WARNING:
		return INK_YELLOW;
	case SEVERITY_INFO:
		break;
	}
	return INK_BLUE;
}

/* How many columns a word takes, each code point for one. */
static int
columns(struct span s)
{
	int n = 0;
	uint32_t c;

	for (size_t len; s.n > 0; n++) {
		len = utf8_next(s, &c);
		s = span_skip(s, len > 0 ? len : 1);
	}
	return n;
}

static void
wrap_words(const struct style *s, FILE *f, int indent, struct span text)
{
	int at = 0;

	while (text.n > 0) {
		struct span word = span_head(text, span_find(text, ' '));
		int n = columns(word);

		if (at > 0 && s->width > 0 && indent + at + 1 + n > s->width) {
			putc('\n', f);
			at = 0;
		}
		if (at == 0)
			fprintf(f, "%*s", indent, "");
		else
			putc(' ', f);
		at += n + (at > 0);
		escape_print(f, word);
		text = span_skip(text, word.n + 1);
	}
	putc('\n', f);
}

void
style_wrap(const struct style *s, FILE *f, int indent, struct span text)
{
	size_t end = span_find(text, '\n');

	wrap_words(s, f, indent, span_head(text, end));
	for (text = span_skip(text, end + 1); text.n > 0;
	     text = span_skip(text, end + 1)) {
		end = span_find(text, '\n');
		fprintf(f, "%*s", 2 * indent, "");
		escape_print(f, span_head(text, end));
		putc('\n', f);
	}
}
