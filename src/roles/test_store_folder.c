#include "roles/store_folder.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "roles/identity.h"

/* clang-format off */
static const struct {
	const char *label, *store, *want; /* want: NULL: no file */
} rows[] = {
	{ "a path", "/var/lib/mtasts/mtasts.db", "/var/lib/mtasts" },
	{ "with its scheme", "sqlite:/var/lib/mtasts/mtasts.db", "/var/lib/mtasts" },
	{ "at the top", "/mtasts.db", "/" },
	{ "slashes", "/var//mtasts.db", "/var" },
	{ "PostgreSQL", "postgresql://db.example/mtasts", NULL },
	{ "PostgreSQL, on this machine", "postgresql:///mtasts?host=/run/postgresql", NULL },
};
/* clang-format on */

static void
test_folders(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *got, *want = rows[i].want;
		struct arena a;

		t.label = rows[i].label;
		arena_init(&a, LIMIT_CONFIG_MEMORY);
		got = store_folder(rows[i].store, &a);
		want_span(&t, "folder", span_str(got != NULL ? got : "none"),
		    span_str(want != NULL ? want : "none"));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* In a child, as somebody who may do little: 0 if the store can be used. */
static int
check_as_nobody(const char *store, char *text, size_t n)
{
	struct error e = { 0 };
	int pipe_fds[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		const struct passwd *pw = getpwnam("nobody");
		struct arena a;
		int bad;

		arena_init(&a, LIMIT_CONFIG_MEMORY);
		bad = pw == NULL || identity_take("nobody", &e) != ERR_OK ||
		      strcmp(getenv("HOME"), pw->pw_dir) != 0 ||
		      store_folder_check(store, &a, &e) != ERR_OK;
		(void)!write(pipe_fds[1], e.text, strlen(e.text));
		_exit(bad);
	}
	close(pipe_fds[1]);
	got = read(pipe_fds[0], text, n - 1);
	text[got > 0 ? got : 0] = '\0';
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* A folder that is missing is made for the user, who can then use it; one that
 * is another's is told, and so is a file in it. */
static void
test_as_root(void **state)
{
	char top[] = "/tmp/test_store_folder.XXXXXX";
	char folder[64], store[80], text[256];
	struct error e;
	int fd;

	(void)state;
	if (geteuid() != 0) {
		say_skipped("not root");
		return;
	}
	assert_non_null(mkdtemp(top));
	assert_int_equal(chmod(top, 0755), 0);
	snprintf(folder, sizeof folder, "%s/store", top);
	snprintf(store, sizeof store, "%s/x.db", folder);

	assert_int_equal(check_as_nobody(store, text, sizeof text), 1);
	assert_non_null(strstr(text, "No such file"));
	assert_int_equal(store_folder_make(folder, "nobody", &e), ERR_OK);
	assert_int_equal(store_folder_make(folder, "nobody", &e), ERR_OK);
	assert_int_equal(check_as_nobody(store, text, sizeof text), 0);

	fd = open(store, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(check_as_nobody(store, text, sizeof text), 1);
	assert_non_null(strstr(text, "the store's file"));
	assert_non_null(strstr(text, "by nobody: Permission denied"));

	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(check_as_nobody(store, text, sizeof text), 1);
	assert_non_null(strstr(text, "the store's folder"));
	unlink(store);
	rmdir(folder);
	rmdir(top);
}

static void
test_cannot_be_made(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(
	    store_folder_make("/proc/none/store", NULL, &e), ERR_CANT_CREATE);
	assert_non_null(strstr(e.text, "cannot make the folder /proc/none"));
}

static void
test_identity(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(identity_take(NULL, &e), ERR_OK);
	assert_int_equal(identity_take("no-such-user", &e), ERR_SYSTEM);
	assert_string_equal(e.text, "there is no user no-such-user");
	if (geteuid() != 0) {
		assert_int_equal(identity_take("root", &e), ERR_USAGE);
		assert_non_null(strstr(e.text, "not started as root"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_as_root),
		cmocka_unit_test(test_cannot_be_made),
		cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
