/* manager.h - what the service manager is told, and how often it wants to hear
 * that we live: the protocol of sd_notify(3), which is one datagram. */
#ifndef ROLES_MANAGER_H
#define ROLES_MANAGER_H

#include <stdint.h>

struct manager {
	int fd; /* -1: nobody listens */
	int64_t watchdog_ms; /* half of what it allows; 0: it does not ask */
};

/* From $NOTIFY_SOCKET and $WATCHDOG_USEC, which are taken out of the
 * environment: they are not meant for our children. */
void
manager_init(struct manager *m);

void
manager_release(struct manager *m);

/* "READY=1", and the like; lines apart by newlines. */
void
manager_say(const struct manager *m, const char *text);

#endif
