#include "wire/txt_text.h"

#include "base/ascii.h"
#include "base/num.h"
#include "base/reader.h"

/* RFC 1035 5.1: \DDD or \X, the backslash being read already. */
static bool
escaped(struct reader *r, unsigned char *out)
{
	struct reader try = *r;
	struct span digits = reader_run(&try, ascii_is_digit, 3);
	uint64_t v;

	if (digits.n > 0) {
		if (digits.n != 3 || !num_parse(digits, 255, &v))
			return false;
		*out = (unsigned char)v;
		*r = try;
		return true;
	}
	if (reader_end(r))
		return false;
	*out = (unsigned char)r->in.p[r->at++];
	return true;
}

/* One quoted string, its opening mark being read already. */
static bool
quoted(struct reader *r, struct arena *a, struct span *out)
{
	/* What is written is never shorter than what it stands for. */
	char *p = arena_alloc(a, r->in.n - r->at);
	size_t n = 0;

	if (p == NULL)
		return false;
	while (!reader_end(r)) {
		unsigned char c = (unsigned char)r->in.p[r->at++];

		if (c == '"') {
			*out = (struct span){ p, n };
			return true;
		}
		if (c == '\\' && !escaped(r, &c))
			return false;
		p[n++] = (char)c;
	}
	return false;
}

bool
txt_text_parse(
    struct span text, struct arena *a, struct dns_txt *out, size_t *out_at)
{
	struct reader r = { .in = text };
	size_t cap = 0;

	*out = (struct dns_txt){ 0 };
	*out_at = 0;
	do {
		struct span *strings = arena_grow(
		    a, out->strings, out->n_strings, &cap, sizeof *strings);
		struct span *one;

		if (strings == NULL)
			return false;
		out->strings = strings;
		one = &strings[out->n_strings++];
		if (!reader_lit(&r, SPAN("\""))) {
			*one = text;
			*out_at = r.at;
			return r.at == 0;
		}
		if (!quoted(&r, a, one)) {
			*out_at = r.at;
			return false;
		}
		reader_run(&r, ascii_is_wsp, text.n);
	} while (!reader_end(&r));
	return true;
}
