/* identity.h - what a process may do: as whom it runs, and what it leaves
 * behind when it falls. */
#ifndef ROLES_IDENTITY_H
#define ROLES_IDENTITY_H

#include "base/arena.h"
#include "base/err.h"
#include "roles/config.h"

/* Become the user of the configuration, for good: groups and all three user
 * and group ids. Where none is named the process stays who it is; where it is
 * not root it must be that user already. Before any thread is started. */
enum err
identity_take(const char *user, struct error *e) MUST_CHECK;

/* No dump of the memory, for nobody. */
enum err
identity_keep_secrets(struct error *e) MUST_CHECK;

/* Nothing that is executed from here on gains rights. */
enum err
identity_no_new_privileges(struct error *e) MUST_CHECK;

#endif
