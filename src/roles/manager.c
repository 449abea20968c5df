#include "roles/manager.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"

/* A path, or a name in the abstract space, which begins with "@". */
static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || n >= sizeof sun.sun_path)
		return -1;
	memcpy(sun.sun_path, path, n);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The watchdog may be meant for another process. */
static int64_t
watchdog_ms(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t n;

	if (us == NULL || !num_parse(span_str(us), INT64_MAX, &n))
		return 0;
	if (pid != NULL) {
		uint64_t whose;

		if (!num_parse(span_str(pid), INT32_MAX, &whose) ||
		    (pid_t)whose != getpid())
			return 0;
	}
	return (int64_t)(n / 2000);
}

void
manager_init(struct manager *m)
{
	const char *path = getenv("NOTIFY_SOCKET");

	m->fd = path != NULL ? connect_to(path) : -1;
	m->watchdog_ms = m->fd >= 0 ? watchdog_ms() : 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
manager_release(struct manager *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

void
manager_say(const struct manager *m, const char *text)
{
	/* A manager that does not listen is its own loss. */
	if (m->fd >= 0)
		(void)send(m->fd, text, strlen(text), MSG_NOSIGNAL);
}
