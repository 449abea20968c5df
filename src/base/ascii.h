/* ascii.h - the character classes of the RFCs. No locale, no Unicode. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

#include "base/span.h"

static inline bool
ascii_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool
ascii_is_alnum(unsigned char c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c);
}

/* RFC 5234 B.1: WSP is a space or a horizontal tab. */
static inline bool
ascii_is_wsp(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 5234 B.1: CTL */
static inline bool
ascii_is_ctl(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static inline unsigned char
ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* Equal but for the case of A to Z (RFC 4343). */
static inline bool
ascii_eq_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower((unsigned char)a.p[i]) !=
		    ascii_lower((unsigned char)b.p[i]))
			return false;
	return true;
}

static inline bool
ascii_starts_nocase(struct span s, struct span prefix)
{
	return s.n >= prefix.n &&
	       ascii_eq_nocase(span_head(s, prefix.n), prefix);
}

/* s without the WSP at both its ends. */
static inline struct span
ascii_trim(struct span s)
{
	while (s.n > 0 && ascii_is_wsp((unsigned char)s.p[0]))
		s = span_skip(s, 1);
	while (s.n > 0 && ascii_is_wsp((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

#endif
