#include "base/limits.h"
#include "store/accounts.h"
#include "store/test_store.h"

enum { HOUR = 3600 };

/* Secrets of these tests. */
#define HASH(c) ((const uint8_t[SECRET_HASH]){ (c), 0, 0xff, (c), '\'', '\\' })

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static void
put(struct fixture *f, struct span name, enum scope scope, struct span password)
{
	const struct account account = {
		.name = name, .scope = scope, .password = password
	};

	assert_err(f, account_put(f->s, &account, test_now, &f->e), ERR_OK);
}

static bool
get(struct fixture *f, struct span name, struct account *out)
{
	bool found;

	assert_err(
	    f, account_get(f->s, name, &f->a, out, &found, &f->e), ERR_OK);
	return found;
}

/* With that password, 5 seconds after test_now or at `at`. */
static bool
begin_with(struct fixture *f, const uint8_t *hash, struct span name,
    struct span password, int64_t at, int64_t until)
{
	const struct account account = { .name = name, .password = password };
	bool begun;

	assert_err(f,
	    session_begin(
		f->s, hash, &account, after(at), after(until), &begun, &f->e),
	    ERR_OK);
	return begun;
}

static void
begin(struct fixture *f, const uint8_t *hash, struct span name, int64_t until)
{
	assert_true(begin_with(f, hash, name, SPAN("hash"), 5, until));
}

static bool
is_in(struct fixture *f, const uint8_t *hash, int64_t at, struct account *out)
{
	bool found;

	assert_err(f,
	    session_find(f->s, hash, after(at), &f->a, out, &found, &f->e),
	    ERR_OK);
	return found;
}

