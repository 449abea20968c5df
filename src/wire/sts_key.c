#include "wire/sts_key.h"

#include "base/ascii.h"

const struct span sts_keys[STS_KEYS] = {
	[STS_KEY_VERSION] = SPAN_INIT("version"),
	[STS_KEY_MODE] = SPAN_INIT("mode"),
	[STS_KEY_MX] = SPAN_INIT("mx"),
	[STS_KEY_MAX_AGE] = SPAN_INIT("max_age"),
};

enum sts_key
sts_key_of(struct span s)
{
	enum sts_key k = 0;

	while (k < STS_KEYS && !span_eq(sts_keys[k], s))
		k++;
	return k;
}

enum sts_key
sts_key_of_nocase(struct span s)
{
	enum sts_key k = 0;

	while (k < STS_KEYS && !ascii_eq_nocase(sts_keys[k], s))
		k++;
	return k;
}

/* Are they one insertion, deletion, substitution or transposition apart? */
static bool
is_one_edit(struct span a, struct span b)
{
	size_t i = 0;
	struct span x, y;

	if (a.n > b.n)
		x = a, a = b, b = x;
	while (i < a.n && ascii_lower((unsigned char)a.p[i]) ==
			      ascii_lower((unsigned char)b.p[i]))
		i++;
	x = span_skip(a, i);
	y = span_skip(b, i);
	if (b.n == a.n + 1)
		return ascii_eq_nocase(x, span_skip(y, 1));
	if (a.n != b.n || x.n == 0)
		return false;
	if (ascii_eq_nocase(span_skip(x, 1), span_skip(y, 1)))
		return true;
	return x.n >= 2 &&
	       ascii_lower((unsigned char)x.p[0]) ==
		   ascii_lower((unsigned char)y.p[1]) &&
	       ascii_lower((unsigned char)x.p[1]) ==
		   ascii_lower((unsigned char)y.p[0]) &&
	       ascii_eq_nocase(span_skip(x, 2), span_skip(y, 2));
}

enum sts_key
sts_key_nearly(struct span s)
{
	static const struct span words[] = { SPAN_INIT("max"), SPAN_INIT("mix"),
		SPAN_INIT("code"), SPAN_INIT("node"), SPAN_INIT("model") };
	enum sts_key k = 0;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (ascii_eq_nocase(s, words[i]))
			return STS_KEYS;
	while (k < STS_KEYS && !is_one_edit(s, sts_keys[k]))
		k++;
	return k;
}
