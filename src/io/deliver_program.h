/* deliver_program.h - a message to a program of this machine: sendmail, or
 * whatever the administrator wrote.
 *
 * No shell: a path, an argv, an environment, all of them the caller's and
 * nothing inherited; the message on standard input; a process group of its own.
 * At the limit the whole group is killed. What it says first on standard error
 * is the reason of a failure. */
#ifndef IO_DELIVER_PROGRAM_H
#define IO_DELIVER_PROGRAM_H

#include "io/deliver.h"

struct program_way {
	char *const *argv; /* argv[0] is the path; ends with NULL */
	char *const *environment; /* "NAME=value"; ends with NULL */
	/* Statuses of sysexits.h have their meaning: no such user or host, and
	 * data that it cannot use, are refusals. Otherwise any but 0 is to be
	 * tried again. */
	bool sysexits;
};

void
deliver_program(const struct deliver_env *env, const struct program_way *way,
    struct span input, struct delivered *out);

#endif
