/* The file that the roles with keys find. */
#include "roles/key_room.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_table.h"
#include "io/sealed.h"

struct room {
	char dir[64], key[96];
	struct config config;
	struct log *log;
};

static int
setup(void **state)
{
	struct room *r = calloc(1, sizeof *r);

	assert_non_null(r);
	snprintf(r->dir, sizeof r->dir, "/tmp/mtasts-keys-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->key, sizeof r->key, "%s/sealing.key", r->dir);
	r->config = (struct config){ .sealing_key = r->key };
	r->log = log_new(LOG_TO_STDERR, "certs", &clock_system);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct room *r = *state;

	unlink(r->key);
	rmdir(r->dir);
	log_free(r->log);
	free(r);
	return 0;
}

/* It is for its owner alone, and made once. */
static void
test_key(void **state)
{
	struct room *r = *state;
	struct sealing_key first, second;
	struct error e;
	struct stat st;

	key_room_make_key(&r->config, &randomness_system, r->log);
	assert_int_equal(stat(r->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sealing_key_read(r->key, &first, &e), ERR_OK);
	key_room_make_key(&r->config, &randomness_system, r->log);
	assert_int_equal(sealing_key_read(r->key, &second, &e), ERR_OK);
	assert_memory_equal(first.octets, second.octets, SEALED_KEY);
}

/* No harm is done where it cannot be made. */
static void
test_no_place(void **state)
{
	struct room *r = *state;

	r->config.sealing_key = "/no/such/folder/sealing.key";
	key_room_make_key(&r->config, &randomness_system, r->log);
	assert_int_not_equal(access(r->config.sealing_key, F_OK), 0);
}

/* What somebody has put in the key's place is not given away, nor what it leads
 * to. */
static void
test_links(void **state)
{
	struct room *r = *state;
	char other[96];
	int fd;

	snprintf(other, sizeof other, "%s/other", r->dir);
	fd = open(other, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_true(key_room_give(other, getuid(), getgid()));
	assert_int_equal(symlink(other, r->key), 0);
	assert_false(key_room_give(r->key, getuid(), getgid()));
	unlink(r->key);
	assert_int_equal(link(other, r->key), 0);
	assert_false(key_room_give(r->key, getuid(), getgid()));
	unlink(other);
	assert_true(key_room_give(r->key, getuid(), getgid()));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
	};

	return cmocka_run_group_tests_name("key_room", tests, NULL, NULL);
}
