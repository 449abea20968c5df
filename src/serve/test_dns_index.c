#include "serve/dns_index.h"

#include <stdio.h>

#include "base/test_table.h"

static const struct siphash_key key = { { 1, 2, 3 } };

struct label {
	char s[24];
};

static struct label
label(unsigned number)
{
	struct label l;

	snprintf(l.s, sizeof l.s, "name-%u", number);
	return l;
}

static struct dns_entry
entry(const char *id)
{
	struct dns_entry e = { .id_n = (uint8_t)strlen(id) };

	memcpy(e.id, id, e.id_n);
	return e;
}

static void
put(struct dns_index *x, const char *name, const char *id)
{
	struct dns_entry e = entry(id);

	assert_int_equal(dns_index_put(x, span_str(name), &e), ERR_OK);
}

static void
want_entry(struct tally *t, const struct dns_index *x, const char *name,
    const char *id)
{
	struct dns_entry e = { .id_n = 0 };
	bool found = dns_index_get(x, span_str(name), &e);

	want_bool(t, name, found, id != NULL);
	if (id != NULL)
		want_span(t, name, (struct span){ e.id, e.id_n }, span_str(id));
}

static void
test_put(void **state)
{
	struct tally t = { .label = "put", .failed = 0 };
	struct dns_index x;

	(void)state;
	dns_index_init(&x, 10, &key);
	want_entry(&t, &x, "a", NULL);
	dns_index_remove(&x, SPAN("a"));
	put(&x, "a", "1");
	put(&x, "b", "");
	want_entry(&t, &x, "a", "1");
	want_entry(&t, &x, "b", "");
	want_entry(&t, &x, "c", NULL);
	want_entry(&t, &x, "aa", NULL);
	put(&x, "a", "2"); /* in place */
	want_entry(&t, &x, "a", "2");
	put(&x, "a", "12345678901234567890123456789012"); /* elsewhere */
	want_entry(&t, &x, "a", "12345678901234567890123456789012");
	want_size(&t, "labels", x.n, 2);
	dns_index_remove(&x, SPAN("a"));
	want_entry(&t, &x, "a", NULL);
	want_entry(&t, &x, "b", "");
	want_bool(&t, "evicted", x.evicted, false);
	dns_index_release(&x);
	assert_int_equal(t.failed, 0);
}

/* Against a plain list: many labels come, change and go in an order of chance,
 * so that every way that records can move is taken. */
static void
test_many(void **state)
{
	enum { NAMES = 300, STEPS = 20000 };
	struct tally t = { .label = "many", .failed = 0 };
	int version[NAMES] = { 0 }; /* 0: not there */
	uint32_t chance = 8461;
	struct dns_index x;
	size_t n = 0;

	(void)state;
	dns_index_init(&x, NAMES, &key);
	for (int step = 1; step <= STEPS; step++) {
		unsigned i = (chance = chance * 1664525 + 1013904223) >> 8;
		struct label l = label(i %= NAMES);
		char id[16];

		snprintf(id, sizeof id, "%d", step);
		if (chance >> 31 != 0) {
			n += version[i] == 0;
			version[i] = step;
			put(&x, l.s, id);
		} else {
			n -= version[i] != 0;
			version[i] = 0;
			dns_index_remove(&x, span_str(l.s));
		}
	}
	want_size(&t, "labels", x.n, n);
	for (unsigned i = 0; i < NAMES; i++) {
		char id[16];

		snprintf(id, sizeof id, "%d", version[i]);
		want_entry(&t, &x, label(i).s, version[i] != 0 ? id : NULL);
	}
	want_bool(&t, "evicted", x.evicted, false);
	dns_index_release(&x);
	assert_int_equal(t.failed, 0);
}

/* At the ceiling one goes for each that comes, and the newest is there. */
static void
test_bound(void **state)
{
	enum { MAX = 50, NAMES = 1000 };
	struct tally t = { .label = "bound", .failed = 0 };
	struct dns_index x;
	size_t found = 0;

	(void)state;
	dns_index_init(&x, MAX, &key);
	for (unsigned i = 0; i < NAMES; i++) {
		put(&x, label(i).s, "1");
		want_entry(&t, &x, label(i).s, "1");
		want_bool(&t, "evicted", x.evicted, i >= MAX);
		want_bool(&t, "not too many", x.n <= MAX, true);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		struct dns_entry e;

		found += dns_index_get(&x, span_str(label(i).s), &e);
	}
	want_size(&t, "labels", x.n, MAX);
	want_size(&t, "found", found, MAX);
	dns_index_release(&x);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
