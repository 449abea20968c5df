#include "roles/key_room.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "io/sealed.h"

/* Whoever makes it as root makes it for the user that the role becomes. */
static enum err
give_to_user(const struct config *c, struct error *e)
{
	const struct passwd *pw =
	    c->user != NULL && geteuid() == 0 ? getpwnam(c->user) : NULL;
	char text[128];
	int why;

	if (pw == NULL || chown(c->sealing_key, pw->pw_uid, pw->pw_gid) == 0)
		return ERR_OK;
	why = errno;
	unlink(c->sealing_key);
	return error_set(e, ERR_CANT_CREATE, "cannot give %s to %s: %s",
	    c->sealing_key, c->user, strerror_r(why, text, sizeof text));
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
