#include "wire/mx_match.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "wire/name.h"

static const struct span star = SPAN_INIT("*.");

/* The name behind a wildcard, or the name. */
static struct span
base_of(struct span pattern)
{
	return span_starts(pattern, star) ? span_skip(pattern, 2) : pattern;
}

/* Nothing but what stands in names and in attempts at patterns? If not, it is
 * something else altogether: a list, a URL, an MX record's data. */
static bool
is_name_like(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.' &&
		    c != '*' && c < 0x80)
			return false;
	}
	return s.n > 0;
}

static struct span
without_final_dot(struct span s)
{
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

enum mx_pattern_fault
mx_pattern_check(struct span pattern)
{
	struct span base = base_of(pattern);
	struct span undotted = without_final_dot(base);

	if (name_is_ip_literal(base))
		return MX_PATTERN_IP;
	if (name_is_domain(base))
		return MX_PATTERN_OK;
	if (!is_name_like(pattern))
		return MX_PATTERN_SYNTAX;
	if (name_has_u_label(pattern))
		return utf8_is_valid(pattern) ? MX_PATTERN_U_LABEL
					      : MX_PATTERN_SYNTAX;
	/* "alt*.example.com", "*.*.example.com", "*"; and ".example.com", which
	 * drafts of RFC 8461 had for a wildcard (RFC 8461 4.1). */
	if (span_find(base, '*') < base.n || base.n == 0 ||
	    (base.p[0] == '.' && name_is_domain(span_skip(base, 1))))
		return MX_PATTERN_WILDCARD;
	return name_is_domain(undotted) ? MX_PATTERN_TRAILING_DOT
					: MX_PATTERN_SYNTAX;
}

/* A host that a pattern could cover, without its final dot; else empty. A null
 * MX (RFC 7505 3), an address and a wildcard are no hosts. */
static struct span
host_of(struct span host)
{
	host = without_final_dot(host);
	if (name_is_ip_literal(host) || span_find(host, '*') < host.n)
		return SPAN("");
	return host;
}

bool
mx_match(struct span pattern, struct span host)
{
	host = host_of(host);
	if (host.n == 0 || mx_pattern_check(pattern) != MX_PATTERN_OK)
		return false;
	if (!span_starts(pattern, star))
		return ascii_eq_nocase(pattern, host);
	/* RFC 8461 4.1: "*" is one label, which is never empty. */
	return host.p[0] != '.' &&
	       ascii_eq_nocase(base_of(pattern), name_parent(host));
}

bool
mx_match_loosely(struct span pattern, struct span host)
{
	struct span base = base_of(pattern);

	if (mx_match(pattern, host))
		return true;
	host = host_of(host);
	return span_starts(pattern, star) && host.n > base.n + 1 &&
	       host.p[0] != '.' && mx_pattern_check(pattern) == MX_PATTERN_OK &&
	       name_is_under(host, base);
}
