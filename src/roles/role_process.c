#include "roles/role_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "roles/identity.h"
#include "roles/key_room.h"
#include "roles/rights.h"
#include "roles/role.h"
#include "roles/sandbox.h"
#include "roles/sockets.h"
#include "roles/store_folder.h"

static const struct {
	int (*run)(const struct role_env *env);
} roles[ROLES] = {
	[ROLE_MONITOR] = { .run = role_monitor },
	[ROLE_NOTIFY] = { .run = role_notify },
	[ROLE_PUBLISH] = { .run = role_publish },
	[ROLE_CERTS] = { .run = role_certs },
	[ROLE_EDGE] = { .run = role_edge },
	[ROLE_WEB] = { .run = role_web },
};

struct process {
	enum role_id id;
	unsigned instance;
	const struct config *config;
	struct sockets *sockets;
	struct arena *a;
	struct log *log;
	pid_t parent;
};

static enum err
fail(struct error *e, const char *what)
{
	char text[128];

	return error_set(e, ERR_SYSTEM, "cannot %s: %s", what,
	    strerror_r(errno, text, sizeof text));
}

/* Nothing that we came with: files get the right modes, no folder is held, and
 * standard input has been read. We were executed as "exe". */
static enum err
start_afresh(enum role_id id, struct error *e)
{
	char name[16];
	int null;

	snprintf(name, sizeof name, "mtastsd-%s", role_names[id]);
	(void)prctl(PR_SET_NAME, name);
	umask(077);
	if (chdir("/") != 0)
		return fail(e, "go to /");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return fail(e, "open /dev/null");
	if (null > STDERR_FILENO)
		close(null);
	return ERR_OK;
}

/* Becoming another user forgets what was asked for before; and the parent may
 * have gone meanwhile. */
static enum err
follow_parent(pid_t parent, struct error *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		return fail(e, "ask for the parent's end");
	return getppid() == parent
		   ? ERR_OK
		   : error_set(e, ERR_SYSTEM, "the supervisor has gone");
}

/* Programs of a sendmail channel gain rights when they are executed, to write
 * into the mail queue; nothing of the sandbox can be had with that. */
static bool
has_sendmail(const struct process *p)
{
	const struct config *c = p->config;

	for (size_t i = 0; i < c->n_channels; i++)
		if (p->id == ROLE_NOTIFY &&
		    c->channels[i].type == CHANNEL_SENDMAIL)
			return true;
	return false;
}

/* And those of a command may do so, where somebody took the walls down. */
static bool
may_gain_rights(const struct process *p)
{
	return has_sendmail(p) || (p->id == ROLE_NOTIFY && !p->config->sandbox);
}

static enum err
enter_sandbox(const struct process *p, struct error *e)
{
	struct sandbox_report report;
	const char *why = "";
	enum err rc;

	if (!p->config->sandbox) {
		why = "the configuration says so";
	} else if (has_sendmail(p)) {
		why = "a channel of type sendmail needs it";
	} else {
		rc = sandbox_enter(p->config, p->id, p->a, &report, e);
		if (rc != ERR_OK)
			return rc;
		if (report.landlock_abi == 0)
			why = "this kernel has no Landlock";
		if (!report.seccomp)
			why = "this kernel has no seccomp";
	}
	if (*why != '\0')
		log_say(p->log, LOG_NO_SANDBOX, log_text("why", span_str(why)));
	else
		log_say(p->log, LOG_SANDBOXED,
		    log_int("landlock", report.landlock_abi));
	return ERR_OK;
}

/* Of a store, or of a file beside one, if it is a file; as root. */
static enum err
make_folder(const struct process *p, const char *path, struct error *e)
{
	const char *folder = store_folder(path, p->a);

	return folder != NULL && geteuid() == 0
		   ? store_folder_make(folder, p->config->user, e)
		   : ERR_OK;
}

static enum err
make_folders(const struct process *p, struct error *e)
{
	const struct config *c = p->config;
	bool has_keys = role_rights[p->id].has_keys;
	enum err rc = make_folder(p, c->store, e);

	if (rc == ERR_OK && has_keys)
		rc = make_folder(p, c->keys, e);
	if (rc == ERR_OK && has_keys)
		rc = make_folder(p, c->sealing_key, e);
	return rc;
}

static enum err
check_stores(const struct process *p, struct error *e)
{
	enum err rc = store_folder_check(p->config->store, p->a, e);

	if (rc == ERR_OK && role_rights[p->id].has_keys)
		rc = store_folder_check(p->config->keys, p->a, e);
	return rc;
}

/* Root makes the folders, and opens what is served at low ports; everything
 * else is done as the user. */
