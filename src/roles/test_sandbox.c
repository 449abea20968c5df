/* What a process can still do inside, each try in a child of its own. */
#include "roles/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "io/resolver.h"
#include "io/test_dns.h"
#include "roles/identity.h"
#include "store/domains.h"

/* What the tries need; made by the parent before. */
struct scene {
	char folder[64]; /* the store's */
	char outside[64]; /* a file that no role has to do with */
	char store[80], script[80];
	char keys_folder[64], keys[80], sealing_key[80];
	struct test_dns dns;
	pid_t pid; /* of another process of ours */
	int listener;
	struct sockaddr_in address; /* of the listener */
};

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
try_read_system(const struct scene *s)
{
	(void)s;
	return opens("/etc/passwd", O_RDONLY) &&
	       opens("/dev/urandom", O_RDONLY);
}

static bool
try_write_system(const struct scene *s)
{
	(void)s;
	return opens("/etc/mtasts-test", O_WRONLY | O_CREAT);
}

static bool
try_read_outside(const struct scene *s)
{
	return opens(s->outside, O_RDONLY);
}

static bool
try_write_outside(const struct scene *s)
{
	return opens(s->outside, O_WRONLY);
}

static bool
try_make_outside(const struct scene *s)
{
	(void)s;
	return opens("/tmp/mtasts-test-made", O_WRONLY | O_CREAT);
}

static bool
try_store(const struct scene *s)
{
	struct wall_time now = clock_wall(&clock_system);
	struct span name = SPAN("example.com");
	struct store *store;
	struct error e;
	struct domains_added added;

	if (store_open(s->store, STORE_MIGRATE, now, &store, &e) != ERR_OK)
		return false;
	if (domains_add(store, &name, 1, now, &added, &e) != ERR_OK)
		return false;
	store_free(store);
	return added.added == 1;
}

static bool
try_dns(const struct scene *s)
{
	const char *server = s->dns.address;
	struct resolver_options o = { .clock = &clock_system,
		.servers = &server,
		.n_servers = 1,
		.timeout_ms = 60000 };
	struct resolver_query q = { SPAN("a.example"), DNS_A };
	struct dns_answer got;
	struct resolver *r;
	struct arena a;
	struct error e;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (resolver_new(&o, &r, &e) != ERR_OK)
		return false;
	if (resolver_lookup(r, &q, 1,
		mono_after_ms(clock_mono(&clock_system), 60000), &a,
		&got) != ERR_OK)
		return false;
	resolver_free(r);
	return got.result == DNS_OK;
}

static bool
try_tcp(const struct scene *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && connect(fd, (const void *)&s->address,
				   sizeof s->address) == 0;

	close(fd);
	return good;
}

static bool
try_listen(const struct scene *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)s;
	return fd >= 0 && listen(fd, 1) == 0;
}

