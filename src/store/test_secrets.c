#include "store/secrets.h"

#include <sys/stat.h>

#include "store/test_store.h"

/* Where secrets are apart from everything else: a file of their own, or a
 * schema. */
static const char *
url_of(struct fixture *f)
{
	return f->is_postgres ? arena_printf(&f->a,
				    "%s&options=-csearch_path%%3Dkeys", f->url)
				    .p
			      : arena_printf(&f->a, "sqlite:%s/keys", f->dir).p;
}

static struct secrets *
open_secrets(struct fixture *f)
{
	struct secrets *s;

	if (f->is_postgres)
		fixture_exec(f, "CREATE SCHEMA IF NOT EXISTS keys");
	assert_err(f, secrets_open(url_of(f), test_now, &s, &f->e), ERR_OK);
	return s;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	if (f->is_postgres && f->s != NULL)
		fixture_exec(f, "DROP SCHEMA IF EXISTS keys CASCADE");
	return fixture_teardown(state);
}

static void
put(struct fixture *f, struct secrets *s, const char *name, struct span sealed)
{
	assert_err(
	    f, secret_put(s, span_str(name), sealed, test_now, &f->e), ERR_OK);
}

static void
test_put_and_get(void **state)
{
	struct fixture *f = *state;
	struct secrets *s = open_secrets(f);
	struct span got;
	bool found;

	assert_err(
	    f, secret_get(s, SPAN("a"), &f->a, &got, &found, &f->e), ERR_OK);
	assert_false(found);
	put(f, s, "a", SPAN("old"));
	put(f, s, "a", SPAN("\0\xff new"));
	put(f, s, "b", SPAN("other"));
	secrets_free(s);
	s = open_secrets(f); /* it was kept */
	assert_err(
	    f, secret_get(s, SPAN("a"), &f->a, &got, &found, &f->e), ERR_OK);
	assert_true(found);
	assert_true(span_eq(got, SPAN("\0\xff new")));
	for (int i = 0; i < 2; i++)
		assert_err(f, secret_remove(s, SPAN("a"), &f->e), ERR_OK);
	assert_err(
	    f, secret_get(s, SPAN("a"), &f->a, &got, &found, &f->e), ERR_OK);
	assert_false(found);
	assert_err(
	    f, secret_get(s, SPAN("b"), &f->a, &got, &found, &f->e), ERR_OK);
	assert_true(found);
	secrets_free(s);
}

static void
test_names(void **state)
{
	static const char *const names[] = { "account/x", "certificate/a/1",
		"certificate/a/2", "certificate/b/1", "certificates" };
	/* clang-format off */
	static const struct {
		const char *label, *prefix, *after;
		size_t max;
		const char *want; /* the first */
		size_t want_n;
	} rows[] = {
		{ "all",	"",		"",		9,	"account/x",	5 },
		{ "a page",	"",		"",		2,	"account/x",	2 },
		{ "the next",	"",		"certificate/a/1", 2,	"certificate/a/2", 2 },
		{ "a prefix",	"certificate/",	"",		9,	"certificate/a/1", 3 },
		{ "behind one",	"certificate/",	"certificate/a/2", 9,	"certificate/b/1", 1 },
		{ "behind it",	"certificate/",	"d",		9,	"",		0 },
		{ "before it",	"certificate/b", "b",		9,	"certificate/b/1", 1 },
		{ "itself",	"account/x",	"",		9,	"account/x",	1 },
		{ "none",	"nothing",	"",		9,	"",		0 },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct secrets *s = open_secrets(f);
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(names); i++)
		put(f, s, names[i], SPAN("x"));
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span *list;
		size_t n;

		t.label = rows[i].label;
		assert_err(f,
		    secret_names(s, span_str(rows[i].prefix),
			span_str(rows[i].after), rows[i].max, &f->a, &list, &n,
			&f->e),
		    ERR_OK);
		want_size(&t, "names", n, rows[i].want_n);
		want_span(&t, "first", n > 0 ? list[0] : SPAN(""),
		    span_str(rows[i].want));
	}
	assert_int_equal(t.failed, 0);
	secrets_free(s);
}

/* For its owner's eyes alone, and without what was removed. */
static void
test_file(void **state)
{
	enum { SIZE = 1024 * 1024 };
	struct fixture *f = *state;
	struct secrets *s = open_secrets(f);
	const char *path = url_of(f) + strlen("sqlite:");
	char *bytes = test_calloc(1, SIZE);
	struct stat st;
	FILE *file;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	put(f, s, "a", SPAN("a secret that was removed"));
	put(f, s, "b", SPAN("a secret that is here"));
	assert_err(f, secret_remove(s, SPAN("a"), &f->e), ERR_OK);
	secrets_free(s); /* the log is written back */
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(st.st_size < SIZE && fread(bytes, 1, SIZE, file) > 0);
	fclose(file);
	assert_non_null(memmem(bytes, SIZE, "that is here", 12));
	assert_null(memmem(bytes, SIZE, "was removed", 11));
	test_free(bytes);
}

/* A URL that was mixed up does no harm, to either. */
static void
test_other_store(void **state)
{
	struct fixture *f = *state;
	struct secrets *s;
	struct store *store;

	assert_err(
	    f, secrets_open(f->url, test_now, &s, &f->e), ERR_STORE_VERSION);
	assert_non_null(strstr(f->e.text, "another kind"));
	s = open_secrets(f);
	secrets_free(s);
	f->e = (struct error){ 0 };
	assert_err(f,
	    store_open(url_of(f), STORE_MIGRATE, test_now, &store, &f->e),
	    ERR_STORE_VERSION);
	assert_non_null(strstr(f->e.text, "'secrets'"));
}

static void
test_bad_name(void **state)
{
	struct fixture *f = *state;
	struct secrets *s = open_secrets(f);

	assert_err(f, secret_put(s, SPAN("\xff"), SPAN("x"), test_now, &f->e),
	    ERR_DATA);
	secrets_free(s);
	f->e = (struct error){ 0 };
	assert_err(f,
	    secrets_open(f->is_postgres ? "postgresql://%" : "/nowhere/at/all",
		test_now, &s, &f->e),
	    f->is_postgres ? ERR_USAGE : ERR_CANT_CREATE);
}

/* clang-format off */
#define RUN_KEYS(test)							\
	cmocka_unit_test_setup_teardown(test, fixture_setup, teardown)
#define OF_BOTH								\
	RUN_KEYS(test_put_and_get),					\
	RUN_KEYS(test_names),						\
	RUN_KEYS(test_other_store),					\
	RUN_KEYS(test_bad_name)
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest sqlite[] = {
		OF_BOTH,
		RUN_KEYS(test_file),
	};
	const struct CMUnitTest postgres[] = { OF_BOTH };

	if (getenv("STORE_URL") != NULL)
		return cmocka_run_group_tests(postgres, NULL, NULL);
	return cmocka_run_group_tests(sqlite, NULL, NULL);
}
