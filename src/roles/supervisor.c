#include "roles/supervisor.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/read_file.h"
#include "roles/config.h"
#include "roles/log.h"
#include "roles/manager.h"
#include "roles/roster.h"

/* A configuration, and the file that it was read from. */
struct loaded {
	struct arena a;
	struct config config;
	struct span text;
};

struct supervisor {
	const char *path;
	const struct clock *clock;
	struct log *log;
	struct manager manager;
	struct loaded *loaded;
	struct roster roster;
	pid_t pids[ROLES][ROSTER_INSTANCES]; /* 0: none */
	sigset_t signals, before; /* what we wait for; what was blocked */
	bool stopping, reloading;
};

static void
unload(struct loaded *l)
{
	if (l != NULL)
		arena_release(&l->a);
	free(l);
}

static enum err
load(const char *path, struct loaded **out, struct error *e)
{
	struct loaded *l = malloc(sizeof *l);
	struct config_faults faults;
	enum err rc;

	if (l == NULL)
		return error_plain(e, ERR_MEMORY);
	arena_init(&l->a, LIMIT_CONFIG_MEMORY);
	rc = read_file(path, LIMIT_CONFIG_FILE, &l->a, &l->text, e);
	if (rc == ERR_OK)
		rc = config_parse(path, l->text, &l->a, &l->config, &faults, e);
	if (rc == ERR_OK && faults.n > 0)
		rc = error_set(e, ERR_DATA, "%s", faults.all[0].text);
	if (rc != ERR_OK)
		unload(l);
	else
		*out = l;
	return rc;
}

/* A file without a name that holds the text, ready to be read. */
static int
text_file(struct span text)
{
	int fd = memfd_create("mtastsd.conf", MFD_CLOEXEC);

	while (fd >= 0 && text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0) {
			close(fd);
			return -1;
		}
		text = span_skip(text, (size_t)n);
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* In the child. If we die, it is told to end. */
static _Noreturn void
become_role(const struct supervisor *s, struct roster_place at, int config,
    pid_t parent)
{
	char instance[16];
	char *argv[] = { (char[]){ "mtastsd" }, (char[]){ "--role" },
		(char *)(uintptr_t)role_names[at.role],
		(char[]){ "--instance" }, instance, (char[]){ "--config" },
		(char[]){ "-" }, NULL };

	snprintf(instance, sizeof instance, "%u", at.instance);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent &&
	    dup2(config, STDIN_FILENO) == STDIN_FILENO &&
	    sigprocmask(SIG_SETMASK, &s->before, NULL) == 0)
		execv("/proc/self/exe", argv);
	fprintf(stderr, "mtastsd: cannot execute the role %s: %s\n",
	    role_names[at.role], strerror(errno));
	_exit(err_exit_status(ERR_SYSTEM));
}

static pid_t *
pid_of(struct supervisor *s, struct roster_place at)
{
	return &s->pids[at.role][at.instance];
}

static bool
spawn(struct supervisor *s, struct roster_place at)
{
	int config = text_file(s->loaded->text);
	pid_t parent = getpid(), pid;

	if (config < 0)
		return false;
	pid = fork();
	if (pid == 0)
		become_role(s, at, config, parent);
	close(config);
	if (pid < 0)
		return false;
	*pid_of(s, at) = pid;
	return true;
}

static struct log_field
role_field(struct roster_place at)
{
	return log_text("name", span_str(role_names[at.role]));
}

static struct log_field
instance_field(struct roster_place at)
{
	return log_int("instance", at.instance);
}

static void
start(struct supervisor *s, struct roster_place at)
{
	char text[128];

	if (spawn(s, at)) {
		log_say(s->log, LOG_ROLE_STARTED, role_field(at),
		    instance_field(at), log_int("pid", *pid_of(s, at)));
		return;
	}
	log_say(s->log, LOG_ROLE_FAILED, role_field(at), instance_field(at),
	    log_text("error", span_str(strerror_r(errno, text, sizeof text))));
	(void)roster_ended(&s->roster, at, clock_mono(s->clock));
}

static void
obey(struct supervisor *s)
{
	enum roster_order order;
	struct roster_place at;

	while (roster_next(&s->roster, clock_mono(s->clock), &at, &order)) {
		if (order == ROSTER_START) {
			start(s, at);
			continue;
		}
		assert(*pid_of(s, at) > 0);
		if (order == ROSTER_KILL)
			log_say(s->log, LOG_ROLE_KILLED, role_field(at),
			    instance_field(at), log_int("pid", *pid_of(s, at)));
		(void)kill(
		    *pid_of(s, at), order == ROSTER_KILL ? SIGKILL : SIGTERM);
	}
}

static void
say_end(struct supervisor *s, struct roster_place at, int status)
{
	bool was_told = roster_ended(&s->roster, at, clock_mono(s->clock));
	struct log_field how = WIFSIGNALED(status)
				   ? log_int("signal", WTERMSIG(status))
				   : log_int("status", WEXITSTATUS(status));
	struct log_field pid = log_int("pid", *pid_of(s, at));

	*pid_of(s, at) = 0;
	if (was_told)
		log_say(s->log, LOG_ROLE_ENDED, role_field(at),
		    instance_field(at), pid, how);
	else
		log_say(s->log, LOG_ROLE_DIED, role_field(at),
		    instance_field(at), pid, how,
		    log_int("again_s",
			s->roster.all[at.role][at.instance].backoff_s));
}

