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

static void
test_limit(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM audit"
	};
	struct fixture *f = *state;

	put(f, 1, SPAN("first.example"));
	put(f, 2, SPAN("second.example"));
	fixture_exec(
	    f, arena_printf(&f->a,
		   "INSERT INTO audit (id, at, who, came_from, what, target)"
		   " SELECT MAX(id) + %d, 3, '', '', 'x', '' FROM audit",
		   LIMIT_AUDIT - 2)
		   .p);
	assert_int_equal(fixture_count(f, &count), 3);
	if (f->is_postgres)
		fixture_exec(f,
		    "SELECT setval(pg_get_serial_sequence('audit', 'id'),"
		    " (SELECT MAX(id) FROM audit))");
	put(f, 4, SPAN("last.example"));
	assert_int_equal(fixture_count(f, &count), 3);
	assert_true(
	    span_eq(list(f, 0, 10, 3)[2].target, SPAN("second.example")));
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
