#include "roles/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static enum err
fail(struct error *e, const char *what, const char *whom)
{
	char text[128];

	return error_set(e, ERR_SYSTEM, "cannot %s%s: %s", what, whom,
	    strerror_r(errno, text, sizeof text));
}

/* Are all ids those of pw, and is there no way back? */
static bool
is_for_good(const struct passwd *pw)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (getresuid(&r, &e, &s) != 0 || getresgid(&gr, &ge, &gs) != 0)
		return false;
	if (r != pw->pw_uid || e != pw->pw_uid || s != pw->pw_uid ||
	    gr != pw->pw_gid || ge != pw->pw_gid || gs != pw->pw_gid)
		return false;
	return pw->pw_uid == 0 || setuid(0) != 0;
}

enum err
identity_take(const char *user, struct error *e)
{
	const struct passwd *pw;

	if (user == NULL)
		return ERR_OK;
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return error_set(e, ERR_SYSTEM, "there is no user %s", user);
	if (geteuid() != 0) {
		if (geteuid() == pw->pw_uid)
			return ERR_OK;
		return error_set(e, ERR_USAGE,
		    "cannot become %s: mtastsd was not started as root", user);
	}
	/* initgroups asks the system's databases, which root may read. */
	if (initgroups(user, pw->pw_gid) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return fail(e, "become ", user);
	/* Libraries look for files at home. */
	if (setenv("HOME", pw->pw_dir, 1) != 0)
		return fail(e, "set HOME", "");
	if (!is_for_good(pw))
		return error_set(
		    e, ERR_SYSTEM, "did not become %s for good", user);
	return ERR_OK;
}

enum err
identity_keep_secrets(struct error *e)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0)
		return fail(e, "forbid core dumps", "");
	return ERR_OK;
}

enum err
identity_no_new_privileges(struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(e, "give up new privileges", "");
	return ERR_OK;
}