static void
bury(struct supervisor *s, pid_t pid, int status)
{
	for (unsigned i = 0; i < ROLES; i++)
		for (unsigned k = 0; k < ROSTER_INSTANCES; k++)
			if (s->pids[i][k] == pid)
				say_end(s,
				    (struct roster_place){ (enum role_id)i, k },
				    status);
}

/* Whoever ended. As the first process of a container we also bury those that
 * are not ours. */
static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(s, pid, status);
}

static void
want_roles(struct supervisor *s)
{
	const struct config *c = &s->loaded->config;
	unsigned wanted[ROLES];

	for (unsigned i = 0; i < ROLES; i++)
		wanted[i] = (c->roles & 1U << i) != 0 ? 1 : 0;
	wanted[ROLE_EDGE] *= (unsigned)c->edge_workers;
	wanted[ROLE_WEB] *= (unsigned)c->web_workers;
	roster_want(&s->roster, wanted, c->drain_s, clock_mono(s->clock));
}

/* Take the new configuration, unless it has a fault. */
static void
reload(struct supervisor *s)
{
	struct loaded *new;
	struct log *log;
	struct error e;

	manager_say(&s->manager, "RELOADING=1");
	if (load(s->path, &new, &e) != ERR_OK) {
		log_say(s->log, LOG_RELOAD_FAILED, log_error(&e));
		manager_say(&s->manager,
		    "READY=1\nSTATUS=The configuration has a fault; the old "
		    "one stays");
		return;
	}
	log = log_new(new->config.log, "supervisor", s->clock);
	if (log != NULL) {
		log_free(s->log);
		s->log = log;
	}
	unload(s->loaded);
	s->loaded = new;
	s->reloading = true;
	log_say(s->log, LOG_RELOADED, log_text("file", span_str(s->path)));
	want_roles(s);
}

static void
stop(struct supervisor *s, int signal)
{
	struct mono_time now = clock_mono(s->clock);

	if (s->stopping) {
		roster_hurry(&s->roster, now);
		return;
	}
	s->stopping = true;
	manager_say(&s->manager, "STOPPING=1");
	log_say(s->log, LOG_STOPPING, log_int("signal", signal));
	roster_want(&s->roster, (const unsigned[ROLES]){ 0 },
	    s->loaded->config.drain_s, now);
}

/* One signal, or none in time. */
static void
wait_for_signal(struct supervisor *s)
{
	struct mono_time now = clock_mono(s->clock), wake;
	int64_t ms = s->manager.watchdog_ms;
	struct timespec ts;
	int signal;

	if (roster_wake(&s->roster, &wake)) {
		int64_t until = mono_ms_until(now, wake);

		until = until > 0 ? until : 0;
		ms = ms > 0 && ms < until ? ms : until;
	} else if (ms == 0) {
		ms = -1;
	}
	ts = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	signal = sigtimedwait(&s->signals, NULL, ms < 0 ? NULL : &ts);
	if (signal == SIGHUP && !s->stopping)
		reload(s);
	else if (signal == SIGTERM || signal == SIGINT)
		stop(s, signal);
	reap(s);
}

static void
run(struct supervisor *s)
{
	want_roles(s);
	obey(s);
	manager_say(&s->manager, "READY=1");
	while (!roster_is_empty(&s->roster)) {
		wait_for_signal(s);
		obey(s);
		if (s->reloading && roster_is_settled(&s->roster)) {
			s->reloading = false;
			manager_say(&s->manager, "READY=1\nSTATUS=");
		}
		if (s->manager.watchdog_ms > 0)
			manager_say(&s->manager, "WATCHDOG=1");
	}
}

static void
settle_signals(struct supervisor *s)
{
	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGHUP);
	sigaddset(&s->signals, SIGTERM);
	sigaddset(&s->signals, SIGINT);
	sigaddset(&s->signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &s->signals, &s->before);
	/* A log that nobody reads any more is no reason to end. */
	(void)signal(SIGPIPE, SIG_IGN);
}

int
supervise(const char *path, const struct clock *clock)
{
	struct supervisor s = { .path = path, .clock = clock };
	struct error e;
	enum err rc;

	settle_signals(&s);
	rc = load(path, &s.loaded, &e);
	if (rc == ERR_OK && (s.log = log_new(s.loaded->config.log, "supervisor",
				 clock)) == NULL)
		rc = error_plain(&e, ERR_MEMORY);
	if (rc != ERR_OK) {
		fprintf(stderr, "mtastsd: %s\n", e.text);
		unload(s.loaded);
		return err_exit_status(rc);
	}
	manager_init(&s.manager);

	log_say(s.log, LOG_STARTED, log_text("file", span_str(path)),
	    log_int("pid", getpid()));
	run(&s);
	log_write(s.log, LOG_STOPPED, NULL, 0);

	manager_release(&s.manager);
	log_free(s.log);
	unload(s.loaded);
	return 0;
}
