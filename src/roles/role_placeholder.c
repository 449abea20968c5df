/* Stands in for the roles until they are there: waits for the end. */
#include <poll.h>

#include "roles/role.h"
#include "store/outbox.h"

/* clang-format off */
__attribute__((weak)) const char *const news_kind_names[] = {
	[NEWS_OPENED]	= "opened",
	[NEWS_WORSENED]	= "worsened",
	[NEWS_RESOLVED]	= "resolved",
	[NEWS_REMINDER]	= "reminder",
	[NEWS_CHANGED]	= "changed",
	[NEWS_ADVICE]	= "advice",
	[NEWS_DIGEST]	= "digest",
	[NEWS_TEST]	= "test",
	NULL
};
/* clang-format on */

static int
wait_for_stop(const struct role_env *env)
{
	struct pollfd p = { .fd = env->stop->fd, .events = POLLIN };

	while (!stop_is_pulled(env->stop))
		(void)poll(&p, 1, -1);
	return 0;
}

__attribute__((weak)) int
role_notify(const struct role_env *env)
{
	return wait_for_stop(env);
}
