#include "wire/name.h"

#include "base/ascii.h"
#include "wire/ipaddr.h"

/* One final dot says "absolute" in DNS presentation and nothing else. */
static struct span
without_dot(struct span s)
{
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* RFC 5321 4.1.2: sub-domain = Let-dig [Ldh-str] */
static bool
is_label(struct span s)
{
	if (s.n == 0 || s.n > NAME_MAX_LABEL || s.p[0] == '-' ||
	    s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/* Four runs of one to three digits with dots between, in range or not: nobody
 * means a name by it, though RFC 5321 4.1.2 could generate it. */
static bool
is_dotted_quad(struct span s)
{
	size_t dots = 0, digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (ascii_is_digit((unsigned char)s.p[i]) && digits < 3)
			digits++;
		else if (s.p[i] == '.' && digits > 0 && dots < 3)
			dots++, digits = 0;
		else
			return false;
	}
	return dots == 3 && digits > 0;
}

bool
name_is_domain(struct span s)
{
	struct span rest = s;

	if (s.n == 0 || s.n > NAME_MAX_TEXT || is_dotted_quad(s))
		return false;
	for (;;) {
		size_t dot = span_find(rest, '.');

		if (!is_label(span_head(rest, dot)))
			return false;
		if (dot == rest.n)
			return true;
		rest = span_skip(rest, dot + 1);
	}
}

bool
name_has_u_label(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

bool
name_is_ip_literal(struct span s)
{
	struct ip_addr ip;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = (struct span){ s.p + 1, s.n - 2 };
	/* RFC 5321 4.1.3: IPv6-address-literal */
	if (ascii_starts_nocase(s, SPAN("IPv6:")))
		s = span_skip(s, 5);
	return is_dotted_quad(without_dot(s)) || ip_parse(s, &ip);
}

struct span
name_canonical(struct arena *a, struct span s)
{
	char *p;

	s = without_dot(s);
	p = arena_alloc(a, s.n);
	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)ascii_lower((unsigned char)s.p[i]);
	return (struct span){ p, s.n };
}

struct span
name_below(struct arena *a, const char *label, struct span domain)
{
	return arena_printf(a, "%s.%.*s", label, (int)domain.n, domain.p);
}

bool
name_eq(struct span a, struct span b)
{
	return ascii_eq_nocase(without_dot(a), without_dot(b));
}

bool
name_is_under(struct span child, struct span parent)
{
	child = without_dot(child);
	parent = without_dot(parent);
	if (child.n == parent.n)
		return ascii_eq_nocase(child, parent);
	return parent.n > 0 && child.n > parent.n &&
	       child.p[child.n - parent.n - 1] == '.' &&
	       ascii_eq_nocase(span_tail(child, parent.n), parent);
}

struct span
name_parent(struct span s)
{
	return span_skip(s, span_find(s, '.') + 1);
}

size_t
name_labels(struct span s)
{
	size_t n;

	s = without_dot(s);
	n = s.n > 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '.';
	return n;
}
