/* test_table.h - for tests only: tables of cases.
 *
 * A test is one loop over rows. Every row that fails says what it got and what
 * it wants; one assert at the end of the loop counts them, so that one run
 * shows all that is wrong. */
#ifndef BASE_TEST_TABLE_H
#define BASE_TEST_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/escape.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

struct tally {
	const char *label; /* of the row at hand */
	int failed;
};

/* Where something cannot be tested here: say why, and return. cmocka's skip()
 * says "not ok" in TAP, and whoever counts takes that for a failure. */
static inline void
say_skipped(const char *why)
{
	printf("# skipped: %s\n", why);
}

/* got and want as text; both are escaped. */
static inline void
want_span(struct tally *t, const char *what, struct span got, struct span want)
{
	char mem[8192];
	struct arena a;

	if (span_eq(got, want))
		return;
	t->failed++;
	arena_init_fixed(&a, mem, sizeof mem);
	printf(
	    "# %s: %s: got '%s', ", t->label, what, escape_str(&a, got, 800));
	printf("want '%s'\n", escape_str(&a, want, 800));
}

static inline void
want_int(struct tally *t, const char *what, int64_t got, int64_t want)
{
	if (got == want)
		return;
	t->failed++;
	printf("# %s: %s: got %lld, want %lld\n", t->label, what,
	    (long long)got, (long long)want);
}

static inline void
want_size(struct tally *t, const char *what, size_t got, size_t want)
{
	if (got == want)
		return;
	t->failed++;
	printf("# %s: %s: got %zu, want %zu\n", t->label, what, got, want);
}

static inline void
want_bool(struct tally *t, const char *what, bool got, bool want)
{
	if (got == want)
		return;
	t->failed++;
	printf("# %s: %s: got %s, want %s\n", t->label, what,
	    got ? "yes" : "no", want ? "yes" : "no");
}

/* Run over(arg) on arenas of every size from nothing up to what it needs. The
 * memory is exactly that large, so that a sanitizer sees every step too far.
 * A run whose arena is full must say so in a->failed. */
static inline void
sweep_memory(void (*over)(struct arena *a, const void *arg), const void *arg)
{
	enum { ENOUGH = 256 * 1024 };
	struct arena a = { .failed = true };
	size_t n;

	for (n = 0; a.failed && n < ENOUGH; n++) {
		char *mem = test_malloc(n > 0 ? n : 1);

		arena_init_fixed(&a, mem, n);
		over(&a, arg);
		test_free(mem);
	}
	assert_false(a.failed);
	assert_true(n > 1);
}

#endif
