/* Landlock, by system call: the C library has no names for it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "roles/sandbox.h"

/* What came later than the headers that we may be built with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13) /* ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* ABI 6 */
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

/* struct landlock_ruleset_attr of ABI 6; older kernels take it as long as what
 * they do not know is zero. */
struct ruleset {
	uint64_t files, net, scope;
};

static const uint64_t read_rights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t write_rights =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
static const uint64_t make_rights =
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;
/* What can be said of a file that is no folder. */
static const uint64_t file_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

static enum err
fail(struct error *e, const char *what, const char *path)
{
	char text[128];

	return error_set(e, ERR_SYSTEM, "Landlock: cannot %s%s: %s", what, path,
	    strerror_r(errno, text, sizeof text));
}

/* All rights that this kernel can take away. */
static struct ruleset
everything(int abi)
{
	struct ruleset r = { .files = (1ULL << 13) - 1 };

	if (abi >= 2)
		r.files |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.files |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		r.files |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		r.scope =
		    LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	return r;
}

static uint64_t
rights_of(unsigned access)
{
	return ((access & SANDBOX_READ) != 0 ? read_rights : 0) |
	       ((access & SANDBOX_EXECUTE) != 0 ? LANDLOCK_ACCESS_FS_EXECUTE
						: 0) |
	       ((access & SANDBOX_WRITE) != 0 ? write_rights : 0) |
	       ((access & SANDBOX_MAKE) != 0 ? make_rights : 0);
}

static enum err
allow(
    int ruleset, uint64_t known, const struct sandbox_path *p, struct error *e)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights_of(p->access) & known,
		.parent_fd = open(p->path, O_PATH | O_CLOEXEC),
	};
	struct stat st;
	enum err rc = ERR_OK;

	if (rule.parent_fd < 0)
		return ERR_OK;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= file_rights;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) != 0)
		rc = fail(e, "allow ", p->path);
	close(rule.parent_fd);
	return rc;
}

enum err
landlock_enter(
    const struct sandbox_path *paths, size_t n, int *out_abi, struct error *e)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all;
	enum err rc = ERR_OK;
	int ruleset;

	*out_abi = abi > 0 ? (int)abi : 0;
	if (abi <= 0)
		return ERR_OK;
	all = everything((int)abi);
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (ruleset < 0)
		return fail(e, "make the rules", "");
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = allow(ruleset, all.files, &paths[i], e);
	if (rc == ERR_OK &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		rc = fail(e, "enter", "");
	close(ruleset);
	return rc;
}
