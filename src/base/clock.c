#include "base/clock.h"

#include <time.h>

static struct wall_time
system_wall(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wall_time){ ts.tv_sec };
}

static struct mono_time
system_mono(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (
	    struct mono_time){ (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec };
}

const struct clock clock_system = { system_wall, system_mono };
