#include "io/tsig_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_table.h"

/* clang-format off */
static const struct {
	const char	*label;
	mode_t		 mode;
	const char	*text;
	struct span	 want;
	enum err	 want_rc;
	const char	*want_error;
} cases[] = {
	{ "a key", 0600, "hmac-sha256:a:c2VjcmV0\n", SPAN_INIT("secret"), ERR_OK, "" },
	{ "one octet of padding", 0400, "hmac-sha256:a:c2VjcmU=\n", SPAN_INIT("secre"), ERR_OK, "" },
	{ "two octets of padding", 0600, "hmac-sha256:a:c2VjcjE5OQ==\n", SPAN_INIT("secr199"), ERR_OK, "" },
	{ "others may read it", 0604, "hmac-sha256:a:c2VjcmV0\n", SPAN_INIT(""), ERR_NO_INPUT, "(mode 604): chmod 600" },
	{ "the group may write it", 0620, "hmac-sha256:a:c2VjcmV0\n", SPAN_INIT(""), ERR_NO_INPUT, "(mode 620)" },
	{ "no key", 0600, "hello\n", SPAN_INIT(""), ERR_DATA, "is not one key" },
	{ "empty", 0600, "", SPAN_INIT(""), ERR_DATA, "is not one key" },
	{ "RFC 8945 6: hmac-sha1", 0600, "hmac-sha1:a:c2VjcmV0", SPAN_INIT(""), ERR_DATA, "RFC 8945 6" },
	{ "no base64", 0600, "hmac-sha256:a:c2Vj!mV0", SPAN_INIT(""), ERR_DATA, "not base64" },
	{ "base64 cut short", 0600, "hmac-sha256:a:c2VjcmV", SPAN_INIT(""), ERR_DATA, "not base64" },
	{ "padding inside", 0600, "hmac-sha256:a:c2==cmV0", SPAN_INIT(""), ERR_DATA, "not base64" },
	{ "padding before an end", 0600, "hmac-sha256:a:c2VjcmVh=A==", SPAN_INIT(""), ERR_DATA, "not base64" },
	{ "a letter behind padding", 0600, "hmac-sha256:a:c2=A", SPAN_INIT(""), ERR_DATA, "not base64" },
	{ "nothing but padding", 0600, "hmac-sha256:a:====", SPAN_INIT(""), ERR_DATA, "not base64" },
};
/* clang-format on */

/* A file that goes with the test; its path in mem. */
static void
make_file(char *mem, struct span text, mode_t mode)
{
	int fd = mkstemp(mem);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char path[] = "/tmp/test_tsig_key.XXXXXX";
		struct tsig_key got;
		struct error e = { 0 };
		enum err rc;

		t.label = cases[i].label;
		make_file(path, span_str(cases[i].text), cases[i].mode);
		rc = tsig_key_read(path, &got, &e);
		unlink(path);
		want_int(&t, "result", rc, cases[i].want_rc);
		if (strstr(e.text, cases[i].want_error) == NULL)
			want_span(&t, "error", span_str(e.text),
			    span_str(cases[i].want_error));
		if (rc == ERR_OK)
			want_span(&t, "secret",
			    (struct span){
				(const char *)got.secret, got.secret_n },
			    cases[i].want);
		tsig_key_wipe(&got);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_ceilings(void **state)
{
	struct tally t = { .label = "ceilings" };
	char mem[5000], path[] = "/tmp/test_tsig_key.XXXXXX";
	struct buf b = buf_init(mem, sizeof mem);
	struct tsig_key got;
	struct error e = { 0 };

	(void)state;
	buf_put(&b, SPAN("hmac-sha256:a:"));
	while (b.n < 14 + (TSIG_SECRET_MAX / 3 + 1) * 4)
		buf_putc(&b, 'A');
	make_file(path, buf_span(&b), 0600);
	want_int(&t, "a long secret", tsig_key_read(path, &got, &e), ERR_DATA);
	want_bool(&t, "says so", strstr(e.text, "not base64") != NULL, true);
	unlink(path);
	while (b.n < sizeof mem)
		buf_putc(&b, ' ');
	memcpy(path, "/tmp/test_tsig_key.XXXXXX", sizeof path);
	make_file(path, buf_span(&b), 0600);
	want_int(&t, "a long file", tsig_key_read(path, &got, &e), ERR_DATA);
	want_bool(&t, "says so", strstr(e.text, "too long") != NULL, true);
	unlink(path);
	want_int(&t, "no file", tsig_key_read(path, &got, &e), ERR_NO_INPUT);
	want_int(&t, "a folder", tsig_key_read("/tmp", &got, &e), ERR_NO_INPUT);
	tsig_key_wipe(&got);
	want_size(&t, "wiped", got.secret_n, 0);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_ceilings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
