#include "wire/sts_template.h"

#include "base/ascii.h"
#include "wire/name.h"
#include "wire/sts_policy.h"

/* Do the two octets stand somewhere in s, side by side? */
static bool
has_pair(struct span s, char first, char second)
{
	for (;;) {
		s = span_skip(s, span_find(s, first) + 1);
		if (s.n == 0)
			return false;
		if (s.p[0] == second)
			return true;
	}
}

static bool
has_nocase(struct span s, struct span needle)
{
	for (; s.n >= needle.n; s = span_skip(s, 1))
		if (ascii_starts_nocase(s, needle))
			return true;
	return false;
}

bool
sts_template_has_mark(struct span s)
{
	struct span open = span_skip(s, span_find(s, '<'));

	return has_pair(s, '{', '{') || has_pair(s, '{', '%') ||
	       has_pair(s, '$', '{') || span_find(open, '>') < open.n;
}

/* "[enforce / testing / none]", "testing|enforce": a choice not made. */
static bool
is_mode_template(struct span s)
{
	size_t modes = 0;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return true;
	for (size_t i = STS_MODE_NONE; i <= STS_MODE_ENFORCE; i++)
		modes += has_nocase(s, span_str(sts_mode_names[i]));
	return modes > 1 || sts_template_has_mark(s);
}

static bool
is_placeholder_label(struct span s)
{
	static const struct span labels[] = { SPAN_INIT("your_domain"),
		SPAN_INIT("yourdomain"), SPAN_INIT("your-domain"),
		SPAN_INIT("my_domain"), SPAN_INIT("mydomain"),
		SPAN_INIT("my-domain"), SPAN_INIT("your-mx"),
		SPAN_INIT("yourmx"), SPAN_INIT("your_mx"),
		SPAN_INIT("yourmailserver"), SPAN_INIT("your-mail-server"),
		SPAN_INIT("domain_name"), SPAN_INIT("tld") };

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		if (ascii_eq_nocase(s, labels[i]))
			return true;
	return false;
}

bool
sts_template_is_example(struct span name)
{
	static const struct span examples[] = { SPAN_INIT("example.com"),
		SPAN_INIT("example.org"), SPAN_INIT("example.net") };

	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
		if (name_is_under(name, examples[i]))
			return true;
	return false;
}

/* Names from instructions. */
static bool
is_mx_template(struct span s)
{
	if (name_is_ip_literal(s))
		return false;
	if (sts_template_has_mark(s) || (s.n > 0 && s.p[0] == '['))
		return true;
	if (sts_template_is_example(s))
		return true;
	while (s.n > 0) {
		if (is_placeholder_label(span_head(s, span_find(s, '.'))))
			return true;
		s = name_parent(s);
	}
	return false;
}

bool
sts_template_is_left(enum sts_key k, struct span value)
{
	switch (k) {
	case STS_KEY_MODE:
		return is_mode_template(value);
	case STS_KEY_MX:
		return is_mx_template(value);
	case STS_KEY_VERSION:
	case STS_KEY_MAX_AGE:
	case STS_KEYS:
		break;
	}
	return sts_template_has_mark(value) ||
	       (value.n >= 2 && value.p[0] == '[' &&
		   value.p[value.n - 1] == ']');
}
