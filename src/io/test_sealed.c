#include "io/sealed.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"

struct desk {
	char dir[64], path[96];
	struct sealing_key key;
	struct arena a;
	struct span sealed;
};

static const struct span name = SPAN_INIT("mta-sts.a.example");
static const struct span secret = SPAN_INIT("a private key\0of ours");

static int
setup(void **state)
{
	struct desk *d = test_calloc(1, sizeof *d);
	struct error e;

	snprintf(d->dir, sizeof d->dir, "/tmp/test_sealed.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->path, sizeof d->path, "%s/key", d->dir);
	arena_init(&d->a, 16 * 1024 * 1024);
	assert_int_equal(
	    sealing_key_create(d->path, &randomness_system, &e), ERR_OK);
	assert_int_equal(sealing_key_read(d->path, &d->key, &e), ERR_OK);
	assert_int_equal(sealed_write(&d->key, &randomness_system, name, secret,
			     &d->a, &d->sealed),
	    ERR_OK);
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	unlink(d->path);
	rmdir(d->dir);
	sealing_key_wipe(&d->key);
	arena_release(&d->a);
	test_free(d);
	return 0;
}

static void
test_round_trip(void **state)
{
	struct desk *d = *state;
	struct span out = SPAN(""), again = SPAN("");
	struct error e;

	assert_int_equal(
	    sealed_read(&d->key, name, d->sealed, &d->a, &out, &e), ERR_OK);
	assert_true(span_eq(out, secret));
	assert_int_equal(d->sealed.n, secret.n + SEALED_OVERHEAD);
	assert_null(memmem(d->sealed.p, d->sealed.n, "private", 7));
	/* Never the same twice. */
	assert_int_equal(sealed_write(&d->key, &randomness_system, name, secret,
			     &d->a, &again),
	    ERR_OK);
	assert_false(span_eq(d->sealed, again));
	/* Nothing is a secret, too. */
	assert_int_equal(sealed_write(&d->key, &randomness_system, name,
			     SPAN(""), &d->a, &again),
	    ERR_OK);
	assert_int_equal(
	    sealed_read(&d->key, name, again, &d->a, &out, &e), ERR_OK);
	assert_int_equal(out.n, 0);
}

/* Every octet counts. */
static void
test_tampered(void **state)
{
	struct desk *d = *state;
	char *p = arena_alloc(&d->a, d->sealed.n + 1);

	assert_non_null(p);
	for (size_t i = 0; i < d->sealed.n; i++) {
		struct span out = SPAN("untouched");
		struct error e = { .text = "" };

		memcpy(p, d->sealed.p, d->sealed.n);
		p[i] ^= 1;
		assert_int_equal(
		    sealed_read(&d->key, name, (struct span){ p, d->sealed.n },
			&d->a, &out, &e),
		    ERR_DATA);
		assert_true(span_eq(out, SPAN("untouched")));
		assert_true(e.text[0] != '\0');
	}
	memcpy(p, d->sealed.p, d->sealed.n);
	for (size_t n = 0; n <= d->sealed.n + 1; n++) {
		struct span out;
		struct error e;

		if (n != d->sealed.n)
			assert_int_equal(
			    sealed_read(&d->key, name, (struct span){ p, n },
				&d->a, &out, &e),
			    ERR_DATA);
	}
}

static void
test_another_name(void **state)
{
	static const struct span names[] = { SPAN_INIT(""),
		SPAN_INIT("mta-sts.b.example"), SPAN_INIT("mta-sts.a.exampl"),
		SPAN_INIT("mta-sts.a.example\0") };
	struct desk *d = *state;
	struct span out;
	struct error e;

	for (size_t i = 0; i < ROWS(names); i++)
		assert_int_equal(
		    sealed_read(&d->key, names[i], d->sealed, &d->a, &out, &e),
		    ERR_DATA);
}

static void
test_another_key(void **state)
{
	struct desk *d = *state;
	struct sealing_key other = d->key;
	struct span out;
	struct error e;

	/* The same identity, as if somebody had made it so. */
	other.octets[0] ^= 1;
	assert_int_equal(
	    sealed_read(&other, name, d->sealed, &d->a, &out, &e), ERR_DATA);
	other = d->key;
	other.id[0] ^= 1;
	assert_int_equal(
	    sealed_read(&other, name, d->sealed, &d->a, &out, &e), ERR_DATA);
	assert_non_null(strstr(e.text, "another key"));
}

/* ---- the file ---- */

static void
put_key(const struct desk *d, const char *text, mode_t mode)
{
	FILE *f = fopen(d->path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(d->path, mode), 0);
}

#define DIGITS                                                                 \
	"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

/* clang-format off */
static const struct {
	const char	*label, *text;
	mode_t		 mode;
	enum err	 want;
	const char	*want_text;
} files[] = {
	{ "64 digits", DIGITS "\n", 0600, ERR_OK, "" },
	{ "without a line end", DIGITS, 0400, ERR_OK, "" },
	{ "others may read it", DIGITS "\n", 0644, ERR_NO_INPUT, "chmod 600" },
	{ "the group may write it", DIGITS "\n", 0620, ERR_NO_INPUT, "chmod 600" },
	{ "too short", "0011\n", 0600, ERR_DATA, "64 hexadecimal digits" },
	{ "too long", DIGITS "00\n", 0600, ERR_DATA, "64 hexadecimal digits" },
	{ "two lines", DIGITS "\n\n", 0600, ERR_DATA, "64 hexadecimal digits" },
	{ "another character", "g" "0112233445566778899aabbccddeeff"
	  "00112233445566778899aabbccddeeff\n", 0600, ERR_DATA, "64 hexadecimal digits" },
	{ "empty", "", 0600, ERR_DATA, "64 hexadecimal digits" },
};
/* clang-format on */

static void
test_files(void **state)
{
	struct desk *d = *state;
	struct tally t = { 0 };
	struct sealing_key k;
	struct error e;

	assert_int_equal(sealing_key_create(d->path, &randomness_system, &e),
	    ERR_CANT_CREATE);
	for (size_t i = 0; i < ROWS(files); i++) {
		e.text[0] = '\0';
		t.label = files[i].label;
		unlink(d->path);
		put_key(d, files[i].text, files[i].mode);
		want_int(
		    &t, "rc", sealing_key_read(d->path, &k, &e), files[i].want);
		want_bool(&t, "sentence",
		    strstr(e.text, files[i].want_text) != NULL, true);
	}
	unlink(d->path);
	assert_int_equal(sealing_key_read(d->path, &k, &e), ERR_NO_INPUT);
	assert_int_equal(t.failed, 0);
}

static bool
no_fill(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	(void)buf;
	(void)n;
	return false;
}

static void
test_what_we_cannot(void **state)
{
	static const struct randomness none = { no_fill };
	struct desk *d = *state;
	struct span out,
	    large = { test_calloc(1, LIMIT_SEALED + 1), LIMIT_SEALED + 1 };
	struct arena small;
	struct error e;
	char mem[32];

	assert_int_equal(
	    sealed_write(&d->key, &none, name, secret, &d->a, &out),
	    ERR_SYSTEM);
	unlink(d->path);
	assert_int_equal(sealing_key_create(d->path, &none, &e), ERR_SYSTEM);
	assert_int_equal(access(d->path, F_OK), -1);
	assert_int_equal(
	    sealed_write(&d->key, &randomness_system, name, large, &d->a, &out),
	    ERR_LIMIT);
	arena_init_fixed(&small, mem, sizeof mem);
	assert_int_equal(sealed_write(&d->key, &randomness_system, name, secret,
			     &small, &out),
	    ERR_MEMORY);
	test_free((void *)large.p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tampered, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_another_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_another_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_we_cannot, setup, teardown),
	};

	return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
