/* Which system calls there are, by groups of names. A name that this machine,
 * or this libseccomp, does not know is passed over. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "roles/sandbox.h"

/* clang-format off */

/* What every program does, and the C library in its name. */
static const char *const base_calls[] = {
	"brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise",
	"futex", "futex_time64", "futex_waitv", "get_robust_list",
	"set_robust_list", "rseq", "membarrier", "set_tid_address",
	"sched_yield", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_setscheduler", "getcpu", "getpriority",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
	"rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "sigaltstack", "tgkill", "restart_syscall",
	"clock_gettime", "clock_gettime64", "clock_getres",
	"clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64",
	"gettimeofday", "time", "nanosleep",
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
	"getresuid", "getresgid", "getgroups", "getpgrp", "getpgid", "getsid",
	"getrandom", "uname", "sysinfo", "getrlimit", "ugetrlimit", "prlimit64",
	"getrusage", "times", "prctl", "arch_prctl", "get_thread_area",
	"set_thread_area", "exit", "exit_group",
};

/* SQLite, certificates, configuration of libraries. */
static const char *const file_calls[] = {
	"open", "openat", "close", "close_range", "read", "readv", "pread64",
	"preadv", "write", "writev", "pwrite64", "pwritev", "lseek", "_llseek",
	"fsync", "fdatasync", "sync_file_range", "ftruncate", "ftruncate64",
	"fallocate", "fadvise64", "flock", "fcntl", "fcntl64", "dup", "dup2",
	"dup3", "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64",
	"newfstatat", "fstatat64", "statx", "statfs", "statfs64", "fstatfs",
	"fstatfs64", "access", "faccessat", "faccessat2", "getdents",
	"getdents64", "getcwd", "readlink", "readlinkat", "unlink", "unlinkat",
	"rename", "renameat", "renameat2", "mkdir", "mkdirat", "umask",
	"fchmod", "fchown", "fchown32", "utimensat", "utimensat_time64",
};

/* Resolver, conversations, PostgreSQL: we connect, and never listen. */
static const char *const network_calls[] = {
	"socketpair", "connect", "bind", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "shutdown", "send", "sendto", "sendmsg",
	"sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg",
	"recvmmsg_time64", "poll", "ppoll", "ppoll_time64", "select",
	"_newselect", "pselect6", "pselect6_time64", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2", "eventfd", "eventfd2", "pipe", "pipe2",
	"timerfd_create", "timerfd_settime", "timerfd_settime64",
};

/* Clients of a role that serves, at sockets that were opened before. */
static const char *const serve_calls[] = { "accept", "accept4" };

/* Programs of channels, and what such programs do. */
static const char *const program_calls[] = {
	"execve", "execveat", "fork", "vfork", "wait4", "waitid",
	"waitpid", "kill", "tkill", "setpgid", "setsid", "chdir", "fchdir",
	"ioctl", "sendfile", "sendfile64", "copy_file_range", "splice", "tee",
	"alarm", "setitimer", "getitimer", "pause", "pidfd_open",
	"pidfd_send_signal", "timer_create", "timer_settime", "timer_gettime",
	"timer_delete", "chmod", "fchmodat", "chown", "fchownat", "lchown",
	"link", "linkat", "symlink", "symlinkat", "rmdir", "truncate",
	"utime", "utimes", "futimesat", "mlock", "munlock", "msync", "mincore",
	"sched_setaffinity", "sched_setparam", "sched_get_priority_max",
	"sched_get_priority_min", "getxattr", "lgetxattr", "fgetxattr",
	"listxattr", "llistxattr", "flistxattr", "capget", "setrlimit",
	"timerfd_gettime", "inotify_init1", "inotify_add_watch",
	"inotify_rm_watch", "memfd_create",
};

