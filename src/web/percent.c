#include "web/percent.h"

#include "base/ascii.h"
#include "base/hex.h"
#include "base/utf8.h"

bool
percent_decode(
    struct span s, bool plus_is_space, struct arena *a, struct span *out)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	*out = SPAN("");
	if (p == NULL)
		return true; /* a->failed says it */
	for (size_t i = 0; i < s.n; i++) {
		int high = s.n - i > 2 ? hex_value(s.p[i + 1]) : -1;
		int low = s.n - i > 2 ? hex_value(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && high >= 0 && low >= 0) {
			p[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			p[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	*out = (struct span){ p, n };
	return utf8_is_valid(*out) && span_find(*out, '\0') == n;
}

struct span
percent_encode(
    struct span s, bool (*is_plain)(unsigned char c), struct arena *a)
{
	char *p = arena_alloc(a, 3 * s.n);
	size_t n = 0;

	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (is_plain(c)) {
			p[n++] = s.p[i];
			continue;
		}
		p[n++] = '%';
		hex_put(p + n, &c, 1);
		n += 2;
	}
	return (struct span){ p, n };
}

struct span
percent_escape(struct span s, struct arena *a)
{
	return percent_encode(s, ascii_is_alnum, a);
}
