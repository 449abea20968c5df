/* Stands in for a role until it is there: waits for the end. */
#include <poll.h>

#include "roles/role.h"

__attribute__((weak)) int
role_notify(const struct role_env *env)
{
	struct pollfd p = { .fd = env->stop->fd, .events = POLLIN };

	while (!stop_is_pulled(env->stop))
		(void)poll(&p, 1, -1);
	return 0;
}