/* Nothing of ours comes near these. */
static const char *const hostile_calls[] = {
	"ptrace", "process_vm_readv", "process_vm_writev", "kexec_load",
	"kexec_file_load", "init_module", "finit_module", "delete_module",
	"bpf", "perf_event_open", "userfaultfd", "mount", "umount", "umount2",
	"mount_setattr", "move_mount", "open_tree", "fsopen", "fsmount",
	"fsconfig", "fspick", "pivot_root", "chroot", "reboot", "swapon",
	"swapoff", "setns", "unshare", "keyctl", "add_key", "request_key",
	"open_by_handle_at", "iopl", "ioperm", "acct", "quotactl",
	"settimeofday", "clock_settime", "adjtimex", "clock_adjtime",
	"sethostname", "setdomainname", "syslog",
};
/* clang-format on */

struct filter {
	scmp_filter_ctx ctx;
	int rc; /* sticky: 0, or -errno */
};

static void
add(struct filter *f, uint32_t action, const char *name, unsigned n,
    struct scmp_arg_cmp arg)
{
	int call = seccomp_syscall_resolve_name(name);

	/* Filters for other machines' calls (EDOM) are not needed. */
	if (call == __NR_SCMP_ERROR || f->rc != 0)
		return;
	f->rc = seccomp_rule_add(f->ctx, action, call, n, arg);
	if (f->rc == -EDOM || f->rc == -EEXIST)
		f->rc = 0;
}

static void
add_group(struct filter *f, uint32_t action, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(f, action, names[i], 0, SCMP_A0(SCMP_CMP_EQ, 0, 0));
}

#define ADD_GROUP(f, action, names)                                            \
	add_group((f), (action), (names), sizeof(names) / sizeof(names)[0])

static void
allow_sockets(struct filter *f)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6,
		AF_NETLINK };

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		add(f, SCMP_ACT_ALLOW, "socket", 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
}

static void
allow_ioctls(struct filter *f)
{
	static const unsigned long requests[] = { FIONREAD, FIONBIO, TCGETS,
		TIOCGWINSZ };

	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		add(f, SCMP_ACT_ALLOW, "ioctl", 1,
		    SCMP_A1(SCMP_CMP_EQ, requests[i], 0));
}

/* Threads, and no processes: the flags of clone say which. Those of clone3
 * stand in memory, where no filter looks; where it is missing, the C library
 * takes clone. */
static void
allow_threads(struct filter *f)
{
	add(f, SCMP_ACT_ALLOW, "clone", 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

/* No namespace of its own for anybody. */
static void
allow_programs(struct filter *f)
{
	add(f, SCMP_ACT_ALLOW, "clone", 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ,
		CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
		    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP,
		0));
	ADD_GROUP(f, SCMP_ACT_ALLOW, program_calls);
}

static void
add_rules(struct filter *f, unsigned more)
{
	ADD_GROUP(f, SCMP_ACT_ALLOW, base_calls);
	ADD_GROUP(f, SCMP_ACT_ALLOW, file_calls);
	ADD_GROUP(f, SCMP_ACT_ALLOW, network_calls);
	ADD_GROUP(f, SCMP_ACT_KILL_PROCESS, hostile_calls);
	add(f, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, SCMP_A0(SCMP_CMP_EQ, 0, 0));
	allow_sockets(f);
	if ((more & SECCOMP_ACCEPT) != 0)
		ADD_GROUP(f, SCMP_ACT_ALLOW, serve_calls);
	if ((more & SECCOMP_EXECUTE) != 0) {
		allow_programs(f);
	} else {
		allow_threads(f);
		allow_ioctls(f);
	}
}

enum err
seccomp_enter(unsigned more, bool *out_done, struct error *e)
{
	struct filter f = { .ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM)) };
	char text[128];

	*out_done = false;
	if (prctl(PR_GET_SECCOMP) < 0) {
		seccomp_release(f.ctx);
		return ERR_OK;
	}
	if (f.ctx == NULL)
		return error_set(e, ERR_LIBRARY, "seccomp: out of memory");
	add_rules(&f, more);
	/* What is refused stands in the audit log, where the kernel has one. */
	(void)seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_LOG, 1);
	if (f.rc == 0)
		f.rc = seccomp_load(f.ctx);
	seccomp_release(f.ctx);
	*out_done = f.rc == 0;
	if (f.rc == 0)
		return ERR_OK;
	return error_set(
	    e, ERR_SYSTEM, "seccomp: %s", strerror_r(-f.rc, text, sizeof text));
}
