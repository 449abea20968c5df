#include "roles/key_room.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sealed.h"

/* Not by its path: whoever may write in the folder, and every role may, could
 * put a link to another file of root's there meanwhile. */
bool
key_room_give(const char *path, uid_t user, gid_t group)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool given = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		     st.st_nlink == 1 && fchown(fd, user, group) == 0;

	if (fd >= 0)
		close(fd);
	return given;
}

/* Whoever makes it as root makes it for the user that the role becomes. */
static enum err
give_to_user(const struct config *c, struct error *e)
{
	const struct passwd *pw =
	    c->user != NULL && geteuid() == 0 ? getpwnam(c->user) : NULL;

	if (pw == NULL || key_room_give(c->sealing_key, pw->pw_uid, pw->pw_gid))
		return ERR_OK;
	unlink(c->sealing_key);
	return error_set(e, ERR_CANT_CREATE, "cannot give %s to %s",
	    c->sealing_key, c->user);
}

void
key_room_make_key(
    const struct config *c, const struct randomness *r, struct log *log)
{
	struct error e;
	enum err rc;

	if (access(c->sealing_key, F_OK) == 0)
		return;
	rc = sealing_key_create(c->sealing_key, r, &e);
	if (rc == ERR_OK)
		rc = give_to_user(c, &e);
	if (rc == ERR_OK)
		log_say(log, LOG_SEALING_KEY_MADE,
		    log_text("file", span_str(c->sealing_key)));
	else
		log_say(log, LOG_SEALING_KEY_FAILED, log_error(&e));
}
