#include "roles/store_folder.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path of the file, or empty. */
static struct span
path_of(const char *store)
{
	struct span s = span_str(store);

	if (span_starts(s, SPAN("sqlite:")))
		s = span_skip(s, 7);
	return s.n > 0 && s.p[0] == '/' ? s : SPAN("");
}

const char *
store_folder(const char *store, struct arena *a)
{
	struct span s = path_of(store);
	size_t n = s.n;

	while (n > 1 && s.p[n - 1] != '/')
		n--;
	while (n > 1 && s.p[n - 1] == '/')
		n--;
	return s.n > 0 ? arena_str(a, span_head(s, n)) : NULL;
}

enum err
store_folder_make(const char *folder, const char *user, struct error *e)
{
	const struct passwd *pw = user != NULL ? getpwnam(user) : NULL;
	char text[128];

	if (mkdir(folder, 0750) == 0 &&
	    (pw == NULL || chown(folder, pw->pw_uid, pw->pw_gid) == 0))
		return ERR_OK;
	if (errno == EEXIST)
		return ERR_OK;
	return error_set(e, ERR_CANT_CREATE, "cannot make the folder %s: %s",
	    folder, strerror_r(errno, text, sizeof text));
}

static enum err
refuse(const char *what, const char *path, struct error *e)
{
	char text[128];
	const char *why = strerror_r(errno, text, sizeof text);
	const struct passwd *pw = getpwuid(geteuid());

	return error_set(e, ERR_CANT_CREATE,
	    "the store's %s %s cannot be read and written by %s: %s", what,
	    path, pw != NULL ? pw->pw_name : "this user", why);
}

enum err
store_folder_check(const char *store, struct arena *a, struct error *e)
{
	const char *folder = store_folder(store, a);
	const char *path = arena_str(a, path_of(store));

	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	if (folder == NULL)
		return ERR_OK;
	if (access(folder, R_OK | W_OK | X_OK) != 0)
		return refuse("folder", folder, e);
	if (access(path, R_OK | W_OK) != 0 && errno != ENOENT)
		return refuse("file", path, e);
	return ERR_OK;
}