static bool
try_packets(const struct scene *s)
{
	(void)s;
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static void *
nothing(void *arg)
{
	return arg;
}

static bool
try_thread(const struct scene *s)
{
	pthread_t t;

	(void)s;
	return pthread_create(&t, NULL, nothing, NULL) == 0 &&
	       pthread_join(t, NULL) == 0;
}

static bool
try_fork(const struct scene *s)
{
	pid_t pid = fork();

	(void)s;
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool
try_exec(const struct scene *s)
{
	(void)s;
	execl("/bin/true", "true", (char *)NULL);
	return false;
}

static bool
ends_well(const char *path, const char *argument)
{
	char *argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)argument,
		NULL };
	char *envp[] = { (char[]){ "PATH=/usr/bin:/bin" }, NULL };
	int status;
	pid_t pid;

	return posix_spawn(&pid, path, NULL, NULL, argv, envp) == 0 &&
	       waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool
try_program(const struct scene *s)
{
	return ends_well(s->script, "/etc/passwd");
}

static bool
try_program_outside(const struct scene *s)
{
	return ends_well(s->script, s->outside);
}

static bool
try_other_program(const struct scene *s)
{
	return ends_well(s->outside, NULL);
}

static bool
try_kill(const struct scene *s)
{
	return kill(s->pid, 0) == 0;
}

static bool
try_ptrace(const struct scene *s)
{
	(void)s;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
try_namespace(const struct scene *s)
{
	(void)s;
	return unshare(CLONE_NEWUSER) == 0;
}

static bool
try_namespace_by_clone(const struct scene *s)
{
	(void)s;
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL,
		   NULL) > 0;
}

static bool
try_keys(const struct scene *s)
{
	return opens(s->keys, O_RDWR);
}

static bool
try_make_beside_keys(const struct scene *s)
{
	char path[128];

	snprintf(path, sizeof path, "%s-wal", s->keys);
	return opens(path, O_RDWR | O_CREAT);
}

static bool
try_sealing_key(const struct scene *s)
{
	return opens(s->sealing_key, O_RDONLY);
}

static bool
try_write_sealing_key(const struct scene *s)
{
	return opens(s->sealing_key, O_WRONLY);
}

/* At a socket that was opened before, where somebody waits. */
static bool
try_accept(const struct scene *s)
{
	return try_tcp(s) && accept(s->listener, NULL, NULL) >= 0;
}

enum want { WORKS, REFUSED, KILLED };
enum wall { LANDLOCK = 1, SECCOMP = 2 };

/* clang-format off */
static const struct {
	const char *label;
	bool (*try)(const struct scene *s);
	enum role_id role;
	bool programs; /* the configuration has a command */
	enum want want;
	unsigned walls; /* that it takes to refuse it: any of these */
} rows[] = {
	{ "reads what is the system's", try_read_system, ROLE_MONITOR, false, WORKS, 0 },
	{ "writes there", try_write_system, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "reads outside", try_read_outside, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "writes outside", try_write_outside, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "makes a file outside", try_make_outside, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "uses the store", try_store, ROLE_MONITOR, false, WORKS, 0 },
	{ "asks a name server", try_dns, ROLE_MONITOR, false, WORKS, 0 },
	{ "connects", try_tcp, ROLE_MONITOR, false, WORKS, 0 },
	{ "listens", try_listen, ROLE_MONITOR, false, REFUSED, SECCOMP },
	{ "reads the wire", try_packets, ROLE_MONITOR, false, REFUSED, SECCOMP },
	{ "starts a thread", try_thread, ROLE_MONITOR, false, WORKS, 0 },
	{ "forks", try_fork, ROLE_MONITOR, false, REFUSED, SECCOMP },
	{ "executes", try_exec, ROLE_MONITOR, false, REFUSED, SECCOMP | LANDLOCK },
	{ "executes, though notify may", try_exec, ROLE_MONITOR, true, REFUSED, SECCOMP | LANDLOCK },
	{ "reaches for other processes", try_kill, ROLE_MONITOR, false, REFUSED, SECCOMP },
	{ "debugs", try_ptrace, ROLE_MONITOR, false, KILLED, SECCOMP },
	{ "makes a namespace", try_namespace, ROLE_MONITOR, false, KILLED, SECCOMP },

	{ "notify uses the store", try_store, ROLE_NOTIFY, true, WORKS, 0 },
	{ "notify asks a name server", try_dns, ROLE_NOTIFY, true, WORKS, 0 },
	{ "notify executes without a command", try_exec, ROLE_NOTIFY, false, REFUSED, SECCOMP | LANDLOCK },
	{ "notify executes its command", try_program, ROLE_NOTIFY, true, WORKS, 0 },
	{ "its command reads outside", try_program_outside, ROLE_NOTIFY, true, REFUSED, LANDLOCK },
	{ "notify executes what is outside", try_other_program, ROLE_NOTIFY, true, REFUSED, LANDLOCK },
	{ "notify listens", try_listen, ROLE_NOTIFY, true, REFUSED, SECCOMP },
	{ "notify makes a namespace by clone", try_namespace_by_clone, ROLE_NOTIFY, true, REFUSED, SECCOMP },
	{ "notify debugs", try_ptrace, ROLE_NOTIFY, true, KILLED, SECCOMP },

	{ "monitor opens the keys", try_keys, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "notify opens the keys", try_keys, ROLE_NOTIFY, true, REFUSED, LANDLOCK },
	{ "publish opens the keys", try_keys, ROLE_PUBLISH, false, REFUSED, LANDLOCK },
	{ "certs opens the keys", try_keys, ROLE_CERTS, false, WORKS, 0 },
	{ "edge opens the keys", try_keys, ROLE_EDGE, false, WORKS, 0 },
	{ "publish makes files beside them", try_make_beside_keys, ROLE_PUBLISH, false, REFUSED, LANDLOCK },
	{ "edge makes files beside them", try_make_beside_keys, ROLE_EDGE, false, WORKS, 0 },
	{ "monitor reads the sealing key", try_sealing_key, ROLE_MONITOR, false, REFUSED, LANDLOCK },
	{ "publish reads the sealing key", try_sealing_key, ROLE_PUBLISH, false, REFUSED, LANDLOCK },
	{ "certs reads the sealing key", try_sealing_key, ROLE_CERTS, false, WORKS, 0 },
	{ "certs writes the sealing key", try_write_sealing_key, ROLE_CERTS, false, REFUSED, LANDLOCK },
	{ "edge reads the sealing key", try_sealing_key, ROLE_EDGE, false, WORKS, 0 },
	{ "edge writes the sealing key", try_write_sealing_key, ROLE_EDGE, false, REFUSED, LANDLOCK },
	{ "edge uses the store", try_store, ROLE_EDGE, false, WORKS, 0 },
	{ "edge accepts", try_accept, ROLE_EDGE, false, WORKS, 0 },
	{ "edge listens", try_listen, ROLE_EDGE, false, REFUSED, SECCOMP },
	{ "edge forks", try_fork, ROLE_EDGE, false, REFUSED, SECCOMP },
	{ "web opens the keys", try_keys, ROLE_WEB, false, REFUSED, LANDLOCK },
	{ "web reads the sealing key", try_sealing_key, ROLE_WEB, false, REFUSED, LANDLOCK },
	{ "web reads outside", try_read_outside, ROLE_WEB, false, REFUSED, LANDLOCK },
	{ "web uses the store", try_store, ROLE_WEB, false, WORKS, 0 },
	{ "web accepts", try_accept, ROLE_WEB, false, WORKS, 0 },
	{ "web listens", try_listen, ROLE_WEB, false, REFUSED, SECCOMP },
	{ "web forks", try_fork, ROLE_WEB, false, REFUSED, SECCOMP },
	{ "certs accepts", try_accept, ROLE_CERTS, false, REFUSED, SECCOMP },
};
/* clang-format on */

static const char *const want_names[] = { "works", "refused", "killed",
	"cannot enter", "no such wall here" };
enum { CANNOT_ENTER = KILLED + 1, NO_WALL };

/* In the child. */
static _Noreturn void
try_inside(size_t i, const struct scene *s)
{
	struct channel_config command = { .command = s->script };
	struct config c = {
		.store = s->store,
		.keys = s->keys,
		.sealing_key = s->sealing_key,
		.channels = &command,
		.n_channels = rows[i].programs,
	};
	struct sandbox_report report;
	struct arena a;
	struct error e;
	unsigned walls;

	arena_init(&a, LIMIT_CONFIG_MEMORY);
	if (identity_no_new_privileges(&e) != ERR_OK ||
	    sandbox_enter(&c, rows[i].role, &a, &report, &e) != ERR_OK) {
		print_error("# %s\n", e.text);
		_exit(CANNOT_ENTER);
	}
	walls = (report.landlock_abi > 0 ? LANDLOCK : 0) |
		(report.seccomp ? SECCOMP : 0);
	if (rows[i].want != WORKS && (rows[i].walls & walls) == 0)
		_exit(NO_WALL);
	_exit(rows[i].try(s) ? WORKS : REFUSED);
}

static int
outcome(size_t i, const struct scene *s)
{
	pid_t pid;
	int status = 0;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		try_inside(i, s);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : CANNOT_ENTER;
	return WEXITSTATUS(status);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
set_scene(struct scene *s)
{
	static const struct test_rr zone[] = {
		{ "", DNS_NS, "ns.example" },
		{ "a.example", DNS_A, "192.0.2.1" },
		{ NULL, 0, NULL },
	};
	/* Reads the file that it is given: by the shell itself, and by a
	 * program that the shell executes. */
	static const char script[] =
	    "#!/bin/sh\nexec 2> /dev/null\nread -r line < \"$1\" && "
	    "cat \"$1\" > /dev/null\n";
	socklen_t n = sizeof s->address;

	s->pid = getpid();
	snprintf(s->folder, sizeof s->folder, "/tmp/mtasts-sandbox.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->store, sizeof s->store, "%s/store.db", s->folder);
	snprintf(s->script, sizeof s->script, "%s/script", s->folder);
	write_file(s->script, script, 0700);
	snprintf(
	    s->keys_folder, sizeof s->keys_folder, "/tmp/mtasts-keys.XXXXXX");
	assert_non_null(mkdtemp(s->keys_folder));
	snprintf(s->keys, sizeof s->keys, "%s/keys.db", s->keys_folder);
	write_file(s->keys, "", 0600);
	/* A folder of its own: what may be done there is another thing. */
	snprintf(
	    s->sealing_key, sizeof s->sealing_key, "%s-seal", s->keys_folder);
	assert_int_equal(mkdir(s->sealing_key, 0700), 0);
	snprintf(s->sealing_key, sizeof s->sealing_key, "%s-seal/key",
	    s->keys_folder);
	write_file(s->sealing_key, "", 0600);
	snprintf(s->outside, sizeof s->outside, "/tmp/mtasts-outside.XXXXXX");
	close(mkstemp(s->outside));
	write_file(s->outside, script, 0700);
	assert_int_equal(chmod(s->outside, 0700), 0);

	s->dns.zone = zone;
	assert_true(test_dns_start(&s->dns));
	s->address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->listener >= 0);
	assert_int_equal(
	    bind(s->listener, (struct sockaddr *)&s->address, n), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(
	    getsockname(s->listener, (struct sockaddr *)&s->address, &n), 0);
}

static void
strike_scene(struct scene *s)
{
	static const char *const names[] = { "store.db", "store.db-wal",
		"store.db-shm", "script" };
	char path[128];

	test_dns_stop(&s->dns);
	close(s->listener);
	for (size_t i = 0; i < ROWS(names); i++) {
		snprintf(path, sizeof path, "%s/%s", s->folder, names[i]);
		unlink(path);
	}
	rmdir(s->folder);
	unlink(s->outside);
	snprintf(path, sizeof path, "%s-wal", s->keys);
	unlink(path);
	unlink(s->keys);
	unlink(s->sealing_key);
	snprintf(path, sizeof path, "%s-seal", s->keys_folder);
	rmdir(path);
	rmdir(s->keys_folder);
}

static void
test_rows(void **state)
{
	struct scene s = { .listener = -1 };
	struct tally t = { 0 };

	(void)state;
	set_scene(&s);
	for (size_t i = 0; i < ROWS(rows); i++) {
		int got = outcome(i, &s);

		t.label = rows[i].label;
		if (got == NO_WALL)
			print_message(
			    "# %s: skipped: this kernel has no such wall\n",
			    rows[i].label);
		else
			want_span(&t, rows[i].label, span_str(want_names[got]),
			    span_str(want_names[rows[i].want]));
		unlink(s.store);
	}
	strike_scene(&s);
	assert_int_equal(t.failed, 0);
}

/* Outside, what is refused inside works: the rows above show the walls, and
 * not something else that is in the way. */
static void
test_outside(void **state)
{
	struct scene s = { .listener = -1 };

	(void)state;
	set_scene(&s);
	assert_true(try_read_outside(&s));
	assert_true(try_write_outside(&s));
	assert_true(try_listen(&s));
	assert_true(try_kill(&s));
	assert_true(try_program_outside(&s));
	assert_true(try_program(&s));
	strike_scene(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