static enum err
make_ready(const struct process *p, struct error *e)
{
	const struct config *c = p->config;
	const char *folder = store_folder(c->store, p->a);
	enum err rc = start_afresh(p->id, e);

	if (rc == ERR_OK)
		rc = make_folders(p, e);
	if (rc == ERR_OK && role_rights[p->id].makes_sealing_key)
		key_room_make_key(c, &randomness_system, p->log);
	if (rc == ERR_OK && role_rights[p->id].serves)
		rc = sockets_open(c, p->id, p->a, p->sockets, e);
	if (rc == ERR_OK)
		rc = identity_take(c->user, e);
	if (rc == ERR_OK && geteuid() == 0)
		log_write(p->log, LOG_IS_ROOT, NULL, 0);
	if (rc == ERR_OK)
		rc = follow_parent(p->parent, e);
	if (rc == ERR_OK && role_rights[p->id].has_secrets)
		rc = identity_keep_secrets(e);
	if (rc == ERR_OK)
		rc = check_stores(p, e);
	if (rc == ERR_OK && !may_gain_rights(p))
		rc = identity_no_new_privileges(e);
	/* SQLite spills what is large where it may write: beside the store. */
	if (rc == ERR_OK && folder != NULL &&
	    setenv("SQLITE_TMPDIR", folder, 1) != 0)
		rc = fail(e, "set SQLITE_TMPDIR");
	if (rc == ERR_OK)
		rc = enter_sandbox(p, e);
	return rc;
}

static void
ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

static void *
pull_on_signal(void *arg)
{
	sigset_t set;
	int signal;

	ending_signals(&set);
	while (sigwait(&set, &signal) != 0)
		;
	stop_pull(arg);
	return NULL;
}

/* The role, and beside it a thread that waits for the signal. */
static enum err
run_until_signal(
    enum role_id id, const struct role_env *env, int *status, struct error *e)
{
	pthread_t waiter;

	errno = pthread_create(&waiter, NULL, pull_on_signal, env->stop);
	if (errno != 0)
		return fail(e, "start a thread");
	*status = roles[id].run(env);
	(void)pthread_kill(waiter, SIGTERM);
	(void)pthread_join(waiter, NULL);
	return ERR_OK;
}

/* A URL may hold a password. */
static struct log_field
store_field(const struct process *p)
{
	const char *store = p->config->store;

	return log_text("store", store_folder(store, p->a) != NULL
				     ? span_str(store)
				     : SPAN("postgresql"));
}

static int
run(const struct process *p, struct stop *stop, const struct clock *clock)
{
	struct role_env env = {
		.config = p->config,
		.clock = clock,
		.randomness = &randomness_system,
		.log = p->log,
		.instance = p->instance,
		.sockets = p->sockets,
		.stop = stop,
	};
	struct error e;
	int status = 0;
	enum err rc = make_ready(p, &e);

	if (rc == ERR_OK) {
		log_say(p->log, LOG_STARTED, store_field(p));
		rc = run_until_signal(p->id, &env, &status, &e);
	}
	if (rc != ERR_OK) {
		log_say(p->log, LOG_CANNOT_START, log_error(&e));
		return err_exit_status(rc);
	}
	log_say(p->log, LOG_STOPPED, log_int("status", status));
	return status;
}

static void
settle_signals(void)
{
	sigset_t set;

	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	ending_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

int
role_process(enum role_id id, unsigned instance, const char *path,
    const struct clock *clock)
{
	struct sockets sockets = { .n_http = 0 };
	struct process p = { .id = id,
		.instance = instance,
		.sockets = &sockets,
		.parent = getppid() };
	struct stop stop = { .fd = -1 };
	struct config config;
	struct arena a;
	struct error e;
	enum err rc;
	int status;

	settle_signals();
	arena_init(&a, LIMIT_CONFIG_MEMORY);
	p.a = &a;
	p.config = &config;
	rc = config_read(path, &a, &config, &e);
	if (rc == ERR_OK && (rc = stop_init(&stop)) != ERR_OK)
		(void)fail(&e, "make an eventfd");
	if (rc == ERR_OK &&
	    (p.log = log_new(config.log, role_names[id], clock)) == NULL)
		rc = error_plain(&e, ERR_MEMORY);
	if (rc == ERR_OK) {
		status = run(&p, &stop, clock);
	} else {
		fprintf(stderr, "mtastsd: %s: %s\n", role_names[id], e.text);
		status = err_exit_status(rc);
	}
	log_free(p.log);
	stop_release(&stop);
	arena_release(&a);
	return status;
}
