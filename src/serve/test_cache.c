#include "serve/cache.h"

#include <stdlib.h>

#include "base/test_table.h"

static int released;

static void
release(void *value)
{
	released++;
	free(value);
}

static struct cache *
new_cache(size_t items, size_t cost)
{
	struct cache_config config = { items, cost, 7, release };
	struct cache *c = cache_new(&config);

	assert_non_null(c);
	released = 0;
	return c;
}

static void
put(struct cache *c, const char *name, int value, size_t cost)
{
	int *v = malloc(sizeof *v);

	assert_non_null(v);
	*v = value;
	assert_true(cache_put(c, span_str(name),
	    (struct cache_item){ .value = v, .version = (uint64_t)value },
	    cost));
}

/* 0: none. */
static int
get(struct cache *c, const char *name)
{
	struct cache_item *item = cache_get(c, span_str(name));

	return item != NULL ? *(int *)item->value : 0;
}

static void
test_keeps(void **state)
{
	struct cache *c = new_cache(4, 0);

	(void)state;
	assert_int_equal(get(c, "a"), 0);
	put(c, "a", 1, 0);
	put(c, "", 2, 0);
	assert_int_equal(get(c, "a"), 1);
	assert_int_equal(get(c, ""), 2);
	assert_int_equal(get(c, "aa"), 0);
	put(c, "a", 3, 0);
	assert_int_equal(get(c, "a"), 3);
	assert_int_equal(released, 1);
	assert_int_equal(cache_items(c), 2);
	cache_drop(c, SPAN("a"));
	cache_drop(c, SPAN("b"));
	assert_int_equal(get(c, "a"), 0);
	assert_int_equal(cache_items(c), 1);
	cache_free(c);
	assert_int_equal(released, 3);
	cache_free(NULL);
}

/* What was asked for last stays. */
static void
test_order(void **state)
{
	struct cache *c = new_cache(3, 0);

	(void)state;
	put(c, "a", 1, 0);
	put(c, "b", 2, 0);
	put(c, "c", 3, 0);
	assert_int_equal(get(c, "a"), 1);
	put(c, "d", 4, 0);
	assert_int_equal(get(c, "b"), 0);
	assert_int_equal(get(c, "a"), 1);
	put(c, "e", 5, 0);
	put(c, "f", 6, 0);
	assert_int_equal(get(c, "a"), 1);
	assert_int_equal(get(c, "d"), 0);
	assert_int_equal(cache_items(c), 3);
	cache_free(c);
	assert_int_equal(released, 6);
}

static void
test_cost(void **state)
{
	struct cache *c = new_cache(100, 10);

	(void)state;
	put(c, "a", 1, 4);
	put(c, "b", 2, 6);
	assert_int_equal(cache_items(c), 2);
	put(c, "c", 3, 5);
	assert_int_equal(get(c, "a"), 0);
	assert_int_equal(get(c, "b"), 0);
	assert_int_equal(get(c, "c"), 3);
	/* One that is too large by itself is there until the next. */
	put(c, "d", 4, 11);
	assert_int_equal(get(c, "d"), 4);
	assert_int_equal(cache_items(c), 1);
	put(c, "e", 5, 1);
	assert_int_equal(get(c, "d"), 0);
	cache_free(c);
}

/* Against a list that is as simple as can be. */
static void
test_model(void **state)
{
	enum { NAMES = 64, ITEMS = 20, STEPS = 20000 };
	struct cache *c = new_cache(ITEMS, 0);
	int model[ITEMS], n = 0;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		char name[8];
		int key, at = 0;

		x = x * 1664525 + 1013904223;
		key = (int)(x >> 24) % NAMES + 1;
		snprintf(name, sizeof name, "n%d", key);
		while (at < n && model[at] != key)
			at++;
		assert_int_equal(get(c, name), at < n ? key : 0);
		if (at == n) {
			put(c, name, key, 0);
			if (n < ITEMS)
				n++;
			at = n - 1;
		}
		memmove(model + 1, model, (size_t)at * sizeof model[0]);
		model[0] = key;
		assert_int_equal(cache_items(c), n);
	}
	cache_free(c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
