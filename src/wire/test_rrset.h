/* test_rrset.h - for tests only: TXT RRsets as a table writes them. Records are
 * separated by '\n', their strings by '|'. */
#ifndef WIRE_TEST_RRSET_H
#define WIRE_TEST_RRSET_H

#include "base/test_table.h"
#include "wire/dns.h"

/* Into at most 8 records of at most 8 strings; returns their number. */
static inline size_t
make_rrset(struct span text, struct arena *a, struct dns_txt *out)
{
	size_t n = 0;

	while (text.n > 0) {
		size_t end = span_find(text, '\n');
		struct span one = span_head(text, end);
		struct dns_txt *t = &out[n++];

		assert_true(n <= 8);
		*t = (struct dns_txt){ .strings = arena_array(
					   a, 8, sizeof *t->strings) };
		assert_non_null(t->strings);
		for (;;) {
			size_t bar = span_find(one, '|');

			assert_true(t->n_strings < 8);
			t->strings[t->n_strings++] = span_head(one, bar);
			if (bar == one.n)
				break;
			one = span_skip(one, bar + 1);
		}
		text = span_skip(text, end + 1);
	}
	return n;
}

#endif
