#include "io/deliver_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "io/stop.h"

enum { SAID_MAX = LIMIT_OUTBOX_ERROR / 2 };

struct run {
	pid_t pid;
	int input; /* a file in memory, so that nobody waits for a reader */
	int said[2]; /* its standard error: ours, its own */
	int ended; /* a pidfd */
	char text[SAID_MAX]; /* what it said first */
	size_t n;
	bool in_time;
};

static bool
put_whole(int fd, struct span s)
{
	ssize_t n;

	while (s.n > 0 && (n = write(fd, s.p, s.n)) > 0)
		s = span_skip(s, (size_t)n);
	return s.n == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static bool
open_run(struct run *r, struct span input)
{
	*r = (struct run){ .pid = -1, .said = { -1, -1 }, .ended = -1 };
	r->input = memfd_create("message", MFD_CLOEXEC);
	return r->input >= 0 && put_whole(r->input, input) &&
	       pipe2(r->said, O_CLOEXEC) == 0 &&
	       fcntl(r->said[0], F_SETFL, O_NONBLOCK) == 0;
}

static void
close_run(struct run *r)
{
	const int all[] = { r->input, r->said[0], r->said[1], r->ended };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i] >= 0)
			close(all[i]);
}

/* The three standard descriptors and no other. */
static int
set_files(posix_spawn_file_actions_t *f, const struct run *r)
{
	int e = posix_spawn_file_actions_adddup2(f, r->input, STDIN_FILENO);

	if (e == 0)
		e = posix_spawn_file_actions_addopen(
		    f, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(
		    f, r->said[1], STDERR_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_addclosefrom_np(
		    f, STDERR_FILENO + 1);
	return e;
}

/* A group of its own, and signals as a program expects them. */
static int
set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int e = posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP |
						POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);

	sigemptyset(&none);
	sigfillset(&all);
	if (e == 0)
		e = posix_spawnattr_setsigmask(a, &none);
	return e == 0 ? posix_spawnattr_setsigdefault(a, &all) : e;
}

/* 0, or why it could not be started. */
static int
start(struct run *r, const struct program_way *way)
{
	posix_spawn_file_actions_t f;
	posix_spawnattr_t a;
	int e;

	if (posix_spawn_file_actions_init(&f) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&a) != 0) {
		posix_spawn_file_actions_destroy(&f);
		return ENOMEM;
	}
	e = set_files(&f, r);
	if (e == 0)
		e = set_attributes(&a);
	if (e == 0)
		e = posix_spawn(
		    &r->pid, way->argv[0], &f, &a, way->argv, way->environment);
	posix_spawnattr_destroy(&a);
	posix_spawn_file_actions_destroy(&f);
	return e;
}

/* What does not fit is read all the same: a full pipe would stop the program.
 * False: there will be no more. */
static bool
listen_to(struct run *r)
{
	char more[512];
	ssize_t n = read(r->said[0], more, sizeof more);
	size_t take;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	take = (size_t)n < sizeof r->text - r->n ? (size_t)n
						 : sizeof r->text - r->n;
	memcpy(r->text + r->n, more, take);
	r->n += take;
	return true;
}

/* Until it ends, the time is over, or everything shall stop. */
static void
attend(struct run *r, const struct deliver_env *env)
{
	struct mono_time end =
	    mono_after_ms(clock_mono(env->clock), env->limit_ms);
	struct pollfd fds[] = { { .fd = r->ended, .events = POLLIN },
		{ .fd = env->stop != NULL ? env->stop->fd : -1,
		    .events = POLLIN },
		{ .fd = r->said[0], .events = POLLIN } };
	int64_t left;

	while ((left = mono_ms_until(clock_mono(env->clock), end)) > 0) {
		if (poll(fds, 3, left < INT16_MAX ? (int)left : INT16_MAX) <
			0 &&
		    errno != EINTR)
			return;
		if (fds[2].revents != 0 && !listen_to(r))
			fds[2].fd = -1;
		if (fds[0].revents != 0) {
			r->in_time = true;
			return;
		}
		if (env->stop != NULL && stop_is_pulled(env->stop))
			return;
	}
}

/* The first line of what it said. */
static struct span
first_line(const struct run *r)
{
	struct span s = { r->text, r->n };

	return span_head(s, span_find(s, '\n'));
}

static bool
is_refusal(const struct program_way *way, int status)
{
	return way->sysexits && (status == EX_DATAERR || status == EX_NOUSER ||
				    status == EX_NOHOST);
}

static void
conclude(const struct run *r, const struct program_way *way, int status,
    struct delivered *out)
{
	struct span said = first_line(r);
	const char *colon = said.n > 0 ? ": " : "";
	const char *name = way->argv[0];

	if (!r->in_time)
		delivered_say(out, DELIVERY_TRY_LATER,
		    "%s did not end in time and was killed%s%.*s", name, colon,
		    (int)said.n, said.p);
	else if (WIFSIGNALED(status))
		delivered_say(out, DELIVERY_TRY_LATER,
		    "%s died of signal %d%s%.*s", name, WTERMSIG(status), colon,
		    (int)said.n, said.p);
	else if (WEXITSTATUS(status) != 0)
		delivered_say(out,
		    is_refusal(way, WEXITSTATUS(status)) ? DELIVERY_REFUSED
							 : DELIVERY_TRY_LATER,
		    "%s ended with status %d%s%.*s", name, WEXITSTATUS(status),
		    colon, (int)said.n, said.p);
	else
		delivered_say(out, DELIVERY_DELIVERED, "%s", "");
}

static void
run_to_its_end(struct run *r, const struct deliver_env *env,
    const struct program_way *way, struct delivered *out)
{
	int status = 0;

	close(r->said[1]);
	r->said[1] = -1;
	r->ended = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->ended >= 0)
		attend(r, env);
	/* Before it is reaped the number is still its own. */
	if (!r->in_time)
		(void)kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r->in_time)
		(void)listen_to(r);
	conclude(r, way, status, out);
}

void
deliver_program(const struct deliver_env *env, const struct program_way *way,
    struct span input, struct delivered *out)
{
	struct run r;
	int e;

	*out = (struct delivered){ .delivery = DELIVERY_TRY_LATER };
	if (!open_run(&r, input))
		delivered_say(out, DELIVERY_TRY_LATER, "%s: %s", way->argv[0],
		    strerror(errno));
	else if ((e = start(&r, way)) != 0)
		delivered_say(out, DELIVERY_TRY_LATER, "%s: %s", way->argv[0],
		    strerror(e));
	else
		run_to_its_end(&r, env, way, out);
	close_run(&r);
}
