/* The file that the roles with keys find. */
#include "roles/key_room.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_place, setup, teardown),
	};

	return cmocka_run_group_tests_name("key_room", tests, NULL, NULL);
}