static void
test_accounts(void **state)
{
	struct fixture *f = *state;
	struct account *list, got = { 0 };
	size_t n;
	bool found;

	assert_false(get(f, SPAN("eve"), &got));
	put(f, SPAN("m\xc3\xbcller"), SCOPE_VIEW, SPAN(""));
	put(f, SPAN("alice"), SCOPE_ADMINISTER, SPAN("$y$hash"));
	assert_true(get(f, SPAN("alice"), &got));
	assert_int_equal(got.scope, SCOPE_ADMINISTER);
	assert_true(span_eq(got.password, SPAN("$y$hash")));
	assert_int_equal(got.created_at.s, test_now.s);
	assert_int_equal(got.seen_at.s, 0);
	put(f, SPAN("alice"), SCOPE_OPERATE, SPAN(""));
	assert_true(get(f, SPAN("alice"), &got));
	assert_int_equal(got.scope, SCOPE_OPERATE);
	assert_true(span_eq(got.password, SPAN("$y$hash")));
	assert_err(f, account_list(f->s, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
	assert_true(span_eq(list[0].name, SPAN("alice")));
	assert_true(span_eq(list[1].name, SPAN("m\xc3\xbcller")));
	assert_err(
	    f, account_remove(f->s, SPAN("alice"), &found, &f->e), ERR_OK);
	assert_true(found);
	assert_err(
	    f, account_remove(f->s, SPAN("alice"), &found, &f->e), ERR_OK);
	assert_false(found);
}

static void
test_names(void **state)
{
	static const struct {
		struct span name;
		enum err want;
	} rows[] = {
		{ SPAN_INIT(""), ERR_LIMIT },
		{ SPAN_INIT("0123456789012345678901234567890123456789"
			    "012345678901234567890123"),
		    ERR_OK },
		{ SPAN_INIT("0123456789012345678901234567890123456789"
			    "0123456789012345678901234"),
		    ERR_LIMIT },
		{ SPAN_INIT("\xff"), ERR_DATA },
		{ SPAN_INIT("a\0b"), ERR_DATA },
		{ SPAN_INIT("'; DROP TABLE account; --"), ERR_OK },
	};
	struct fixture *f = *state;
	struct account got;

	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct account account = { .name = rows[i].name };

		assert_err(f, account_put(f->s, &account, test_now, &f->e),
		    rows[i].want);
		assert_int_equal(
		    get(f, rows[i].name, &got), rows[i].want == ERR_OK);
	}
}

static void
test_administrators(void **state)
{
	struct fixture *f = *state;
	bool there;
	size_t n;

	assert_err(f, accounts_are_there(f->s, &there, &f->e), ERR_OK);
	assert_false(there);
	put(f, SPAN("a"), SCOPE_OPERATE, SPAN("hash"));
	put(f, SPAN("b"), SCOPE_ADMINISTER, SPAN(""));
	assert_err(f, accounts_are_there(f->s, &there, &f->e), ERR_OK);
	assert_false(there);
	put(f, SPAN("b"), SCOPE_ADMINISTER, SPAN("hash"));
	put(f, SPAN("c"), SCOPE_ADMINISTER, SPAN("hash"));
	assert_err(f, accounts_are_there(f->s, &there, &f->e), ERR_OK);
	assert_true(there);
	assert_err(f, account_administrators(f->s, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
}

static void
test_sessions(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM session"
	};
	struct fixture *f = *state;
	struct account got = { 0 };

	put(f, SPAN("alice"), SCOPE_VIEW, SPAN("hash"));
	begin(f, HASH(1), SPAN("alice"), HOUR);
	begin(f, HASH(2), SPAN("alice"), 2 * HOUR);
	assert_true(is_in(f, HASH(1), 10, &got));
	assert_true(span_eq(got.name, SPAN("alice")));
	assert_int_equal(got.seen_at.s, after(5).s);
	assert_false(is_in(f, HASH(3), 10, &got));
	assert_false(is_in(f, HASH(1), HOUR, &got));
	assert_err(f, session_end(f->s, HASH(2), &f->e), ERR_OK);
	assert_false(is_in(f, HASH(2), 10, &got));

	/* a scope holds at once, a password ends them all */
	put(f, SPAN("alice"), SCOPE_OPERATE, SPAN(""));
	assert_true(is_in(f, HASH(1), 10, &got));
	assert_int_equal(got.scope, SCOPE_OPERATE);
	put(f, SPAN("alice"), SCOPE_OPERATE, SPAN("another"));
	assert_false(is_in(f, HASH(1), 10, &got));

	/* what has expired is forgotten at the next login */
	assert_true(
	    begin_with(f, HASH(4), SPAN("alice"), SPAN("another"), 5, 6));
	assert_true(
	    begin_with(f, HASH(5), SPAN("alice"), SPAN("another"), 6, HOUR));
	assert_int_equal(fixture_count(f, &count), 1);

	/* a password that is another one by now; nobody's */
	assert_false(
	    begin_with(f, HASH(6), SPAN("alice"), SPAN("hash"), 6, HOUR));
	assert_false(begin_with(f, HASH(7), SPAN("eve"), SPAN(""), 6, 9));
	assert_int_equal(fixture_count(f, &count), 1);
}

static void
test_removed_is_out(void **state)
{
	struct fixture *f = *state;
	struct account got;
	struct link link;
	bool found;

	put(f, SPAN("alice"), SCOPE_VIEW, SPAN("hash"));
	begin(f, HASH(1), SPAN("alice"), HOUR);
	assert_err(f,
	    link_put(f->s, HASH(2), SPAN("alice"), SCOPE_VIEW, test_now,
		after(HOUR), &f->e),
	    ERR_OK);
	assert_err(
	    f, account_remove(f->s, SPAN("alice"), &found, &f->e), ERR_OK);
	assert_false(is_in(f, HASH(1), 10, &got));
	assert_err(f,
	    link_find(f->s, HASH(2), test_now, &f->a, &link, &found, &f->e),
	    ERR_OK);
	assert_false(found);
}

/* Of two links for one account the newer one counts, and none outlives a
 * password. Those for the first account are several people's. */
static void
test_links_end(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM link"
	};
	static const struct {
		const char *account;
		int64_t want; /* links, from then on */
	} rows[] = { { "alice", 1 }, { "bob", 2 }, { "alice", 2 }, { "", 3 },
		{ "", 4 } };
	struct fixture *f = *state;
	bool found;

	put(f, SPAN("alice"), SCOPE_VIEW, SPAN("hash"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_err(f,
		    link_put(f->s, HASH((uint8_t)(i + 1)),
			span_str(rows[i].account), SCOPE_VIEW, test_now,
			after(HOUR), &f->e),
		    ERR_OK);
		assert_int_equal(fixture_count(f, &count), rows[i].want);
	}
	assert_err(f, link_take(f->s, HASH(1), &found, &f->e), ERR_OK);
	assert_false(found);
	assert_err(f,
	    account_set_password(
		f->s, SPAN("alice"), SPAN("other"), &found, &f->e),
	    ERR_OK);
	assert_err(f, link_take(f->s, HASH(3), &found, &f->e), ERR_OK);
	assert_false(found);
	assert_int_equal(fixture_count(f, &count), 3);
}

static void
test_links(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM link"
	};
	struct fixture *f = *state;
	struct link got = { 0 };
	bool found;

	assert_err(f,
	    link_put(f->s, HASH(1), SPAN(""), SCOPE_ADMINISTER, test_now,
		after(10), &f->e),
	    ERR_OK);
	assert_err(f,
	    link_find(f->s, HASH(1), after(9), &f->a, &got, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_int_equal(got.account.n, 0);
	assert_int_equal(got.scope, SCOPE_ADMINISTER);
	assert_err(f,
	    link_find(f->s, HASH(1), after(10), &f->a, &got, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(f,
	    link_put(f->s, HASH(2), SPAN("alice"), SCOPE_VIEW, after(10),
		after(20), &f->e),
	    ERR_OK);
	assert_int_equal(fixture_count(f, &count), 1);
	assert_err(f,
	    link_put(f->s, HASH(3), SPAN(""), SCOPE_ADMINISTER, after(10),
		after(20), &f->e),
	    ERR_OK);
	assert_err(f, link_end_first(f->s, &f->e), ERR_OK);
	assert_err(f,
	    link_find(f->s, HASH(3), after(11), &f->a, &got, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(f, link_take(f->s, HASH(2), &found, &f->e), ERR_OK);
	assert_true(found);
	assert_err(f, link_take(f->s, HASH(2), &found, &f->e), ERR_OK);
	assert_false(found);
}

static int64_t
token(struct fixture *f, const uint8_t *hash, int64_t until)
{
	const struct api_token token = { .name = SPAN("script \xe2\x9c\x93"),
		.made_by = SPAN("alice"),
		.scope = SCOPE_OPERATE,
		.created_at = test_now,
		.until = { until == 0 ? 0 : after(until).s } };
	int64_t id;

	assert_err(f, token_put(f->s, hash, &token, &id, &f->e), ERR_OK);
	return id;
}

static bool
find(struct fixture *f, const uint8_t *hash, int64_t at, struct api_token *out)
{
	bool found;

	assert_err(f,
	    token_find(f->s, hash, after(at), &f->a, out, &found, &f->e),
	    ERR_OK);
	return found;
}

static void
test_tokens(void **state)
{
	struct fixture *f = *state;
	struct api_token got = { 0 }, *list;
	int64_t id, other;
	size_t n;
	bool found;

	put(f, SPAN("alice"), SCOPE_ADMINISTER, SPAN("hash"));
	id = token(f, HASH(1), HOUR);
	other = token(f, HASH(2), 0);
	assert_true(find(f, HASH(1), 1, &got));
	assert_int_equal(got.id, id);
	assert_int_equal(got.scope, SCOPE_OPERATE);
	assert_true(span_eq(got.made_by, SPAN("alice")));
	assert_int_equal(got.used_at.s, 0);
	assert_false(find(f, HASH(1), HOUR, &got));
	assert_true(find(f, HASH(2), 1000 * HOUR, &got));
	assert_false(find(f, HASH(3), 1, &got));
	assert_err(f, token_list(f->s, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].id, other);
	assert_err(f, token_remove(f->s, id, &found, &f->e), ERR_OK);
	assert_true(found);
	assert_err(f, token_remove(f->s, id, &found, &f->e), ERR_OK);
	assert_false(found);
	assert_false(find(f, HASH(1), 1, &got));
}

/* What its maker may not do any more it may not either. */
static void
test_token_of_less(void **state)
{
	static const struct {
		enum scope maker, want;
	} rows[] = { { SCOPE_VIEW, SCOPE_VIEW },
		{ SCOPE_OPERATE, SCOPE_OPERATE },
		{ SCOPE_ADMINISTER, SCOPE_OPERATE } };
	struct fixture *f = *state;
	struct api_token got = { 0 }, *list;
	size_t n;

	put(f, SPAN("alice"), SCOPE_ADMINISTER, SPAN("hash"));
	token(f, HASH(1), 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		put(f, SPAN("alice"), rows[i].maker, SPAN(""));
		assert_true(find(f, HASH(1), 1, &got));
		assert_int_equal(got.may, rows[i].want);
		assert_int_equal(got.scope, SCOPE_OPERATE);
		assert_err(
		    f, token_list(f->s, &f->a, &list, &n, &f->e), ERR_OK);
		assert_int_equal(n, 1);
		assert_int_equal(list[0].may, rows[i].want);
	}
}

/* Nor does it outlive his account, or a later one of that name take it up. */
static void
test_token_of_nobody(void **state)
{
	struct fixture *f = *state;
	struct api_token got = { 0 };
	bool found;

	assert_int_equal(token(f, HASH(1), 0), 0);
	put(f, SPAN("alice"), SCOPE_ADMINISTER, SPAN("hash"));
	assert_false(find(f, HASH(1), 1, &got));
	assert_true(token(f, HASH(2), 0) > 0);
	assert_err(
	    f, account_remove(f->s, SPAN("alice"), &found, &f->e), ERR_OK);
	assert_false(find(f, HASH(2), 1, &got));
	put(f, SPAN("alice"), SCOPE_ADMINISTER, SPAN("hash"));
	assert_false(find(f, HASH(2), 1, &got));
}

/* Not every request of a program is a write. */
static void
test_token_use(void **state)
{
	static const struct {
		int64_t at, want;
	} rows[] = { { 1, 0 }, { 2, 1 }, { HOUR, 1 }, { HOUR + 1, 1 },
		{ HOUR + 2, HOUR + 1 } };
	struct fixture *f = *state;
	struct api_token got = { 0 };

	put(f, SPAN("alice"), SCOPE_OPERATE, SPAN("hash"));
	token(f, HASH(1), 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(find(f, HASH(1), rows[i].at, &got));
		assert_int_equal(got.used_at.s,
		    rows[i].want == 0 ? 0 : after(rows[i].want).s);
	}
}

static void
test_damaged(void **state)
{
	struct fixture *f = *state;
	struct account got;
	bool found;

	put(f, SPAN("alice"), SCOPE_VIEW, SPAN("hash"));
	fixture_exec(f, "UPDATE account SET scope = 'emperor'");
	assert_err(f,
	    account_get(f->s, SPAN("alice"), &f->a, &got, &found, &f->e),
	    ERR_DATA);
	assert_non_null(strstr(f->e.text, "emperor"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_accounts),
		RUN(test_names),
		RUN(test_administrators),
		RUN(test_sessions),
		RUN(test_removed_is_out),
		RUN(test_links),
		RUN(test_links_end),
		RUN(test_tokens),
		RUN(test_token_of_less),
		RUN(test_token_of_nobody),
		RUN(test_token_use),
		RUN(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
