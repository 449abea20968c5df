#include "wire/media_type.h"

#include "base/ascii.h"

/* The length of s up to a ';' that is not inside a quoted-string
 * (RFC 9110 5.6.4), or all of it. */
static size_t
until_semicolon(struct span s)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '\\' && quoted && i + 1 < s.n)
			i++;
		else if (s.p[i] == ';' && !quoted)
			break;
	}
	return i;
}

static struct span
unquote(struct span s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (struct span){ s.p + 1, s.n - 2 };
	return s;
}

struct media_type
media_type_parse(struct span value)
{
	struct media_type m = { SPAN(""), SPAN("") };
	size_t end = until_semicolon(value);
	bool seen = false;

	m.type = ascii_trim(span_head(value, end));
	while (end < value.n && !seen) {
		struct span p;
		size_t eq;

		value = span_skip(value, end + 1);
		end = until_semicolon(value);
		p = ascii_trim(span_head(value, end));
		eq = span_find(p, '=');
		seen = eq < p.n && ascii_eq_nocase(ascii_trim(span_head(p, eq)),
				       SPAN("charset"));
		if (seen)
			m.charset = unquote(ascii_trim(span_skip(p, eq + 1)));
	}
	return m;
}

bool
media_type_is_text_plain(struct media_type m)
{
	return ascii_eq_nocase(m.type, SPAN("text/plain"));
}
