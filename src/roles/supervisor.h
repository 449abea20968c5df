/* supervisor.h - the processes of the roles, started again where they end.
 *
 * The processes are this program, executed anew, so that none has seen the
 * memory of another. Each is given the configuration as the supervisor read it,
 * on standard input: what a role reads after a crash is what was checked, even
 * if the file was changed since.
 *
 * SIGHUP: read the file again, and exchange the processes one after the other.
 * SIGTERM, SIGINT: tell all to end, wait for them, leave; a second one: do not
 * wait. */
#ifndef ROLES_SUPERVISOR_H
#define ROLES_SUPERVISOR_H

#include "base/clock.h"

/* Returns the exit status. What is wrong with the file is told on standard
 * error. */
int
supervise(const char *path, const struct clock *clock);

#endif
