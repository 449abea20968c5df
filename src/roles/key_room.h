/* key_room.h - the file of the key that private keys are sealed under, made
 * before the process gives up what it needs for that. */
#ifndef ROLES_KEY_ROOM_H
#define ROLES_KEY_ROOM_H

#include <sys/types.h>

#include "io/random.h"
#include "roles/config.h"
#include "roles/log.h"

/* Make the sealing key if its file is not there, for the user. That is logged,
 * and so is that it cannot be done, which is no failure here: whoever needs the
 * key will say what that keeps him from. */
void
key_room_make_key(
    const struct config *c, const struct randomness *r, struct log *log);

/* Make a file that lies in a folder of others the user's. False: it is none of
 * its own, but a link, or has a second name. */
bool
key_room_give(const char *path, uid_t user, gid_t group) MUST_CHECK;

#endif
