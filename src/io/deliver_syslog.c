#include "io/deliver_syslog.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { LINE_MAX_SYSLOG = 2048 }; /* what every daemon takes; RFC 5424 6.1 */

int
syslog_facility(const char *name)
{
	static const struct {
		const char *name;
		int facility;
	} all[] = {
		{ "daemon", LOG_DAEMON },
		{ "mail", LOG_MAIL },
		{ "user", LOG_USER },
		{ "auth", LOG_AUTH },
		{ "local0", LOG_LOCAL0 },
		{ "local1", LOG_LOCAL1 },
		{ "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 },
		{ "local4", LOG_LOCAL4 },
		{ "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 },
		{ "local7", LOG_LOCAL7 },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].facility;
	return -1;
}

/* The daemon adds date and host to what comes by its socket. */
void
deliver_syslog(
    const struct syslog_way *way, struct span line, struct delivered *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[LINE_MAX_SYSLOG];
	int n = snprintf(text, sizeof text, "<%d>mtasts: %.*s",
	    way->facility | way->priority, (int)line.n, line.p);
	size_t len = n < (int)sizeof text ? (size_t)n : sizeof text - 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*out = (struct delivered){ .delivery = DELIVERY_DELIVERED };
	snprintf(at.sun_path, sizeof at.sun_path, "%s", way->socket);
	if (fd < 0 || sendto(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT,
			  (struct sockaddr *)&at, sizeof at) != (ssize_t)len)
		delivered_say(out, DELIVERY_TRY_LATER, "%s: %s", way->socket,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
}
