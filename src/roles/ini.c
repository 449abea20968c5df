#include "roles/ini.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"

static bool
is_text(struct span s)
{
	if (!utf8_is_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_ctl((unsigned char)s.p[i]) && s.p[i] != '\t')
			return false;
	return true;
}

/* What stands before the comment. */
static struct span
without_comment(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '#' &&
		    (i == 0 || ascii_is_wsp((unsigned char)s.p[i - 1])))
			return span_head(s, i);
	return s;
}

/* The line without its end, which may be CR LF. */
static struct span
take_line(struct ini *ini)
{
	size_t n = span_find(ini->rest, '\n');
	struct span s = span_head(ini->rest, n);

	ini->rest = span_skip(ini->rest, n + 1);
	ini->line++;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static void
read_section(struct span s, struct ini_line *out)
{
	if (s.p[s.n - 1] != ']') {
		out->fault = "a section ends with \"]\"";
		return;
	}
	out->kind = INI_SECTION;
	out->name = ascii_trim((struct span){ s.p + 1, s.n - 2 });
}

static void
read_key(struct span s, struct ini_line *out)
{
	size_t n = span_find(s, '=');

	out->name = ascii_trim(span_head(s, n));
	if (n == s.n || out->name.n == 0) {
		out->fault = "this is neither [section] nor key = value";
		return;
	}
	out->kind = INI_KEY;
	out->value = ascii_trim(span_skip(s, n + 1));
}

bool
ini_next(struct ini *ini, struct ini_line *out)
{
	while (ini->rest.n > 0) {
		struct span line = take_line(ini);
		struct span s = ascii_trim(without_comment(line));

		*out = (struct ini_line){
			.kind = INI_FAULT,
			.line = ini->line,
			.name = SPAN(""),
			.value = SPAN(""),
		};
		if (line.n > LIMIT_CONFIG_LINE)
			out->fault = "the line is too long";
		else if (!is_text(line))
			out->fault = "the line holds what is not text";
		else if (s.n == 0)
			continue;
		else if (s.p[0] == '[')
			read_section(s, out);
		else
			read_key(s, out);
		return true;
	}
	return false;
}
