/* key_room.h - where private keys lie, made before the process gives up what it
 * needs for that: the folder of their store, and the file of the key that they
 * are sealed under. */
#ifndef ROLES_KEY_ROOM_H
#define ROLES_KEY_ROOM_H

#include "io/random.h"
#include "roles/config.h"
#include "roles/log.h"

/* As root: make the folder of the store of keys, for the user, where it is a
 * file and the folder is missing. As somebody else: nothing. */
enum err
key_room_make(
    const struct config *c, struct arena *a, struct error *e) MUST_CHECK;

/* Make the sealing key if its file is not there, for the user. That is logged,
 * and so is that it cannot be done, which is no failure here: whoever needs the
 * key will say what that keeps him from. */
void
key_room_make_key(
    const struct config *c, const struct randomness *r, struct log *log);

#endif
