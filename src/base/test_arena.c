#include "base/test_table.h"

static void
test_zeroed_and_aligned(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(p[i], 0);
			p[i] = 0xff;
		}
	}
	assert_false(a.failed);
	arena_release(&a);
}

static void
test_cap(void **state)
{
	enum { CAP = 100 * 1000 };
	struct arena a;
	size_t got = 0;

	(void)state;
	arena_init(&a, CAP);
	while (arena_alloc(&a, 1000) != NULL)
		got += 1000;
	assert_true(a.failed);
	assert_true(a.used <= CAP);
	assert_true(got > CAP / 2);
	/* Sticky: a job looks once at its end. */
	(void)!arena_alloc(&a, 1);
	assert_true(a.failed);
	arena_release(&a);
	assert_false(a.failed);
	assert_int_equal(a.used, 0);
	assert_int_equal(a.cap, CAP);
	assert_non_null(arena_alloc(&a, 1000));
	arena_release(&a);
}

static void
test_large(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_non_null(arena_alloc(&a, 900 * 1000));
	assert_null(arena_alloc(&a, 900 * 1000));
	assert_true(a.failed);
	arena_release(&a);
	arena_init(&a, 0);
	assert_null(arena_alloc(&a, 1));
	assert_true(a.failed);
	arena_release(&a);
}

static void
test_overflow(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_true(a.failed);
	a.failed = false;
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_true(a.failed);
	a.failed = false;
	assert_null(arena_array(&a, 3, SIZE_MAX / 2));
	assert_true(a.failed);
	arena_release(&a);
}

static void
test_fixed(void **state)
{
	_Alignas(max_align_t) char mem[256];
	struct arena a;

	(void)state;
	/* Every size, at every alignment: never a byte outside. */
	for (size_t off = 0; off < 20; off++)
		for (size_t n = 0; n + off <= sizeof mem; n++) {
			char *p;

			arena_init_fixed(&a, mem + off, n);
			while ((p = arena_alloc(&a, 24)) != NULL)
				assert_true(
				    p >= mem + off && p + 24 <= mem + off + n);
			assert_true(a.failed);
			assert_int_equal(a.used, 0);
			arena_release(&a);
		}
}

static void
test_grow(void **state)
{
	struct arena a;
	size_t cap = 0, *v = NULL;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 1000; n++) {
		size_t *more = arena_grow(&a, v, n, &cap, sizeof *v);

		assert_non_null(more);
		v = more;
		v[n] = n;
		assert_true(cap > n);
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(v[n], n);
	arena_release(&a);
}

static void
test_grow_failure(void **state)
{
	char mem[600];
	struct arena a;
	size_t cap = 0, n = 0, *v = NULL, *more;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	while ((more = arena_grow(&a, v, n, &cap, sizeof *v)) != NULL) {
		v = more;
		v[n] = n;
		n++;
	}
	assert_true(a.failed);
	assert_true(n > 0);
	/* The old list stays. */
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], i);
}

static void
test_copies(void **state)
{
	char mem[200];
	struct arena a;
	struct span s;
	char *z;

	(void)state;
	arena_init_fixed(&a, mem, sizeof mem);
	s = arena_span(&a, SPAN("a\0b"));
	assert_true(span_eq(s, SPAN("a\0b")));
	z = arena_str(&a, SPAN("host"));
	assert_string_equal(z, "host");
	assert_string_equal(arena_str(&a, SPAN("")), "");
	/* The one conversion refuses an embedded NUL. */
	assert_null(arena_str(&a, SPAN("a\0b")));
	assert_false(a.failed);
	s = arena_printf(&a, "%d-%s", 7, "x");
	assert_true(span_eq(s, SPAN("7-x")));
	assert_int_equal(s.p[s.n], '\0');
	/* What does not fit is empty, never NULL. */
	s = arena_printf(&a, "%500d", 7);
	assert_true(s.n == 0 && s.p != NULL);
	assert_true(a.failed);
	s = arena_span(&a, (struct span){ mem, sizeof mem });
	assert_true(s.n == 0 && s.p != NULL);
}

static void
remember(void *arg)
{
	char **at = arg;

	*(*at)++ = 'x';
}

static void
append_a(void *arg)
{
	strncat(arg, "a", 2);
}

static void
append_b(void *arg)
{
	strncat(arg, "b", 2);
}

static void
test_defer(void **state)
{
	char order[8] = "", marks[4] = "", *at = marks, mem[8];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	assert_true(arena_defer(&a, append_a, order));
	assert_true(arena_defer(&a, append_b, order));
	arena_release(&a);
	assert_string_equal(order, "ba"); /* newest first */
	arena_release(&a);
	assert_string_equal(order, "ba"); /* once */
	arena_init_fixed(&a, mem, sizeof mem);
	assert_false(arena_defer(&a, remember, &at));
	arena_release(&a);
	assert_string_equal(marks, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed_and_aligned),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_grow_failure),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_defer),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
