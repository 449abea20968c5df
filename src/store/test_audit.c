#include "base/limits.h"
#include "store/audit.h"
#include "store/test_store.h"

static void
put(struct fixture *f, int64_t at, struct span target)
{
	const struct audit_entry entry = {
		.at = { test_now.s + at },
		.who = SPAN("alice"),
		.from = SPAN("2001:db8::1"),
		.what = SPAN("domain-add"),
		.target = target,
	};

	assert_err(f, audit_put(f->s, &entry, &f->e), ERR_OK);
}

static struct audit_entry *
list(struct fixture *f, int64_t before, size_t max, size_t want)
{
	struct audit_entry *out;
	size_t n;

	assert_err(
	    f, audit_list(f->s, before, max, &f->a, &out, &n, &f->e), ERR_OK);
	assert_int_equal(n, want);
	return out;
}

static void
test_pages(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *page;

	list(f, 0, 10, 0);
	for (int i = 1; i <= 5; i++)
		put(f, i, arena_printf(&f->a, "d%d.example", i));
	page = list(f, 0, 3, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(page[i].at.s, test_now.s + 5 - i);
	assert_true(span_eq(page[0].who, SPAN("alice")));
	assert_true(span_eq(page[0].from, SPAN("2001:db8::1")));
	assert_true(span_eq(page[0].what, SPAN("domain-add")));
	assert_true(span_eq(page[0].target, SPAN("d5.example")));
	page = list(f, page[2].id, 3, 2);
	assert_true(span_eq(page[1].target, SPAN("d1.example")));
	list(f, page[1].id, 3, 0);
	list(f, 0, (size_t)1 << 60, 5);
	list(f, 0, 0, 0);
}

/* n more by `who`, written at once. */
static void
fill(struct fixture *f, const char *who, int n)
{
	fixture_exec(f,
	    arena_printf(&f->a,
		"WITH d (n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7),"
		" (8), (9))"
		" INSERT INTO audit (at, who, came_from, what, target)"
		" SELECT 3, '%s', '', 'x', '' FROM d a, d b, d c, d d, d e"
		" LIMIT %d",
		who, n)
		.p);
}

/* Strangers push out what strangers did, and nothing else. */
static void
test_limit(void **state)
{
	static const struct sql_statement known = {
		"SELECT COUNT(*) FROM audit WHERE who <> ''"
	};
	static const struct sql_statement first = {
		"SELECT COUNT(*) FROM audit WHERE target = 'first.example'"
	};
	static const struct sql_statement strangers = {
		"SELECT COUNT(*) FROM audit WHERE who = ''"
	};
	struct fixture *f = *state;

	put(f, 1, SPAN("first.example"));
	fill(f, "", 1000);
	fill(f, "", 2 * LIMIT_AUDIT_STRANGERS - 2);
	put(f, 2, SPAN("second.example")); /* the 21,000th */
	assert_int_equal(fixture_count(f, &strangers), LIMIT_AUDIT_STRANGERS);
	assert_int_equal(fixture_count(f, &first), 1);
	assert_int_equal(fixture_count(f, &known), 2);

	fill(f, "alice", LIMIT_AUDIT - 2);
	assert_int_equal(fixture_count(f, &known), LIMIT_AUDIT);
	fill(f, "alice", 1001);
	put(f, 3, SPAN("last.example"));
	assert_int_equal(fixture_count(f, &known), LIMIT_AUDIT);
	assert_int_equal(fixture_count(f, &first), 0);
	assert_int_equal(fixture_count(f, &strangers), LIMIT_AUDIT_STRANGERS);
	assert_true(span_eq(list(f, 0, 1, 1)[0].target, SPAN("last.example")));
}

static enum err
put_and_fail(struct store *s, void *arg, struct error *e)
{
	struct fixture *f = arg;

	(void)s;
	put(f, 1, SPAN("a.example"));
	return error_set(e, ERR_USAGE, "the deed failed");
}

/* A deed that was not done is not told. */
static void
test_with_the_deed(void **state)
{
	struct fixture *f = *state;

	assert_err(f, store_transact(f->s, put_and_fail, f, &f->e), ERR_USAGE);
	list(f, 0, 10, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_pages),
		RUN(test_limit),
		RUN(test_with_the_deed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
