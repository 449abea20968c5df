#include "wire/fuzz.h"

#include "wire/cert_name.h"
#include "wire/mx_match.h"
#include "wire/name.h"

static void
check_name(struct span s)
{
	struct span canonical;
	struct arena a;

	arena_init(&a, 1 << 20);
	canonical = name_canonical(&a, s);
	assert(name_eq(canonical, s) || canonical.n != s.n);
	assert(name_labels(s) <= s.n + 1);
	assert(fuzz_is_inside(name_parent(s), s));
	if (name_is_domain(s)) {
		assert(mx_pattern_check(s) == MX_PATTERN_OK);
		assert(mx_match(s, s) && cert_name_match(s, s));
		assert(name_is_under(s, s) && !name_has_u_label(s));
		assert(!name_is_ip_literal(s));
		assert(name_is_under(s, name_parent(s)) || name_labels(s) == 1);
	}
	arena_release(&a);
}

/* The input is a pattern, a LF, and a host. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct span pattern = span_head(in, span_find(in, '\n'));
	struct span host = span_skip(in, pattern.n + 1);
	bool match = mx_match(pattern, host);

	check_name(pattern);
	check_name(host);
	assert(name_eq(pattern, host) == name_eq(host, pattern));
	if (match) {
		assert(mx_pattern_check(pattern) == MX_PATTERN_OK);
		assert(mx_match_loosely(pattern, host));
		assert(name_eq(pattern, host) || pattern.p[0] == '*');
	}
	if (mx_match_loosely(pattern, host) && !match)
		assert(pattern.p[0] == '*' &&
		       name_labels(host) > name_labels(pattern));
	/* RFC 8461 4.1 takes its wildcards from certificates: among names the
	 * two agree. */
	if (name_is_domain(host))
		assert(match == cert_name_match(pattern, host));
	return 0;
}
