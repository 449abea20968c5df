/* role_process.h - the process of one role: made ready, run, ended. */
#ifndef ROLES_ROLE_PROCESS_H
#define ROLES_ROLE_PROCESS_H

#include "base/clock.h"
#include "roles/config.h"

/* Read the configuration ("-": from standard input), give up what the role does
 * not need, and run it until SIGTERM or SIGINT. instance says which of the
 * role's processes this is, from 0. Returns the exit status. */
int
role_process(enum role_id id, unsigned instance, const char *path,
    const struct clock *clock);

#endif
