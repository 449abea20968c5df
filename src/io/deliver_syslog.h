/* deliver_syslog.h - a message as one line to the system's log.
 *
 * Straight to its socket: the C library's syslog() says nothing of failures,
 * and is one for the whole process. */
#ifndef IO_DELIVER_SYSLOG_H
#define IO_DELIVER_SYSLOG_H

#include "io/deliver.h"

struct syslog_way {
	const char *socket; /* "/dev/log" */
	int facility; /* as LOG_DAEMON of syslog.h */
	int priority; /* LOG_ERR, ... */
};

/* "daemon", "local0", ...: its number, or -1. */
int
syslog_facility(const char *name);

/* line is printable and has no line end. */
void
deliver_syslog(
    const struct syslog_way *way, struct span line, struct delivered *out);

#endif
