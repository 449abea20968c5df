/* sandbox.h - a process that reads hostile bytes keeps no more than it needs.
 *
 * Two walls, each of which stands alone. Landlock: which files may be reached;
 * read what belongs to the system, write beside the store; the store of secrets
 * is there for those alone whose it is (rights.h). seccomp: which
 * system calls there are; what is not in the groups of a role fails with EPERM,
 * and what only an intruder would call ends the process.
 *
 * Programs that the notify role executes run within the same walls. */
#ifndef ROLES_SANDBOX_H
#define ROLES_SANDBOX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "roles/config.h"

struct sandbox_report {
	int landlock_abi; /* 0: this kernel has none */
	bool seccomp;
};

/* Enter, for good, before any other thread is started; new privileges must have
 * been given up. What a kernel does not have is no error, but told in *out. */
enum err
sandbox_enter(const struct config *c, enum role_id role, struct arena *a,
    struct sandbox_report *out, struct error *e) MUST_CHECK;

/* The two walls. */

enum sandbox_access {
	SANDBOX_READ = 1, /* files, and what stands in a folder */
	SANDBOX_EXECUTE = 2,
	SANDBOX_WRITE = 4, /* what is there */
	SANDBOX_MAKE = 8, /* and what is not */
};

struct sandbox_path {
	const char *path; /* a file, or a folder with all below it */
	unsigned access; /* bits of enum sandbox_access */
};

/* Nothing but these. Paths that do not exist are passed over. */
enum err
landlock_enter(const struct sandbox_path *paths, size_t n, int *out_abi,
    struct error *e) MUST_CHECK;

/* Beyond what all may do; bits. */
enum seccomp_more {
	SECCOMP_EXECUTE = 1,
	SECCOMP_ACCEPT = 2, /* connections at sockets that listen already */
};

enum err
seccomp_enter(unsigned more, bool *out_done, struct error *e) MUST_CHECK;

#endif
